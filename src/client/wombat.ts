/**
 * Wombat for programs: the entry of the published package (`import { Wombat } from 'wombat-orchestration/client'`). It is the
 * client that the command line uses, as a class, with the way from a document to a proven cluster as one call.
 */
import { sleep, systemClock } from '../base/clock.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Adopted } from '../model/exchange.ts';
import type { Operation } from '../model/operation.ts';
import type { Plan } from '../model/plan.ts';
import type { ProblemKind } from '../model/problem-kind.ts';
import { openClient } from './client.ts';
import type { Asking, BeginOptions, Client, ClientOptions } from './client.ts';
import { ProblemError, localProblem } from './problem-error.ts';

/** Where the control plane is, and who asks. */
export interface WombatOptions extends Omit<ClientOptions, 'url'> {
  /** of the control plane, without `/api/v1`: `http://127.0.0.1:4680` */
  readonly endpoint: string;
}

/** How a document is applied. */
export interface ApplyOptions extends BeginOptions {
  /** for the history; `apply` when absent */
  readonly cause?: string;
  /** looks at the plan, and says whether to go on; yes when absent */
  confirm?(plan: Plan): boolean | Promise<boolean>;
  /** false returns as soon as the control plane has taken it over */
  readonly wait?: boolean;
}

/** What came of applying a document. */
export interface Applied {
  readonly plan: Plan;
  /** null when `confirm` said no */
  readonly adopted: Adopted | null;
  /** as it ended, or was begun where it was not waited for; null where there was nothing to be done */
  readonly operation: Operation | null;
}

/** Operations are looked at so often while one waits for them, milliseconds. */
const glanceMs = 500;

/** What an operation that did not succeed is as a problem. */
const endings: Readonly<Partial<Record<Operation['state'], ProblemKind>>> = {
  failed: 'not-converged',
  cancelled: 'conflict',
  superseded: 'conflict',
};

/** A control plane. Every method rejects with `ProblemError`. Nothing is asked before a method is called. */
export class Wombat implements Client {
  readonly providers: Client['providers'];
  readonly domains: Client['domains'];
  readonly releases: Client['releases'];
  readonly secrets: Client['secrets'];
  readonly replicas: Client['replicas'];
  readonly tokens: Client['tokens'];
  readonly audit: Client['audit'];
  readonly plans: Client['plans'];
  readonly blueprints: Client['blueprints'];
  readonly families: Client['families'];
  readonly nodes: Client['nodes'];
  readonly operations: Client['operations'];
  readonly sweep: Client['sweep'];
  readonly alarms: Client['alarms'];
  readonly topology: Client['topology'];
  readonly events: Client['events'];
  readonly health: Client['health'];
  readonly status: Client['status'];
  readonly statusInBrief: Client['statusInBrief'];
  readonly backup: Client['backup'];
  readonly #clock;

  constructor({ endpoint, ...options }: WombatOptions) {
    const client = openClient({ url: endpoint, ...options });
    this.#clock = options.clock ?? systemClock;
    ({ providers: this.providers, domains: this.domains, releases: this.releases, secrets: this.secrets } = client);
    this.replicas = client.replicas;
    ({ tokens: this.tokens, audit: this.audit, plans: this.plans, blueprints: this.blueprints } = client);
    ({ families: this.families, nodes: this.nodes, operations: this.operations, topology: this.topology } = client);
    ({ sweep: this.sweep, alarms: this.alarms } = client);
    this.statusInBrief = client.statusInBrief;
    ({ events: this.events, health: this.health, status: this.status, backup: this.backup } = client);
  }

  /**
   * Has a document planned, adopts the plan, and stays until the cluster is proven to be what the document says. With
   * `ifMatch` only where the blueprint is still as it was read. Secrets and archives are handed in before
   * (`secrets.put`, `releases.upload`). Problems: invalid (each fault with its path), stale, conflict, unsatisfiable,
   * unavailable, not-converged.
   */
  async apply(document: BlueprintDocument, options: ApplyOptions = {}): Promise<Applied> {
    const { cause, confirm = () => true, wait = true, idempotencyKey, ifMatch, ifAbsent, ...begin } = options;
    const asked = { ...only({ signal: options.signal, ifMatch, ifAbsent }), ...keyed(idempotencyKey, 'plan') };
    const plan = await this.plans.create(document, cause === undefined ? {} : { cause }, asked);
    if (!(await confirm(plan))) return { plan, adopted: null, operation: null };
    const adopted = await this.plans.adopt(plan.id, { ...begin, ...keyed(idempotencyKey, 'adopt') });
    if (adopted.operation === null) return { plan, adopted, operation: null };
    const how = only({ signal: options.signal });
    const operation = wait
      ? await this.finished(adopted.operation, how)
      : await this.operations.glance(adopted.operation, how);
    return { plan, adopted, operation };
  }

  /**
   * Stays until an operation has ended, which it does at its deadline at the latest. Problems: not-converged when it has
   * failed, conflict when it was cancelled or another one stands in its place.
   */
  async finished(id: string, how: Asking = {}): Promise<Operation> {
    const signal = how instanceof AbortSignal ? how : how.signal;
    for (;;) {
      const operation = await this.operations.glance(id, how);
      const kind = endings[operation.state];
      if (kind !== undefined) throw new ProblemError(localProblem(kind, operation.words, named(operation)));
      if (operation.state === 'succeeded') return operation;
      await sleep(this.#clock, glanceMs, signal);
    }
  }
}

function named({ id, cause, blueprint }: Operation): { object: string; next: string } {
  return { object: `${cause} of ${blueprint}`, next: `wombat op show ${id}` };
}

/** What is there of options: none of them is undefined, the types are exact. */
function only<O extends object>(options: O): { [K in keyof O]: Exclude<O[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof O]: Exclude<O[K], undefined> };
}

/** Two requests have two keys, both of which follow from the one that was given. */
function keyed(key: string | undefined, step: string): { idempotencyKey?: string } {
  return key === undefined ? {} : { idempotencyKey: `${key}-${step}` };
}

export { ProblemError, tagOf } from './client.ts';
export type * from './client.ts';
export type { AuditEntry, Role, Token, TokenRequest } from '../model/access.ts';
export type { BlueprintDocument, Revision } from '../model/blueprint.ts';
export type { BulkAnswer, BulkOutcome } from '../model/bulk.ts';
export type { Event } from '../model/event.ts';
export type { Adopted, BlueprintStatus, FamilyView } from '../model/exchange.ts';
export type { FamilyDefinition } from '../model/family.ts';
export type { Node } from '../model/node.ts';
export type { Operation } from '../model/operation.ts';
export type { Plan } from '../model/plan.ts';
export type { InputFault, Problem } from '../model/problem.ts';
export type { ProblemKind } from '../model/problem-kind.ts';
export type { Release } from '../model/release.ts';
export type { Proof } from '../model/topology.ts';
