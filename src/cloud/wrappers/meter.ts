/** Counts what a provider is asked: calls, their time and their errors, per verb. One call is one try. */
import type { Clock } from '../../base/clock.ts';
import { faultCodeOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import type { Cloud, Created, Verb } from '../cloud.ts';
import { around } from './around.ts';

/** The figures of one verb since the meter was made. */
export interface VerbFigures {
  readonly calls: number;
  /** time that its calls took, milliseconds, all together */
  readonly ms: number;
  /** calls that failed, and orders of a batch that did, by code */
  readonly errors: Readonly<Partial<Record<FaultCode, number>>>;
}

/** The figures of one provider. */
export interface Meter {
  count(verb: Verb, ms: number, errors: readonly FaultCode[]): void;
  snapshot(): Readonly<Partial<Record<Verb, VerbFigures>>>;
}

/** A meter that stands at zero. */
export function createMeter(): Meter {
  const figures: Partial<Record<Verb, VerbFigures>> = {};
  return {
    count(verb, ms, codes) {
      const before = figures[verb] ?? { calls: 0, ms: 0, errors: {} };
      const errors = { ...before.errors };
      for (const code of codes) errors[code] = (errors[code] ?? 0) + 1;
      figures[verb] = { calls: before.calls + 1, ms: before.ms + ms, errors };
    },
    snapshot: () => ({ ...figures }),
  };
}

/** The cloud with each of its calls counted. */
export function metered(cloud: Cloud, meter: Meter, clock: Clock): Cloud {
  const begin = (verb: Verb) => {
    const since = clock.monotonic();
    return (errors: readonly FaultCode[]) => meter.count(verb, clock.monotonic() - since, errors);
  };
  return around(cloud, {
    async call(verb, act, signal) {
      const end = begin(verb);
      try {
        const answer = await act(signal);
        end(verb === 'create' ? failedOrders(answer as readonly Created[]) : []);
        return answer;
      } catch (error) {
        end([faultCodeOf(error)]);
        throw error;
      }
    },
    async *list(act, signal) {
      const end = begin('list');
      let errors: FaultCode[] = [];
      try {
        yield* act(signal);
      } catch (error) {
        errors = [faultCodeOf(error)];
        throw error;
      } finally {
        end(errors);
      }
    },
  });
}

function failedOrders(outcomes: readonly Created[]): FaultCode[] {
  return outcomes.flatMap((one) => (one.ok ? [] : [faultCodeOf(one.error)]));
}
