/** How well providers and machines can be reached at the moment: what trouble changes, and seams ask. */
import type { FaultCode } from '../../src/base/fault.ts';
import type { Random } from '../../src/base/random.ts';

/** How a provider behaves at the moment. */
export interface Weather {
  /** no call is answered, by refusal or by silence */
  outage: 'none' | 'refuses' | 'silent';
  /** share of calls that something happens to */
  trouble: number;
  /** whether it has no machine left for anybody */
  isSoldOut: boolean;
  /** longest time on the way to it, milliseconds */
  slowMs: number;
  /** whether a part of it cannot be listed */
  isPartial: boolean;
  /** share of machines that never boot */
  stillborn: number;
  /** whether machines boot in two or three seconds */
  isSwift: boolean;
  /** what every order is answered by; null: by machines */
  refusal: FaultCode | null;
  /** whether orders that are answered so are filled all the same */
  isDeceptive: boolean;
  /** whether it accepts to end machines and does not */
  forgets: boolean;
  /** whether the first try of each call is too much for it */
  isStrained: boolean;
}

const even = { isSwift: false, refusal: null, isDeceptive: false, forgets: false, isStrained: false };

/** Nothing wrong. */
export function calm(): Weather {
  return { outage: 'none', trouble: 0, isSoldOut: false, slowMs: 200, isPartial: false, stillborn: 0, ...even };
}

/** What can happen to a call on its way. */
export type Mishap = 'lost on the way' | 'answer lost' | 'late' | 'doubled' | 'throttled' | 'broken';

const mishaps: readonly Mishap[] = ['lost on the way', 'answer lost', 'late', 'doubled', 'throttled', 'broken'];

/** What happens to the next call; null for nothing. */
export function drawMishap(weather: Weather, chance: Random): Mishap | null {
  if (weather.trouble === 0 || chance.below(10_000) >= weather.trouble * 10_000) return null;
  return mishaps[chance.below(mishaps.length)] ?? null;
}
