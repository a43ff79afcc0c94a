/** What an archive holds that matters for its description; gathered while it streams by, with bounded memory. */
import { isElf, parseElf } from './elf.ts';
import { ElfWindow } from './elf-window.ts';
import { refusedEntry } from './limits.ts';
import { parseApplicationResource } from './release-files.ts';
import type { ArchiveLimits } from './limits.ts';
import type { NativeFile } from './native-needs.ts';
import type { TarEntry } from './tar.ts';

/** Texts that are kept whole: `releases/*.rel`, `releases/V/*.rel`, `start_erl.data`, `OTP_VERSION`. */
const kept = /^releases\/(([^/]+\/)?[^/]+\.rel|start_erl\.data|[^/]+\/OTP_VERSION)$/;
const applicationFile = /^lib\/[^/]+\/ebin\/[^/]+\.app$/;
/** A file that says it is machine code and cannot be read as such is refused only where it matters. */
const mattersAsElf = /(^erts-[^/]+\/bin\/|\.so(\.\d+)*$)/;
/** Beyond these a release is none, and memory is ours. */
const keptTextsMax = 64;
const nativeFilesMax = 10_000;
const headBytes = 4;

/** Filled by `take`, file by file. */
export class Contents {
  /** path -> text */
  readonly texts = new Map<string, string>();
  /** application -> version, by its own resource file */
  readonly applications = new Map<string, string>();
  readonly native: NativeFile[] = [];
  readonly #limits: ArchiveLimits;
  readonly #window: ElfWindow;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
    this.#window = new ElfWindow(limits.elfBytes);
  }

  /** Reads the file's content as far as it matters. */
  async take(path: string, entry: TarEntry): Promise<void> {
    if (kept.test(path)) return this.#keep(path, entry);
    if (applicationFile.test(path)) return this.#application(path, entry);
    return this.#machineCode(path, entry);
  }

  async #keep(path: string, entry: TarEntry): Promise<void> {
    const text = await this.#text(path, entry);
    if (this.texts.size >= keptTextsMax)
      throw refusedEntry(path, `is one of more than ${keptTextsMax} release resource files`);
    this.texts.set(path, text);
  }

  async #application(path: string, entry: TarEntry): Promise<void> {
    const { name, version } = parseApplicationResource(path, await this.#text(path, entry));
    this.applications.set(name, version);
  }

  async #text(path: string, entry: TarEntry): Promise<string> {
    if (entry.size > this.#limits.textBytes) throw refusedEntry(path, 'is larger than any file of its kind');
    const chunks: Buffer[] = [];
    for await (const chunk of entry.body) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
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
