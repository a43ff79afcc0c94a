/**
 * The cloud of machines that one already has, reached over SSH. It makes no machines: an offer is a host, to create is to
 * claim it, to destroy is to take the claim back. The truth is the claim on the host itself, so the adapter keeps
 * nothing; it connects for each question and holds no connection (those of the loops are another matter).
 */
import type { Exchange } from '../../base/clock-skew.ts';
import { Fault } from '../../base/fault.ts';
import type { Shell } from '../../base/shell.ts';
import { Slots } from '../../base/slots.ts';
import { openSshShell } from '../../base/ssh.ts';
import type { SshOptions } from '../../base/ssh.ts';
import type { ProviderDefinition, SshHost } from '../../model/provider.ts';
import type { ClaimSite, Cloud, CloudContext, OpenCloud, Traits } from '../cloud.ts';
import { checkSsh, faultOfSsh } from './faults.ts';
import { createSsh, destroySsh, listSsh } from './machines.ts';
import { offersOfSsh } from './offers.ts';

/** How many hosts are asked at once: a handshake costs each side some milliseconds of CPU. */
const hostsAtOnce = 16;

const traits: Traits = {
  machines: 'existing',
  clientTokens: true,
  tags: true,
  firewall: 'none',
  zones: true,
  priceFeed: false,
  batchCreate: false,
  bootMs: 30_000,
};

/** Opens the shell of one host. */
export type OpenShell = (options: SshOptions) => Shell;

/** What came of a visit, and when it was paid: our clock, milliseconds. */
export type Visit<T> =
  | (Exchange & { readonly host: SshHost; readonly ok: true; readonly answer: T })
  | { readonly host: SshHost; readonly ok: false; readonly error: unknown };

/** Machines over SSH. */
export const openSsh: OpenCloud = (context) => openSshOver(openSshShell, context);

/** The same over shells that somebody else opens. */
export function openSshOver(open: OpenShell, context: CloudContext): Cloud {
  const site = new SshSite(open, context);
  return {
    kind: 'ssh',
    traits,
    check: (signal) => checkSsh(site, signal),
    offers: (signal) => offersOfSsh(site, signal),
    create: (orders, signal) => createSsh(site, orders, signal),
    allow: (_owner, _rules, signal) => Promise.try(() => signal.throwIfAborted()),
    list: (owner, signal) => listSsh(site, owner, signal),
    destroy: (owned, signal) => destroySsh(site, owned, signal),
    faultOf: faultOfSsh,
  };
}

/** The hosts of one provider, and how to visit them. */
export class SshSite {
  readonly context: CloudContext;
  readonly definition: Extract<ProviderDefinition, { kind: 'ssh' }>;
  /** the directory of the claim on every host */
  readonly base: string;
  readonly #open: OpenShell;
  readonly #slots = new Slots(hostsAtOnce);

  constructor(open: OpenShell, context: CloudContext) {
    const { name, definition } = context.provider;
    if (definition.kind !== 'ssh') throw new Fault('invalid', `provider ${name} is not of kind ssh`);
    this.context = context;
    this.definition = definition;
    this.base = baseOf(definition.directory);
    this.#open = open;
  }

  /** Connects to a host, acts there and leaves. */
  async visit<T>(host: SshHost, act: (claims: ClaimSite) => Promise<T>, signal: AbortSignal): Promise<T> {
    const leave = await this.#slots.take(signal);
    try {
      const shell = await this.#shellOf(host);
      const claims = { shell, base: this.base, removeBase: this.definition.directory === undefined };
      return await act(claims).finally(() => shell.close());
    } finally {
      leave();
    }
  }

  /** Visits all hosts side by side; the answers are in the hosts' order. Rejects only when the signal aborts. */
  async visitAll<T>(act: (claims: ClaimSite) => Promise<T>, signal: AbortSignal): Promise<readonly Visit<T>[]> {
    const { clock } = this.context;
    const beganMs = clock.now();
    const visits = this.definition.hosts.map((host) =>
      this.visit(host, act, signal).then(
        (answer) => ({ host, ok: true as const, answer, beganMs, endedMs: clock.now() }),
        (error: unknown) => ({ host, ok: false as const, error }),
      ),
    );
    const answers = await Promise.all(visits);
    signal.throwIfAborted();
    return answers;
  }

  async #shellOf({ address, port = 22, user, hostKey }: SshHost): Promise<Shell> {
    const { key } = this.definition;
    const privateKey = await this.context.secret(key);
    const formerKey = await this.context.formerSecret?.(key);
    return this.#open({ address, port, user, hostKey, privateKey, formerKey, clock: this.context.clock });
  }
}

/** A path counts from the user's home where it does not start with `/`; `~/` says the same. */
function baseOf(directory = '.wombat'): string {
  return directory.replace(/^~\//, '').replace(/(?<=.)\/+$/, '');
}
