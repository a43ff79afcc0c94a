/**
 * The conformance suite against what `npm run conformance -- KIND --endpoint URL …` was pointed at: any adapter by the
 * name of its kind, its provider's definition from its schema, without help of that cloud's own tests.
 */
import { readFileSync } from 'node:fs';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { createMeter, wrapCloud } from '../../src/cloud/cloud.ts';
import type { OpenCloud } from '../../src/cloud/cloud.ts';
import { seededRandom } from '../../src/base/random.ts';
import { ProviderDefinition } from '../../src/model/provider.ts';
import { all, ours, theirs } from './acts.ts';
import { conformance } from './conformance.ts';
import type { Harness } from './conformance.ts';
import { contextOf } from './context.ts';
import { conformanceTarget } from './target.ts';
import type { ConformanceTarget } from './target.ts';

const target = conformanceTarget();
const reference = 'secret://file/credentials';
const settleMs = 600_000;

/** The adapter of that kind: the one export of its door that opens something. */
async function adapterOf(kind: string): Promise<OpenCloud> {
  const door = (await import(`../../src/cloud/${kind}/${kind}.ts`)) as Record<string, unknown>;
  const found = Object.entries(door).find(([name]) => name.toLowerCase() === `open${kind}`);
  if (found === undefined) throw new Error(`src/cloud/${kind}/${kind}.ts opens no cloud`);
  return found[1] as OpenCloud;
}

/** The provider's definition: the endpoint under the name that the kind's schema has for it. */
function definitionOf({ kind, endpoint, options }: ConformanceTarget): ProviderDefinition {
  const base = { kind, credentials: reference, allowPrivate: true, ...options };
  const names = ['endpoint', 'authUrl', 'identityUrl', 'url'];
  for (const name of names) {
    const parsed = ProviderDefinition.safeParse({ ...base, [name]: endpoint });
    if (parsed.success) return parsed.data;
    const plain = ProviderDefinition.safeParse({ kind, credentials: reference, ...options, [name]: endpoint });
    if (plain.success) return plain.data;
  }
  const why = ProviderDefinition.safeParse({ ...base, endpoint }).error?.message;
  throw new Error(
    `no provider of kind ${kind} can be made of this: say the rest with --option KEY=VALUE\n${why ?? ''}`,
  );
}

async function start(found: ConformanceTarget): Promise<Harness> {
  const adapter = await adapterOf(found.kind);
  const definition = definitionOf(found);
  const credentials = found.credentials === null ? '' : readFileSync(found.credentials, 'utf8').trim();
  const open = (owner: string, secret = credentials) => {
    const cloud = adapter(contextOf({ owner, definition, domains: found.domains, secrets: { [reference]: secret } }));
    // a real provider throttles: its limits are kept, and what it refuses for the moment is asked again
    return wrapCloud(cloud, {
      ...{ provider: 'under-test', clock: systemClock, random: seededRandom(1), meter: createMeter() },
      limits: { perSecond: 10, atOnce: 4 },
    });
  };
  const settled = async (owner: string) =>
    (await all(open(owner), owner)).every(({ state }) => state !== 'starting' && state !== 'going');
  return {
    open,
    broken: [],
    async settle() {
      const until = systemClock.monotonic() + settleMs;
      while (!((await settled(ours)) && (await settled(theirs)))) {
        if (systemClock.monotonic() > until) throw new Error('what was begun does not come to an end in ten minutes');
        await sleep(systemClock, 2_000);
      }
    },
    stop: () => Promise.resolve(),
    secrets: credentials === '' ? [] : [credentials],
    made: found.many === undefined ? {} : { many: found.many },
  };
}

if (target === null) throw new Error('nothing was said to run against: npm run conformance -- KIND --endpoint URL');
conformance(target.kind, { kind: target.kind, attributes: [], offers: 1 }, () => start(target));
