/** Endpoint: what a control plane writes into its directory when it listens, so that programs on its machine find it. */

/** The contents of `endpoint.json`; the bearer token stands in the file `token` beside it. */
export interface Endpoint {
  readonly url: string;
  readonly pid: number;
  /** RFC 3339, UTC */
  readonly startedAt: string;
}

/** Names of the two files. Both are for their owner's eyes only (0600). */
export const endpointFile = 'endpoint.json';
export const tokenFile = 'token';

/** Reads the contents of that file. SyntaxError when they are none. No schema: every command begins with this. */
export function endpointIn(text: string): Endpoint {
  const { url, pid, startedAt } = JSON.parse(text) as { [K in keyof Endpoint]?: unknown };
  if (typeof url === 'string' && Number.isInteger(pid) && typeof startedAt === 'string')
    return { url, pid: pid as number, startedAt };
  throw new SyntaxError(`url, pid and startedAt are not all there`);
}
