import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli, scriptedClient } from '../../../test/kit/cli-world.ts';
import { readBlueprint } from '../../model/blueprint-reader.ts';
import { blueprintText } from './blueprint-text.ts';
import { archiveProject, mixProject, rebarProject } from './project.ts';
import { configuredHosts } from './ssh-config.ts';

const mix = `defmodule Shop.MixProject do
  def project do
    [app: :shop, version: "1.2.3", # app: :other
     releases: [shop_web: [steps: [:assemble, :tar]]]]
  end
end`;

describe('projects', () => {
  test('mix.exs names its release and version', () => {
    expect(mixProject(mix)).toEqual({
      by: 'mix',
      name: 'shop_web',
      version: '1.2.3',
      archive: '_build/prod/shop_web-1.2.3.tar.gz',
      build: 'MIX_ENV=prod mix release',
    });
    expect(mixProject('[app: :shop, version: version()]')).toMatchObject({ name: 'shop', version: null });
    expect(mixProject('# app: :shop')).toBeNull();
  });

  test('rebar.config with a relx release', () => {
    const config = '{relx, [{release, {pulse, "0.3.0"}, [pulse, sasl]}]}. % {release, {other, "1"}}';
    expect(rebarProject(config)).toMatchObject({ name: 'pulse', archive: '_build/prod/rel/pulse/pulse-0.3.0.tar.gz' });
    expect(rebarProject('{relx, [{release, {pulse, git}, [pulse]}]}.')).toMatchObject({ version: null });
    expect(rebarProject('{erl_opts, [debug_info]}.')).toBeNull();
  });

  test('an archive', () => {
    expect(archiveProject('ants-1.0.0.tar.gz')).toMatchObject({ name: 'ants', version: '1.0.0', build: null });
    expect(archiveProject('notes.tar.gz')).toBeNull();
  });
});

const blob = Buffer.from('\0\0\0\x0bssh-ed25519 and the rest').toString('base64');

test('hosts of an SSH configuration, with the keys that are known of them', () => {
  const config = `
Host *
  User nobody
Host one two # comment
  HostName 192.0.2.1
  User erl
  Port 2222
  IdentityFile ~/.ssh/deploy
Host three
Match user x
  HostName no
`;
  const known = `[192.0.2.1]:2222 ssh-rsa AAAA\n[192.0.2.1]:2222 ssh-ed25519 ${blob}\n@revoked three ssh-rsa AAAA\n`;
  const [one, , three] = configuredHosts(config.replace(' # comment', ''), known);
  expect(one).toMatchObject({
    alias: 'one',
    address: '192.0.2.1',
    port: 2222,
    user: 'erl',
    identityFile: '~/.ssh/deploy',
  });
  expect(one?.hostKey).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(three).toMatchObject({ alias: 'three', address: 'three', user: null, hostKey: null });
});

test.each([
  ['nothing', { project: null, hosts: [] }],
  ['a project', { project: mixProject(mix), hosts: [] }],
  [
    'a project and hosts',
    { project: archiveProject('ants-1.0.0.tar.gz'), hosts: configuredHosts('Host a\nHost b\n  Port 23\n', '') },
  ],
])('what is written for %s is a valid blueprint', (_, found) => {
  const reading = readBlueprint(blueprintText(found), 'wombat.yaml');
  expect(reading).toMatchObject({ ok: true });
});

test('the command writes the file once, and never over another one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wombat-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'mix.exs'), mix);
  const client = scriptedClient({});
  const first = await runCli(['init'], client, { workingDirectory: folder });
  expect(first).toMatchObject({ code: 0 });
  expect(first.out).toContain('mix release shop_web');
  const text = readFileSync(join(folder, 'wombat.yaml'), 'utf8');
  expect(await runCli(['validate'], client, { workingDirectory: folder })).toMatchObject({ code: 0 });
  const second = await runCli(['init'], client, { workingDirectory: folder });
  expect(second.code).toBe(1);
  expect(second.err).toContain('is there already');
  expect(readFileSync(join(folder, 'wombat.yaml'), 'utf8')).toBe(text);
});
