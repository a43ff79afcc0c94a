/**
 * What an ELF file asks of the machine that runs it: the machine, the interpreter, the shared libraries and the newest
 * glibc. Read through program headers and the dynamic segment, which must be there at run time; section headers may be
 * stripped. System V ABI, "Object Files" and "Program Loading and Dynamic Linking"; symbol versions: LSB Core 5.0, 10.7.
 */

/** Bytes of the file, as far as they are there. */
export interface ElfImage {
  /** The bytes from `offset` on; undefined where they are not all there. */
  read(offset: number, length: number): Buffer | undefined;
  /** The NUL-terminated text at `offset`; undefined where it is not there. */
  text(offset: number): string | undefined;
}

/** What one program or shared library asks for. */
export interface ElfFacts {
  /** as `uname -m` says it */
  readonly arch: string;
  readonly bits: 32 | 64;
  /** path of the program that loads it; null in libraries and static programs */
  readonly interpreter: string | null;
  readonly needed: readonly string[];
  /** names of the symbol versions that it asks for, e.g. `GLIBC_2.34` */
  readonly versions: readonly string[];
}

/** How numbers and addresses stand in one file. */
interface Layout {
  readonly image: ElfImage;
  readonly wide: boolean;
  readonly little: boolean;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const dynamicBytesMax = 64 * 1024;
const entriesMax = 4096;
const loadSegment = 1;
const dynamicSegment = 2;
const interpreterSegment = 3;

/** `e_machine`, where one number means one architecture. */
const machines: ReadonlyMap<number, string> = new Map([
  [3, 'i686'],
  [20, 'ppc'],
  [22, 's390x'],
  [40, 'armv7l'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [258, 'loongarch64'],
]);

/** Whether a file that begins so is ELF. */
export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** Where the dynamic segment lies, as far as the head of the file tells. */
export function dynamicRange(image: ElfImage): { readonly offset: number; readonly size: number } | undefined {
  const layout = layoutOf(image);
  const segment = layout && segments(layout)?.find(({ type }) => type === dynamicSegment);
  return segment && { offset: segment.offset, size: Math.min(segment.size, dynamicBytesMax) };
}

/**
 * Reads a program or shared library; null for what is ELF but neither (object files, core dumps), and `undefined` for
 * what is broken or lies beyond what the image holds.
 */
export function parseElf(image: ElfImage): ElfFacts | null | undefined {
  const layout = layoutOf(image);
  const header = image.read(0, 20);
  if (layout === undefined || header === undefined) return undefined;
  const type = half(layout, header, 16);
  if (type !== 2 && type !== 3) return null;
  const found = segments(layout);
  if (found === undefined) return undefined;
  const asked = dynamicFacts(layout, found);
  const loader = interpreter(layout, found);
  if (asked === undefined || loader === undefined) return undefined;
  return { arch: archOf(layout, half(layout, header, 18)), bits: layout.wide ? 64 : 32, interpreter: loader, ...asked };
}

function layoutOf(image: ElfImage): Layout | undefined {
  const head = image.read(0, 16);
  if (head === undefined || !isElf(head)) return undefined;
  const [width, order] = [head[4], head[5]];
  if ((width !== 1 && width !== 2) || (order !== 1 && order !== 2)) return undefined;
  return { image, wide: width === 2, little: order === 1 };
}

function archOf({ wide, little }: Layout, machine: number): string {
  if (machine === 21) return little ? 'ppc64le' : 'ppc64';
  if (machine === 243) return wide ? 'riscv64' : 'riscv32';
  if (machine === 8) return `mips${wide ? '64' : ''}${little ? 'el' : ''}`;
  return machines.get(machine) ?? `machine-${machine}`;
}

function segments(layout: Layout): Segment[] | undefined {
  const { image, wide } = layout;
  const header = image.read(0, wide ? 64 : 52);
  if (header === undefined) return undefined;
  const start = address(layout, header, wide ? 32 : 28);
  const size = half(layout, header, wide ? 54 : 42);
  const count = half(layout, header, wide ? 56 : 44);
  if (size < (wide ? 56 : 32)) return count === 0 ? [] : undefined;
  const table = image.read(start, size * count);
  return table && Array.from({ length: count }, (_, index) => segment(layout, table.subarray(index * size)));
}

function segment(layout: Layout, entry: Buffer): Segment {
  const type = word(layout, entry, 0);
  const at = layout.wide ? { offset: 8, address: 16, size: 32 } : { offset: 4, address: 8, size: 16 };
  return {
    type,
    offset: address(layout, entry, at.offset),
    address: address(layout, entry, at.address),
    size: address(layout, entry, at.size),
  };
}

/** null where there is none; undefined where it cannot be read. */
function interpreter({ image }: Layout, all: readonly Segment[]): string | null | undefined {
  const found = all.find(({ type }) => type === interpreterSegment);
  return found === undefined ? null : image.text(found.offset);
}

type Asked = Pick<ElfFacts, 'needed' | 'versions'>;

function dynamicFacts(layout: Layout, all: readonly Segment[]): Asked | undefined {
  const found = all.find(({ type }) => type === dynamicSegment);
  if (found === undefined) return { needed: [], versions: [] };
  const bytes = layout.image.read(found.offset, Math.min(found.size, dynamicBytesMax));
  if (bytes === undefined) return undefined;
  const tags = dynamicTags(layout, bytes);
  const one = (tag: number) => tags.find(([key]) => key === tag)?.[1];
  const strings = place(all, one(5));
  if (strings === undefined) return tags.some(([key]) => key === 1) ? undefined : { needed: [], versions: [] };
  const needed = texts(
    layout,
    tags.filter(([key]) => key === 1).map(([, offset]) => strings + offset),
  );
  const versions = neededVersions(layout, { strings, start: place(all, one(0x6ffffffe)), count: one(0x6fffffff) ?? 0 });
  return needed && versions && { needed, versions };
}

/** The pairs of the dynamic segment up to DT_NULL. */
function dynamicTags(layout: Layout, bytes: Buffer): (readonly [number, number])[] {
  const width = layout.wide ? 8 : 4;
  const pairs: (readonly [number, number])[] = [];
  for (let at = 0; at + 2 * width <= bytes.length; at += 2 * width) {
    const tag = address(layout, bytes, at);
    if (tag === 0) break;
    pairs.push([tag, address(layout, bytes, at + width)]);
  }
  return pairs;
}

/** Where in the file an address of memory stands. */
function place(all: readonly Segment[], at: number | undefined): number | undefined {
  if (at === undefined) return undefined;
  const holder = all.find((one) => one.type === loadSegment && at >= one.address && at < one.address + one.size);
  return holder && at - holder.address + holder.offset;
}

interface VersionTable {
  readonly strings: number;
  readonly start: number | undefined;
  readonly count: number;
}

/** The names in DT_VERNEED: one record a library, each with a chain of versions; both linked by relative offsets. */
function neededVersions(layout: Layout, { strings, start, count }: VersionTable): string[] | undefined {
  const names: number[] = [];
  let library = start;
  for (let index = 0; library !== undefined && index < Math.min(count, entriesMax); index++) {
    const record = layout.image.read(library, 16);
    if (record === undefined) return undefined;
    const chain = versionChain(layout, library + word(layout, record, 8), half(layout, record, 2));
    if (chain === undefined) return undefined;
    names.push(...chain.map((offset) => strings + offset));
    const next = word(layout, record, 12);
    library = next === 0 ? undefined : library + next;
  }
  return texts(layout, names);
}

function versionChain(layout: Layout, start: number, count: number): number[] | undefined {
  const names: number[] = [];
  for (let at = start, index = 0; index < Math.min(count, entriesMax); index++) {
    const record = layout.image.read(at, 16);
    if (record === undefined) return undefined;
    names.push(word(layout, record, 8));
    const next = word(layout, record, 12);
    if (next === 0) break;
    at += next;
  }
  return names;
}

/** All of the texts at those offsets, or undefined when one is not there. */
function texts({ image }: Layout, offsets: readonly number[]): string[] | undefined {
  const found: string[] = [];
  for (const offset of offsets) {
    const text = image.text(offset);
    if (text === undefined) return undefined;
    found.push(text);
  }
  return found;
}

function half({ little }: Layout, bytes: Buffer, at: number): number {
  return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

function word({ little }: Layout, bytes: Buffer, at: number): number {
  return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

/** An address or offset. Above 2^53 it is wrong anyhow, and inexact is wrong enough. */
function address(layout: Layout, bytes: Buffer, at: number): number {
  if (!layout.wide) return word(layout, bytes, at);
  return Number(layout.little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}
