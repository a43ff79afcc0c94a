/**
 * This machine as a cloud of its own: every domain has one machine, which is a directory here. As with `ssh` the truth
 * is the claim on the machine itself, and nothing is kept in memory.
 */
import { resolve } from 'node:path';
import { Fault } from '../../base/fault.ts';
import { openLocalShell } from '../../base/process.ts';
import type { Shell } from '../../base/shell.ts';
import type { ProviderDefinition } from '../../model/provider.ts';
import type { ClaimSite, CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { checkLocal, faultOfLocal } from './faults.ts';
import { createLocal, destroyLocal, listLocal } from './machines.ts';
import { offersOfLocal } from './offers.ts';

const traits: Traits = {
  machines: 'existing',
  clientTokens: true,
  tags: true,
  firewall: 'none',
  zones: false,
  priceFeed: false,
  batchCreate: false,
  bootMs: 10_000,
};

/** This machine. */
export const openLocal: OpenCloud = (context) => {
  const site = new LocalSite(context);
  return {
    kind: 'local',
    traits,
    check: (signal) => checkLocal(site, signal),
    offers: (signal) => offersOfLocal(site, signal),
    create: (orders, signal) => createLocal(site, orders, signal),
    allow: (_owner, _rules, signal) => Promise.try(() => signal.throwIfAborted()),
    list: (owner, signal) => listLocal(site, owner, signal),
    destroy: (owned, signal) => destroyLocal(site, owned, signal),
    faultOf: faultOfLocal,
  };
};

/** The directories of one provider on this machine. */
export class LocalSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'local' }>;
  readonly shell: Shell;
  /** absolute; holds a directory for each domain */
  readonly root: string;

  constructor(context: CloudContext) {
    const { name, definition } = context.provider;
    if (definition.kind !== 'local') throw new Fault('invalid', `provider ${name} is not of kind local`);
    this.context = context;
    this.definition = definition;
    this.shell = openLocalShell({ clock: context.clock });
    this.root = resolve(definition.directory ?? context.directory);
  }

  /** Where the claim of a domain's machine lies. */
  claims(domain: string): ClaimSite {
    return { shell: this.shell, base: `${this.root}/${domain}`, removeBase: true };
  }
}
