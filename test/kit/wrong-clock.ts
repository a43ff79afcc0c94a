/** Wrong clocks by Debian's libfaketime: of a process while it runs, or of everything on a lab host. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../lab/ssh-hosts.ts';

const library = findLibrary();

/** Whether clocks can be set wrong here; if not, why. */
export const canSetClocks =
  library === null
    ? ({ ok: false, why: 'libfaketime is not installed (apt-get install faketime)' } as const)
    : ({ ok: true } as const);

/** The library's place has the machine's architecture in it. */
function findLibrary(): string | null {
  const found = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
    .find((path) => existsSync(path));
  return found ?? null;
}

/** The clock of one process, which goes right until it is set. */
export class WallClock {
  readonly #file: string;

  /** `file` is what the process looks at. */
  constructor(file: string) {
    this.#file = file;
    this.set(0);
  }

  /** What the process is started with. Its monotonic clock stays as it is, as a real one does. */
  get environment(): Record<string, string> {
    const settings = { FAKETIME_TIMESTAMP_FILE: this.#file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    return { LD_PRELOAD: library ?? '', ...settings };
  }

  /** Puts it that many seconds before the time, or behind it. */
  set(seconds: number): void {
    writeFileSync(this.#file, `${offset(seconds)}\n`);
  }
}

/** Puts the clock of a host wrong, for every program that is started over SSH from its next boot on. */
export async function setHostClock(host: LabHost, seconds: number): Promise<void> {
  await host.powerOff();
  const path = host.pathOf('/etc/ssh/lab_sshd_config');
  const settings = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('SetEnv '));
  const time = `FAKETIME=${offset(seconds)} FAKETIME_DONT_FAKE_MONOTONIC=1`;
  const wrong = seconds === 0 ? [] : [`SetEnv LD_PRELOAD=${library ?? ''} ${time}`];
  writeFileSync(path, [...settings, ...wrong, ''].join('\n'));
  await host.boot();
}

function offset(seconds: number): string {
  return `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`;
}
