/**
 * Judges a snapshot of a blueprint against what was asked for: still on its way, there, or failed for good. Policy: a
 * node may fail twice (a slow host, a port in use for a moment) before its family's deployment counts as failed. Pure.
 */
import { problemKinds } from '../model/problem-kind.ts';
import { CliFailure } from './failure.ts';
import { troubleOf } from '../model/node.ts';
import { isUnderWay } from '../model/rollout.ts';
import { failedNodeLines, nodeHealth, shortName } from './node-text.ts';
import { counted } from './text.ts';
import type { Sight } from './follow.ts';
import type { Operation } from '../model/operation.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { ProblemKind } from '../model/problem-kind.ts';
import type { RolloutView } from '../model/rollout-view.ts';
import type { StatusPage } from './status-text.ts';

/** What a snapshot says about what was asked for. */
export type Verdict =
  | { readonly is: 'going' }
  | { readonly is: 'reached'; readonly words: string }
  | { readonly is: 'failed'; readonly failure: CliFailure };

/** Failures in a row after which a node is not given more time. */
const failuresForGood = 3;

/** Judges one snapshot; `revision` is the one that was adopted. */
export function judge(status: BlueprintStatus, revision: number, page: StatusPage): Verdict {
  const { head, state } = status;
  if (head.destroying) return { is: 'failed', failure: destroyedMeanwhile(head.name) };
  if (head.revision < revision) return { is: 'going' };
  const taken = status.rollouts.filter(({ returned, state: now }) => now !== 'done' && (returned ?? 0) > revision);
  if (taken.length > 0) return takenBack(status, taken);
  const [stopped] = status.rollouts.filter((one) => one.state === 'stopped');
  if (stopped !== undefined) return { is: 'failed', failure: stoppedFailure(status, stopped) };
  if (state === 'converged') return { is: 'reached', words: status.proof?.verdict ?? status.words };
  if (state === 'stuck') return { is: 'failed', failure: stuckFailure(status) };
  // what fails with another version is for its rollout to judge
  const changing = status.rollouts.filter(isUnderWay).map(({ family }) => family);
  const lost = status.nodes.filter(
    (node) => troubleOf(node) !== null && node.failures >= failuresForGood && !changing.includes(node.family),
  );
  return lost.length > 0 ? { is: 'failed', failure: notConverged(status, lost, page) } : { is: 'going' };
}

/** What to say when the time is over: a failure that shows what is still wrong. */
export function outOfTime(status: BlueprintStatus | undefined, blueprint: string, page: StatusPage): CliFailure {
  const bad = status?.nodes.filter((node) => nodeHealth(node) === 'bad') ?? [];
  if (status !== undefined && (bad.length > 0 || status.state === 'failing')) return notConverged(status, bad, page);
  const words = status === undefined ? 'nothing was heard of it' : status.words;
  return new CliFailure('timeout', `not converged in time: ${words}`, {
    object: blueprint,
    next: `wombat watch ${blueprint}`,
  });
}

/**
 * What the end of the operation says that one waits for: a failure, `going` while what it did is being taken back, and
 * undefined where the blueprint itself says more.
 */
export function judgeOperation({ status, operation }: Sight, page: StatusPage): CliFailure | 'going' | undefined {
  if (operation === undefined) return undefined;
  const { state, words, followedBy } = operation;
  if (state !== 'failed') return operationFailure(operation);
  if (followedBy === null) return deadlineFailure(operation, status, page);
  const isBack = status === undefined || (status.state === 'converged' && !status.head.destroying);
  // where a rollout has failed, that is told in its own words
  if (!isBack || status?.rollouts.some(({ why, returned }) => why !== null && returned !== null))
    return isBack ? undefined : 'going';
  const now = status === undefined ? 'nothing of it is left' : `it is as before: ${status.words}`;
  return new CliFailure('rolled-back', words, { ...whereToLook(operation), lines: [`  Rolled back; ${now}.`] });
}

