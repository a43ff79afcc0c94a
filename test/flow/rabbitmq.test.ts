/**
 * RabbitMQ, a system of others with a mind of its own: packed with its Erlang, run by declared commands on SSH hosts that have
 * none, made one cluster by its own tools, proven by its own word, grown, shrunk, and healed with its data.
 */
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
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
import type { Node } from '../../src/model/node.ts';
import { secretName } from '../../src/model/secret.ts';
import { connectAmqp } from '../kit/amqp.ts';
import type { AmqpChannel } from '../kit/amqp.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { apply, destroyed, eventually } from '../kit/deployment.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: RabbitMQ on SSH hosts: ${able.why} (${able.next})\n`);

const reference = 'secret://file/lab.key';
const queue = 'orders';
const published = Array.from({ length: 30 }, (_, index) => `order ${index}`);

describe.skipIf(!able.ok)('RabbitMQ on SSH hosts', () => {
  const plane = new ControlPlane();
  let lab: SshLab;
  let digest = '';
  let version = '';
  const consumed: string[] = [];

  beforeAll(async () => {
    await plane.start();
    const built = await buildRabbitmq(join(plane.directory, 'built'));
    version = built.version;
    const declared = { name: 'rabbitmq', version };
    const { release } = await plane.client.releases.upload(createReadStream(built.archive), undefined, declared);
    digest = release.digest;
    lab = await startSshHosts({ count: 4, directory: join(plane.directory, 'lab'), network: 29 });
    await plane.client.secrets.put(secretName('rabbitmq', reference), lab.privateKey);
  });

  afterAll(async () => {
    await plane.stop();
    await lab.stop();
    plane.remove();
  });

  /** The example's own blueprint, on the lab's hosts. */
  async function document(): Promise<BlueprintDocument> {
    const path = join(import.meta.dirname, '../../examples/rabbitmq/blueprint.yaml');
    const read = readBlueprint(await readFile(path, 'utf8'), path);
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    const hosts = lab.hosts.map(({ address, hostKey }) => ({ address, hostKey, user: lab.user }));
    const { commands } = read.document.releases['rabbitmq'] ?? {};
    return {
      ...read.document,
      providers: { rack: { kind: 'ssh', key: reference, hosts } },
      domains: { rack: { provider: 'rack', ports: '25700-25799' } },
      releases: { rabbitmq: { digest, commands } },
    };
  }

  async function proven(nodes: number, seconds = 120): Promise<BlueprintStatus> {
    const look = () => plane.client.blueprints.status('rabbitmq');
    const status = await eventually(
      seconds,
      `${nodes} nodes of one cluster`,
      async () => {
        const now = await look();
        return now.state === 'converged' && now.nodes.length === nodes ? now : undefined;
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

  const hostOf = (node: Node): LabHost => lab.hosts.find((host) => host.address === node.placement.advertised)!;

  /** The emulator of a node, by its number on this machine. */
  async function emulatorOf(node: Node): Promise<number> {
    const found = (await hostOf(node).processes()).filter(({ command }) => command.includes('/beam.smp'));
    expect(found.map(({ command }) => command)).toHaveLength(1);
    return found[0]?.pid ?? 0;
  }

  /** Calls a function on a node, as its own cookie allows. */
  async function call(node: Node, target: readonly [string, string], ...args: string[]): Promise<void> {
    const { owner } = await plane.client.health();
    const home = hostOf(node).pathOf(`/home/${lab.user}/.wombat/${owner}/nodes/${node.id}`);
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

  const broker = (node: Node): Promise<AmqpChannel> =>
    connectAmqp({ host: node.placement.advertised, port: 5672, user: 'shop', password: 'shop' });

  async function consume(node: Node, count: number): Promise<void> {
    const channel = await broker(node);
    for (let taken = 0; taken < count; taken++) consumed.push((await channel.get(queue)) ?? 'nothing');
    channel.close();
  }

  test('three nodes are made one cluster by its own tools, and proven by its own word', async () => {
    await apply(plane.client, await document());
    const { nodes } = await proven(3);
    expect(new Set(nodes.map((node) => node.placement.machine)).size).toBe(3);
    const { runs } = await plane.client.topology.show('rabbitmq');
    expect(runs.filter((run) => run.step === 'join' && run.outcome === 'done')).toHaveLength(2);
    const { events } = await plane.client.events.page({ blueprint: 'rabbitmq' });
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
    await call(first, ['rabbit_auth_backend_internal', 'add_user'], 'shop', 'shop', 'test');
    await call(first, ['rabbit_auth_backend_internal', 'set_permissions'], 'shop', '/', '.*', '.*', '.*', 'test');
    const channel = await broker(first);
    await channel.declare(queue);
    for (const text of published) await channel.publish(queue, text);
    expect(await channel.declare(queue)).toBe(published.length);
    channel.close();
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
    const { events } = await plane.client.events.page({ blueprint: 'rabbitmq' });
    expect(events.map((event) => event.what)).toContain('left');
    expect(events.map((event) => event.what)).not.toContain('not left');
    await consume(nodes[2] as Node, published.length - consumed.length);
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
