/**
 * A node's log: what its emulator writes, one file that it appends to. Rotation copies and truncates, because the emulator
 * keeps the file open; what it writes between the two is lost.
 */
import type { Command } from '../../base/shell.ts';
import { nodeFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { enter } from './prelude.ts';

/** A log is rotated when it is larger than this, KiB: 10 MiB. */
const longestKiB = 10 * 1024;

/** Rotates all logs that are too long, keeping three; run from our folder on the host. */
export const rotateLogs = `
find nodes -mindepth 2 -maxdepth 2 -name log -size +${longestKiB}k 2>/dev/null | while read -r log; do
  [ ! -f "$log.2" ] || mv -f "$log.2" "$log.3"
  [ ! -f "$log.1" ] || mv -f "$log.1" "$log.2"
  cp "$log" "$log.1" && : >"$log"
done`.trim();

/** Status 3 stands for a node that is not there. */
export const noSuchNode = 3;

function atLog(layout: Layout, id: string): string {
  return `${enter(layout, `exit ${noSuchNode}`)}\ncd ${nodeFolder(id)} 2>/dev/null || exit ${noSuchNode}`;
}

/** The last lines of the log, from before its last rotation where it needs more than it holds. */
export function lastLines(layout: Layout, id: string, lines: number): Command {
  const script = `${atLog(layout, id)}
{ [ ! -f log.1 ] || tail -n ${lines} log.1; [ ! -f log ] || tail -n ${lines} log; } | tail -n ${lines}`;
  return { script, timeoutMs: 15_000, what: `read the log of node ${id}` };
}

/** The log as it grows. \`tail -F\` goes on where a rotation has made it short. */
export function followLog(layout: Layout, id: string, lines: number): Command {
  const script = `${atLog(layout, id)}\nexec tail -n ${lines} -F log 2>/dev/null`;
  return { script, timeoutMs: 0, what: `follow the log of node ${id}` };
}
