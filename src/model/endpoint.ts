/** Endpoint: what a control plane writes into its directory when it listens, so that programs on its machine find it. */
import { z } from 'zod';
import { Timestamp } from './name.ts';

/** The contents of `endpoint.json`; the bearer token stands in the file `token` beside it. */
export const Endpoint = z.object({ url: z.string(), pid: z.int(), startedAt: Timestamp });
export type Endpoint = z.infer<typeof Endpoint>;

/** Names of the two files. Both are for their owner's eyes only (0600). */
export const endpointFile = 'endpoint.json';
export const tokenFile = 'token';
