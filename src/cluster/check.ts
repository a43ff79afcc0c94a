/** A family's own check of a node: a command whose status decides, or a call that must answer what the family says. */
import { Fault } from '../base/fault.ts';
import { formatTerm } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import { expectedAnswer } from '../model/update.ts';
import type { HealthCheck } from '../model/update.ts';
import { boundCall, boundTerm } from './bound-call.ts';
import type { StepOutcome } from './cluster.ts';
import { ended, raised } from './outcome.ts';
import { bindingsOf, ran } from './step.ts';
import type { StepRunner } from './step.ts';

/** How long a check may take, milliseconds. */
const checkMs = 30_000;
/** Longest answer that is compared, characters. */
const answerMax = 64 * 1024;
const wordsMax = 400;

/** Asks the check. What it answers or raises is its outcome; a node that cannot be reached is a Fault. */
export async function checked(
  runner: StepRunner,
  node: Node,
  check: HealthCheck,
  signal?: AbortSignal,
): Promise<StepOutcome> {
  if (typeof check === 'string') {
    return ended(await ran(runner, { node, command: check, variables: {}, timeoutMs: checkMs }, signal));
  }
  const bindings = bindingsOf({ fresh: node, peer: null });
  const call = boundCall(check.call, bindings);
  const expected = expectedAnswer(check);
  if (!expected.ok) throw new Fault('invalid', `"${check.answers ?? ''}" is no Erlang term: ${expected.message}`);
  const wanted = formatTerm(boundTerm(expected.term, bindings, check.answers ?? ''), answerMax);
  const erlang = await runner.links.to(node, signal);
  try {
    const answer = await erlang.call(call.module, call.function, call.args, { timeoutMs: checkMs, signal });
    const text = formatTerm(answer, answerMax);
    return text === wanted
      ? { ok: true, words: text.slice(0, wordsMax) }
      : { ok: false, words: `${check.call} answers ${text.slice(0, wordsMax)}, not ${wanted.slice(0, wordsMax)}` };
  } catch (error) {
    return raised(error, call, node.name);
  }
}
