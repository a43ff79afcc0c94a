/**
 * A stage of a node's life: one file a phase. It is handed the node as recorded and answers what the node becomes, or
 * when to look again. It never writes the store itself: the loop does, by compare-and-set.
 */
import type { Outcome } from '../../base/outcome.ts';
import { timestamp } from '../../base/clock.ts';
import type { Host } from '../../host/host.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Machine } from '../../model/machine.ts';
import type { Node, NodeIn, NodePhase } from '../../model/node.ts';
import type { Change } from '../../store/store.ts';
import { elapsedSince } from '../elapsed.ts';
import type { World } from '../world.ts';

/** The node changes: written, told, and looked at again at once. */
export interface Become {
  readonly outcome: 'become';
  readonly node: Node;
  readonly event: EventDraft | null;
}

/** The record is to be deleted: nothing of the node is left. */
export interface Vanish {
  readonly outcome: 'vanish';
  readonly event: EventDraft;
  /** what is written with its end */
  readonly also?: readonly Change[];
}

export type StageOutcome = Outcome | Become | Vanish;

/** What a stage is handed. */
export interface AnyPass {
  readonly world: World;
  readonly node: Node;
  /** undefined when its record is gone */
  readonly machine: Machine | undefined;
  readonly signal: AbortSignal;
}

/** The same for a node that is known to be in one of these phases. */
export interface Pass<P extends NodePhase['phase']> extends AnyPass {
  readonly node: NodeIn<P>;
}

export type Stage<P extends NodePhase['phase']> = (pass: Pass<P>) => Promise<StageOutcome> | StageOutcome;

/** The host of the pass's node. */
export async function hostOf(pass: AnyPass): Promise<Host | undefined> {
  return pass.machine === undefined ? undefined : pass.world.hosts.of(pass.machine);
}

/** The node in another phase, with an event about it. `state` needs no `since`: it is now. */
export function become(
  pass: AnyPass,
  state: NodePhase,
  told?: { what: string; words: string; level?: EventDraft['level'] },
): Become {
  const node: Node = { ...pass.node, state };
  return { outcome: 'become', node, event: told === undefined ? null : nodeEvent(pass.node, told) };
}

/** The present moment as the store writes it. */
export function now(pass: AnyPass): string {
  return timestamp(pass.world.clock);
}

/** Milliseconds since the node came to be in its state, whatever became of the clock. */
export function elapsedMs(pass: AnyPass, since: string): number {
  return elapsedSince(pass.world, pass.node.id, since);
}

/** An event about a node. */
export function nodeEvent(node: Node, told: { what: string; words: string; level?: EventDraft['level'] }): EventDraft {
  return {
    level: told.level ?? 'info',
    kind: 'node',
    object: node.name,
    blueprint: node.blueprint,
    what: told.what,
    words: told.words,
  };
}

/** Whether two recorded processes are one. */
export function sameProcess(a: { pid: number; startTime: string; bootId: string } | null, b: typeof a): boolean {
  return a !== null && b !== null && a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}
