/**
 * A soak: a control plane with real nodes by a clock that goes a hundred times as fast, while its nodes are scaled, killed,
 * restarted, given other cookies and looked at, round after round. What it holds is looked at after every round, when all is
 * at rest: resident memory, open files and sockets, timers, the heap. WOMBAT_SOAK_MINUTES says how long: 5 when absent,
 * 60 for the figures in docs/reference.
 *
 * A slope is the median of the slopes between all pairs of samples (Theil and Sen), times the time that they span, by their
 * median: by how much it would have grown. The first third is left out: caches fill and the heap finds its size.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../src/client/client.ts';
import type { Client } from '../src/client/client.ts';
import type { BlueprintDocument } from '../src/model/blueprint.ts';
import { collect } from '../test/kit/collect.ts';
import { ControlPlane } from '../test/kit/control-plane.ts';
import {
  antsDocument,
  apply,
  converged,
  destroyed,
  eventually,
  nodeOf,
  pidOf,
  uploadAnts,
} from '../test/kit/deployment.ts';
import { killFound } from '../test/kit/processes.ts';
import type { Benchmark } from './benchmark.ts';

const haste = 100;
const colony = 5;
/** how many events of the past are read by who follows them */
const followed = 200;
/** how long nothing is asked of it before it is looked at, milliseconds */
const restMs = 3_000;
const minutes = Number(process.env['WOMBAT_SOAK_MINUTES'] ?? 5);

/** What a control plane holds at rest. */
interface Sample {
  /** since the first one */
  readonly seconds: number;
  readonly rssKb: number;
  /** of that what no file stands behind */
  readonly anonymousKb: number;
  readonly heapKb: number;
  /** outside the heap, and held by what is in it */
  readonly externalKb: number;
  /** of the heap, by V8's names: `old_space` has the objects that stay */
  readonly spacesKb: Readonly<Record<string, number>>;
  readonly files: number;
  readonly sockets: number;
  readonly timers: number;
  readonly threads: number;
}

interface Holds {
  readonly told: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly spaces: Readonly<Record<string, number>>;
}

class Soak {
  readonly #plane: ControlPlane;
  readonly #digest: string;
  readonly #begun = performance.now();
  readonly samples: Sample[] = [];

  constructor(plane: ControlPlane, digest: string) {
    this.#plane = plane;
    this.#digest = digest;
  }

  get client(): Client {
    return this.#plane.client;
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1_000;
  }

  document(nodes: number, name = 'ants'): BlueprintDocument {
    const other = name === 'ants' ? 0 : 1;
    const ports = { epmdPort: 24421 + other, firstPort: 27_000 + 100 * other };
    const providers = { [`here-for-${name}`]: { kind: 'local' as const } };
    const document = antsDocument({ digest: this.#digest, name, colony: nodes, providers, ...ports });
    const families = Object.entries(document.families).map(
      // nodes boot and stop in real time
      ([family, definition]) => [family, { ...definition, bootSeconds: 3600, stopSeconds: 3600 }] as const,
    );
    return { ...document, families: Object.fromEntries(families) };
  }

  /** Everything that a busy day has, once. */
  async round(): Promise<void> {
    await this.#apply(this.document(colony + 2));
    await converged(this.client);
    await this.#kill();
    await this.#restart();
    await this.client.blueprints.rotateCookie('ants');
    await this.#look();
    await this.#apply(this.document(1, 'moths'));
    await converged(this.client, 'moths');
    await destroyed(this.client, 'moths');
    await this.#apply(this.document(colony));
    await this.#settled(colony + 1);
  }

  /** Plans and adopts; where the machine was too slow to be measured in a hundredth of the time, once more. */
  async #apply(document: BlueprintDocument): Promise<void> {
    const applied = () =>
      apply(this.client, document).then(
        () => true as const,
        (error: unknown) => {
          if (error instanceof ProblemError && error.problem.kind === 'unsatisfiable') return undefined;
          throw error;
        },
      );
    await eventually(60, 'places', applied);
  }

  async #kill(): Promise<void> {
    const victim = nodeOf((await this.client.blueprints.status('ants')).nodes, 'colony');
    killFound(pidOf(victim));
    await this.#another(victim.id, pidOf(victim));
  }

