/**
 * RabbitMQ, a system of others with a mind of its own: packed with its Erlang, run by declared commands on SSH hosts that have
 * none, made one cluster by its own tools, proven by its own word, grown, shrunk, and healed with its data.
 */
import { createReadStream, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildRabbitmq } from '../../examples/rabbitmq/build.ts';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { LabHost, SshLab } from '../../lab/ssh-hosts.ts';
import { systemClock } from '../../src/base/clock.ts';
import { connectNode } from '../../src/erlang/connect.ts';
import { binary } from '../../src/erlang/term/term.ts';
import { readBlueprint } from '../../src/model/blueprint-reader.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import { incarnationOf } from '../../src/model/node.ts';
import type { Node } from '../../src/model/node.ts';
import { secretName } from '../../src/model/secret.ts';
import { connectAmqp } from '../kit/amqp.ts';
import type { AmqpChannel } from '../kit/amqp.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { apply, destroyed, eventually } from '../kit/deployment.ts';
import { processes } from '../kit/processes.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: RabbitMQ on SSH hosts: ${able.why} (${able.next})\n`);

const reference = 'secret://file/lab.key';
const queue = 'orders';
const published = Array.from({ length: 30 }, (_, index) => `order ${index}`);

/** A packed RabbitMQ as the control plane has it. */
interface Packed {
  readonly digest: string;
  readonly version: string;
}

const folder = mkdtempSync(join(tmpdir(), 'wombat-rabbitmq-'));
let built: ReturnType<typeof buildBoth> | undefined;

/** RabbitMQ as itself and as its next revision. */
async function buildBoth() {
  return { first: await buildRabbitmq(folder), second: await buildRabbitmq(folder, '2') };
}

/** Packs both, once, and uploads them. */
async function uploaded(plane: ControlPlane): Promise<Record<'first' | 'second', Packed>> {
  const packed = await (built ??= buildBoth());
  const one = async (which: 'first' | 'second'): Promise<Packed> => {
    const { archive, version } = packed[which];
    const declared = { name: 'rabbitmq', version };
    const { release } = await plane.client.releases.upload(createReadStream(archive), undefined, declared);
    return { digest: release.digest, version };
  };
  return { first: await one('first'), second: await one('second') };
}

/** The example's own blueprint with a release that is there. */
async function exampleOf({ digest }: Packed): Promise<BlueprintDocument> {
  const path = join(import.meta.dirname, '../../examples/rabbitmq/blueprint.yaml');
  const read = readBlueprint(await readFile(path, 'utf8'), path);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  const { commands } = read.document.releases['rabbitmq'] ?? {};
  const rabbit = { ...read.document.families['rabbit']!, update: { minHealthySeconds: 1 } };
  return { ...read.document, releases: { rabbitmq: { digest, commands } }, families: { rabbit } };
}

/** Waits for the proof that so many nodes are one cluster, each of that release by its own word. */
async function provenOf(plane: ControlPlane, nodes: number, { digest }: Packed): Promise<BlueprintStatus> {
  const look = () => plane.client.blueprints.status('rabbitmq');
  const status = await eventually(
    180,
    `${nodes} nodes of one cluster`,
    async () => {
      const now = await look();
      const right = now.nodes.filter(({ specification }) => specification.digest === digest);
      return now.state === 'converged' && now.nodes.length === nodes && right.length === nodes ? now : undefined;
    },
    async () => {
      const { state, words, nodes: all, proof } = await look();
      return { state, words, nodes: all.map((node) => [node.name, node.state]), faults: proof?.faults };
    },
  );
  const edges = (nodes * (nodes - 1)) / 2;
  expect(status.proof).toMatchObject({ ok: true, nodesSeen: nodes, edgesSeen: edges, extraEdges: 0 });
  return status;
}

/** Makes a user and a quorum queue with all messages in it. */
async function fill(node: Node, home: string, port: number): Promise<void> {
  await call(node, home, ['rabbit_auth_backend_internal', 'add_user'], ['shop', 'shop', 'test']);
  await call(node, home, ['rabbit_auth_backend_internal', 'set_permissions'], ['shop', '/', '.*', '.*', '.*', 'test']);
  const channel = await broker(node, port);
  await channel.declare(queue);
  for (const text of published) await channel.publish(queue, text);
  expect(await channel.declare(queue)).toBe(published.length);
  channel.close();
}

/** Calls a function on a node, as the cookie in its home allows. */
async function call(node: Node, home: string, target: readonly [string, string], args: readonly string[]) {
  const cookie = await readFile(join(home, '.erlang.cookie'), 'utf8');
  const stream = connect({ host: node.placement.advertised, port: node.placement.port });
  const self = 'test-0@control.invalid';
  const erlang = await connectNode({ stream, peer: node.name, self, cookie, clock: systemClock, timeoutMs: 10_000 });
  await erlang.call(
    ...target,
    args.map((text) => binary(text)),
    { timeoutMs: 20_000 },
  );
  erlang.close();
}

