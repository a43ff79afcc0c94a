/** Pids, ports and references, in the forms of OTP 23 and later. See encode.ts for how `put` functions work together. */
import { putAtom, putU16, putU32, putU64 } from './put.ts';
import { tags } from './tags.ts';
import type { Pid, Port, Reference } from './types.ts';

/** Ports up to here go in the form that nodes before OTP 24 read. */
const shortPortMax = 0x0fff_ffffn;

export function putPid(bytes: Uint8Array, start: number, pid: Pid): number {
  bytes[start] = tags.newPid;
  let at = putAtom(bytes, start + 1, pid.node);
  at = putU32(bytes, at, pid.id);
  at = putU32(bytes, at, pid.serial);
  return putU32(bytes, at, pid.creation);
}

export function putPort(bytes: Uint8Array, start: number, port: Port): number {
  const short = port.id <= shortPortMax;
  bytes[start] = short ? tags.newPort : tags.v4Port;
  const at = putAtom(bytes, start + 1, port.node);
  const end = short ? putU32(bytes, at, Number(port.id)) : putU64(bytes, at, port.id);
  return putU32(bytes, end, port.creation);
}

export function putReference(bytes: Uint8Array, start: number, reference: Reference): number {
  const { words } = reference;
  bytes[start] = tags.newerReference;
  let at = putAtom(bytes, putU16(bytes, start + 1, words.length), reference.node);
  at = putU32(bytes, at, reference.creation);
  for (const word of words) at = putU32(bytes, at, word);
  return at;
}
