/**
 * The tree that an archive unpacks to, entry by entry, and the rules that keep it below its root: plain relative paths,
 * nothing twice, nothing below a link, links only to places inside. A link's target is judged by its text alone, which
 * is sound because no link stands in the way to another entry and `..` may stand only at a target's front.
 */
import { mebibytes, refused, refusedEntry } from './limits.ts';
import { folded } from './unicode.ts';
import type { ArchiveLimits } from './limits.ts';
import type { TarEntry } from './tar.ts';

/** Every folder on the way to an entry is looked at, so the way must be short. */
const depthMax = 64;

type Kind = 'file' | 'directory' | 'symlink';

/** Grows while the archive streams by. */
export class ArchiveTree {
  readonly #limits: ArchiveLimits;
  readonly #kinds = new Map<string, Kind>();
  /** names with letters beyond ASCII, by what they fold to */
  readonly #folded = new Map<string, string>();
  #files = 0;
  #bytes = 0;
  #pathsBytes = 0;

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  /** Takes an entry in and returns its path without `./`; empty for the root itself. Fault `invalid` when it breaks a rule. */
  admit(entry: TarEntry): string {
    const path = plainPath(entry.name, this.#limits);
    if (path === '') return rootEntry(entry);
    checkMode(entry);
    this.#parents(path, entry.name);
    if (entry.type === 'symlink') checkSymlink(path, entry);
    if (entry.type === 'hardlink') this.#checkHardlink(entry);
    this.#add(path, entry);
    return path;
  }

  /** Whether a file, or a link, stands at that path. */
  has(path: string): boolean {
    const kind = this.#kinds.get(path);
    return kind === 'file' || kind === 'symlink';
  }

  /** Every path with its kind. */
  paths(): IterableIterator<string> {
    return this.#kinds.keys();
  }

  get files(): number {
    return this.#files;
  }

  /** of all files' content */
  get bytes(): number {
    return this.#bytes;
  }

  #parents(path: string, name: string): void {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash);
      const kind = this.#kinds.get(parent) ?? 'directory';
      if (kind !== 'directory') throw refusedEntry(name, `lies below ${JSON.stringify(parent)}, which is a ${kind}`);
      this.#put(parent, kind);
    }
  }

  /** A folder that is only implied by a path counts like any other. */
  #put(path: string, kind: Kind): void {
    if (!this.#kinds.has(path)) {
      this.#pathsBytes += path.length;
      this.#checkFolded(path);
    }
    this.#kinds.set(path, kind);
    const { entries, pathsBytes } = this.#limits;
    if (this.#kinds.size > entries) throw refused(`it has more than ${entries} files and folders`);
    if (this.#pathsBytes > pathsBytes) throw refused(`its paths are longer together than ${mebibytes(pathsBytes)}`);
  }

  /** Two names that fold to one are one file on some hosts and two on others. */
  #checkFolded(path: string): void {
    const fold = folded(path);
    const twin = this.#folded.get(fold) ?? (fold !== path && this.#kinds.has(fold) ? fold : undefined);
    if (twin !== undefined && twin !== path)
      throw refusedEntry(path, `is the same name as ${JSON.stringify(twin)} for some programs`);
    if (fold !== path) this.#folded.set(fold, path);
  }

  #checkHardlink(entry: TarEntry): void {
    const target = plainPath(entry.link, this.#limits);
    if (this.#kinds.get(target) !== 'file')
      throw refusedEntry(
        entry.name,
        `is a hard link to ${JSON.stringify(entry.link)}, which is no file of this archive before it`,
      );
  }

  #add(path: string, entry: TarEntry): void {
    const kind = entry.type === 'hardlink' ? 'file' : entry.type;
    const before = this.#kinds.get(path);
    if (before !== undefined && !(before === 'directory' && kind === 'directory'))
      throw refusedEntry(entry.name, `stands in the archive twice`);
    this.#put(path, kind);
    if (kind === 'file') this.#files += 1;
    this.#bytes += entry.size;
    if (this.#bytes > this.#limits.unpackedBytes)
      throw refused(`it unpacks to more than ${mebibytes(this.#limits.unpackedBytes)}`);
  }
}

/** A relative path without `.` and without a trailing slash. Fault `invalid` for everything that is not plainly that. */
function plainPath(name: string, limits: ArchiveLimits): string {
  if (name === '') throw refusedEntry(name, 'has no name');
  if (Buffer.byteLength(name) > limits.pathBytes)
    throw refusedEntry(name, `has a path of more than ${limits.pathBytes} bytes`);
  if (/[\u0000-\u001f\u007f\\]/.test(name))
    throw refusedEntry(name, 'has a control character or a backslash in its name');
  if (name.startsWith('/'))
    throw refusedEntry(
      name,
      'has an absolute path',
      'archive the release from within its own folder: tar -C FOLDER -czf … .',
    );
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refusedEntry(name, 'leaves the archive by `..`');
  if (parts.length > depthMax) throw refusedEntry(name, `lies more than ${depthMax} folders deep`);
  if (parts.some((part) => Buffer.byteLength(part) > 255))
    throw refusedEntry(name, 'has a name of more than 255 bytes');
  folded(name);
  return parts.join('/');
}

/** `./` stands in many archives; it may only be a directory. */
function rootEntry(entry: TarEntry): string {
  if (entry.type !== 'directory') throw refusedEntry(entry.name, 'would replace the root');
  return '';
}

function checkMode(entry: TarEntry): void {
  if (entry.type === 'directory' || entry.type === 'symlink') return;
  if ((entry.mode & 0o6000) !== 0)
    throw refusedEntry(
      entry.name,
      'would run with the rights of its owner (setuid or setgid)',
      'take the bit away with chmod ug-s and pack the release again',
    );
}

/** Depth of the link's own directory, against how often its target goes up. */
function checkSymlink(path: string, entry: TarEntry): void {
  const words = `is a link to ${JSON.stringify(entry.link)}, which leaves the archive`;
  const next = 'pack real files instead of links (rebar3: {dev_mode, false}; tar: --dereference)';
  if (entry.link === '' || entry.link.startsWith('/') || /[\u0000-\u001f\u007f\\]/.test(entry.link))
    throw refusedEntry(entry.name, words, next);
  const parts = entry.link.split('/').filter((part) => part !== '' && part !== '.');
  const down = parts.findIndex((part) => part !== '..');
  const up = down < 0 ? parts.length : down;
  if (up > path.split('/').length - 1 || parts.slice(up).includes('..')) throw refusedEntry(entry.name, words, next);
}