function broker({ placement }: Node, port: number): Promise<AmqpChannel> {
  return connectAmqp({ host: placement.advertised, port, user: 'shop', password: 'shop' });
}

/**
 * Takes so many messages through that node. A queue whose leader has just been restarted may leave a client without an
 * answer, or close its connection: then it comes back, as clients do.
 */
async function taken(node: Node, port: number, count: number): Promise<string[]> {
  const found: string[] = [];
  const takeRest = async (): Promise<true> => {
    const channel = await broker(node, port);
    try {
      while (found.length < count) found.push((await channel.get(queue)) ?? 'nothing');
    } finally {
      channel.close();
    }
    return true;
  };
  let trouble: unknown;
  const tried = () => takeRest().catch((error: unknown) => void (trouble = error));
  await eventually(
    120,
    `${count} messages through ${node.name}`,
    async () => (await tried()) ?? undefined,
    () => String(trouble),
  );
  return found;
}

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(!able.ok)('RabbitMQ on SSH hosts', () => {
  const plane = new ControlPlane();
  let lab: SshLab;
  let releases: Record<'first' | 'second', Packed>;
  const consumed: string[] = [];

  beforeAll(async () => {
    await plane.start();
    releases = await uploaded(plane);
    lab = await startSshHosts({ count: 4, directory: join(plane.directory, 'lab'), network: 29 });
    await plane.client.secrets.put(secretName('rabbitmq', reference), lab.privateKey);
  });

  afterAll(async () => {
    await plane.stop();
    await lab.stop();
    plane.remove();
  });

  /** The example's own blueprint, on the lab's hosts. */
  async function document(release = releases.first): Promise<BlueprintDocument> {
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
    return {
      ...(await exampleOf(release)),
      providers: { rack: { kind: 'ssh', key: reference, hosts } },
      domains: { rack: { provider: 'rack', ports: '25700-25799' } },
    };
  }

  const proven = (nodes: number, release = releases.first) => provenOf(plane, nodes, release);

  const hostOf = (node: Node): LabHost => lab.hosts.find((host) => host.address === node.placement.advertised)!;

  /** The emulator of a node, by its number on this machine. */
  async function emulatorOf(node: Node): Promise<number> {
    // its own tools are programs of the same emulator, and may be asking it something just now
    const isServer = (command: string) => command.includes('/beam.smp') && !command.includes('escript');
    const found = (await hostOf(node).processes()).filter(({ command }) => isServer(command));
    expect(found.map(({ command }) => command)).toHaveLength(1);
    return found[0]?.pid ?? 0;
  }

  const consume = async (node: Node, count: number) => void consumed.push(...(await taken(node, 5672, count)));

  test('three nodes are made one cluster by its own tools, and proven by its own word', async () => {
    await apply(plane.client, await document());
    const { nodes } = await proven(3);
    expect(new Set(nodes.map((node) => node.placement.machine)).size).toBe(3);
    const { runs } = await plane.client.topology.show('rabbitmq');
    expect(runs.filter((run) => run.step === 'join' && run.outcome === 'done')).toHaveLength(2);
    const events = await plane.client.events.list({ blueprint: 'rabbitmq' }).all();
    expect(events.filter((event) => event.level === 'error')).toEqual([]);
  });

  test('no cookie is in a command line', async () => {
    const commands = (await Promise.all(lab.hosts.map((host) => host.processes())))
      .flat()
      .map(({ command }) => command);
    expect(commands.join('\n')).not.toMatch(/-setcookie/);
  });

  test('messages are taken in by a quorum queue', async () => {
    const { nodes } = await proven(3);
    const [first] = nodes as [Node];
    const { owner } = await plane.client.health();
    const home = hostOf(first).pathOf(`/home/${lab.user}/.wombat/${owner}/nodes/${first.id}`);
    await fill(first, home, 5672);
  });

  test('a killed member comes back under its name, with its data', async () => {
    const { nodes } = await proven(3);
    const member = nodes[1] as Node;
    const before = await emulatorOf(member);
    process.kill(before, 'SIGKILL');
    await eventually(60, 'another process', async () => {
      const now = await plane.client.nodes.show(member.id);
      const isOther = now.state.phase === 'running' && JSON.stringify(now.state) !== JSON.stringify(member.state);
      return isOther && now.name === member.name ? true : undefined;
    });
    await proven(3);
    expect(await emulatorOf(member)).not.toBe(before);
    const { runs } = await plane.client.topology.show('rabbitmq');
    // it did not have to join anew: its data knew the cluster
    const joins = runs.filter((run) => run.node === member.id && run.step === 'join');
    expect(joins.sort((a, b) => a.at.localeCompare(b.at)).at(-1)?.outcome).toBe('was done');
    await consume(member, 10);
  });

  test('it grows to four', async () => {
    await plane.client.families.scale({ blueprint: 'rabbitmq', family: 'rabbit' }, 4);
    const { nodes } = await proven(4);
    await consume(nodes.find((node) => node.ordinal === 4) as Node, 10);
  });

  test('and shrinks to three: who left is forgotten', async () => {
    await plane.client.families.scale({ blueprint: 'rabbitmq', family: 'rabbit' }, 3);
    const { nodes } = await proven(3);
    const events = await plane.client.events.list({ blueprint: 'rabbitmq' }).all();
    expect(events.map((event) => event.what)).toContain('left');
    expect(events.map((event) => event.what)).not.toContain('not left');
    await consume(nodes[2] as Node, 5);
  });

  test('packed anew, it is what runs afterwards, by its own word, with its data', async () => {
    await apply(plane.client, await document(releases.second));
    const { nodes } = await proven(3, releases.second);
    await consume(nodes[0] as Node, published.length - consumed.length);
  });

  test('every message came once', () => {
    expect([...consumed].sort()).toEqual([...published].sort());
  });

  test('destroyed, nothing is left on any host', async () => {
    await destroyed(plane.client, 'rabbitmq', 120);
    for (const host of lab.hosts) {
      expect((await host.processes()).filter(({ command }) => /beam|epmd/.test(command))).toEqual([]);
      expect(existsSync(host.pathOf(`/home/${lab.user}/.wombat`)), host.name).toBe(false);
    }
  });
});

