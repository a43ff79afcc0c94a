/** What the demo stands on: a folder of its own, the release, the hosts, and the command line as a user would type it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAnts } from '../../examples/ants/build.ts';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { Node } from '../../src/model/node.ts';
import { run } from '../run.ts';
import type { Ran } from '../run.ts';
import { blueprintText } from './blueprint.ts';

/** The number of the demo's own network among the labs: 10.78.7.0/24. */
const network = 7;

/** Everything that the steps of the demo share. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'wombat-demo-'));
  readonly directory = join(this.folder, 'control-plane');
  lab: SshLab | undefined;
  /** why there are no SSH hosts, where there are none */
  withoutLab: string | undefined;

  /** Builds the example release; answers its path. */
  async buildRelease(): Promise<string> {
    return buildAnts({ folder: this.folder, version: '1.0.0' });
  }

  /** Starts the SSH hosts where this machine allows it. */
  async startHosts(): Promise<void> {
    const able = await canRunSshHosts();
    if (able.ok) this.lab = await startSshHosts({ count: 3, directory: join(this.folder, 'lab'), network });
    else this.withoutLab = `${able.why} (${able.next})`;
  }

  /** Writes the blueprint for the hosts there are; answers its path. */
  writeBlueprint(): string {
    const path = join(this.folder, 'ants.yaml');
    writeFileSync(path, blueprintText(this.lab));
    return path;
  }

  /** `wombat …` as a user would type it. */
  wombat(...args: string[]): Promise<Ran> {
    return run('bin/wombat', args, { env: { WOMBAT_DIRECTORY: this.directory, NO_COLOR: '1', COLUMNS: '74' } });
  }

  /** The same, and an error when it does not end with that exit code. */
  async expect(code: number, ...args: string[]): Promise<string> {
    const ran = await this.wombat(...args);
    if (ran.code === code) return ran.output;
    throw new Error(`wombat ${args.join(' ')} ended with ${ran.code} instead of ${code}:\n${ran.output}`);
  }

  /** All nodes of the blueprint as the API tells them. */
  async nodes(): Promise<Node[]> {
    const text = await this.expect(0, 'node', 'list', '-o', 'ndjson');
    return text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Node);
  }

  /** Ends what the demo started and removes what it made. */
  async clear(): Promise<void> {
    await this.lab?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
