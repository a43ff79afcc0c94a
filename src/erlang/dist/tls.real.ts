/** Distribution over TLS with a real node that wants certificates: what is let in, and what each refusal looks like. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readIdentity, TestAuthority } from '../../../test/kit/certificates.ts';
import type { IdentityFiles } from '../../../test/kit/certificates.ts';
import { dialPort, visit } from '../../../test/kit/erlang-shell.ts';
import { realNodes } from '../../../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../../../test/kit/real-erlang.ts';
import { systemClock as clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { atom, epmdRegister, listenNode, OwnNode, secureStream } from '../erlang.ts';
import type { ErlangNode, Term, TlsIdentity } from '../erlang.ts';

const names = 'DNS:127.0.0.1,IP:127.0.0.1';
let authority: TestAuthority;
let other: TestAuthority;
let world: RealNodes;
let folder: string;
let good: TlsIdentity;

beforeAll(async () => {
  authority = new TestAuthority();
  other = new TestAuthority();
  folder = mkdtempSync(join(tmpdir(), 'wombat-tls-'));
  world = await realNodes();
  good = readIdentity(authority.issue({ names }));
});

afterAll(async () => {
  await world.stop();
  authority.remove();
  other.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A node that shows the certificate, and trusts `authority` alone; when it dials it may show another, or none. */
async function secureNode(name: string, own: IdentityFiles, dials: IdentityFiles | 'none' = own): Promise<RealNode> {
  const file = join(folder, `${name}.conf`);
  const trust = `{cacertfile,${JSON.stringify(own.authority)}},{verify,verify_peer}`;
  const shown = (files: IdentityFiles): string =>
    `{certfile,${JSON.stringify(files.certificate)}},{keyfile,${JSON.stringify(files.key)}},`;
  const server = `[${shown(own)}${trust},{fail_if_no_peer_cert,true}]`;
  writeFileSync(file, `[{server,${server}},{client,[${dials === 'none' ? '' : shown(dials)}${trust}]}].`);
  return world.start(`${name}@127.0.0.1`, {
    mode: 'interactive',
    flags: ['-proto_dist', 'inet_tls', '-ssl_dist_optfile', file],
  });
}

async function connect(node: RealNode, identity: TlsIdentity, self = 'wombat-0@127.0.0.1'): Promise<ErlangNode> {
  const wait = { clock, timeoutMs: 10_000 };
  const stream = await secureStream({ stream: await dialPort(node.port), peer: node.name, identity, ...wait });
  return visit(node, world.cookie, { stream, self });
}

test('a node and we trust each other, or one of us says why not', async () => {
  const node = await secureNode('safe', authority.issue({ names }));
  const open = await connect(node, good);
  expect(await open.call('erlang', 'node', [], { timeoutMs: 10_000 })).toBe(atom('safe@127.0.0.1'));
  open.close();

  const theirs = readIdentity(other.issue({ names }));
  const refusals: [string, TlsIdentity, RegExp][] = [
    ['we do not trust its authority', { ...good, authority: theirs.authority }, /certificate/],
    ['it does not trust our authority', { ...theirs, authority: good.authority }, /unknown ca|certificate unknown/],
    ['ours has expired', readIdentity(authority.issue({ names, isExpired: true })), /expired/],
    ['we show none', { ...good, certificate: '', key: '' }, /certificate required|handshake failure/],
  ];
  for (const [name, identity, words] of refusals) {
    const fault: unknown = await connect(node, identity).catch((thrown: unknown) => thrown);
    expect(fault, name).toMatchObject({ code: 'denied', detail: { words: expect.stringMatching(words) } });
  }
});

test.each([
  ['has expired', { names, isExpired: true }, /expired/],
  ['is for another host', { names: 'DNS:elsewhere.invalid' }, /IP|altname|does not match/],
])('a node whose certificate %s is refused', async (_name, options, words) => {
  const node = await secureNode(options.names === names ? 'late' : 'elsewhere', authority.issue(options));
  const fault: unknown = await connect(node, good).catch((thrown: unknown) => thrown);
  expect(fault).toMatchObject({ code: 'denied', detail: { words: expect.stringMatching(words) } });
  await node.kill();
});

