/** Pids, ports and references, in the forms of OTP 23 and later. See encode.ts for how `put` functions work together. */
import { memory, putAtom, putU16, putU32, putU64 } from './put.ts';
import { tags } from './tags.ts';
import type { Pid, Port, Reference } from './types.ts';

const { out, view } = memory;

/** Ports up to here go in the form that nodes before OTP 24 read. */
const shortPortMax = 0x0fff_ffffn;

/** NEW_PID_EXT */
export function putPid(start: number, pid: Pid): number {
  out[start] = tags.newPid;
  const at = putAtom(start + 1, pid.node);
  view.setInt32(at, pid.id | 0);
  view.setInt32(at + 4, pid.serial | 0);
  view.setInt32(at + 8, pid.creation | 0);
  return at + 12;
}

/** NEW_PORT_EXT, or V4_PORT_EXT above 28 bits. */
export function putPort(start: number, port: Port): number {
  const short = port.id <= shortPortMax;
  out[start] = short ? tags.newPort : tags.v4Port;
  const at = putAtom(start + 1, port.node);
  const end = short ? putU32(at, Number(port.id)) : putU64(at, port.id);
  return putU32(end, port.creation);
}

/** NEWER_REFERENCE_EXT */
export function putReference(start: number, reference: Reference): number {
  const { words } = reference;
  out[start] = tags.newerReference;
  let at = putAtom(putU16(start + 1, words.length), reference.node);
  at = putU32(at, reference.creation);
  for (const word of words) at = putU32(at, word);
  return at;
}
