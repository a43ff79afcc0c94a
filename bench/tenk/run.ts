/** One run: a control plane of its own and a world of its own, from nothing to so many proven nodes. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Client } from '../../src/client/client.ts';
import { secretName, secretScope } from '../../src/model/secret.ts';
import { tokens } from '../../test/clouds/hetzner-server.ts';
import { ControlPlane } from '../../test/kit/control-plane.ts';
import { systoolsRelease } from '../../test/kit/release-archive.ts';
import { chunksOf, file, tarGz } from '../../test/kit/tar.ts';
import { documentsFor } from './blueprints.ts';
import type { Common } from './blueprints.ts';
import { Fakes, cpuSeconds, residentMiB } from './processes.ts';

/** What some time took. */
export interface Spent {
  readonly seconds: number;
  readonly cpu: number;
  readonly fakesCpu: number;
}

const lookMs = 200;
/** What has not come about by then is a failure of the run, seconds. */
const longestSeconds = 900;
const reference = 'secret://env/TENK';
const standstillFile = 'standstill';
const runFile = promisify(execFile);

/** The control plane and the world of one run. */
export class Run {
  readonly plane: ControlPlane;
  readonly fakes: Fakes;
  readonly nodes: number;
  readonly #say: (line: string) => void;
  #common: Common;

  private constructor(parts: {
    plane: ControlPlane;
    fakes: Fakes;
    nodes: number;
    common: Common;
    say: (line: string) => void;
  }) {
    this.plane = parts.plane;
    this.fakes = parts.fakes;
    this.nodes = parts.nodes;
    this.#common = parts.common;
    this.#say = parts.say;
  }

  /** Opens both, registers the providers, uploads the release. */
  static async open(nodes: number, say: (line: string) => void): Promise<Run> {
    const fakes = await Fakes.open();
    const profile = process.env['TENK_PROFILE'];
    const options = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const plane = new ControlPlane();
    await plane.start(['--import', join(import.meta.dirname, 'standstill.ts'), ...options], {
      TENK_STANDSTILL: join(plane.directory, standstillFile),
    });
    const { providers: urls, hostKey } = fakes.opened;
    const providers = urls.map((_, at) => `cloud-${at + 1}`);
    for (const [at, endpoint] of urls.entries()) await register(plane.client, providers[at] ?? '', endpoint);
    const entries = [...systoolsRelease, { ...file('erts-13.1.5/bin/epmd', 'epmd'), mode: 0o755 }];
    const { release } = await plane.client.releases.upload(chunksOf(tarGz(entries)));
    return new Run({ plane, fakes, nodes, say, common: { digest: release.digest, hostKey, providers, round: 1 } });
  }

  get client(): Client {
    return this.plane.client;
  }

