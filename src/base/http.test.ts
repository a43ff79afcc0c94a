/** Where requests may not lead (SSRF): a hundred ways to write an address, names that change their mind, redirects. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { guardedLookup, openHttp } from './http.ts';
import type { ResolveName } from './http.ts';

const goOn = new AbortController().signal;
let reached = 0;
let port = 0;
const canary: Server = createServer((request, response) => {
  reached += 1;
  if (request.url === '/moved') response.writeHead(302, { location: `http://127.0.0.1:${port}/stolen` });
  if (request.url?.startsWith('/to?') === true)
    response.writeHead(302, { location: decodeURIComponent(request.url.slice('/to?'.length)) });
  if (request.url === '/slow-down') response.writeHead(429, { 'retry-after': '7' });
  response.end('canary');
});

beforeAll(async () => {
  await new Promise<void>((resolve) => canary.listen(0, resolve));
  ({ port } = canary.address() as AddressInfo);
});
afterAll(() => {
  canary.closeAllConnections();
  canary.close();
});
beforeEach(() => void (reached = 0));

/** This machine and metadata services, in every spelling that some parser takes for an address. */
const hosts = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '2130706433', '0x7f000001', '0x7f.1', '0x7f.0.0.1'],
  ...['017700000001', '0177.0.0.1', '0177.0.0.01', '127.0.0.1.', '0', '0.0.0.0', '0x0', '00000000', '127.0x0.0.1'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'LocalHost', '127.0.0.1:{port}@127.0.0.1', 'user:word@127.0.0.1'],
  ...['user@localhost', 'example.com@127.0.0.1', '１２７.０.０.１', '127。0。0。1', '127．0．0．1', '①②⑦.0.0.1'],
  ...['%31%32%37.0.0.1', 'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[0000:0000:0000:0000:0000:0000:0000:0001]', '[::ffff:0:0]', '[::]', '[0::0]', '[::127.0.0.1]', '[::7f00:1]'],
  ...['[0:0:0:0:0:ffff:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:0001]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:a9fe:a9fe::1]', '[2001:0:7f00:1::]'],
  ...['169.254.169.254', '169.254.169.253', '169.254.170.2', '0xa9fea9fe', '2852039166', '0251.0376.0251.0376'],
  ...['169.254.43518', '169.16689662', '0xa9.0xfe.0xa9.0xfe', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]'],
  ...['[64:ff9b::a9fe:a9fe]', '[fe80::1]', '[fe80::a9fe:a9fe]', '[fec0::1]', '[fd00:ec2::254]', '[fd00::1]'],
  ...['[fc00::1]', '[ff02::1]', '[ff01::1]', '100.100.100.200', '100.64.0.1', '192.0.0.192', '192.0.0.1', '10.0.0.1'],
  ...['10.1', '012.0.0.1', '0xa.0.0.1', '167772161', '172.16.0.1', '172.31.255.254', '0xac100001', '192.168.1.1'],
  ...['192.168.257', '0xc0a80101', '3232235777', '[::ffff:10.0.0.1]', '[::ffff:192.168.1.1]', '[::ffff:172.16.0.1]'],
  ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '198.18.0.1', '[64:ff9b::10.0.0.1]', '0.0.0.1'],
  ...['[2002:a00:1::]', '[::a9fe:a9fe]', '127.0.0.1:{port}#@example.com', '127.0.0.1:{port}?@example.com'],
  ...['[::ffff:0:a9fe:a9fe]', '0300.0250.1.1', '127.000.000.001', '[FE80::1%25eth0]', '[::1%25lo]', 'ｌocalhost'],
] as const;

