/**
 * A client of Erlang nodes: terms, epmd, the distribution protocol as a hidden node, remote calls. It stands alone: of the
 * rest of the system it uses only clock, deadline and Fault. The door of the room.
 */
export { connectNode } from './connect.ts';
/** @public */
export type { ConnectOptions, ErlangNode } from './connect.ts';
export { epmdNames, epmdPort } from './dist/epmd.ts';
/** @public */
export type { EpmdEntry, EpmdOptions } from './dist/epmd.ts';
/** @public */
export type { CallOptions } from './rpc/caller.ts';
export { ErlangError } from './rpc/erlang-error.ts';
/** @public */
export type { ErrorClass } from './rpc/erlang-error.ts';
export * from './term/term.ts';
