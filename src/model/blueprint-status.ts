/**
 * The status of a blueprint, from the records alone: pure. The state is the first of these that holds: destroying,
 * stuck (the planner finds no place), failing (a node has failed, or another version goes no further), converging (something is not yet as declared), and
 * converged: every node as its family declares it, and the cluster proven as it is now (I7).
 */
import { noLinks } from './across.ts';
import type { LinkRecords } from './across.ts';
import type { BlueprintDocument } from './blueprint.ts';
import type { BlueprintStatus, BriefStatus, FamilyView, LinkView } from './exchange.ts';
import type { Head } from './head.ts';
import { referenceTo } from './link.ts';
import type { Link } from './link.ts';
import type { Machine } from './machine.ts';
import { isAsDesired, phaseWords, troubleOf } from './node.ts';
import type { Node } from './node.ts';
import type { Provider } from './provider.ts';
import type { Release } from './release.ts';
import { isUnderWay } from './rollout.ts';
import type { Quarantine, Rollout } from './rollout.ts';
import { rolloutView, rolloutWords } from './rollout-view.ts';
import type { RolloutView } from './rollout-view.ts';
import { proofSubject } from './topology.ts';
import type { Proof } from './topology.ts';
import { countsOf, presentChoice } from './wanted.ts';
import { declaredBy } from './as-declared.ts';

/** What is on record about one blueprint. */
export interface BlueprintRecords {
  readonly head: Head;
  readonly document: BlueprintDocument;
  readonly nodes: readonly Node[];
  /** those that its nodes are on, and those of the providers that it declares */
  readonly machines: readonly Machine[];
  readonly proof: Proof | null;
  /** all there are: a document may name them by name and version */
  readonly releases: readonly Release[];
  readonly rollouts: readonly Rollout[];
  readonly quarantine: readonly Quarantine[];
  /** what there is of links to other blueprints, and of theirs to it; none when absent */
  readonly links?: LinkRecords;
}

/** The machines that concern a blueprint: those that its nodes are on, and those of the providers that it declares. */
export function machinesOf(
  blueprint: string,
  nodes: readonly Node[],
  machines: readonly Machine[],
  providers: readonly Provider[],
): Machine[] {
  const used = new Set(nodes.map(({ placement }) => placement.machine));
  const own = new Set(providers.filter(({ declaredBy }) => declaredBy === blueprint).map(({ name }) => name));
  return machines.filter(({ token, provider }) => used.has(token) || own.has(provider));
}

type Judgement = Pick<BlueprintStatus, 'state' | 'words'>;

/** One snapshot: where the blueprint is on its way to what it declares, and why. */
export function blueprintStatus(records: BlueprintRecords): BlueprintStatus {
  const { head, document, nodes, machines, proof } = records;
  const links = linkViews(records.links ?? noLinks);
  const rollouts = records.rollouts.map((rollout) => rolloutView(rollout, document, nodes));
  const isOutdated = speaksOfOther(records);
  return {
    head,
    ...judge(records, rollouts, isOutdated),
    families: familyViews(document, nodes),
    nodes: [...nodes],
    machines: [...machines],
    proof,
    rollouts,
    quarantine: [...records.quarantine],
    ...(links.length === 0 ? {} : { links }),
    ...(isOutdated ? { proofOutdated: true as const } : {}),
  };
}

/** What a line for each blueprint needs of its status. */
export function inBrief({ head, state, words, families, proof }: BlueprintStatus): BriefStatus {
  return {
    ...{ head, state, words },
    families: families.map(({ name, wanted, running, phases }) => ({ name, wanted, running, phases })),
    proof: proof === null ? null : { ok: proof.ok, verdict: proof.verdict },
  };
}

/** Its own links with what they wait for, then those of others to it. */
export function linkViews({ states, from }: LinkRecords): LinkView[] {
  const view = (link: Link, waits: string | null): LinkView => {
    return { from: referenceTo(link.from), to: referenceTo(link.to), kind: link.kind, waits };
  };
  return [...states.map((state) => view(state, state.waits)), ...from.map((link) => view(link, null))];
}

/** The families of a document with their nodes counted, in the document's order. */
export function familyViews(document: BlueprintDocument, nodes: readonly Node[]): FamilyView[] {
  const byFamily = Map.groupBy(nodes, ({ family }) => family);
  const wanted = countsOf(document, presentChoice(document, new Set(byFamily.keys())));
  return Object.entries(document.families).map(([name, definition]) => {
    const members = byFamily.get(name) ?? [];
    const phases = Object.entries(Object.groupBy(members, ({ state }) => state.phase));
    return {
      blueprint: document.name,
      name,
      definition,
      wanted: wanted.get(name) ?? 0,
      running: members.filter(({ state, extra }) => state.phase === 'running' && extra === undefined).length,
      phases: Object.fromEntries(phases.map(([phase, those]) => [phase, those.length])),
    };
  });
}