describe('without allowPrivate', () => {
  const http = openHttp({ clock: systemClock, allowPrivate: false, deadlineMs: 3_000 });

  test(`none of ${hosts.length} spellings leads to this machine or to what only looks inwards`, async () => {
    expect(hosts.length).toBeGreaterThanOrEqual(100);
    const outcomes = await Promise.all(
      hosts.map((host) =>
        http({ method: 'GET', url: `http://${host.replace('{port}', String(port))}:${port}/` }, goOn).then(
          () => `${host} was asked`,
          (error: unknown) => ((error as { code?: string }).code === 'denied' ? null : `${host}: ${String(error)}`),
        ),
      ),
    );
    // what the URL standard calls no URL is refused as such, and some resolvers know no `localhost.`
    const harmless = /is no http or https URL|ENOTFOUND|EAI_AGAIN/;
    expect(outcomes.filter((one) => one !== null && !harmless.test(one))).toEqual([]);
    expect(reached).toBe(0);
  });

  test.each(['file:///etc/passwd', 'gopher://127.0.0.1/', 'ftp://127.0.0.1/', 'data:text/plain,x', 'nonsense', ''])(
    '%s is no URL of ours',
    async (url) => {
      await expect(http({ method: 'GET', url }, goOn)).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  test('a name that leads inwards is refused, also when only one of its addresses does, or only the second time', async () => {
    const answers = [
      [{ address: '203.0.113.9', family: 4 }],
      [{ address: '127.0.0.1', family: 4 }],
      [
        { address: '203.0.113.9', family: 4 },
        { address: '::ffff:169.254.169.254', family: 6 },
      ],
    ];
    let asked = 0;
    const rebinding: ResolveName = (_host, _options, answer) => answer(null, answers[asked++ % 3] ?? []);
    const look = () =>
      new Promise<string>((resolve) => {
        guardedLookup(false, rebinding)('rebind.example', {}, (error, address) =>
          resolve(error === null && typeof address === 'string' ? address : (error?.message ?? '')),
        );
      });
    expect(await look()).toBe('203.0.113.9');
    expect(await look()).toContain('a loopback address');
    expect(await look()).toContain('a link-local address');
    // what was looked up is what is connected to: there is no second question that could be answered otherwise
    expect(asked).toBe(3);
  });

  test('a request whose name leads here never arrives', async () => {
    const rebinding: ResolveName = (_host, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]);
    const led = openHttp({ clock: systemClock, allowPrivate: false, deadlineMs: 3_000, resolve: rebinding });
    await expect(led({ method: 'GET', url: `http://api.example:${port}/` }, goOn)).rejects.toMatchObject({
      code: 'denied',
    });
    expect(reached).toBe(0);
  });

  test('a connection that somebody else may have is not ours to use', async () => {
    const here: ResolveName = (_host, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]);
    const options = { clock: systemClock, deadlineMs: 3_000, resolve: here };
    const request = { method: 'GET', url: `http://api.example:${port}/moved` } as const;
    expect((await openHttp({ ...options, allowPrivate: true })(request, goOn)).status).toBe(302);
    await expect(openHttp({ ...options, allowPrivate: false })(request, goOn)).rejects.toMatchObject({
      code: 'denied',
    });
  });
});

describe('with allowPrivate', () => {
  const http = openHttp({ clock: systemClock, allowPrivate: true, deadlineMs: 3_000 });

  test('this machine can be asked; a redirect is an answer and not followed', async () => {
    const answer = await http({ method: 'GET', url: `http://127.0.0.1:${port}/moved` }, goOn);
    expect([answer.status, reached]).toEqual([302, 1]);
  });

  test(`a redirect to any of ${hosts.length} such spellings leads nowhere`, async () => {
    const base = `http://127.0.0.1:${port}`;
    // a header is of ASCII, so that the others are written as browsers would send them
    const targets = hosts.map((host) => encodeURI(`http://${host.replace('{port}', String(port))}:${port}/stolen`));
    for (const target of targets) {
      const answer = await http({ method: 'GET', url: `${base}/to?${encodeURIComponent(target)}` }, goOn);
      expect([answer.status, answer.headers.location]).toEqual([302, target]);
    }
    expect(reached).toBe(targets.length);
  });

  test('Retry-After is told in milliseconds', async () => {
    const answer = await http({ method: 'GET', url: `http://127.0.0.1:${port}/slow-down` }, goOn);
    expect([answer.status, answer.retryAfterMs]).toEqual([429, 7_000]);
  });
});
