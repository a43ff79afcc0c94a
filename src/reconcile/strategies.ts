/**
 * Which bootstrap actions a node still owes: a pure reading of its family's strategies, the peers there are and the
 * runs on record. Level-triggered: a node that came back, or a neighbour that was replaced, shows as an action that is
 * owed, whatever happened before.
 *
 * Eligible are peers that have completed their own bootstrap. A run counts while both of its processes are the ones it
 * was made for. Within a family a run counts for both sides; towards another family it counts for the one that joined.
 */
import type { Random } from '../base/random.ts';
import type { Action, Selection, Strategy } from '../model/bootstrap.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { familyOf } from '../model/link.ts';
import type { FamilyOf } from '../model/link.ts';
import { canMeet, isEligible } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import { runCounts } from '../model/topology.ts';
import type { Run } from '../model/topology.ts';

/** A strategy of a family and whom it speaks of. */
export interface Applied {
  /** `within`, or the neighbour family, as written */
  readonly name: string;
  readonly peerBlueprint: string;
  readonly peerFamily: string;
  readonly select: Selection;
  readonly action: Action;
  readonly parallel: boolean;
}

/** One action that a node owes to one peer. */
export interface Owed {
  readonly strategy: Applied;
  readonly peer: Node;
}

const defaultWithin: Strategy = { select: 'random', action: 'distributed_erlang' };

/**
 * The strategies that hold for a family. Within one of `mesh: none`, or of nodes that are run by commands and need not be
 * Erlang nodes, nothing is done unless it says so.
 */
export function strategiesOf(document: BlueprintDocument, family: string): Applied[] {
  const definition = document.families[family];
  if (definition === undefined) return [];
  const isErlang = document.releases[definition.release]?.commands === undefined;
  const byDefault = isErlang && definition.mesh !== 'none' ? defaultWithin : undefined;
  const within = definition.bootstrap?.within ?? byDefault;
  const towards = Object.entries(definition.bootstrap?.with ?? {});
  const all: [string, Strategy][] = [
    ...(within === undefined ? [] : [['within', within] as [string, Strategy]]),
    ...towards,
  ];
  return all.map(([name, { select, action, parallel }]) => ({
    name,
    ...peersOf(document.name, name === 'within' ? family : name),
    select,
    action,
    parallel: parallel ?? false,
  }));
}

function peersOf(blueprint: string, reference: string): Pick<Applied, 'peerBlueprint' | 'peerFamily'> {
  const other = familyOf(reference);
  return { peerBlueprint: other?.blueprint ?? blueprint, peerFamily: other?.family ?? reference };
}

/** Whether a strategy speaks of that node. */
export function isPeer({ peerBlueprint, peerFamily }: Applied, node: Node): boolean {
  return node.blueprint === peerBlueprint && node.family === peerFamily;
}

/** What `node` owes, strategy by strategy, in the order in which it is to be done. */
export function owedBy(node: Node, applied: readonly Applied[], situation: Situation): Owed[] {
  return applied.flatMap((strategy) => {
    if (strategy.action === 'none' || strategy.select === 'none') return [];
    const { peerBlueprint: blueprint, peerFamily: family } = strategy;
    const peers = oldestFirst(situation.family({ blueprint, family })).filter(
      (one) => one.id !== node.id && isEligible(one) && canMeet(node, one),
    );
    const met = partnersBy(node, strategy, situation);
    const joined = peers.filter((peer) => met.has(peer.id) && isJoined(node, peer, strategy, situation));
    return choose(strategy.select, peers, joined, situation).map((peer) => ({ strategy, peer }));
  });
}

/** Whether it leaves open which of the peers that there are is joined. */
export function isChoice({ select }: Applied): boolean {
  return select === 'random' || select === 'oldest' || (typeof select === 'object' && 'random' in select);
}

/** By the list as it was given: many nodes of a family ask about the same one. */
const sorted = new WeakMap<readonly Node[], readonly Node[]>();

function oldestFirst(nodes: readonly Node[]): readonly Node[] {
  const known = sorted.get(nodes) ?? nodes.toSorted(byAge);
  sorted.set(nodes, known);
  return known;
}

/** Ids of those that a node has run a strategy's action with, whatever became of it. */
function partnersBy(node: Node, { name }: Applied, { runsOf }: Situation): ReadonlySet<string> {
  const ids = runsOf(node.id).flatMap((run) => {
    if (run.strategy !== name) return [];
    return run.node === node.id ? (run.peer ?? []) : run.node;
  });
  return new Set(ids);
}

/** Times are written alike: as texts they are in the order of time. */
function byAge(one: Node, other: Node): number {
  if (one.createdAt === other.createdAt) return one.ordinal - other.ordinal;
  return one.createdAt < other.createdAt ? -1 : 1;
}

/** What the choice rests on. */
export interface Situation {
  /** the nodes of a family, of this blueprint or of one that is linked */
  family(of: FamilyOf): readonly Node[];
  /** runs that a node took part in, on either side */
  runsOf(id: string): readonly Run[];
  readonly random: Random;
  /** names of nodes that it is connected to already: of those that may be chosen they come first */
  readonly sees?: ReadonlySet<string>;
}

function isJoined(node: Node, peer: Node, strategy: Applied, { runsOf }: Situation): boolean {
  return runsOf(node.id).some((run) => {
    if (run.strategy !== strategy.name || run.outcome === 'failed' || run.step === 'leave') return false;
    if (run.node === node.id && run.peer === peer.id) return runCounts(run, node, peer);
    return strategy.name === 'within' && run.node === peer.id && run.peer === node.id && runCounts(run, peer, node);
  });
}

/** Peers still to be joined: those selected, less those that are joined already. */
function choose(select: Selection, peers: readonly Node[], joined: readonly Node[], situation: Situation): Node[] {
  const { random, sees } = situation;
  if (select === 'oldest' && joined.length > 0) return [];
  const open = peers.filter((peer) => !joined.includes(peer));
  if (select === 'all') return open;
  if (typeof select === 'object' && 'node' in select)
    return open.filter((peer) => peer.id === select.node || peer.name === select.node);
  const [seen, unseen] = [open.filter(({ name }) => sees?.has(name)), open.filter(({ name }) => !sees?.has(name))];
  if (select === 'oldest') return [...seen, ...unseen].slice(0, 1);
  const wanted = typeof select === 'object' ? select.random : 1;
  const left = Math.min(wanted, peers.length) - joined.length;
  const again = drawn(seen, left, random);
  return [...again, ...drawn(unseen, left - again.length, random)];
}

function drawn(from: readonly Node[], count: number, random: Random): Node[] {
  const rest = [...from];
  const chosen: Node[] = [];
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(random.below(rest.length), 1));
  return chosen;
}
