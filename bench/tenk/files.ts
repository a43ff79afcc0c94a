/** A file system in memory: folders, files and symbolic links, and `/proc` as its host has it. */

/** A file. */
export interface FileEntry {
  readonly kind: 'file';
  content: string;
  mode: number;
}
/** A folder. */
export interface FolderEntry {
  readonly kind: 'folder';
  readonly entries: Map<string, Entry>;
}
/** A symbolic link. */
export interface LinkEntry {
  readonly kind: 'link';
  readonly target: string;
}
export type Entry = FileEntry | FolderEntry | LinkEntry;

/** What `/proc` holds below a path, without the leading `/proc/`; undefined for nothing. */
export type Proc = (path: string) => Entry | undefined;

const linksMax = 20;

/** A new, empty folder. */
export function folder(): FolderEntry {
  return { kind: 'folder', entries: new Map() };
}

/** A new file. */
export function file(content: string, mode = 0o600): FileEntry {
  return { kind: 'file', content, mode };
}

/** The path, absolute, without `.` and `..`. */
export function absolute(path: string, from: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The tree of one host. Paths are absolute. */
export class Files {
  readonly #root = folder();
  readonly #proc: Proc;

  constructor(proc: Proc) {
    this.#proc = proc;
  }

  /** What is there, behind links unless the last one is asked for itself. */
  find(path: string, links: 'follow' | 'keep' = 'follow', depth = 0): Entry | undefined {
    if (depth > linksMax) return undefined;
    if (path.startsWith('/proc/')) {
      const entry = this.#proc(path.slice(6));
      return entry?.kind === 'link' && links === 'follow' ? this.find(entry.target, links, depth + 1) : entry;
    }
    let entry: Entry = this.#root;
    const parts = path.split('/');
    for (let at = 1; at < parts.length; at += 1) {
      const part = parts[at] ?? '';
      if (part === '') continue;
      if (entry.kind !== 'folder') return undefined;
      const next = entry.entries.get(part);
      if (next === undefined) return undefined;
      const isLast = at === parts.length - 1;
      if (next.kind === 'link' && !(isLast && links === 'keep')) {
        const rest = [absolute(next.target, parts.slice(0, at).join('/')), ...parts.slice(at + 1)].join('/');
        return this.find(rest, links, depth + 1);
      }
      entry = next;
    }
    return entry;
  }

  folderAt(path: string): FolderEntry | undefined {
    const entry = this.find(path === '' ? '/' : path);
    return entry?.kind === 'folder' ? entry : undefined;
  }

  /** Puts something there; false where its folder is not. */
  put(path: string, entry: Entry): boolean {
    const at = path.lastIndexOf('/');
    const parent = this.folderAt(path.slice(0, at));
    parent?.entries.set(path.slice(at + 1), entry);
    return parent !== undefined;
  }

  /** Takes something away; false where it is not. */
  remove(path: string): boolean {
    const at = path.lastIndexOf('/');
    return this.folderAt(path.slice(0, at))?.entries.delete(path.slice(at + 1)) ?? false;
  }

  /** Makes a folder with all above it; false where a file is in the way. */
  makeAll(path: string): boolean {
    let entry: Entry = this.#root;
    for (const part of path.split('/').filter((one) => one !== '')) {
      if (entry.kind !== 'folder') return false;
      const next: Entry = entry.entries.get(part) ?? folder();
      entry.entries.set(part, next);
      entry = next;
    }
    return entry.kind === 'folder';
  }

  /** The text of a file; undefined where there is none. */
  text(path: string): string | undefined {
    const entry = this.find(path);
    return entry?.kind === 'file' ? entry.content : undefined;
  }
}
