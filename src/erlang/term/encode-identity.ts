/** Pids, ports and references, in the forms of OTP 23 and later. See encode.ts for how `put` functions work together. */
import { putAtom, putU16, putU32, putU64 } from './put.ts';
import { tags } from './tags.ts';
import type { Pid, Port, Reference } from './types.ts';

/** Ports up to here go in the form that nodes before OTP 24 read. */
const shortPortMax = 0x0fff_ffffn;

/** NEW_PID_EXT */
export function putPid(view: DataView, start: number, pid: Pid): number {
  view.setUint8(start, tags.newPid);
  let at = putAtom(view, start + 1, pid.node);
  at = putU32(view, at, pid.id);
  at = putU32(view, at, pid.serial);
  return putU32(view, at, pid.creation);
}

/** NEW_PORT_EXT, or V4_PORT_EXT above 28 bits. */
export function putPort(view: DataView, start: number, port: Port): number {
  const short = port.id <= shortPortMax;
  view.setUint8(start, short ? tags.newPort : tags.v4Port);
  const at = putAtom(view, start + 1, port.node);
  const end = short ? putU32(view, at, Number(port.id)) : putU64(view, at, port.id);
  return putU32(view, end, port.creation);
}

/** NEWER_REFERENCE_EXT */
export function putReference(view: DataView, start: number, reference: Reference): number {
  const { words } = reference;
  view.setUint8(start, tags.newerReference);
  let at = putAtom(view, putU16(view, start + 1, words.length), reference.node);
  at = putU32(view, at, reference.creation);
  for (const word of words) at = putU32(view, at, word);
  return at;
}
