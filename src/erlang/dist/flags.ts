/**
 * The capability flags of the distribution handshake, 64 bits.
 * https://www.erlang.org/doc/apps/erts/erl_dist_protocol.html#distribution-flags
 *
 * Mandatory for every node of OTP 25 and 26: the eleven of `mandatory25`, spelled out or by MANDATORY_25_DIGEST; OTP 26 adds
 * UNLINK_ID and V4_NC; OTP 27 wants the digest bit itself. We announce all of these.
 * PUBLISHED makes a node visible: without it we are a hidden one (I6). A guest does not announce the atom cache, and with it
 * fragments, unless asked to: see the decision on the Erlang client. Left out for good: NAME_ME (we have a name).
 */

export const flags = {
  published: 0x1n,
  extendedReferences: 0x4n,
  distMonitor: 0x8n,
  funTags: 0x10n,
  distMonitorName: 0x20n,
  newFunTags: 0x80n,
  extendedPidsPorts: 0x100n,
  exportPtrTag: 0x200n,
  bitBinaries: 0x400n,
  newFloats: 0x800n,
  distHeaderAtomCache: 0x2000n,
  smallAtomTags: 0x4000n,
  utf8Atoms: 0x1_0000n,
  mapTag: 0x2_0000n,
  bigCreation: 0x4_0000n,
  exitPayload: 0x40_0000n,
  fragments: 0x80_0000n,
  handshake23: 0x100_0000n,
  unlinkId: 0x200_0000n,
  mandatory25Digest: 0x400_0000n,
  spawn: 0x1_0000_0000n,
  v4Identifiers: 0x4_0000_0000n,
  alias: 0x8_0000_0000n,
} as const;

const mandatory25 =
  flags.extendedReferences |
  flags.funTags |
  flags.extendedPidsPorts |
  flags.newFunTags |
  flags.exportPtrTag |
  flags.bitBinaries |
  flags.newFloats |
  flags.utf8Atoms |
  flags.mapTag |
  flags.bigCreation |
  flags.handshake23;

/** What a guest announces. SPAWN says that we answer spawn requests: with `notsup`, see manners.ts. */
export const guestFlags =
  mandatory25 |
  flags.mandatory25Digest |
  flags.distMonitor |
  flags.distMonitorName |
  flags.smallAtomTags |
  flags.exitPayload |
  flags.unlinkId |
  flags.v4Identifiers |
  flags.spawn;

/** Both change the form of messages; fragments need the headers of the atom cache. */
export const headerFlags = flags.distHeaderAtomCache | flags.fragments;

/** What a node of ours announces. */
export const nodeFlags = guestFlags | headerFlags | flags.alias;

/** Whether a peer announced a capability. */
export function has(announced: bigint, flag: bigint): boolean {
  return (announced & flag) !== 0n;
}
