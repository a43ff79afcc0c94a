/**
 * Erlang nodes, from JavaScript: terms, epmd, the distribution protocol as a guest or as a node of ours, remote calls both
 * ways. It stands alone: of the rest of the system it uses only clock, deadline and Fault. The door of the room.
 */
export { connectNode } from './connect.ts';
/** @public */
export type { ConnectOptions } from './connect.ts';
/** @public */
export type { ErlangNode } from './connection.ts';
/** @public */
export { epmdLookup, epmdNames, epmdPort, epmdRegister } from './dist/epmd.ts';
/** @public */
export type { EpmdEntry, EpmdNode, EpmdOptions, EpmdRegistration } from './dist/epmd.ts';
/** @public */
export { EpmdServer } from './dist/epmd-server.ts';
/** @public */
export { secureAccept } from './dist/tls-accept.ts';
/** @public */
export type { SecureAcceptOptions, SecuredStream } from './dist/tls-accept.ts';
/** @public */
export { secureStream } from './dist/tls.ts';
/** @public */
export type { SecureOptions, TlsIdentity } from './dist/tls.ts';
/** @public */
export { ErlangProcess } from './process/erlang-process.ts';
/** @public */
export type { Spawn, Spawned, WaitOptions } from './process/erlang-process.ts';
/** @public */
export type { Address, Letter, RegisteredName } from './process/letter.ts';
/** @public */
export { listenEpmd, listenNode } from './process/listen.ts';
/** @public */
export type { Listening, ListenNodeOptions, ListenOptions } from './process/listen.ts';
/** @public */
export { OwnNode } from './process/own-node.ts';
/** @public */
export type { OwnNodeOptions } from './process/own-node.ts';
/** @public */
export type { OfferedFunction, OfferedFunctions } from './process/serve.ts';
/** @public */
export type { CallOptions } from './rpc/caller.ts';
export { ErlangError } from './rpc/erlang-error.ts';
/** @public */
export type { ErrorClass } from './rpc/erlang-error.ts';
export type { Answer } from './rpc/erpc.ts';
/** @public */
export type { Call } from './rpc/erpc.ts';
/** @public */
export { callAll, callEach } from './rpc/many.ts';
/** @public */
export type { CallOutcome, NodeOutcome } from './rpc/many.ts';
export * from './term/term.ts';
