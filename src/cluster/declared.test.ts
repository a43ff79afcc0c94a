import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { aNode, antsInspection } from '../../test/kit/cluster-members.ts';
import { fakeClock } from '../../test/kit/fake-clock.ts';
import { FakeErlangNode } from '../../test/kit/fake-erlang.ts';
import { noLog } from '../base/log.ts';
import { parseTerm } from '../erlang/erlang.ts';
import type { DeclaredCommands } from '../model/commands.ts';
import type { Inspection } from '../model/release.ts';
import { openCluster } from './cluster.ts';
import { readStatus } from './declared.ts';

const commands: DeclaredCommands = { start: 'exec it', probe: 'probe', status: 'status' };
const inspection: Inspection = { ...antsInspection, kind: 'commands', version: '2' };

function nodeOf(name: string, declared: DeclaredCommands = commands) {
  const node = aNode(name);
  return { ...node, specification: { ...node.specification, commands: declared } };
}

/** A cluster where commands answer by their text, and calls with one term. */
function kit(outputs: Readonly<Record<string, { code: number; output: string }>>, term = 'true') {
  const run: string[] = [];
  const cluster = openCluster(
    {
      dial: () => Promise.resolve(new PassThrough()),
      run(node, text) {
        run.push(`${node.name}: ${text}`);
        return Promise.resolve(outputs[`${node.id}: ${text}`] ?? outputs[text] ?? { code: 127, output: 'not found' });
      },
      cookies: () => Promise.resolve(['secret']),
      lost: () => undefined,
      clock: fakeClock(0),
      log: noLog,
    },
    { connect: ({ peer }) => Promise.resolve(new FakeErlangNode(peer, () => parseTerm(term))), settleMs: 0 },
  );
  return { cluster, run };
}

describe('the probe', () => {
  test('is a command that succeeds, or fails with its words', async () => {
    expect(await kit({ probe: { code: 0, output: '' } }).cluster.answers(nodeOf('a-1@h'))).toBe(true);
    const failing = kit({ probe: { code: 1, output: 'still loading' } }).cluster.answers(nodeOf('a-1@h'));
    await expect(failing).rejects.toMatchObject({ code: 'unavailable', detail: { words: 'status 1: still loading' } });
  });

  test('or a call that answers true', async () => {
    const node = nodeOf('a-1@h', { ...commands, probe: { call: 'a:ready()' } });
    expect(await kit({}, 'true').cluster.answers(node)).toBe(true);
    await expect(kit({}, 'false').cluster.answers(node)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the proof by status', () => {
  const status = (...lines: string[]) => ({ code: 0, output: lines.join('\n') });
  const edges = [['a-1@h', 'a-2@h'] as const];
  const members = ['a-1@h', 'a-2@h'].map((name) => ({ node: nodeOf(name), inspection }));
  const both = status('version: 2', 'member: a-1@h', 'member: a-2@h');

  test('holds when each sees the other, in the version that is wanted', async () => {
    const proof = await kit({ status: both }).cluster.prove('ants', members, edges);
    expect(proof).toMatchObject({ ok: true, verdict: 'mesh 2/2 nodes, 1/1 edges, 0 extra' });
  });

  test.each([
    ['a member that one does not see', status('version: 2', 'member: a-2@h'), 'missing edge'],
    ['another version', status('version: 1', 'member: a-1@h', 'member: a-2@h'), 'wrong release'],
    ['a stranger', status('version: 2', 'member: a-1@h', 'member: a-2@h', 'member: x@y'), 'extra node'],
    ['no version', status('member: a-1@h'), 'unreachable node'],
    ['a failure', { code: 1, output: 'disk nodes are not running nodes' }, 'unreachable node'],
  ])('fails with %s', async (_, answer, kind) => {
    const proof = await kit({ status: both, 'a-2: status': answer }).cluster.prove('ants', members, edges);
    expect(proof.ok).toBe(false);
    expect(proof.faults[0]?.kind).toBe(kind);
  });

  test('a status that is longer than words for people is read to its end', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `rabbit-${index + 1}@10.78.0.${index + 11}`);
    const answer = status(...names.map((name) => `member: ${name}`), 'version: 2');
    const { visible } = await kit({ status: answer }).cluster.view(nodeOf(names[0] ?? ''));
    expect(visible).toEqual(names.slice(1));
  });

  test('without a status the probe alone says that a node is there', async () => {
    const alone = { node: nodeOf('a-1@h', { start: 'exec it', probe: 'probe' }), inspection };
    expect(await kit({ probe: { code: 0, output: '' } }).cluster.prove('ants', [alone], [])).toMatchObject({
      ok: true,
    });
    expect(await kit({ probe: { code: 1, output: '' } }).cluster.prove('ants', [alone], [])).toMatchObject({
      ok: false,
    });
  });

  test('lines for people are left aside', () => {
    const text = 'hello\n version: 3.1 \nmember: a@h\nmember: b@h\nmember: b@h\nmembers: 2';
    expect(readStatus({ name: 'a@h' }, text)).toEqual({ visible: ['b@h'], release: [null, '3.1'] });
  });
});

test('a stop that nobody declared is not asked for; one that fails is a fault', async () => {
  expect(await kit({}).cluster.stop(nodeOf('a-1@h'))).toBe(false);
  expect(
    await kit({ halt: { code: 0, output: '' } }).cluster.stop(nodeOf('a-1@h', { ...commands, stop: 'halt' })),
  ).toBe(true);
  await expect(kit({}).cluster.stop(nodeOf('a-1@h', { ...commands, stop: 'halt' }))).rejects.toThrow('stop command');
});

test('a step runs beside the node that it names', async () => {
  const { cluster, run } = kit({ it: { code: 0, output: '' } });
  const context = { fresh: nodeOf('a-1@h'), peer: nodeOf('a-2@h') };
  for (const on of ['host', 'new', 'peer'] as const) await cluster.step({ on, command: 'it' }, context);
  expect(run).toEqual(['a-1@h: it', 'a-1@h: it', 'a-2@h: it']);
});
