/**
 * Releases as others make them, the whole way: built with their own tools, uploaded, planned, applied, proven, scaled, replaced
 * by their next version, destroyed; on this machine and on SSH hosts without Erlang.
 */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBeacon } from '../../examples/beacon/build.ts';
import { buildGreeter } from '../../examples/greeter/build.ts';
import { buildPulse } from '../../examples/pulse/build.ts';
import type { Build } from '../../examples/tools.ts';
import { canRunSshHosts, startSshHosts } from '../../lab/ssh-hosts.ts';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Release, ReleaseReference } from '../../src/model/release.ts';
import { secretName } from '../../src/model/secret.ts';
import { ControlPlane } from '../kit/control-plane.ts';
import { apply, destroyed, eventually } from '../kit/deployment.ts';
import { killFound, processes } from '../kit/processes.ts';

const able = await canRunSshHosts();
if (!able.ok) process.stderr.write(`skipped: releases of others on SSH hosts: ${able.why} (${able.next})\n`);

const reference = 'secret://file/lab.key';
const kinds = {
  // the next version reads its configuration without a second boot
  greeter: (build: Build) => buildGreeter({ ...build, reboot: build.version === '1.0.0' }),
  pulse: buildPulse,
  beacon: buildBeacon,
};
type Kind = keyof typeof kinds;

/** How a beacon is run; the others are OTP releases. */
const commands = {
  start: 'exec "$RELEASE_ROOT/bin/beacon"',
  probe: 'test -s "$HOME/serving"',
  status: 'exec "$RELEASE_ROOT/bin/status"',
  stop: 'touch "$HOME/told-to-end"',
};

/** Where the three run. */
interface Place {
  readonly name: string;
  readonly able: boolean;
  readonly epmdPort: number;
  readonly ports: string;
}

const places: readonly Place[] = [
  { name: 'local', able: true, epmdPort: 24391, ports: '25500-25599' },
  { name: 'ssh', able: able.ok, epmdPort: 24392, ports: '25600-25699' },
];

