/**
 * Nodes that are run by declared commands, asked by these: whether they serve (`probe`), what they know (`status`), and to
 * end (`stop`). A question that is an Erlang call goes over distribution like any other.
 */
import { Fault } from '../base/fault.ts';
import type { DeclaredCommands, Question } from '../model/commands.ts';
import type { Node } from '../model/node.ts';
import { boundCall } from './bound-call.ts';
import type { NodeView, StepOutcome } from './cluster.ts';
import { ended } from './outcome.ts';
import { bindingsOf, ran, runCall } from './step.ts';
import type { CommandErrand, StepRunner } from './step.ts';

/** A question may start a program that takes its time on a busy host, milliseconds. */
const questionMs = 45_000;

/** Asks the probe. Fault unavailable with its words when it says no. */
export async function probed(runner: StepRunner, node: Node, commands: DeclaredCommands, signal?: AbortSignal) {
  const answer = await ask(runner, node, commands.probe, signal);
  const yes = answer.ok && (typeof commands.probe === 'string' || answer.words === 'true');
  if (yes) return true;
  throw new Fault('unavailable', `the probe of ${node.name} does not succeed`, {
    object: `node ${node.name}`,
    words: answer.words,
  });
}

/** What the node says by its status command; by its probe alone where it has none. */
export async function declaredView(
  runner: StepRunner,
  node: Node,
  commands: DeclaredCommands,
  signal?: AbortSignal,
): Promise<NodeView> {
  const silent = { name: node.name, visible: [], hidden: [], release: null, applications: null, pid: null };
  if (commands.status === undefined) {
    await probed(runner, node, commands, signal);
    return silent;
  }
  const finished = await ran(runner, { ...question(node), command: commands.status }, signal);
  const { ok, words } = ended(finished);
  if (!ok) throw new Fault('unavailable', `the status of ${node.name} fails`, { object: `node ${node.name}`, words });
  // the whole of it: the words of an outcome are cut for people, and a large cluster's status is longer
  return { ...silent, ...readStatus(node, finished.output) };
}

/** Reads `version: V` and `member: NAME` lines; others are for people. */
export function readStatus({ name }: Pick<Node, 'name'>, text: string): Pick<NodeView, 'visible' | 'release'> {
  const values = (key: string) =>
    text.split('\n').flatMap((line) => new RegExp(`^\\s*${key}:\\s*(\\S+)\\s*$`).exec(line)?.[1] ?? []);
  const [version] = values('version');
  if (version === undefined)
    throw new Fault('unknown', `the status of ${name} says no version`, {
      object: `node ${name}`,
      words: text.trim().slice(0, 400),
      next: 'have the status command print a line `version: …`',
    });
  return { visible: [...new Set(values('member'))].filter((member) => member !== name), release: [null, version] };
}

/** Asks the node to end. Fault unavailable when it does not want to; false when nobody declared how to ask. */
export async function askedToStop(
  runner: StepRunner,
  node: Node,
  { stop }: DeclaredCommands,
  signal?: AbortSignal,
): Promise<boolean> {
  if (stop === undefined) return false;
  const { ok, words } = await ask(runner, node, stop, signal);
  if (!ok) throw new Fault('unavailable', `the stop command of ${node.name} fails`, { words });
  return true;
}

async function ask(runner: StepRunner, node: Node, asked: Question, signal?: AbortSignal): Promise<StepOutcome> {
  if (typeof asked !== 'string') {
    const call = boundCall(asked.call, bindingsOf({ fresh: node, peer: null }));
    return runCall(runner, { node, call, timeoutMs: questionMs }, signal);
  }
  return ended(await ran(runner, { ...question(node), command: asked }, signal));
}

function question(node: Node): Omit<CommandErrand, 'command'> {
  return { node, variables: {}, timeoutMs: questionMs };
}
