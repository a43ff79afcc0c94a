/**
 * Round after round of what happens to control planes: killed (-9), stopped for a while (SIGSTOP), their disk full, killed while
 * it is, the clock an hour forwards or back, and where there is one, PostgreSQL killed. Real nodes run meanwhile, the colony is scaled, and somebody changes
 * things all the time. After each round nothing that was acknowledged is lost, the nodes that were to stay are the processes
 * that they were, as the kernel and they themselves say, and the blueprint is proven within 30 seconds.
 *
 * What happens follows from a seed: WOMBAT_TEST_SEED begins at another one. WOMBAT_TEST_LONG has a hundred rounds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { antsDocument, apply, converged, destroyed, eventually, uploadAnts } from '../kit/deployment.ts';
import { nodesBelow } from '../kit/processes.ts';
import { noPostgres, realPostgres } from '../kit/real-postgres.ts';
import type { RealPostgres } from '../kit/real-postgres.ts';
import { canMountDisks, SmallDisk } from '../kit/small-disk.ts';
import { Writer } from '../kit/writer.ts';
import { canSetClocks, WallClock } from '../kit/wrong-clock.ts';

const firstSeed = Number(process.env['WOMBAT_TEST_SEED'] ?? 1);
const count = process.env['WOMBAT_TEST_LONG'] === '1' ? 100 : 10;
const convergedS = 30;
const stay = ['master-1', 'colony-1', 'colony-2'];

const disks = canMountDisks();
if (!disks.ok) process.stdout.write(`rounds with a full disk are left out: ${disks.why}\n`);
if (!canSetClocks.ok) process.stdout.write(`rounds with a wrong clock are left out: ${canSetClocks.why}\n`);
const why = noPostgres();
if (why !== null) process.stdout.write(`rounds on PostgreSQL are left out: ${why}\n`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Everything of one control plane under trial. */
class Trial {
  readonly plane: ControlPlane;
  readonly server: RealPostgres | null;
  readonly disk: SmallDisk | null;
  readonly writer: Writer;
  readonly #clock: WallClock | null;
  #aheadS = 0;
  /** where its nodes live: another disk */
  readonly elsewhere = mkdtempSync(join(tmpdir(), 'wombat-elsewhere-'));
  readonly #port: number;
  #digest = '';
  /** how many nodes the colony may have now: two where the last change of it was not acknowledged */
  #sizes: readonly number[] = [2];
  #before = new Map<string, string>();

  constructor(server: RealPostgres | null, port: number) {
    const directory = mkdtempSync(join(tmpdir(), 'wombat-rounds-'));
    this.disk = disks.ok ? new SmallDisk(directory, 64) : null;
    this.server = server;
    this.plane = new ControlPlane(directory, server === null ? [] : ['--database', server.newDatabase()]);
    this.writer = new Writer(this.plane);
    this.#clock = canSetClocks.ok ? new WallClock(join(this.elsewhere, 'wall-clock')) : null;
    this.#port = port;
  }

  async begin(): Promise<void> {
    await this.start();
    this.#digest = await uploadAnts(this.plane.client);
    await apply(this.plane.client, this.#document(2));
    await converged(this.plane.client);
    this.#before = await this.#processes();
    this.writer.start();
  }

  async start(): Promise<void> {
    await this.plane.start([], this.#clock?.environment ?? {});
  }

  #document(colony: number) {
    const providers = { here: { kind: 'local' as const, directory: this.elsewhere } };
    const ports = { epmdPort: this.#port, firstPort: 28_000 + (this.#port % 100) * 100 };
    return antsDocument({ digest: this.#digest, colony, providers, ...ports });
  }

  /** The nodes that are to stay: their processes, and when they were started as they say themselves. */
  async #processes(): Promise<Map<string, string>> {
    const running = nodesBelow(this.elsewhere);
    const found = stay.map(async (name): Promise<[string, string]> => {
      const pids = running.get(`${name}@127.0.0.1`) ?? [];
      const said = await this.plane.client.nodes.call(`${name}@127.0.0.1`, 'erlang:system_info(start_time)');
      return [name, `${pids.join(' ')} started at ${said.text}`];
    });
    return new Map(await Promise.all(found));
  }

  /** Asks for another size of the colony; one that was not acknowledged may be so afterwards all the same. */
  async scale(): Promise<void> {
    const size = this.#sizes.includes(2) ? 3 : 2;
    const asked = apply(this.plane.client, this.#document(size));
    const acknowledged = await Promise.race([asked.then(() => true), pause(3_000).then(() => false)]).catch(
      () => false,
    );
    this.#sizes = acknowledged ? [size] : [...new Set([...this.#sizes, size])];
    asked.catch(() => undefined);
  }

  /** Begins to be in trouble, and is out of it, when this ends. */
  async happens(kind: Trouble, random: Random): Promise<void> {
    await pause(random.below(1_000));
    const lasts = () => pause(300 + random.below(1_500));
    switch (kind) {
      case 'killed':
        await this.plane.kill();
        return this.start();
      case 'stopped':
        this.plane.signal('SIGSTOP');
        await lasts();
        this.plane.signal('SIGCONT');
        return;
      case 'full disk':
        return this.#full(lasts);
      case 'killed on a full disk':
        await this.#full(async () => {
          await lasts();
          await this.plane.kill();
        });
        return this.start();
      case 'an hour forwards':
        return this.#clock?.set((this.#aheadS += 3_600));
      case 'an hour back':
        return this.#clock?.set((this.#aheadS -= 3_600));
      case 'PostgreSQL killed':
        await this.server?.kill();
        await lasts();
        return this.server?.start();
    }
  }

  async #full(meanwhile: () => Promise<unknown>): Promise<void> {
    this.disk?.fill();
    await meanwhile();
    this.disk?.empty();
  }

  /** What must hold after every round; how long it took to be proven, milliseconds. */
  async holds(): Promise<number> {
    const begun = performance.now();
    const [secrets, tokens] = [[...this.writer.secrets], [...this.writer.tokens]];
    await this.#looked(`${this.#sizes.join(' or ')} colonies, proven`, () => this.#isProven());
    const ms = performance.now() - begun;
    const { client } = this.plane;
    expect(await this.#looked('processes', () => this.#processes())).toEqual(this.#before);
    const [secretsNow, tokensNow] = await this.#looked('lists', () =>
      Promise.all([client.secrets.list().all(), client.tokens.list().all()]),
    );
    expect(missing(secrets, secretsNow)).toEqual([]);
    expect(
      missing(
        tokens,
        tokensNow.map(({ name }) => name),
      ),
    ).toEqual([]);
    return ms;
  }

  /** The status says so, and every node is asked for its own view now. */
  async #isProven(): Promise<true | undefined> {
    const { state, nodes } = await this.plane.client.blueprints.status('ants');
    if (state !== 'converged' || !this.#sizes.includes(nodes.length - 1)) return undefined;
    const { ok, nodesSeen } = await this.plane.client.topology.verify('ants');
    return ok && nodesSeen === nodes.length ? true : undefined;
  }

  /** Asks until it is answered: what is out of reach for a moment, as PostgreSQL is, is told as an error. */
  async #looked<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    let seen: unknown;
    const asked = () =>
      ask().catch((error: unknown) => {
        seen = String(error);
        return undefined;
      });
    const { client } = this.plane;
    return eventually(convergedS, what, asked, async () => [seen, (await client.blueprints.status('ants')).words]);
  }

