/** What an adapter under test is opened with. */
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';
import { noLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { CloudContext } from '../../src/cloud/cloud.ts';
import type { Domain, DomainDefinition } from '../../src/model/domain.ts';
import type { ProviderDefinition } from '../../src/model/provider.ts';

/** What a test says about a provider; everything else has a default. */
export interface ContextOptions {
  readonly owner: string;
  /** the provider's name; `under-test` when absent */
  readonly provider?: string;
  readonly definition: ProviderDefinition;
  /** by name; all of them belong to the provider */
  readonly domains: Readonly<Record<string, Omit<DomainDefinition, 'provider'>>>;
  readonly directory?: string;
  readonly clock?: Clock;
  /** secret values by reference */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A context as main would make it. */
export function contextOf(options: ContextOptions): CloudContext {
  const {
    owner,
    provider: name = 'under-test',
    definition,
    directory = '/nowhere',
    clock = systemClock,
    secrets = {},
  } = options;
  const domains: Domain[] = Object.entries(options.domains).map(([place, domain]) => ({
    name: place,
    definition: { provider: name, ...domain },
    declaredBy: null,
  }));
  return {
    provider: { name, definition, declaredBy: null },
    owner,
    domains,
    secret: (reference) => Promise.try(() => secrets[reference] ?? missing(reference)),
    secretName: (reference) => `provider:${name} ${reference}`,
    keySecret: `provider:${name} login-key`,
    directory,
    clock,
    random: seededRandom(1),
    log: noLog,
  };
}

function missing(reference: string): never {
  throw new Fault('not-found', `nobody has handed in ${reference}`);
}
