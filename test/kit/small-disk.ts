/** A small disk for what is to meet a full one: a file system in memory that is mounted, filled and emptied. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Whether this machine lets us mount one; if not, why. */
export function canMountDisks(): { readonly ok: true } | { readonly ok: false; readonly why: string } {
  return process.getuid?.() === 0 ? { ok: true } : { ok: false, why: 'mounting a small disk needs root' };
}

/** A disk of so many megabytes that is mounted over an existing folder. */
export class SmallDisk {
  readonly #folder: string;

  constructor(folder: string, megabytes: number) {
    this.#folder = folder;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}M,mode=700`, 'tmpfs', folder]);
  }

  get #ballast(): string {
    return join(this.#folder, 'ballast');
  }

  /** Writes until not a byte fits any more; again fills what became free. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (let bytes = 2 ** 20; bytes >= 1;) {
        try {
          writeSync(file, Buffer.alloc(bytes));
        } catch {
          bytes = Math.floor(bytes / 2);
        }
      }
    } finally {
      closeSync(file);
    }
  }

  /** Makes room for so many bytes. */
  free(bytes: number): void {
    truncateSync(this.#ballast, statSync(this.#ballast).size - bytes);
  }

  /** Makes room. */
  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.#folder]);
  }
}