  async end(): Promise<void> {
    await this.writer.stop();
    this.disk?.empty();
    await destroyed(this.plane.client);
    expect((await this.plane.client.audit.verify()).broken).toBeNull();
    expect([...nodesBelow(this.elsewhere).keys()]).toEqual([]);
  }

  /** Removes everything, also what a failed round has left. */
  async remove(): Promise<void> {
    await this.writer.stop();
    await this.plane.kill();
    this.disk?.unmount();
    this.plane.remove();
    for (const pid of [...nodesBelow(this.elsewhere).values()].flat()) process.kill(pid, 'SIGKILL');
    rmSync(this.elsewhere, { recursive: true, force: true });
    await this.server?.stop();
  }
}

function missing(ledger: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  return ledger.filter((name) => !known.has(name));
}

const everywhere = ['killed', 'stopped'] as const;
const onDisks = ['full disk', 'killed on a full disk'] as const;
const byClocks = ['an hour forwards', 'an hour back'] as const;
const withServer = ['PostgreSQL killed'] as const;
type Trouble =
  (typeof everywhere)[number] | (typeof onDisks)[number] | (typeof byClocks)[number] | (typeof withServer)[number];

/** What happens in the rounds: every kind once, in an order that the seed chooses, then anew. */
function troubles(random: Random, isServed: boolean): Trouble[] {
  const kinds: readonly Trouble[] = [
    ...everywhere,
    ...(disks.ok ? onDisks : []),
    ...(canSetClocks.ok ? byClocks : []),
    ...(isServed ? withServer : []),
  ];
  const all: Trouble[] = [];
  while (all.length < count) {
    const left = [...kinds];
    while (left.length > 0) all.push(...left.splice(random.below(left.length), 1));
  }
  return all.slice(0, count);
}

describe.each([
  ['SQLite', null, 24_431],
  ['PostgreSQL', why, 24_432],
])('on %s', (store, leftOut, port) => {
  const isServed = store === 'PostgreSQL';
  describe.skipIf(leftOut !== null)(`${count} rounds`, () => {
    let trial: Trial;

    beforeAll(async () => {
      trial = new Trial(isServed ? await realPostgres() : null, port);
      await trial.begin();
    });
    afterAll(() => trial.remove());

    for (const [at, kind] of troubles(seededRandom(firstSeed), isServed).entries())
      test(`round ${at + 1} of seed ${firstSeed}: ${kind}`, async () => {
        const random = seededRandom(firstSeed * 1_000 + at);
        const acknowledged = trial.writer.acknowledged;
        await Promise.all([trial.scale(), trial.happens(kind, random)]);
        const ms = await trial.holds();
        const more = trial.writer.acknowledged - acknowledged;
        process.stdout.write(
          `${store}, round ${at + 1}, ${kind}: proven after ${Math.round(ms)} ms, ${more} more acknowledged, none lost\n`,
        );
        expect(more).toBeGreaterThan(0);
      });

    test('everything goes, and the audit log is whole', () => trial.end());
  });
});