  async #restart(): Promise<void> {
    const victim = nodeOf((await this.client.blueprints.status('ants')).nodes, 'colony');
    await this.client.nodes.act(victim.id, 'restart');
    await this.#another(victim.id, pidOf(victim));
  }

  async #another(id: string, former: number): Promise<void> {
    await eventually(60, 'another process', async () => {
      const node = await this.client.nodes.show(id);
      return node.state.phase === 'running' && pidOf(node) !== former ? true : undefined;
    });
    await converged(this.client);
  }

  /** People look: status, lists, streams, a log, a call, a copy of the store. */
  async #look(): Promise<void> {
    for (let times = 0; times < 20; times += 1) await this.client.blueprints.status('ants');
    await Promise.all([
      this.client.events.list().page({ limit: 500 }),
      this.client.nodes.list().all(),
      this.client.operations.list().page({ limit: 100 }),
      this.client.topology.verify('ants'),
    ]);
    const [first] = (await this.client.blueprints.status('ants')).nodes;
    if (first === undefined) throw new Error('there is no node');
    await this.client.nodes.logs(first.id, 20);
    await this.client.nodes.call(first.id, 'erlang:node()');
    const [newest] = (await this.client.events.list().page({ limit: 1 })).items;
    // as many each time: all that is kept would be more from round to round
    const after = Math.max(0, (newest?.sequence ?? 0) - followed);
    await Promise.all(Array.from({ length: 10 }, () => this.#follow(after)));
    const { bytes } = await this.client.backup();
    await collect(bytes);
  }

  async #follow(after: number): Promise<void> {
    const signal = AbortSignal.timeout(500);
    try {
      for await (const _ of this.client.events.follow({ after }, signal)) if (signal.aborted) return;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #settled(nodes: number): Promise<void> {
    await eventually(90, `${nodes} nodes`, async () => {
      const { state, nodes: now } = await this.client.blueprints.status('ants');
      return state === 'converged' && now.length === nodes ? true : undefined;
    });
  }

  /** Looks at what it holds, once nothing is asked of it. */
  async sample(): Promise<Sample> {
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const { heapUsed, external, resources, spaces } = await this.#holds();
    const { pid } = this.#plane;
    const open = openFiles(pid);
    const sample = {
      seconds: this.seconds,
      rssKb: figureOf(pid, 'VmRSS'),
      anonymousKb: figureOf(pid, 'RssAnon'),
      heapKb: kibibytes(heapUsed),
      externalKb: kibibytes(external),
      spacesKb: Object.fromEntries(Object.entries(spaces).map(([name, bytes]) => [name, kibibytes(bytes)])),
      files: open.length,
      sockets: open.filter((target) => target.startsWith('socket:')).length,
      timers: resources['Timeout'] ?? 0,
      threads: figureOf(pid, 'Threads'),
    };
    this.samples.push(sample);
    return sample;
  }

  async #holds(): Promise<Holds> {
    const path = join(this.#plane.directory, 'holds.json');
    const read = (): Holds | undefined => {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as Holds;
      } catch {
        return undefined;
      }
    };
    const before = read()?.told ?? 0;
    process.kill(this.#plane.pid, 'SIGUSR2');
    return eventually(20, 'what it holds', () => {
      const now = read();
      return Promise.resolve(now !== undefined && now.told > before ? now : undefined);
    });
  }
}

function kibibytes(bytes: number): number {
  return Math.round(bytes / 1024);
}

function figureOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
}

/** What its open files are: `socket:[1234]`, `/path`. */
function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** By how many percent it grew over all samples. */
function growth(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const slopes = samples.flatMap((one, at) =>
    samples.slice(at + 1).map((other) => (of(other) - of(one)) / (other.seconds - one.seconds)),
  );
  const span = (samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0);
  return Math.round((10_000 * median(slopes) * span) / median(samples.map(of))) / 100;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Does rounds until the time is over; how many failed. */
async function rounds(soak: Soak, say: (line: string) => void): Promise<number> {
  let failed = 0;
  while (soak.seconds < minutes * 60) {
    try {
      await soak.round();
    } catch (error) {
      failed += 1;
      say(`a round did not end as it should: ${String(error)}`);
    }
    say(JSON.stringify(await soak.sample()));
  }
  return failed;
}

/**
 * Fields: minutes, haste, rounds, rounds_failed, rss_mb (median), {rss,heap}_growth_percent (over the last two thirds),
 * files, sockets, timers, threads (the medians of the middle and of the last third: `_before`, `_after`).
 */
export const soak: Benchmark = {
  what: `${minutes} minutes at ${haste} times the speed of time, and whether anything grows`,
  async run(say) {
    const settings = ['--haste', String(haste)];
    const program = join(import.meta.dirname, 'soak-plane.ts');
    const plane = new ControlPlane(undefined, settings, program);
    try {
      await plane.start(['--expose-gc']);
      const one = new Soak(plane, await uploadAnts(plane.client));
      const failed = await rounds(one, say);
      return { minutes, haste, rounds: one.samples.length, rounds_failed: failed, ...figures(one.samples) };
    } finally {
      await plane.stop();
      plane.remove();
    }
  },
};

function figures(samples: readonly Sample[]): Record<string, number> {
  const third = Math.floor(samples.length / 3);
  const counted = samples.slice(third);
  const held = (['files', 'sockets', 'timers', 'threads'] as const).flatMap((what) => {
    const of = (some: readonly Sample[]) => median(some.map((sample) => sample[what]));
    return [
      [`${what}_before`, of(samples.slice(third, 2 * third))],
      [`${what}_after`, of(samples.slice(2 * third))],
    ] as const;
  });
  return {
    rss_mb: Math.round(median(counted.map(({ rssKb }) => rssKb)) / 1024),
    rss_growth_percent: growth(counted, ({ rssKb }) => rssKb),
    heap_growth_percent: growth(counted, ({ heapKb }) => heapKb),
    ...Object.fromEntries(held),
  };
}
