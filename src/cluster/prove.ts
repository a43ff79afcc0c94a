/**
 * The proof (I7): asks every member for its own view and judges. A mesh settles a little after the call that made it has
 * answered (global connects the rest), so members with a fault are looked at again until the fault is gone or the time to
 * settle is over: only what persists is reported. Nothing here throws: what cannot be seen is part of the answer.
 */
import { sleep, timestamp } from '../base/clock.ts';
import { eachAtOnce } from '../base/each.ts';
import { wordsOf } from '../base/fault.ts';
import { judge } from './judge.ts';
import type { Clock } from '../base/clock.ts';
import type { Across } from '../model/across.ts';
import type { Node } from '../model/node.ts';
import type { Edge, Proof } from '../model/topology.ts';
import type { NodeView, ProofMember } from './cluster.ts';
import type { Judgement, Sight } from './judge.ts';

/** Views asked for at the same time: enough to hide the way to the nodes, few enough to leave them their cores. */
const atOnce = 32;
/** Between two looks at the same node, milliseconds: at first, and at most. What settles does so at once, or takes long. */
const pauseMs = 60;
const longestPauseMs = 480;
const growth = 1.5;

/** How nodes are looked at. `view` ends by itself: it carries its own deadline. */
export interface Eyes {
  view(node: Node, signal?: AbortSignal): Promise<NodeView>;
  readonly clock: Clock;
  /** how long wrong things may take to become right, milliseconds */
  readonly settleMs: number;
}

/** What is to be proven. */
export interface Claim {
  readonly blueprint: string;
  readonly members: readonly ProofMember[];
  readonly edges: readonly Edge[];
  /** those to nodes of other blueprints */
  readonly across?: Across;
}

/** Proves a claim, or says what is wrong with it. Never throws; an aborted signal ends it with what was seen so far. */
export async function prove(eyes: Eyes, claim: Claim, signal?: AbortSignal): Promise<Proof> {
  const sights = new Map<string, Sight>();
  const lookAt = (members: readonly ProofMember[]) =>
    eachAtOnce(atOnce, members, async (member) => {
      sights.set(member.node.id, await look(eyes, member, signal));
    });
  await lookAt(claim.members);
  const settled = eyes.clock.monotonic() + eyes.settleMs;
  for (let pause = pauseMs; ; pause = Math.min(longestPauseMs, pause * growth)) {
    const judgement = judge(inOrder(claim.members, sights), claim.edges, claim.across);
    const leftMs = settled - eyes.clock.monotonic();
    const nextMs = leftMs < pause + pauseMs ? leftMs : pause;
    if (judgement.ok || leftMs < pauseMs || !(await paused(eyes.clock, nextMs, signal))) {
      return { blueprint: claim.blueprint, at: timestamp(eyes.clock), ...judgement };
    }
    await lookAt(suspects(claim.members, judgement));
  }
}

/** In the order of the members, whoever answered first (I10). */
function inOrder(members: readonly ProofMember[], sights: ReadonlyMap<string, Sight>): Sight[] {
  return members.map(
    (member) => sights.get(member.node.id) ?? { member, seen: false, why: 'it has not been looked at yet' },
  );
}

async function look(eyes: Eyes, member: ProofMember, signal?: AbortSignal): Promise<Sight> {
  try {
    return { member, seen: true, view: await eyes.view(member.node, signal) };
  } catch (error) {
    return { member, seen: false, why: wordsOf(error) };
  }
}

/** False when there is no time left to wait in: the signal came. */
async function paused(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  return sleep(clock, ms, signal).then(
    () => true,
    () => false,
  );
}

/** The members that the faults speak of. */
function suspects(members: readonly ProofMember[], judgement: Judgement): readonly ProofMember[] {
  const named = new Set(judgement.faults.flatMap((fault) => fault.nodes));
  return members.filter((member) => named.has(member.node.name));
}
