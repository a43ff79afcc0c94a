/** This machine keeps the seam; nothing is left of what was claimed on it. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collect } from '../kit/collect.ts';
import { openLocal } from '../../src/cloud/local/local.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';

const domains = Object.fromEntries(
  ['d1', 'd2', 'd3'].map((name) => [name, { capabilities: { tier: 'gold', scratch: '1G' } }]),
);
const goOn = new AbortController().signal;

conformance('local', { kind: 'local', attributes: ['host'] }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wombat-clouds-local-'));
  await writeFile(join(directory, 'file'), 'no directory');
  const definition = { kind: 'local' } as const;
  const open = (owner: string) =>
    openLocal(contextOf({ owner, definition, domains, directory: join(directory, 'up') }));
  const broken = {
    what: 'a directory below a file',
    code: 'invalid',
    open: (owner: string) => openLocal(contextOf({ owner, definition, domains, directory: join(directory, 'file') })),
  } as const;
  return {
    open,
    broken: [broken],
    settle: () => Promise.resolve(),
    stop: () => rm(directory, { recursive: true }),
  };
});

describe('this machine', () => {
  const order = {
    token: 'm-1',
    owner: 'o',
    domain: 'd1',
    offer: 'd1/local',
    machineType: 'local',
    name: 'm',
    boot: null,
  };
  const begin = async () => {
    const directory = await mkdtemp(join(tmpdir(), 'wombat-clouds-local-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const context = contextOf({ owner: 'o', definition: { kind: 'local', address: '192.0.2.7' }, domains, directory });
    return { directory, cloud: openLocal(context) };
  };

  test('loopback stands first and for nodes here only; then the declared address', async () => {
    const { cloud } = await begin();
    const [offer] = await cloud.offers(goOn);
    expect(offer?.addresses.slice(0, 2)).toEqual([
      { address: '127.0.0.1', prefix: 8, scope: 'loopback' },
      { address: '192.0.2.7', prefix: 32, scope: 'network' },
    ]);
  });

  test('giving a machine back leaves nothing, but never what somebody put there', async () => {
    const { cloud, directory } = await begin();
    const [created] = await cloud.create([order], goOn);
    if (created?.ok !== true || created.owned.access?.method !== 'local') throw new Error('not created');
    await mkdir(created.owned.access.directory, { recursive: true });
    await writeFile(join(created.owned.access.directory, 'precious'), 'data');
    await cloud.destroy(created.owned, goOn);
    expect(await readdir(join(directory, 'd1'), { recursive: true })).toEqual(['precious']);
    await rm(join(created.owned.access.directory, 'precious'));
    await cloud.destroy(created.owned, goOn);
    expect(await readdir(directory)).toEqual([]);
  });

  test('the machine of a domain that was taken from the provider since is still listed, and can go', async () => {
    const { cloud, directory } = await begin();
    await cloud.create([order], goOn);
    const later = openLocal(contextOf({ owner: 'o', definition: { kind: 'local' }, domains: { d2: {} }, directory }));
    const listed = await collect(later.list('o', goOn));
    expect(listed.map(({ domain }) => domain)).toEqual(['d1']);
    for (const owned of listed) await later.destroy(owned, goOn);
    expect(await readdir(directory)).toEqual([]);
  });

  test('a claim that nobody can read is named, not taken for ours or for none', async () => {
    const { cloud, directory } = await begin();
    await mkdir(join(directory, 'd1'));
    await writeFile(join(directory, 'd1', 'machine.json'), '{"token":');
    const [created] = await cloud.create([order], goOn);
    expect(String(created?.ok === false && created.error)).toContain('machine.json is not a claim of ours');
    const offers = await cloud.offers(goOn);
    expect(offers.map(({ fault }) => fault?.code)).toEqual(['unknown', undefined, undefined]);
  });
});
