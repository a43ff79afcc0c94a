/** What an archive holds that matters for its description; gathered while it streams by, with bounded memory. */
import { buffer } from 'node:stream/consumers';
import { isElf, parseElf } from './elf.ts';
import { ElfWindow } from './elf-window.ts';
import { refusedEntry } from './limits.ts';
import type { ArchiveLimits } from './limits.ts';
import type { NativeFile } from './native-needs.ts';
import type { TarEntry } from './tar.ts';

/**
 * Texts that are kept whole, and read when all is known: then only those are parsed that the release names. They are
 * `releases/*.rel`, `releases/V/*.rel`, `start_erl.data`, `OTP_VERSION`, the applications' own resource files, what tells of
 * upgrades, and settings in which something of ours may be set.
 */
const kept =
  /^(releases\/(([^/]+\/)?[^/]+\.rel|start_erl\.data|[^/]+\/(OTP_VERSION|relup|vm\.args|vm\.args\.src|env\.sh))|lib\/[^/]+\/ebin\/[^/]+\.(app|appup))$/;
/** A file that says it is machine code and cannot be read as such is refused only where it matters. */
const mattersAsElf = /((^|\/)erts-[^/]+\/bin\/|\.so(\.\d+)*$)/;
/** Beyond that a release is none, and memory is ours. */
const nativeFilesMax = 10_000;
const headBytes = 4;

/** Filled by `take`, file by file. */
export class Contents {
  /** path -> text */
  readonly texts = new Map<string, string>();
  readonly native: NativeFile[] = [];
  readonly #limits: ArchiveLimits;
  readonly #window: ElfWindow;
  #textsBytes = 0;

  readonly #keepsTexts: boolean;

  /** Of an archive that is no OTP release no text matters. */
  constructor(limits: ArchiveLimits, keepsTexts = true) {
    this.#limits = limits;
    this.#keepsTexts = keepsTexts;
    this.#window = new ElfWindow(limits.elfBytes);
  }

  /** Reads the file's content as far as it matters. */
  async take(path: string, entry: TarEntry): Promise<void> {
    if (this.#keepsTexts && kept.test(path)) return this.#keep(path, entry);
    return this.#machineCode(path, entry);
  }

  async #keep(path: string, entry: TarEntry): Promise<void> {
    if (entry.size > this.#limits.textBytes) throw refusedEntry(path, 'is larger than any file of its kind');
    this.#textsBytes += entry.size;
    if (this.#textsBytes > this.#limits.textsBytes) throw refusedEntry(path, 'is one resource file too many');
    this.texts.set(path, (await buffer(entry.body)).toString('utf8'));
  }

  /** The tar reader skips what is left of a file that is not machine code. */
  async #machineCode(path: string, entry: TarEntry): Promise<void> {
    if (entry.size < headBytes || !(await this.#fill(entry))) return;
    const facts = parseElf(this.#window);
    if (facts === undefined && mattersAsElf.test(path))
      throw refusedEntry(path, 'is machine code that cannot be read: it is damaged, or laid out in an unknown way');
    if (facts === undefined || facts === null) return;
    if (this.native.length >= nativeFilesMax)
      throw refusedEntry(path, `is one of more than ${nativeFilesMax} programs and libraries`);
    this.native.push({ path, facts });
  }

  /** False, and nothing more is read, as soon as it shows that the file is not ELF. */
  async #fill(entry: TarEntry): Promise<boolean> {
    this.#window.begin(entry.size);
    let seen = 0;
    for await (const chunk of entry.body) {
      this.#window.add(chunk);
      seen += chunk.length;
      const head = this.#window.read(0, Math.min(seen, headBytes));
      if (seen >= headBytes && (head === undefined || !isElf(head))) return false;
    }
    return true;
  }
}