function judge(records: BlueprintRecords, rollouts: readonly RolloutView[], isOutdated: boolean): Judgement {
  const { head, nodes, machines } = records;
  if (head.destroying)
    return { state: 'destroying', words: `${count(nodes, 'node')} and ${count(machines, 'machine')} are left` };
  if (head.stuck !== null) return { state: 'stuck', words: head.stuck.why };
  const moving = rollouts.filter(isUnderWay);
  const stopped = rollouts.find(({ state }) => state === 'stopped');
  // whether a node that fails with another version matters is for its rollout to say
  const failed = failure(nodes.filter(({ family }) => !moving.some((one) => one.family === family)));
  if (failed !== null) return { state: 'failing', words: failed };
  if (stopped !== undefined) return { state: 'failing', words: wordsOf(stopped) };
  if (moving[0] !== undefined) return { state: 'converging', words: moving.map(wordsOf).join('; ') };
  const missing = unsettled(records) ?? unlinked(records) ?? unproven(records, isOutdated);
  return missing === null ? { state: 'converged', words: converged(records) } : { state: 'converging', words: missing };
}

function wordsOf(view: RolloutView): string {
  return `${view.family}: ${rolloutWords(view, null)}`;
}

function failure(nodes: readonly Node[]): string | null {
  const failed = nodes.filter((node) => troubleOf(node) !== null);
  const [first] = failed;
  if (first === undefined) return null;
  const others = failed.length > 1 ? `, and ${count(failed.slice(1), 'more node')} failed` : '';
  return `${first.name}: ${troubleOf(first) ?? ''}${others}`;
}

/** What is not yet as declared among the nodes; null when nothing is. */
function unsettled({ head, document, nodes, releases }: BlueprintRecords): string | null {
  const leaving = nodes.filter(({ desired }) => desired === 'removed');
  if (leaving.length > 0) return `${count(leaving, 'node')} being removed`;
  const byFamily = Map.groupBy(nodes, ({ family }) => family);
  const choice = countsOf(document, presentChoice(document, new Set(byFamily.keys())));
  const counts = [...choice].map(([name, wanted]) => {
    const have = byFamily.get(name)?.filter(({ extra }) => extra === undefined).length ?? 0;
    return have === wanted ? null : `${name}: ${have} of ${wanted} nodes are planned`;
  });
  const isAsDeclared = declaredBy(document, releases);
  const mustMove = ({ move }: Node) => move?.revision === head.revision;
  const late = nodes.filter((node) => !isAsDesired(node) || !isAsDeclared(node) || mustMove(node));
  const [first] = late;
  return (
    counts.find((words) => words !== null) ??
    (first === undefined
      ? null
      : `${nodes.length - late.length} of ${count(nodes, 'node')} ready; ${waitingFor(first)}`)
  );
}

function waitingFor(node: Node): string {
  if (isAsDesired(node)) return `${node.name} waits for its ${node.move === undefined ? 'change' : 'move'}`;
  return `${node.name} is ${phaseWords(node)}`;
}

/** A link that cannot be made, of a family that has nodes; null when there is none. */
function unlinked({ nodes, links = noLinks }: BlueprintRecords): string | null {
  const present = new Set(nodes.filter(({ desired }) => desired === 'running').map(({ family }) => family));
  const open = links.states.find(({ from, waits }) => waits !== null && present.has(from.family));
  return open === undefined ? null : `${open.from.family} waits ${open.waits ?? ''}`;
}

/** Why the cluster does not count as proven; null when it does, or when no node is meant to run. */
function unproven({ nodes, proof }: BlueprintRecords, isOutdated: boolean): string | null {
  const running = nodes.filter(({ desired }) => desired === 'running');
  if (running.length === 0) return null;
  if (proof === null) return 'every node runs; the cluster is to be proven';
  if (isOutdated) return 'every node runs; the cluster has changed since its last proof';
  return proof.ok ? null : proof.verdict;
}

/** Whether the last proof speaks of a cluster that is no more. */
function speaksOfOther({ nodes, proof, links = noLinks }: BlueprintRecords): boolean {
  const running = nodes.filter(({ desired }) => desired === 'running');
  return proof !== null && proof.subject !== proofSubject(running, links.across.subject);
}

function converged({ nodes, proof }: BlueprintRecords): string {
  const stopped = nodes.filter(({ desired }) => desired === 'stopped');
  const rest = stopped.length === 0 ? '' : `, ${count(stopped, 'node')} stopped as asked`;
  if (stopped.length === nodes.length) return nodes.length === 0 ? 'no nodes are declared' : rest.slice(2);
  return `${proof?.verdict ?? ''}${rest}`;
}

function count(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? '' : 's'}`;
}
