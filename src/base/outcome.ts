/** What a pass of a loop over one key came to. Outcomes are values; what is thrown is a surprise. */
export type Outcome =
  /** nothing left to do until something changes */
  | { readonly outcome: 'done' }
  /** look again after that time: something is under way */
  | { readonly outcome: 'again'; readonly afterMs: number; readonly why: string }
  /** cannot go on without somebody's help; looked at again with the loop's period */
  | { readonly outcome: 'stuck'; readonly why: string };

export const done: Outcome = { outcome: 'done' };

/** Look again after `afterMs` milliseconds, because of `why`. */
export function again(afterMs: number, why: string): Outcome {
  return { outcome: 'again', afterMs, why };
}

/** Cannot go on because of `why`. */
export function stuck(why: string): Outcome {
  return { outcome: 'stuck', why };
}
