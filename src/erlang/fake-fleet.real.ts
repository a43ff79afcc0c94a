/** Fake nodes beside real ones: the same bytes said, the same answers; a thousand of them; and how bad ones are seen. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialPort, visit } from '../../test/kit/erlang-shell.ts';
import { FakeFleet } from '../../test/kit/fake-fleet.ts';
import { realNodes } from '../../test/kit/real-erlang.ts';
import type { RealNodes } from '../../test/kit/real-erlang.ts';
import { systemClock } from '../base/clock.ts';
import { buildName, buildReply } from './dist/handshake-messages.ts';
import { guestFlags } from './dist/flags.ts';
import { readExactly } from './dist/exact-read.ts';
import { decodePrefix } from './term/decode.ts';
import {
  ErlangError,
  atom,
  callAll,
  encodeTerm,
  epmdNames,
  epmdPort,
  formatTerm,
  Pid,
  Reference,
  tuple,
} from './erlang.ts';
import type { Term } from './erlang.ts';

const within = { timeoutMs: 20_000 };
const never = new AbortController().signal;
let world: RealNodes;
let fleet: FakeFleet;

beforeAll(async () => {
  world = await realNodes('same-cookie');
  fleet = await FakeFleet.open({ cookie: world.cookie });
});

afterAll(async () => {
  await fleet.close();
  await world.stop();
});

async function frame(socket: Socket, headBytes: 2 | 4): Promise<Buffer> {
  const length = (await readExactly(socket, headBytes, never)).readUIntBE(0, headBytes);
  return length === 0 ? Buffer.alloc(0) : readExactly(socket, length, never);
}

function say(socket: Socket, headBytes: 2 | 4, message: Buffer): void {
  const head = Buffer.alloc(headBytes);
  head.writeUIntBE(message.length, 0, headBytes);
  socket.write(Buffer.concat([head, message]));
}

/** What a node says to one call, with everything that differs each time taken out. */
async function transcript(port: number, name: string): Promise<string[]> {
  const socket = await dialPort(port);
  say(socket, 2, buildName({ name: 'script@127.0.0.1', flags: guestFlags, creation: 9 }));
  const heard = [(await frame(socket, 2)).toString('latin1')];
  const challenge = await frame(socket, 2);
  heard.push(`${challenge.toString('latin1', 0, 1)} … ${challenge.toString('utf8', 19)} ${challenge.readUInt16BE(17)}`);
  const digest = createHash('md5')
    .update(`${world.cookie}${challenge.readUInt32BE(9)}`)
    .digest();
  say(socket, 2, buildReply(7, digest));
  heard.push((await frame(socket, 2)).toString('hex'));
  const ours = new Pid(atom('script@127.0.0.1'), 1, 0, 9);
  const id = new Reference(ours.node, 9, [1, 0, 0]);
  const spawn = tuple(29, id, ours, ours, tuple(atom('erpc'), atom('execute_call'), 4), [atom('monitor')]);
  say(
    socket,
    4,
    Buffer.concat([Buffer.of(112), encodeTerm(spawn), encodeTerm([id, atom('erlang'), atom('node'), []])]),
  );
  for (let messages = 0; messages < 2;) {
    const bytes = await frame(socket, 4);
    if (bytes.length === 0) continue;
    messages++;
    heard.push(described(bytes, name));
  }
  socket.destroy();
  return heard;
}

/** A message as text; the reason of an exit may stand in the control message or behind it. */
function described(bytes: Buffer, name: string): string {
  const [control, end] = decodePrefix(bytes, 1);
  const terms: Term[] = end < bytes.length ? [control, decodePrefix(bytes, end)[0]] : [control];
  const text = terms.map((term) => formatTerm(term)).join(' ');
  return text
    .replaceAll(name, 'NODE')
    .replace(/<NODE\.\d+\.\d+>/g, '<NODE>')
    .replace(/^\{21,(.*),(\{.*\})\}$/, '{28,$1} $2');
}

test('a fake node says what a real one says', async () => {
  const real = await world.start('twin@127.0.0.1');
  const fake = await fleet.start('twin');
  expect(await transcript(fake.port, fake.name)).toEqual(await transcript(real.port, real.name));
  await real.kill();
});

test('a thousand fake nodes are found by epmd, connected and called', async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `ant-${i}`);
  for (const name of names) await fleet.start(name);
  const epmd = async () => ({ stream: await dialPort(fleet.epmdPort), clock: systemClock, timeoutMs: 5000 });
  expect((await epmdNames(await epmd())).length).toBeGreaterThanOrEqual(1000);
  expect(await epmdPort(await epmd(), 'ant-7')).toBe(fleet.nodes.get('ant-7@127.0.0.1')?.port);
  const open = await Promise.all([...fleet.nodes.values()].map((node) => visit(node, world.cookie)));
  const outcomes = await callAll(open, { module: 'erlang', function: 'node', args: [] }, within);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'value', value: atom(outcome.node) });
  const error: unknown = await open[0]?.call('no', 'such', [], within).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ErlangError);
  for (const node of open) node.close();
});

test('bad nodes are seen as what they are', async () => {
  const soon = { timeoutMs: 200 };
  const stalled = await fleet.start('stalled', 'stall');
  await expect(visit(stalled, world.cookie, soon)).rejects.toMatchObject({ code: 'timeout' });
  const refusing = await fleet.start('refusing', 'refuse');
  await expect(visit(refusing, world.cookie)).rejects.toMatchObject({ code: 'unavailable' });
  const mute = await visit(await fleet.start('mute', 'half-open'), world.cookie);
  await expect(mute.call('erlang', 'node', [], soon)).rejects.toMatchObject({ code: 'timeout' });
  const babbling = await visit(await fleet.start('babbling', 'garbage'), world.cookie);
  await expect(babbling.call('timer', 'sleep', [1], within)).rejects.toMatchObject({ code: 'unavailable' });
  mute.close();
});
