/**
 * Who may do what. A token has a role, and may be limited to blueprints; an endpoint says as data which role it needs and
 * what it is about. The server compares the two before anything is handled: the role when the request's head is there,
 * the blueprints when its body is.
 *
 * Roles. `read` looks. `operate` changes what blueprints declare and what their nodes do: also exec, rpc and shells, because
 * whoever may upload a release and apply it runs programs on those hosts anyway; also destroying a blueprint, because
 * applying it without families comes to the same; also the secrets of a blueprint, because applying it hands them in.
 * `admin` changes what all share or who may come in: providers and their secrets, tokens, the audit log.
 *
 * Blueprints. A token limited to some is refused (403) whatever names another one: by name, by a node, a plan, a provider or
 * domain that another one declares, a secret of its scope, a document that is of it or joins families to it. Lists and
 * event streams without a name hold only what is its own and what all share; events without a blueprint are not its own.
 * What concerns the installation as a whole is refused to it. A node or plan that is not there is 404 to everybody: their
 * ids are drawn at random, so that asking for them tells nothing.
 */
import { Fault } from '../base/fault.ts';
import { roles } from '../model/access.ts';
import type { Role } from '../model/access.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { PlanRequest } from '../model/exchange.ts';
import type { Store } from '../store/store.ts';
import { sees } from './caller.ts';
import type { Caller } from './caller.ts';
import { domains } from './domain-view.ts';
import { findNode } from './find.ts';

/**
 * What a request is about: `installation` as a whole, things that all `share`, the `blueprint`, `provider`, `domain`, `node`,
 * `plan`, `operation` or `secret` of its path, the `document` in its body, a `list` that is filtered by who asks,
 * or many things of which `each` is judged by itself when its turn comes.
 */
export type About =
  | 'installation'
  | 'shared'
  | 'blueprint'
  | 'provider'
  | 'domain'
  | 'node'
  | 'plan'
  | 'operation'
  | 'secret'
  | 'document'
  | 'list'
  | 'each';

/** What a route asks of who comes. */
export interface Need {
  readonly operation: string;
  readonly role: Role;
  readonly about: About;
  /** what it does, or tried to do, is written in the audit log */
  readonly changes: boolean;
}

/** A request as far as it says what it is about. Nobody has checked it yet. */
export interface Subject {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** What it is about, looked up: blueprints, none for what is shared, or the installation. */
export type Concern = readonly string[] | 'installation';

/** Which blueprint a secret is of, by its name; null for those of the installation. */
export function blueprintOfSecret(name: string): string | null {
  const [scope = ''] = name.split(' ', 1);
  return scope.includes(':') || scope === name ? null : scope;
}

/** Fault denied unless the caller's role includes the one that is needed. */
export function refuseByRole(caller: Caller, { role, operation }: Need): void {
  if (roles.indexOf(caller.role) >= roles.indexOf(role)) return;
  throw new Fault('denied', `token ${caller.name} has the role ${caller.role}; ${operation} needs ${role}`, {
    object: `token ${caller.name}`,
    next: `have one made that may: wombat token create NAME --role ${role}`,
  });
}

/** Looks up what a request is about. */
export async function concernOf({ about }: Need, subject: Subject, store: Store): Promise<Concern> {
  return concerns[about](subject, store);
}

/** Fault denied when the request is about what is none of the caller's. */
export function refuseForeign(caller: Caller, need: Need, concern: Concern): void {
  if (concern === 'installation') refuseInstallation(caller, need);
  else for (const blueprint of concern) refuseBlueprint(caller, blueprint);
}

function refuseInstallation(caller: Caller, need: Need): void {
  const isSecret = need.about === 'secret';
  if (isSecret) refuseByRole(caller, { ...need, role: 'admin' });
  if (caller.blueprints === null) return;
  throw new Fault('denied', `token ${caller.name} is limited to blueprints; ${need.operation} concerns them all`, {
    object: `token ${caller.name}`,
    next: 'ask with a token that has no such limit',
  });
}

function refuseBlueprint(caller: Caller, blueprint: string): void {
  if (sees(caller, blueprint)) return;
  throw new Fault('denied', `token ${caller.name} is limited to other blueprints than ${blueprint}`, {
    object: `blueprint ${blueprint}`,
    next: `have one made that may: wombat token create NAME --role ${caller.role} -b ${blueprint}`,
  });
}

type Look = (subject: Subject, store: Store) => Promise<Concern> | Concern;

const concerns: { readonly [A in About]: Look } = {
  installation: () => 'installation',
  shared: () => [],
  list: ({ query }) => some(text(query, 'blueprint')),
  each: () => [],
  blueprint: ({ params }) => some(text(params, 'blueprint') ?? text(params, 'name')),
  provider: async ({ params }, store) =>
    some((await store.get('provider', text(params, 'name') ?? ''))?.value.declaredBy),
  domain: async ({ params }, store) =>
    some((await domains(store)).find(({ name }) => name === text(params, 'name'))?.declaredBy),
  async node({ params }, store) {
    const found = await findNode(store, text(params, 'reference') ?? '').catch(() => undefined);
    return some(found?.blueprint);
  },
  operation: async ({ params }, store) =>
    some((await store.get('operation', text(params, 'id') ?? ''))?.value.blueprint),
  plan: async ({ params }, store) => some((await store.get('plan', text(params, 'id') ?? ''))?.value.blueprint),
  secret({ params }) {
    const blueprint = blueprintOfSecret(text(params, 'name') ?? '');
    return blueprint === null ? 'installation' : [blueprint];
  },
  document({ body }) {
    const { data } = PlanRequest.safeParse(body);
    return data === undefined ? [] : [data.document.name, ...joinedTo(data.document)];
  },
};

/** Other blueprints whose families a document's families join. */
function joinedTo({ families }: BlueprintDocument): string[] {
  const references = Object.values(families).flatMap(({ bootstrap }) => Object.keys(bootstrap?.with ?? {}));
  return references.flatMap((reference) => (reference.includes('/') ? reference.split('/').slice(0, 1) : []));
}

function some(blueprint: string | null | undefined): readonly string[] {
  return typeof blueprint === 'string' ? [blueprint] : [];
}

function text(from: unknown, key: string): string | undefined {
  const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}
