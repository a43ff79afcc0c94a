/** How far a changed node is, and whether a version has failed: pure readings of what was seen of nodes. */
import { incarnationOf } from '../../model/node.ts';
import type { Node } from '../../model/node.ts';
import type { Gate, NodeProgress, Rollout } from '../../model/rollout.ts';
import type { UpdateRules } from '../../model/update.ts';

/** The first gate that a node has not passed, and why. */
export interface Look {
  readonly gate: Gate;
  readonly words: string;
}

/** When it was looked, and how long a node must have been healthy. */
export interface Moment {
  readonly at: string;
  /** how long ago a recorded moment of that node is, milliseconds, whatever became of the wall clock */
  since(node: Node, recorded: string): number;
  readonly minHealthyMs: number;
  /** how long ago the node was last seen to wait for a machine, milliseconds; Infinity where nobody remembers that it did */
  waitedAgo(node: Node): number;
}

/** Failures in a row, of a start or of its bootstrap, after which a node is not given more time. */
const failuresForGood = 3;
/** characters of a node's log that are told with a verdict */
const longestWords = 240;
/** A node that has died once may have been unlucky. */
const deathsForGood = 2;

/** The node's progress after a look; `found` is null when everything holds. */
export function progressed(
  before: NodeProgress | undefined,
  node: Node,
  found: Look | null,
  moment: Moment,
): NodeProgress {
  const known = before?.generation === node.generation ? before : undefined;
  const seen = seenOf(known, node);
  // a node without a machine is nobody's fault: its time begins when it has one; one that was healthy is given all of it again
  const isBegun =
    known !== undefined && !hasWaitedSince(node, known.at, moment) && !(known.gate === null && found !== null);
  const common = { name: node.name, generation: node.generation, at: isBegun ? known.at : moment.at, ...seen };
  if (found !== null) return { ...common, ...found, healthySince: null };
  const isSame = known !== undefined && known.incarnation === seen.incarnation;
  const healthySince = isSame ? (known.healthySince ?? moment.at) : moment.at;
  const isProven = moment.since(node, healthySince) >= moment.minHealthyMs;
  return isProven
    ? { ...common, gate: null, words: 'healthy', healthySince }
    : { ...common, gate: 'healthy', words: `for ${moment.minHealthyMs / 1_000} s`, healthySince };
}

/** Whether a moment lies before the end of its waiting. While it waits nothing new is written, however long that lasts. */
function hasWaitedSince(node: Node, recorded: string, { since, waitedAgo }: Moment): boolean {
  return node.state.phase !== 'waiting' && since(node, recorded) > waitedAgo(node);
}

/** The last process that was seen, and how many have died. One that went with its host has not died by itself. */
function seenOf(known: NodeProgress | undefined, node: Node): Pick<NodeProgress, 'incarnation' | 'deaths'> {
  const incarnation = incarnationOf(node);
  const had = known?.incarnation ?? null;
  const isGone = had !== null && had !== incarnation && node.failures > 0;
  return { incarnation, deaths: (known?.deaths ?? 0) + (isGone ? 1 : 0) };
}

/** Why the version has failed; null as long as it has not. `members` are the nodes that were told it. */
export function failureOf(
  nodes: Rollout['nodes'],
  members: readonly Node[],
  rules: UpdateRules,
  { since, watchedMs }: Pick<Moment, 'since'> & { readonly watchedMs: number },
): string | null {
  const deaths = Object.values(nodes).reduce((sum, one) => sum + one.deaths, 0);
  for (const node of members) {
    const progress = nodes[node.id];
    if (progress === undefined) continue;
    const last = lastWords(node);
    if (progress.deaths >= deathsForGood) return `${node.name} has died ${progress.deaths} times${last}`;
    if (node.failures >= failuresForGood && progress.gate !== null)
      return `${node.name} failed ${node.failures} times in a row: ${progress.words}${last}`;
    const waitedMs = Math.min(watchedMs, since(node, progress.at));
    const isWaiting = node.state.phase === 'waiting';
    const isLate = progress.gate !== null && !isWaiting && waitedMs > rules.deadlineMs;
    if (isLate) return `${node.name} was not healthy within ${rules.deadlineMs / 1_000} s: ${gateWords(progress)}`;
  }
  return deaths > rules.parallel ? `nodes have died ${deaths} times since they were changed` : null;
}

function gateWords({ gate, words }: NodeProgress): string {
  return gate === 'healthy' ? `it did not stay so ${words}` : `not ${gate ?? ''}: ${words}`;
}

/** Of what it wrote since its last start, the end: its log and the events tell more. */
function lastWords({ state }: Node): string {
  if (state.phase !== 'failed') return '';
  const last = state.log.slice(state.log.findLastIndex((line) => line.startsWith('--- ')) + 1).slice(-2);
  return last.length === 0 ? '' : `; it wrote last: ${last.join(' | ').slice(-longestWords)}`;
}