/** What the end of an operation is to who waited for it; undefined where it goes on, or is what was asked for. */
export function operationFailure(operation: Operation): CliFailure | undefined {
  const { state, words, followedBy } = operation;
  const detail = whereToLook(operation);
  switch (state) {
    case 'cancelled':
      return new CliFailure('rolled-back', `was ${words}`, detail);
    case 'superseded':
      return new CliFailure('conflict', `was overtaken ${words}`, detail);
    case 'failed':
      return new CliFailure(followedBy === null ? 'not-converged' : 'rolled-back', `failed: ${words}`, detail);
    default:
      return undefined;
  }
}

function whereToLook({ id, followedBy }: Operation): { object: string; next: string } {
  return { object: `operation ${id}`, next: `wombat op show ${followedBy ?? id}` };
}

function deadlineFailure(operation: Operation, status: BlueprintStatus | undefined, page: StatusPage): CliFailure {
  const bad = status?.nodes.filter((node) => nodeHealth(node) === 'bad') ?? [];
  const shown = bad.slice(0, nodesShown).flatMap((node) => failedNodeLines(node, page, page.nowMs));
  return new CliFailure('not-converged', operation.words, { ...whereToLook(operation), lines: shown });
}

/** It is told when the former version runs again, so that whoever reads it can rely on that. */
function takenBack({ head, state }: BlueprintStatus, taken: readonly RolloutView[]): Verdict {
  if (taken.some(isUnderWay) || state !== 'converged') return { is: 'going' };
  const [first] = taken;
  const families = taken.map(({ family }) => family).join(', ');
  const failure = new CliFailure('rolled-back', `revision ${first?.revision ?? ''} failed: ${first?.why ?? ''}`, {
    object: `${head.name} ${families}`,
    lines: [
      `  Revision ${first?.returned ?? ''} has the former version again: every node of ${families} runs and is well.`,
    ],
    next: `wombat events -b ${head.name}`,
  });
  return { is: 'failed', failure };
}

function stoppedFailure({ head }: BlueprintStatus, { family, revision, why }: RolloutView): CliFailure {
  return new CliFailure('not-converged', `revision ${revision} goes no further: ${why ?? ''}`, {
    object: `${head.name} ${family}`,
    next: `apply a version that works, or lift the quarantine of this one: wombat release list`,
  });
}

function destroyedMeanwhile(blueprint: string): CliFailure {
  return new CliFailure('conflict', 'is being destroyed', {
    object: blueprint,
    next: `wombat status ${blueprint}`,
  });
}

function stuckFailure({ head, words }: BlueprintStatus): CliFailure {
  const code = head.stuck?.code ?? '';
  const kind: ProblemKind = code in problemKinds ? (code as ProblemKind) : 'not-converged';
  return new CliFailure(kind, head.stuck?.why ?? words, { object: head.name, next: `wombat status ${head.name}` });
}

/** How many failed nodes are shown in full. */
const nodesShown = 3;

function notConverged(status: BlueprintStatus, bad: readonly Node[], page: StatusPage): CliFailure {
  const { name } = status.head;
  const shown = bad.slice(0, nodesShown).flatMap((node) => failedNodeLines(node, page, page.nowMs));
  const rest = bad.length > nodesShown ? [`  … and ${counted(bad.length - nodesShown, 'node')} more`] : [];
  const faults = status.proof?.ok === false && bad.length === 0 ? [`  ${status.proof.verdict}`] : [];
  const [first] = bad;
  const sentence =
    bad.length > 0 ? `did not converge: ${counted(bad.length, 'node')} failed` : `did not converge: ${status.words}`;
  return new CliFailure('not-converged', sentence, {
    object: name,
    lines: [...shown, ...rest, ...faults],
    next: first === undefined ? `wombat status ${name}` : `wombat node logs ${shortName(first)} -b ${name}`,
  });
}
