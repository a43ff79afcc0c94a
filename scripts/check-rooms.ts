/**
 * Keeps the arrows of the house: which room may import which, through its door only, and no cycles of values. The table
 * is `rooms.json`; there is no list of exceptions: change the table or the code.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { importsOf, sourceFiles } from './source-files.ts';
import type { Import } from './source-files.ts';

interface Room {
  readonly open?: boolean;
  readonly door?: string;
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
}

const root = join(import.meta.dirname, '..');
const table = (JSON.parse(readFileSync(join(root, 'rooms.json'), 'utf8')) as { rooms: Record<string, Room> }).rooms;
const byLength = Object.keys(table).sort((a, b) => b.length - a.length);

/** Whether other rooms may import this file: a door, or any file of an open room. */
export function isPublic(file: string): boolean {
  const room = roomOf(file);
  return room !== undefined && (table[room]?.open === true || isDoor(file, room));
}

/** The room that a file of `src` stands in: the longest path of the table that holds it. */
function roomOf(file: string): string | undefined {
  return byLength.find((room) => dirname(file) === room || dirname(file).startsWith(`${room}/`));
}

function isDoor(file: string, room: string): boolean {
  return relative(room, file) === (table[room]?.door ?? `${basename(room)}.ts`);
}

function packageFault(from: string, room: Room, name: string): string | undefined {
  const allowed = room.packages.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
  return allowed ? undefined : `${from} imports the package ${name}, which its room may not`;
}

/** A room within a room is open to the one around it; `src` itself only composes, and goes through doors. */
function isOwn(inner: string, outer: string): boolean {
  return outer !== 'src' && inner.startsWith(`${outer}/`);
}

function roomFault(from: string, to: string): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined) return undefined;
  if (there === undefined) return `${from} imports ${to}, which is in no room`;
  if (here === there) return undefined;
  if (!table[here]?.rooms.includes(there)) return `${from} imports ${to}: ${here} may not import ${there}`;
  // a room within a room is part of it: its door is for those outside
  if (there.startsWith(`${here}/`)) return undefined;
  if (isOwn(there, here)) return undefined;
  if (table[there]?.open !== true && !isDoor(to, there))
    return `${from} imports ${to}, which is not the door of ${there}`;
  return undefined;
}

function faultOf(from: string, one: Import): string | undefined {
  const room = roomOf(from);
  if (room === undefined) return undefined;
  if (one.name.endsWith('.json')) return undefined;
  if (!one.name.startsWith('.')) return packageFault(from, table[room] as Room, one.name);
  return roomFault(from, normalize(join(dirname(from), one.name)));
}

/** Files in a value-import cycle, as one text a cycle (depth-first search; the first file seen twice closes it). */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}

/** Everything that is wrong with the arrows of `src`, one line each. */
export function checkRooms(): string[] {
  const files = sourceFiles(root, ['src']).filter((file) => !/\.(test|real)\.ts$/.test(file));
  const imports = new Map(files.map((file) => [file, importsOf(join(root, file))]));
  const faults = files.flatMap((file) => (imports.get(file) ?? []).map((one) => faultOf(file, one)));
  const values = new Map(
    files.map((file) => [
      file,
      (imports.get(file) ?? [])
        .filter((one) => !one.typeOnly && one.name.startsWith('.'))
        .map((one) => normalize(join(dirname(file), one.name))),
    ]),
  );
  return [...faults.filter((fault) => fault !== undefined), ...cycles(values).map((cycle) => `value cycle: ${cycle}`)];
}