describe('RabbitMQ on this machine', () => {
  const plane = new ControlPlane();
  let releases: Record<'first' | 'second', Packed>;
  const consumed: string[] = [];
  const portOf = (node: Node) => node.placement.port + 10_000;

  beforeAll(async () => {
    await plane.start();
    releases = await uploaded(plane);
  });

  afterAll(async () => {
    await plane.stop();
    plane.remove();
  });

  async function document(release: Packed, nodes: number): Promise<BlueprintDocument> {
    const example = await exampleOf(release);
    const { place: _, ...rabbit } = example.families['rabbit']!;
    return {
      ...example,
      epmdPort: 24395,
      providers: { here: { kind: 'local' } },
      domains: { here: { provider: 'here', ports: '25800-25899' } },
      families: { rabbit: { ...rabbit, nodes, config: { env: { AMQP_PORT: '+10000' } } } },
    };
  }

  test('two nodes of one address are one cluster, and take messages in', async () => {
    await apply(plane.client, await document(releases.first, 2));
    const { nodes } = await provenOf(plane, 2, releases.first);
    const [first] = nodes as [Node];
    const [home] = readdirSync(plane.directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith(`nodes/${first.id}`),
    );
    await fill(first, join(plane.directory, home ?? ''), portOf(first));
  });

  test('their cookie is replaced while they run, and their own tools go by the new one', async () => {
    const { nodes } = await provenOf(plane, 2, releases.first);
    await plane.client.blueprints.rotateCookie('rabbitmq');
    await eventually(60, 'the end of the rotation', async () =>
      (await plane.client.secrets.rotations().all()).length === 0 ? true : undefined,
    );
    const after = (await provenOf(plane, 2, releases.first)).nodes;
    expect(after.map(incarnationOf).sort()).toEqual(nodes.map(incarnationOf).sort());
    const told = await plane.client.events.list({ blueprint: 'rabbitmq' }).all();
    expect(told.filter(({ what }) => what === 'cookie rotated').map(({ words }) => words)).toEqual([
      'cookie of rabbit: 2 nodes go by the new one, and refuse the old one',
    ]);
  });

  test('three are, too; then each becomes the next release in its place', async () => {
    await apply(plane.client, await document(releases.first, 3));
    await provenOf(plane, 3, releases.first);
    await apply(plane.client, await document(releases.second, 3));
    const { nodes } = await provenOf(plane, 3, releases.second);
    for (const node of nodes) consumed.push(...(await taken(node, portOf(node), published.length / 3)));
    expect([...consumed].sort()).toEqual([...published].sort());
  });

  test('destroyed, nothing runs any more', async () => {
    await destroyed(plane.client, 'rabbitmq', 120);
    const ours = [...processes().values()].filter((args) => args.some((arg) => arg.includes(plane.directory)));
    expect(ours.filter((args) => !args.some((arg) => arg.endsWith('main.ts')))).toEqual([]);
  });
});
