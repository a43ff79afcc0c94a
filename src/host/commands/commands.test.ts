/** The scripts, run by sh in a folder of their own; what needs an Erlang release is in host.real.ts. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { openLocalShell } from '../../base/process.ts';
import { openHost } from '../host.ts';
import { layoutOf } from '../layout.ts';
import { orderOf } from '../../../test/kit/node-order.ts';
import { endNode } from './end.ts';
import { parseStarted, startNode } from './start.ts';
import { parseHostState } from './state.ts';

const folder = mkdtempSync(`${tmpdir()}/wombat-host-`);
const directory = `${folder}/there`;
const base = `${directory}/cp-1`;
const shell = openLocalShell({ clock: systemClock });
const host = openHost(shell, { directory, owner: 'cp-1' });
const digest = `sha256:${'b'.repeat(64)}`;
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

beforeEach(() => {
  execFileSync('sh', ['-c', `[ ! -d ${directory} ] || chmod -R u+w ${directory}; rm -rf ${directory}`]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A gzipped archive with one file. */
function archive(): Buffer {
  mkdirSync(`${folder}/content/bin`, { recursive: true });
  writeFileSync(`${folder}/content/bin/program`, 'x');
  return execFileSync('tar', ['-czf', '-', '-C', `${folder}/content`, '.']);
}

async function* bytes(of: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(of);
}

function startTimeOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19] ?? '';
}

/** A node folder that names a process. */
function nodeThat(id: string, process: string): void {
  mkdirSync(`${base}/nodes/${id}/run`, { recursive: true });
  writeFileSync(`${base}/nodes/${id}/run/process`, `${process}\n`);
}

describe('the state of a host', () => {
  test('that holds nothing of ours is empty', async () => {
    expect(await host.state()).toMatchObject({ bootId, nodes: [], releases: [] });
    expect(existsSync(directory)).toBe(false);
  });

  test('tells processes that run from those that only did', async () => {
    const startTime = startTimeOf(process.pid);
    nodeThat('alive', `${process.pid} ${startTime} ${bootId}`);
    nodeThat('dead', `4194304 ${startTime} ${bootId}`);
    nodeThat('other-boot', `${process.pid} ${startTime} 00000000-0000-0000-0000-000000000000`);
    nodeThat('reused-pid', `${process.pid} 1 ${bootId}`);
    nodeThat('half-written', `${process.pid}`);
    mkdirSync(`${base}/nodes/never-started`);
    const { nodes } = await host.state();
    expect(nodes.filter((node) => node.process !== null)).toEqual([
      { id: 'alive', process: { pid: process.pid, startTime, bootId } },
    ]);
    expect(nodes).toHaveLength(6);
  });

  test('rotates logs over ten mebibytes, keeping three', async () => {
    nodeThat('n-1', '');
    const log = `${base}/nodes/n-1/log`;
    for (const round of ['a', 'b', 'c', 'd']) {
      writeFileSync(log, round.repeat(10 * 1024 * 1024 + 1024));
      await host.state();
    }
    expect(statSync(log).size).toBe(0);
    const kept = readdirSync(`${base}/nodes/n-1`).filter((name) => name.startsWith('log.'));
    expect(kept.sort()).toEqual(['log.1', 'log.2', 'log.3']);
    expect(readFileSync(`${log}.3`, 'utf8').charAt(0)).toBe('b');
  });

  test('reads how epmd stands', () => {
    expect(parseHostState('boot=x\nepmd=4369 1 - 1\n').epmd).toEqual({ running: true, ours: false, exposed: true });
    expect(parseHostState('boot=x\nepmd=4369 - - -\n').epmd).toEqual({ running: false, ours: false, exposed: false });
  });
});

