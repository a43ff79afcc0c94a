/** OpenStack keeps the seam: against a real one, whose servers are real guests, where the lab is up. */
import { test } from 'vitest';
import { openStackLab } from '../../lab/openstack.ts';
import type { OpenStackLab } from '../../lab/openstack.ts';
import { openOpenStack } from '../../src/cloud/openstack/openstack.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';
import { openFaultProxy } from '../kit/fault-proxy.ts';
import type { PassingRequest } from '../kit/fault-proxy.ts';
import { Trouble } from '../kit/trouble.ts';
import { conformance } from './conformance.ts';
import { contextOf } from './context.ts';
import { faultScript } from './faults-script.ts';
import { plainProject } from './openstack-plain.ts';

type Definition = Extract<ProviderDefinition, { kind: 'openstack' }>;

const secret = 'secret://file/openstack.json';
const able = await openStackLab();
if (!able.ok) {
  process.stdout.write(`OpenStack is left out: ${able.why}\n`);
  test.skip(`OpenStack is left out: ${able.why}`);
}

const capabilities = { tier: 'gold', scratch: '1G' };

function opener(lab: OpenStackLab, more: Partial<Definition> = {}, credentials = lab.credentials) {
  const definition: Definition = {
    ...{ kind: 'openstack', endpoint: lab.endpoint, region: lab.region, credentials: secret, allowPrivate: true },
    ...more,
  };
  const domains = { d1: { image: lab.image, capabilities } };
  return (owner: string) =>
    openOpenStack(contextOf({ owner, definition, domains, secrets: { [secret]: credentials } }));
}

/** The lab behind proxies that share their trouble: one for each service. */
async function troubledLab(lab: OpenStackLab) {
  const trouble = new Trouble();
  const ports = [15000, 18774, 19696, 19292];
  const urls = new Map<string, string>();
  const rewrite = (text: string) => [...urls].reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const changes = ({ method, path }: PassingRequest) => method !== 'GET' && !path.includes('/auth/tokens');
  const proxies = await Promise.all(
    ports.map(async (port) => {
      const upstream = `http://127.0.0.1:${port}`;
      const proxy = await openFaultProxy({ upstream, changes, trouble, rewrite });
      urls.set(upstream, proxy.url);
      return proxy;
    }),
  );
  const endpoint = `${urls.get('http://127.0.0.1:15000') ?? ''}/v3`;
  const close = () => Promise.all(proxies.map((proxy) => proxy.close()));
  return { open: opener(lab, { endpoint }), trouble, close };
}

const expired = {
  status: 401,
  headers: { 'content-type': 'application/json' },
  text: JSON.stringify({
    error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
  }),
};

if (able.ok) against(able.lab);

function against(lab: OpenStackLab): void {
  conformance('openstack', { kind: 'openstack', attributes: ['gpu'] }, async () => {
    const project = await plainProject(lab);
    const troubled = await troubledLab(lab);
    const short = await shortProject(lab);
    const wrong = JSON.stringify({ ...JSON.parse(lab.credentials), password: 'no-such-password' });
    return {
      open: opener(lab),
      broken: [
        { what: 'a wrong password', code: 'denied', open: opener(lab, {}, wrong) },
        {
          what: 'nobody at the endpoint',
          code: 'unavailable',
          open: opener(lab, { endpoint: 'http://127.0.0.1:9/v3' }),
        },
        { what: 'a secret that is no JSON', code: 'invalid', open: opener(lab, {}, 'no-such-password') },
        { what: 'a region that is not there', code: 'invalid', open: opener(lab, { region: 'nowhere' }) },
        {
          what: 'a loopback endpoint that was not allowed',
          code: 'denied',
          open: opener(lab, { allowPrivate: false }),
        },
      ],
      settle: project.settle,
      stop: async () => {
        await troubled.close();
        await project.clear();
      },
      secrets: ['labpass', 'no-such-password'],
      made: {
        userData: async (id) => (await project.given(id)).userData,
        publicKey: async (id) => (await project.given(id)).publicKey,
        standing: project.standing,
        foreign: project.foreign,
        many: lab.pageSize + 2,
        short: [{ what: 'a project whose quota is used up', code: 'quota', open: opener(lab, {}, short) }],
        troubled: { ...troubled, expired },
      },
    };
  });

  faultScript('openstack', async () => {
    const project = await plainProject(lab);
    const { close, ...troubled } = await troubledLab(lab);
    const stop = async () => {
      await close();
    };
    const { standing, settle } = project;
    return { ...troubled, standing, settle, stop, refusals: { expired }, machines: 12, many: 0 };
  });
}

/** A project of its own that may have no server; its credentials. */
async function shortProject(lab: OpenStackLab): Promise<string> {
  await lab.client(
    'project create --or-show short',
    'user create --or-show --password labpass short',
    'role add --user short --project short member',
    'quota set --instances 0 short',
  );
  return JSON.stringify({ username: 'short', password: 'labpass', project: 'short' });
}
