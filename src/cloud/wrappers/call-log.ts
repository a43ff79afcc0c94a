/**
 * The last calls to a provider, for bug reports: what was asked, how long it took, what came of it in the provider's
 * words. In memory only. Values of secrets that the adapter was handed are struck out of the words, whole and in part:
 * a provider that repeats what it was sent gives nothing away (I8).
 */
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { faultCodeOf, wordsOf } from '../../base/fault.ts';
import type { ProviderCall } from '../../model/exchange.ts';
import type { Cloud, Created, Verb } from '../cloud.ts';
import { around } from './around.ts';

const keptCalls = 200;
const longestWords = 500;
/** Shorter texts are words that may stand anywhere: striking them out would hide what happened. */
const shortestSecret = 6;

/** The calls of one provider, newest last. */
export class CallLog {
  readonly #calls: ProviderCall[] = [];
  readonly #secrets = new Set<string>();

  /** Strikes this value, and where it is JSON every text in it, out of what is written from now on. */
  conceal(value: string): void {
    const parts = [value, ...value.split('\n'), ...textsIn(value)].map((part) => part.trim());
    for (const part of parts) if (part.length >= shortestSecret) this.#secrets.add(part);
  }

  write(call: ProviderCall): void {
    const hidden = [...this.#secrets].reduce((words, secret) => words.replaceAll(secret, '…'), call.words);
    this.#calls.push({ ...call, words: hidden.slice(0, longestWords) });
    if (this.#calls.length > keptCalls) this.#calls.shift();
  }

  get recent(): readonly ProviderCall[] {
    return [...this.#calls];
  }
}

function textsIn(value: string): string[] {
  try {
    const texts: string[] = [];
    JSON.parse(value, (_key, inner: unknown) => (typeof inner === 'string' ? texts.push(inner) : inner));
    return texts;
  } catch {
    return [];
  }
}

/** The cloud with its calls written down. */
export function logged(cloud: Cloud, log: CallLog, clock: Clock): Cloud {
  const begin = (verb: Verb) => {
    const since = clock.monotonic();
    const at = timestamp(clock);
    return (code: string, words: string) =>
      log.write({ at, verb, ms: Math.round(clock.monotonic() - since), code, words });
  };
  const failed = (error: unknown) => [faultCodeOf(error), wordsOf(error)] as const;
  return around(cloud, {
    async call(verb, act, signal) {
      const end = begin(verb);
      try {
        const answer = await act(signal);
        end(...(verb === 'create' ? outcomeOf(answer as readonly Created[]) : (['ok', ''] as const)));
        return answer;
      } catch (error) {
        end(...failed(error));
        throw error;
      }
    },
    async *list(act, signal) {
      const end = begin('list');
      let found = 0;
      try {
        for await (const owned of act(signal)) {
          found += 1;
          yield owned;
        }
        end('ok', `${found} things`);
      } catch (error) {
        end(...failed(error));
        throw error;
      }
    },
  });
}

function outcomeOf(outcomes: readonly Created[]): readonly [code: string, words: string] {
  const refused = outcomes.flatMap((one) => (one.ok ? [] : [one]));
  const [first] = refused;
  if (first === undefined) return ['ok', outcomes.map(({ token }) => token).join(' ')];
  return [faultCodeOf(first.error), `${refused.length} of ${outcomes.length}: ${wordsOf(first.error)}`];
}