describe('a release', () => {
  test('is unpacked once, and nobody can write into it', async () => {
    await Promise.all([host.installRelease(digest, bytes(archive())), host.installRelease(digest, bytes(archive()))]);
    expect(await host.hasRelease(digest)).toBe(true);
    expect((await host.state()).releases).toEqual([digest]);
    const mode = (path: string) => statSync(`${base}/releases/${digest.replace(':', '-')}${path}`).mode & 0o222;
    expect([mode(''), mode('/bin'), mode('/bin/program')]).toEqual([0, 0, 0]);
    expect(statSync(base).mode & 0o077).toBe(0);
  });

  test('that arrives broken leaves nothing', async () => {
    const broken = archive().subarray(0, 60);
    await expect(host.installRelease(digest, bytes(broken))).rejects.toMatchObject({ code: 'unavailable' });
    expect(await host.hasRelease(digest)).toBe(false);
    expect(readdirSync(`${base}/releases`).filter((name) => name !== '.lock')).toEqual([]);
  });

  test('leaves nothing either when its source fails', async () => {
    const failing = (async function* () {
      yield await Promise.resolve(archive().subarray(0, 60));
      throw new Error('the store is gone');
    })();
    await expect(host.installRelease(digest, failing)).rejects.toThrow('the store is gone');
    expect(await host.hasRelease(digest)).toBe(false);
    await host.installRelease(digest, bytes(archive()));
    expect(readdirSync(`${base}/releases`).filter((name) => name.startsWith('.new'))).toEqual([]);
  });

  test('is not removed while a node uses it, and is gone afterwards; twice is fine', async () => {
    await host.installRelease(digest, bytes(archive()));
    mkdirSync(`${base}/nodes/n-1`, { recursive: true });
    writeFileSync(`${base}/nodes/n-1/digest`, `${digest}\n`);
    await expect(host.removeRelease(digest)).rejects.toMatchObject({ code: 'conflict' });
    await host.removeNode('n-1');
    await host.removeRelease(digest);
    await host.removeRelease(digest);
    expect(await host.hasRelease(digest)).toBe(false);
  });

  test('in a directory that we may not write says so', async () => {
    const nowhere = openHost(shell, { directory: '/proc/nowhere', owner: 'cp-1' });
    await expect(nowhere.installRelease(digest, bytes(archive()))).rejects.toMatchObject({ name: 'Fault' });
  });
});

describe('a node', () => {
  test('that is not there has no log and runs no command', async () => {
    await expect(host.logs('n-9', 10)).rejects.toMatchObject({ code: 'not-found' });
    const followed = host.followLog('n-9', 10, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(followed.next()).rejects.toMatchObject({ code: 'not-found' });
    await expect(host.execute('n-9', 'true', {})).rejects.toMatchObject({ code: 'not-found' });
  });

  test('needs its release first', async () => {
    await expect(host.start(orderOf())).rejects.toMatchObject({ code: 'not-found' });
  });

  test('has a log that is read from before its rotation', async () => {
    nodeThat('n-1', '');
    writeFileSync(`${base}/nodes/n-1/log.1`, 'one\ntwo\n');
    writeFileSync(`${base}/nodes/n-1/log`, 'three\n');
    expect(await host.logs('n-1', 2)).toEqual(['two', 'three']);
    expect(await host.logs('n-1', 10)).toEqual(['one', 'two', 'three']);
  });

  test('that runs is not removed', async () => {
    nodeThat('n-1', `${process.pid} ${startTimeOf(process.pid)} ${bootId}`);
    await expect(host.removeNode('n-1')).rejects.toMatchObject({ code: 'conflict' });
    expect(existsSync(`${base}/nodes/n-1`)).toBe(true);
  });

  test('whose process number is another process by now is not ended', async () => {
    nodeThat('n-1', `${process.pid} 1 ${bootId}`);
    expect(await host.end('n-1', 100)).toBe(true);
    await host.removeNode('n-1');
    await host.removeNode('n-1');
    expect((await host.state()).nodes).toEqual([]);
  });

  test('is told its secret by standard input alone', () => {
    const command = startNode(layoutOf(directory, 'cp-1'), orderOf({ cookie: 'canary-6620' }));
    expect(command.script).not.toContain('canary-6620');
    expect(Buffer.from(command.input as Uint8Array).toString()).toContain('canary-6620');
    expect(endNode(layoutOf(directory, 'cp-1'), 'n-1', 100).script).toContain('nodes/n-1');
  });

  test('that was refused carries why and its last lines', () => {
    const said = 'refused=port 9101 on 10.0.0.1 is taken by pid 7 (nginx)\nlog=a=b\nlog=c\n';
    expect(parseStarted(orderOf(), said)).toEqual({
      outcome: 'refused',
      why: 'port 9101 on 10.0.0.1 is taken by pid 7 (nginx)',
      log: ['a=b', 'c'],
    });
  });
});

describe('leaving', () => {
  test('removes our folder, and the directory that we made', async () => {
    await host.installRelease(digest, bytes(archive()));
    await host.leave();
    expect(existsSync(directory)).toBe(false);
    await host.leave();
  });

  test('keeps a directory that was there before us', async () => {
    mkdirSync(directory);
    await host.installRelease(digest, bytes(archive()));
    await host.leave();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('keeps what another control plane has there', async () => {
    const other = openHost(shell, { directory, owner: 'cp-2' });
    await host.installRelease(digest, bytes(archive()));
    await other.installRelease(digest, bytes(archive()));
    await host.leave();
    expect(await other.hasRelease(digest)).toBe(true);
    await other.leave();
    expect(existsSync(directory)).toBe(false);
  });

  test('does nothing while a node is there', async () => {
    await host.installRelease(digest, bytes(archive()));
    nodeThat('n-1', '');
    await host.leave();
    expect(await host.hasRelease(digest)).toBe(true);
  });
});
