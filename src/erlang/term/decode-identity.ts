/** Pids, ports and references of all generations. They differ in the width of the creation and of the number. */
import type { Atom } from './atom.ts';
import type { TermReader } from './term-reader.ts';
import { decodeAtom, decodeAtomUtf8, decodeSmallAtom, decodeSmallAtomUtf8 } from './decode-scalar.ts';
import { tags } from './tags.ts';
import { Pid, Port, Reference } from './types.ts';

/** Two bits before OTP 19. */
const oldCreationMask = 3;
/** DFLAG_V4_NC allows five words; three before. */
const referenceWordsMax = 5;

/** The atom that must stand here: a node, a module, a function. */
export function expectAtom(reader: TermReader): Atom {
  const tag = reader.u8();
  if (tag === tags.smallAtomUtf8) return decodeSmallAtomUtf8(reader);
  if (tag === tags.atomCacheReference) return reader.listed(reader.u8());
  if (tag === tags.atomUtf8) return decodeAtomUtf8(reader);
  if (tag === tags.atom) return decodeAtom(reader);
  if (tag === tags.smallAtom) return decodeSmallAtom(reader);
  return reader.fail(`an atom must stand here, not tag ${tag}`);
}

/** NEW_PID_EXT */
export function decodeNewPid(reader: TermReader): Pid {
  const node = expectAtom(reader);
  const at = reader.claim(12);
  const { view } = reader;
  return new Pid(node, view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8));
}

/** PID_EXT */
export function decodePid(reader: TermReader): Pid {
  const node = expectAtom(reader);
  return new Pid(node, reader.u32(), reader.u32(), reader.u8() & oldCreationMask);
}

/** V4_PORT_EXT */
export function decodeV4Port(reader: TermReader): Port {
  const node = expectAtom(reader);
  return new Port(node, reader.u64(), reader.u32());
}

/** NEW_PORT_EXT */
export function decodeNewPort(reader: TermReader): Port {
  const node = expectAtom(reader);
  return new Port(node, BigInt(reader.u32()), reader.u32());
}

/** PORT_EXT */
export function decodePort(reader: TermReader): Port {
  const node = expectAtom(reader);
  return new Port(node, BigInt(reader.u32()), reader.u8() & oldCreationMask);
}

/** NEWER_REFERENCE_EXT */
export function decodeNewerReference(reader: TermReader): Reference {
  const count = wordCount(reader);
  const node = expectAtom(reader);
  const creation = reader.u32();
  return new Reference(node, creation, words(reader, count));
}

/** NEW_REFERENCE_EXT */
export function decodeNewReference(reader: TermReader): Reference {
  const count = wordCount(reader);
  const node = expectAtom(reader);
  const creation = reader.u8() & oldCreationMask;
  return new Reference(node, creation, words(reader, count));
}

/** REFERENCE_EXT */
export function decodeReference(reader: TermReader): Reference {
  const node = expectAtom(reader);
  const word = reader.u32();
  return new Reference(node, reader.u8() & oldCreationMask, [word]);
}

function wordCount(reader: TermReader): number {
  const count = reader.u16();
  if (count === 0 || count > referenceWordsMax) reader.fail(`a reference of ${count} words`);
  return count;
}

function words(reader: TermReader, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push(reader.u32());
  return found;
}
