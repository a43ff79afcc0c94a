/** Shells on real nodes: what a person sees, and what is left behind (nothing). */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { aNode } from '../../../test/kit/cluster-members.ts';
import { realNodes } from '../../../test/kit/real-erlang.ts';
import type { Inside, RealNode, RealNodes } from '../../../test/kit/real-erlang.ts';
import { withDeadline } from '../../base/abort.ts';
import { sleep, systemClock } from '../../base/clock.ts';
import { noLog } from '../../base/log.ts';
import type { Node } from '../../model/node.ts';
import { openCluster } from '../cluster.ts';
import type { Cluster, RemoteShell } from '../cluster.ts';

let world: RealNodes;
let real: RealNode;
let node: Node;
let cluster: Cluster;

async function dial({ placement }: Node): Promise<Duplex> {
  const socket = connect({ port: placement.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

beforeAll(async () => {
  world = await realNodes();
  real = await world.start('shelled-1@127.0.0.1');
  node = aNode(real.name);
  node = { ...node, placement: { ...node.placement, port: real.port } };
  cluster = openCluster({
    dial,
    run: () => Promise.reject(new Error('no commands here')),
    cookies: () => Promise.resolve([world.cookie]),
    lost: () => undefined,
    clock: systemClock,
    log: noLog,
  });
});
afterAll(async () => {
  await cluster.close();
  await world.stop();
});

/** A person at a shell: types a line when asked, and reads up to the next prompt or the end. */
class Person {
  readonly #shell: RemoteShell;
  readonly #pieces: AsyncIterator<{ kind: string; text?: string; why?: string }>;

  constructor(shell: RemoteShell) {
    this.#shell = shell;
    this.#pieces = shell.pieces()[Symbol.asyncIterator]();
  }

  /** Everything shown until the shell waits for a line. */
  async reads(): Promise<string> {
    let seen = '';
    for (;;) {
      const { value, done } = await withDeadline(systemClock, { ms: 10_000, what: `what comes behind ${seen}` }, () =>
        this.#pieces.next(),
      );
      if (done === true) return seen;
      if (value.kind === 'print') seen += value.text ?? '';
      // a shell of a node that is alive names it in the prompt
      if (value.kind === 'prompt') return `${seen}${(value.text ?? '').replace(`(${real.name})`, '')}`;
      if (value.kind === 'end') return `${seen}[${value.why ?? ''}]`;
    }
  }

  async types(line: string): Promise<string> {
    this.#shell.type(line);
    return this.reads();
  }
}

async function sitDown(): Promise<{ shell: RemoteShell; person: Person }> {
  const shell = await cluster.shell(node, { language: 'erlang', columns: 80, rows: 24 });
  onTestFinished(() => shell.close());
  return { shell, person: new Person(shell) };
}

/** The node once what served the session has ended. */
async function atRest(): Promise<Inside> {
  for (let last = await real.inside(); ;) {
    await sleep(systemClock, 50);
    const now = await real.inside();
    if (now.hidden.length === 0 && now.processes === last.processes) return now;
    last = now;
  }
}

describe('an Erlang shell', () => {
  test('greets, evaluates, keeps bindings, prints, and says what is wrong', async () => {
    const { person } = await sitDown();
    expect(await person.reads()).toMatch(/^Eshell V[\d.]+\n1> $/);
    expect(await person.types('X = 6 * 7.')).toBe('42\n2> ');
    expect(await person.types('{X, node()}.')).toBe(`{42,'${real.name}'}\n3> `);
    expect(await person.types('io:format("grüße ~w~n", [X]).')).toBe('grüße 42\nok\n4> ');
    expect(await person.types('1 / 0.')).toMatch(/exception error: an error occurred when evaluating.*\n.*\n?5> $/s);
    expect(await person.types('foo bar.')).toMatch(/syntax error before: bar\n5> $/);
    expect(await person.types('lists:sum([1,')).toBe('5> ');
    expect(await person.types('2]).')).toBe('3\n6> ');
    expect(await person.types('A = 1. B = 2.')).toBe('1\n2\n8> ');
  });

  test('an endless evaluation is interrupted, and the shell goes on', async () => {
    const { shell, person } = await sitDown();
    await person.reads();
    shell.type('timer:sleep(infinity).');
    await sleep(systemClock, 300);
    shell.interrupt();
    expect(await person.reads()).toMatch(/1> $|2> $/);
    expect(await person.types('ok.')).toMatch(/^ok\n/);
  });

  test('a shell that is left ends; the node does not', async () => {
    const { shell, person } = await sitDown();
    await person.reads();
    await shell.close();
    expect(await person.reads()).toMatch(/\[(closed|the shell has ended)/);
    expect(await cluster.value(node, 'erlang:node()')).toEqual({ ok: true, text: `'${real.name}'` });
  });
});

test('sessions leave no process, module, connection or atom behind', async () => {
  const session = async (): Promise<void> => {
    const shell = await cluster.shell(node, { language: 'erlang', columns: 80, rows: 24 });
    const person = new Person(shell);
    await person.reads();
    await person.types('lists:seq(1, 3).');
    await shell.close();
  };
  cluster.forget(node.id);
  // all names of the pool are known to the node from now on
  await Promise.all(Array.from({ length: 4 }, session));
  const before = await atRest();
  for (let round = 0; round < 1000; round++) await session();
  expect(await atRest()).toEqual(before);
}, 120_000);

test('a call returns Erlang text, and says what it raised', async () => {
  expect(await cluster.value(node, 'lists:reverse([1, two, "three"])')).toEqual({ ok: true, text: '["three",two,1]' });
  expect(await cluster.value(node, 'erlang:error(because)')).toMatchObject({ ok: false });
  expect((await cluster.value(node, 'no_such:function()')).text).toContain('is not exported');
  await expect(cluster.value(node, 'not a call')).rejects.toThrow('is no call');
});