describe('a node of ours that is dialled', () => {
  const functions = {
    'calc:add/2': ([a, b]: readonly Term[]) => Number(a) + Number(b),
  };
  const open: (() => void)[] = [];
  const refusals: unknown[] = [];
  let dialler: RealNode;
  let visits = 0;

  beforeAll(async () => {
    dialler = await secureNode('dialler', authority.issue({ names }));
  });

  afterAll(() => open.forEach((close) => close()));

  /** Has a node of ours listen under a name, with an identity. */
  async function listening(short: string, identity: TlsIdentity): Promise<OwnNode> {
    const dial = (): Promise<never> => Promise.reject(new Error('it dials nobody'));
    const node = new OwnNode({
      name: `${short}@127.0.0.1`,
      cookie: world.cookie,
      clock,
      dial,
      functions,
    });
    const refused = (why: unknown): number => refusals.push(why);
    const { port, close } = await listenNode(node, { host: '127.0.0.1', timeoutMs: 10_000, identity, refused });
    const epmd = { stream: await dialPort(world.epmdPort), clock, timeoutMs: 5000 };
    const entry = await epmdRegister(epmd, { name: short, port, isHidden: true });
    open.push(() => node.close(), () => entry.close(), () => void close()); // prettier-ignore
    return node;
  }

  async function pinged(by: RealNode, node: OwnNode): Promise<Term> {
    const inside = await connect(by, good, `wombat-${++visits % 8}@127.0.0.1`);
    const answer = await inside.call('net_adm', 'ping', [atom(node.name)], { timeoutMs: 20_000 });
    inside.close();
    return answer;
  }

  test('lets a node in whose certificate is its own, and is called by it', async () => {
    const node = await listening('ours-1', good);
    const inside = await connect(dialler, good);
    const call = [atom(node.name), atom('calc'), atom('add'), [40, 2]];
    expect(await inside.call('erpc', 'call', call, { timeoutMs: 10_000 })).toBe(42);
    expect(refusals).toEqual([]);
    const closed = new Promise<string>((resolve) => inside.onClose(resolve));
    inside.close();
    await closed;
  });

  test.each([
    ['of another authority', () => other.issue({ names }), 'denied', /SELF_SIGNED|UNABLE_TO/],
    ['that has expired', () => authority.issue({ names, isExpired: true }), 'denied', /EXPIRED/],
    ['for another host', () => authority.issue({ names: 'DNS:elsewhere.invalid' }), 'denied', /certificate does not/],
    ['that it does not show', () => 'none' as const, 'denied', /no certificate/],
  ])('refuses a certificate %s', async (_name, dials, code, words) => {
    refusals.length = 0;
    const short = `stranger-${open.length}`;
    const stranger = await secureNode(short, authority.issue({ names }), dials());
    expect(await pinged(stranger, await listening(`ours-${open.length}`, good))).toBe(atom('pang'));
    expect(refusals[0]).toMatchObject({ code });
    expect(wordsOf(refusals[0])).toMatch(words);
    await stranger.kill();
  });

  test.each([
    ['is of another authority', () => other.issue({ names })],
    ['has expired', () => authority.issue({ names, isExpired: true })],
    ['is for another host', () => authority.issue({ names: 'DNS:elsewhere.invalid' })],
  ])('is refused by the node when its certificate %s, and says so', async (_name, ours) => {
    refusals.length = 0;
    const identity = { ...readIdentity(ours()), authority: good.authority };
    expect(await pinged(dialler, await listening(`ours-${open.length}`, identity))).toBe(atom('pang'));
    expect(refusals[0]).toMatchObject({ code: 'unavailable' });
    expect(wordsOf(refusals[0])).toMatch(/alert|closed|handshake/i);
  });
});

function wordsOf(fault: unknown): string {
  return fault instanceof Fault ? `${fault.message} ${String(fault.detail.words)}` : String(fault);
}