  /** From nothing to every blueprint converged and proven. */
  deploy(): Promise<Spent> {
    return this.measured('deployed', () => this.#applyAll());
  }

  /** Every node is restarted with another setting, a few of each family at a time. */
  async roll(): Promise<Spent> {
    this.#common = { ...this.#common, round: this.#common.round + 1 };
    return this.measured('rolled', () => this.#applyAll());
  }

  /** Until nothing is left, at the providers either. */
  destroy(): Promise<Spent> {
    return this.measured('destroyed', async () => {
      for (const { name } of documentsFor(this.nodes, this.#common))
        await this.client.blueprints.destroy(name, { force: true });
      await this.#until(async () => (await this.client.blueprints.list().all()).length === 0);
      const { nodes, hosts } = await this.fakes.counted();
      if (nodes + hosts > 0) throw new Error(`${nodes} nodes and ${hosts} hosts are left`);
    });
  }

  /** What the control plane uses while nothing is asked of it, as a share of a core. */
  async atRest(seconds: number): Promise<number> {
    const before = cpuSeconds(this.plane.pid);
    await pause(seconds * 1_000);
    return (cpuSeconds(this.plane.pid) - before) / seconds;
  }

  get residentMiB(): number {
    return residentMiB(this.plane.pid);
  }

  /** For how long the control plane's thread has done nothing but one thing at most so far, milliseconds. */
  get standstillMs(): number {
    return Number(readFileSync(join(this.plane.directory, standstillFile), 'utf8'));
  }

  /** Median time of `wombat status`, its process included, milliseconds. */
  statusMs(): Promise<number> {
    const cli = join(import.meta.dirname, '..', '..', 'bin', 'wombat');
    const env = { ...process.env, WOMBAT_DIRECTORY: this.plane.directory };
    return medianMs(5, async () => {
      await runFile(cli, ['status'], { env, maxBuffer: 2 ** 26 });
    });
  }

  /** Median time in which a client has the list of all nodes, milliseconds. */
  listMs(): Promise<number> {
    return medianMs(5, async () => {
      const all = await this.client.nodes.list().all();
      if (all.length !== this.nodes) throw new Error(`${all.length} nodes are listed, not ${this.nodes}`);
    });
  }

  async close(): Promise<void> {
    await this.plane.stop();
    this.plane.remove();
    this.fakes.close();
  }

  async measured(what: string, act: () => Promise<void>): Promise<Spent> {
    const [cpu, { cpuSeconds: fakesCpu }] = [cpuSeconds(this.plane.pid), await this.fakes.counted()];
    const began = performance.now();
    await act();
    const spent = {
      seconds: (performance.now() - began) / 1_000,
      cpu: cpuSeconds(this.plane.pid) - cpu,
      fakesCpu: (await this.fakes.counted()).cpuSeconds - fakesCpu,
    };
    this.#say(
      `${this.nodes} nodes ${what} in ${spent.seconds.toFixed(1)} s: control plane ${spent.cpu.toFixed(1)} s CPU, the simulated world ${spent.fakesCpu.toFixed(1)} s`,
    );
    return spent;
  }

  /** Blueprints of different providers beside each other: those of one could make each other's plans stale. */
  async #applyAll(): Promise<void> {
    const documents = documentsFor(this.nodes, this.#common);
    const began = performance.now();
    const lanes = this.#common.providers.map((_, lane) =>
      documents.filter((_one, at) => at % this.#common.providers.length === lane),
    );
    await Promise.all(
      lanes.map(async (lane) => {
        for (const document of lane) {
          const { id } = await this.client.plans.create(document, { cause: 'apply' });
          await this.client.plans.adopt(id);
        }
      }),
    );
    this.#say(`  planned and adopted after ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    // one blueprint after the other: whoever waits for all of them at once has all of them judged at each look
    const open = documents.map(({ name }) => name);
    await this.#until(async () => {
      while (open[0] !== undefined) {
        const running = await this.client.operations.list({ state: 'running', blueprint: open[0] }).all();
        if (running.length > 0) return false;
        open.shift();
      }
      const failed = await this.client.operations.list({ state: 'failed' }).all();
      if (failed[0] !== undefined) throw new Error(`${failed[0].blueprint}: ${failed[0].words}`);
      return true;
    });
    const { nodes } = await this.fakes.counted();
    if (nodes !== this.nodes) throw new Error(`${nodes} nodes run, not ${this.nodes}`);
  }

  /** Where blueprints are that are not as declared. */
  async #trouble(): Promise<string> {
    const open = (await this.client.status().all()).filter(({ state }) => state !== 'converged');
    return open
      .slice(0, 3)
      .map(({ head, words }) => `${head.name}: ${words}`)
      .join('; ');
  }

  async #until(isThere: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    for (let look = 1; !(await isThere()); look += 1) {
      await pause(lookMs);
      if (performance.now() - began > longestSeconds * 1_000)
        throw new Error(`not there after ${longestSeconds} s: ${await this.#trouble()}`);
      if (look % 25 !== 0) continue;
      const { nodes, hosts, cpuSeconds: fakes } = await this.fakes.counted();
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      this.#say(
        `  ${seconds} s: ${hosts} hosts, ${nodes} nodes; ${cpuSeconds(this.plane.pid).toFixed(0)} s and ${fakes.toFixed(0)} s CPU`,
      );
    }
  }
}

async function register(client: Client, name: string, endpoint: string): Promise<void> {
  const secret = secretName(secretScope({ name, declaredBy: null }), reference);
  await client.secrets.put(secret, JSON.stringify({ token: tokens.write }));
  const limits = { perSecond: 200, atOnce: 16 };
  await client.providers.add(name, { kind: 'hetzner', endpoint, allowPrivate: true, credentials: reference, limits });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function medianMs(times: number, act: () => Promise<void>): Promise<number> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    await act();
    found.push(performance.now() - began);
  }
  return found.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
}