describe.each(places)('releases of others on $name', ({ name, able: isAble, epmdPort, ports }) => {
  const plane = new ControlPlane();
  const uploads = new Map<string, Release>();
  let lab: SshLab | undefined;

  beforeAll(async () => {
    if (!isAble) return;
    await plane.start();
    for (const kind of Object.keys(kinds) as Kind[])
      for (const version of ['1.0.0', '1.1.0']) await upload(kind, version);
    if (name !== 'ssh') return;
    lab = await startSshHosts({ count: 2, directory: join(plane.directory, 'lab'), network: 27 });
    await plane.client.secrets.put(secretName('foreign', reference), lab.privateKey);
  });

  afterAll(async () => {
    if (!isAble) return;
    await plane.stop();
    await lab?.stop();
    plane.remove();
  });

  async function upload(kind: Kind, version: string): Promise<void> {
    const archive = createReadStream(await kinds[kind]({ folder: join(plane.directory, 'built'), version }));
    const declared = kind === 'beacon' ? { name: kind, version } : undefined;
    const { release } = await plane.client.releases.upload(archive, undefined, declared);
    uploads.set(`${kind}@${version}`, release);
  }

  function document(version: string, nodes: number): BlueprintDocument {
    const hosts = (lab?.hosts ?? []).map(({ address, hostKey }) => ({ address, hostKey, user: lab?.user ?? '' }));
    const provider = lab === undefined ? { kind: 'local' as const } : { kind: 'ssh' as const, key: reference, hosts };
    const releaseOf = (kind: Kind): ReleaseReference => ({ digest: uploads.get(`${kind}@${version}`)?.digest ?? '' });
    return {
      wombat: 1,
      name: 'foreign',
      epmdPort,
      providers: { place: provider },
      domains: { place: { provider: 'place', ports } },
      releases: {
        greeter: releaseOf('greeter'),
        pulse: releaseOf('pulse'),
        beacon: { ...releaseOf('beacon'), commands },
      },
      families: {
        greeter: {
          release: 'greeter',
          nodes,
          config: { env: { GREETING: 'welcome' }, sysConfig: { greeter: { role: { binary: 'front' } } } },
          update: { parallel: 4 },
        },
        pulse: { release: 'pulse', nodes, config: { env: { PULSE_EVERY: '250' } }, update: { parallel: 4 } },
        beacon: { release: 'beacon', nodes, mesh: 'none', update: { parallel: 4 } },
      },
    };
  }

  const log = (node: string) => plane.client.nodes.logs(node, 200);
  const node = async (family: string) => {
    const all = await plane.client.nodes.list({ blueprint: 'foreign' }).all();
    return all.find((one) => one.family === family)?.name ?? '';
  };

  /** How often a greeter has started with all its settings: its own, those of its providers, the family's. */
  async function saidByGreeter(): Promise<string[]> {
    const name = await node('greeter');
    const words = `greeter: compiled=true greeting=welcome node=${name} provided=by-greeter role=front`;
    return (await log(name)).split('\n').filter((line) => line.includes(words));
  }

  /** Applies and waits for the proof that all of them run that version. */
  async function becomes(version: string, nodes: number): Promise<void> {
    await apply(plane.client, document(version, nodes));
    const digests = new Set(Object.keys(kinds).map((kind) => uploads.get(`${kind}@${version}`)?.digest));
    const status = await eventually(
      120,
      `${nodes} nodes of each, version ${version}`,
      async () => {
        const now = await plane.client.blueprints.status('foreign');
        const right = now.nodes.filter(({ specification }) => digests.has(specification.digest));
        return now.state === 'converged' && right.length === 3 * nodes && now.nodes.length === 3 * nodes
          ? now
          : undefined;
      },
      () => plane.client.blueprints.status('foreign'),
    );
    const pairs = (nodes * (nodes - 1)) / 2;
    expect(status.proof).toMatchObject({ ok: true, nodesSeen: 3 * nodes, edgesSeen: 2 * pairs, extraEdges: 0 });
  }

  test.runIf(isAble)('they are seen as what they are, and what they set of ours is told', async () => {
    expect(uploads.get('greeter@1.0.0')?.inspection).toMatchObject({
      kind: 'mix',
      ertsIncluded: true,
      leftOut: ['env RELEASE_NODE', 'env RELEASE_DISTRIBUTION', 'env RELEASE_COOKIE'],
    });
    const pulse = uploads.get('pulse@1.0.0')?.inspection;
    expect(pulse).toMatchObject({ kind: 'relx', leftOut: ['-sname', '-setcookie'] });
    const { applications } = uploads.get('greeter@1.0.0')?.inspection.upgrades ?? { applications: [] };
    expect(applications.map((one) => one.name)).toContain('sasl');
    expect(uploads.get('beacon@1.0.0')?.inspection).toMatchObject({ kind: 'commands', erts: null, native: null });
    const plan = await plane.client.plans.create(document('1.0.0', 2), { cause: 'apply' });
    expect(plan.report.warnings.join('\n')).toContain('release pulse brings -sname, -setcookie, which is left out');
  });

  test.runIf(isAble)('two of each are proven, each configured in its own way', async () => {
    await becomes('1.0.0', 2);
    expect(await saidByGreeter()).toHaveLength(1);
    expect(await log(await node('pulse'))).toContain('pulse: every=250 processes=65536');
    const beacon = await node('beacon');
    expect(await log(beacon)).toContain(`beacon 1.0.0 of ${beacon}: white`);
    const events = await plane.client.events.list({ blueprint: 'foreign', after: 0 }).all();
    const told = events.filter((event) => event.what === 'settings left out').map((event) => event.words);
    expect(told.some((text) => text.startsWith('-sname, -setcookie'))).toBe(true);
    expect(told.some((text) => text.startsWith('env RELEASE_NODE'))).toBe(true);
  });

  test.runIf(isAble)('no cookie of theirs, or of ours, is in a command line', async () => {
    const far = (await Promise.all((lab?.hosts ?? []).map((host) => host.processes()))).flat();
    const all = [...[...processes().values()].flat(), ...far.map(({ command }) => command)].join('\n');
    expect(all).toContain('greeter-1@');
    expect(all).not.toMatch(/-setcookie|--cookie|not-this-one/);
  });

  test.runIf(isAble)('a node of commands that dies is started again', async () => {
    const beacon = (await plane.client.nodes.list({ blueprint: 'foreign' }).all()).find(
      (one) => one.family === 'beacon',
    );
    const before = beacon?.state.phase === 'running' ? beacon.state.process.pid : 0;
    if (lab === undefined) killFound(before);
    else await plane.client.nodes.act(beacon?.name ?? '', 'restart');
    await eventually(30, 'another process', async () => {
      const now = await plane.client.nodes.show(beacon?.id ?? '');
      return now.state.phase === 'running' && now.state.process.pid !== before ? now : undefined;
    });
  });

  test.runIf(isAble)('they are scaled to three of each', () => becomes('1.0.0', 3));

  test.runIf(isAble)('their next version is what runs afterwards, by their own word', async () => {
    await becomes('1.1.0', 3);
    expect((await saidByGreeter()).length).toBeGreaterThanOrEqual(2);
    const beacon = await node('beacon');
    const lines = (await log(beacon)).split('\n').filter((line) => line.startsWith('beacon '));
    expect(lines.slice(-2)).toEqual(['beacon 1.0.0 ended', `beacon 1.1.0 of ${beacon}: white`]);
  });

  test.runIf(isAble)('destroyed, nothing is left', async () => {
    await destroyed(plane.client, 'foreign', 60);
    for (const host of lab?.hosts ?? [])
      expect(existsSync(host.pathOf(`/home/${lab?.user ?? ''}/.wombat`)), host.name).toBe(false);
    if (lab === undefined) {
      const ours = [...processes().values()].filter((args) => args.some((arg) => arg.includes(plane.directory)));
      expect(ours.filter((args) => !args.some((arg) => arg.endsWith('main.ts')))).toEqual([]);
    }
  });
});
