/** Small ELF files made by hand: just what a loader needs to know, laid out as the System V ABI says. */

/** What the file is to ask for. */
export interface KitElf {
  /** `e_machine`; 62, x86-64, when absent */
  readonly machine?: number;
  readonly bits?: 32 | 64;
  readonly big?: boolean;
  /** 3, shared object, when absent */
  readonly type?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  /** symbol versions, all asked of the first library */
  readonly versions?: readonly string[];
  /** bytes put between the tables and the dynamic segment */
  readonly gap?: number;
}

const memoryBase = 0x400000;

/** The bytes of such a file. */
export function elf(wanted: KitElf = {}): Buffer {
  const out = new ElfWriter(wanted.bits !== 32, wanted.big === true);
  const strings = stringTable([...(wanted.needed ?? []), ...(wanted.versions ?? [])]);
  const loader = Buffer.from(`${wanted.interpreter ?? ''}\0`);
  const versions = out.versionTable(wanted.versions ?? [], strings.offsets);
  const at = { loader: out.headBytes, strings: 0, versions: 0, dynamic: 0 };
  at.strings = at.loader + loader.length;
  at.versions = at.strings + strings.bytes.length;
  at.dynamic = at.versions + versions.length + (wanted.gap ?? 0);
  const tags = [
    ...(wanted.needed ?? []).map((name) => [1, strings.offsets.get(name) ?? 0] as const),
    [5, memoryBase + at.strings] as const,
    ...(versions.length > 0 ? [[0x6ffffffe, memoryBase + at.versions] as const, [0x6fffffff, 1] as const] : []),
    [0, 0] as const,
  ];
  const dynamic = Buffer.concat(tags.flat().map((value) => out.address(value)));
  const end = at.dynamic + dynamic.length;
  const segments = [
    { type: 1, offset: 0, size: end },
    { type: 2, offset: at.dynamic, size: dynamic.length },
    ...(wanted.interpreter === undefined ? [] : [{ type: 3, offset: at.loader, size: loader.length }]),
  ];
  const head = out.head({ type: wanted.type ?? 3, machine: wanted.machine ?? 62, segments });
  return Buffer.concat([head, loader, strings.bytes, versions, Buffer.alloc(wanted.gap ?? 0, 1), dynamic]);
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

function stringTable(names: readonly string[]): { bytes: Buffer; offsets: Map<string, number> } {
  const offsets = new Map<string, number>();
  let text = '\0';
  for (const name of names) {
    offsets.set(name, text.length);
    text += `${name}\0`;
  }
  return { bytes: Buffer.from(text, 'latin1'), offsets };
}

class ElfWriter {
  readonly #wide: boolean;
  readonly #big: boolean;

  constructor(wide: boolean, big: boolean) {
    this.#wide = wide;
    this.#big = big;
  }

  /** file header and room for three program headers */
  get headBytes(): number {
    return this.#wide ? 64 + 3 * 56 : 52 + 3 * 32;
  }

  half(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    if (this.#big) bytes.writeUInt16BE(value);
    else bytes.writeUInt16LE(value);
    return bytes;
  }

  word(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.#big) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  }

  address(value: number): Buffer {
    if (!this.#wide) return this.word(value);
    const halves = [this.word(0), this.word(value)];
    return Buffer.concat(this.#big ? halves : halves.reverse());
  }

  head(file: { type: number; machine: number; segments: readonly Segment[] }): Buffer {
    const [size, entry] = this.#wide ? [64, 56] : [52, 32];
    const identity = Buffer.from([
      0x7f,
      0x45,
      0x4c,
      0x46,
      this.#wide ? 2 : 1,
      this.#big ? 2 : 1,
      1,
      ...Array(9).fill(0),
    ]);
    const header = [
      identity,
      ...[file.type, file.machine].map((value) => this.half(value)),
      this.word(1),
      ...[0, size, 0].map((value) => this.address(value)),
      this.word(0),
      ...[size, entry, file.segments.length, 0, 0, 0].map((value) => this.half(value)),
      ...file.segments.map((segment) => this.#segment(segment)),
    ];
    const bytes = Buffer.concat(header);
    return Buffer.concat([bytes, Buffer.alloc(this.headBytes - bytes.length)]);
  }

  versionTable(names: readonly string[], offsets: ReadonlyMap<string, number>): Buffer {
    if (names.length === 0) return Buffer.alloc(0);
    const library = [this.half(1), this.half(names.length), this.word(1), this.word(16), this.word(0)];
    const chain = names.flatMap((name, index) => [
      this.word(0),
      this.half(0),
      this.half(index + 2),
      this.word(offsets.get(name) ?? 0),
      this.word(index + 1 < names.length ? 16 : 0),
    ]);
    return Buffer.concat([...library, ...chain]);
  }

  #segment({ type, offset, size }: Segment): Buffer {
    const [at, where, long] = [offset, memoryBase + offset, size].map((value) => this.address(value));
    const parts = this.#wide
      ? [this.word(type), this.word(4), at, where, where, long, long, this.address(1)]
      : [this.word(type), at, where, where, long, long, this.word(4), this.word(1)];
    return Buffer.concat(parts as Buffer[]);
  }
}
