/** Distribution over TLS with a real node that wants certificates: what is let in, and what each refusal looks like. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIdentity, TestAuthority } from '../../../test/kit/certificates.ts';
import type { IdentityFiles } from '../../../test/kit/certificates.ts';
import { dialPort, visit } from '../../../test/kit/erlang-shell.ts';
import { realNodes } from '../../../test/kit/real-erlang.ts';
import type { RealNode, RealNodes } from '../../../test/kit/real-erlang.ts';
import { systemClock as clock } from '../../base/clock.ts';
import { atom, secureStream } from '../erlang.ts';
import type { ErlangNode, TlsIdentity } from '../erlang.ts';

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

/** A node that shows the certificate, and trusts `authority` alone. */
async function secureNode(name: string, own: IdentityFiles): Promise<RealNode> {
  const file = join(folder, `${name}.conf`);
  const trust = `{cacertfile,${JSON.stringify(own.authority)}},{verify,verify_peer}`;
  const shown = `{certfile,${JSON.stringify(own.certificate)}},{keyfile,${JSON.stringify(own.key)}}`;
  writeFileSync(file, `[{server,[${shown},${trust},{fail_if_no_peer_cert,true}]},{client,[${shown},${trust}]}].`);
  return world.start(`${name}@127.0.0.1`, {
    mode: 'interactive',
    flags: ['-proto_dist', 'inet_tls', '-ssl_dist_optfile', file],
  });
}

async function connect(node: RealNode, identity: TlsIdentity): Promise<ErlangNode> {
  const wait = { clock, timeoutMs: 10_000 };
  const stream = await secureStream({ stream: await dialPort(node.port), peer: node.name, identity, ...wait });
  return visit(node, world.cookie, { stream });
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
