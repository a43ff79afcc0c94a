/** Kinds of problem. Apart from the nouns: short commands need no more of the model, and loading its schemas takes longer than they do. */

/** Kinds of problem with HTTP status and exit code. */
export const problemKinds = {
  invalid: { status: 422, exit: 3, title: 'The input is not valid' },
  'not-found': { status: 404, exit: 1, title: 'There is no such object' },
  exists: { status: 409, exit: 1, title: 'Something of that name is there already' },
  unsatisfiable: { status: 422, exit: 4, title: 'No placement satisfies the demands' },
  'not-converged': { status: 500, exit: 5, title: 'Applied, but the cluster did not become what was declared' },
  'rolled-back': { status: 500, exit: 6, title: 'The change was rolled back' },
  conflict: { status: 409, exit: 7, title: 'Somebody changed it in the meantime' },
  stale: { status: 412, exit: 7, title: 'It is not what it was when it was read' },
  quarantined: { status: 409, exit: 8, title: 'This version failed before and is quarantined' },
  unsettled: { status: 409, exit: 1, title: 'Whether it was done is not known' },
  denied: { status: 403, exit: 8, title: 'Refused' },
  unauthorized: { status: 401, exit: 8, title: 'A valid token is needed' },
  quota: { status: 503, exit: 9, title: "The provider's quota is used up" },
  'no-capacity': { status: 503, exit: 9, title: 'The provider has no capacity' },
  throttled: { status: 503, exit: 9, title: 'The provider asks to slow down' },
  unavailable: { status: 503, exit: 9, title: 'Something needed is out of reach' },
  timeout: { status: 504, exit: 124, title: 'It took too long' },
  unknown: { status: 500, exit: 1, title: 'Something unexpected happened' },
} as const;
export type ProblemKind = keyof typeof problemKinds;
