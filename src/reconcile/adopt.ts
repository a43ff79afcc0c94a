/**
 * Plans for people: made on request, kept, and adopted by compare-and-set. Adopting writes the revision, the providers
 * and domains it declares and every intent in one commit: all of it, or nothing.
 */
import { timestamp } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { newId } from '../base/random.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Linked } from '../model/across.ts';
import { checkLinks } from '../model/check-links.ts';
import { subjectOf } from '../model/check-subject.ts';
import { incompatibility } from '../model/compatibility.ts';
import { components } from '../model/component.ts';
import type { Adopted } from '../model/exchange.ts';
import type { Head } from '../model/head.ts';
import type { Asked, Operation } from '../model/operation.ts';
import type { Facts, Plan, PlanWish, RebalanceRequest } from '../model/plan.ts';
import { cookieSecretName } from '../model/secret.ts';
import { lackIn } from '../model/shortage.ts';
import { readLinks } from '../store/store.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import { anew } from './anew.ts';
import { newCookie } from './cookie-rotation.ts';
import { linkWarnings } from './link-warnings.ts';
import { blueprintNames, headChange, intentContext } from './blueprint.ts';
import { wakeAll } from './wake-all.ts';
import { revisionKey } from './documents.ts';
import { factsDigest, gatherFacts } from './facts.ts';
import { intentsOf } from './intents.ts';
import { commitBegun } from './operations.ts';
import { declaredPlaces, placesOf } from './providers.ts';
import { begun } from './rollout/begin.ts';
import { refuseQuarantined } from './rollout/quarantine.ts';
import type { World } from './world.ts';

/** How old offers may be for a new plan, and for adopting one: a person decides in between. */
const planOfferAgeMs = 2_000;
const adoptOfferAgeMs = 60_000;
const keptPlans = 20;

const noHead = (name: string): Versioned<Head> => ({
  key: name,
  version: 0,
  value: { name, revision: 0, plan: null, destroying: false, nextOrdinal: {}, stuck: null },
});

/** Plans what applying the document would do, and keeps the plan. */
export async function planFor(
  world: World,
  { document, cause, basedOn }: PlanWish,
  rebalance?: RebalanceRequest,
): Promise<Plan> {
  const head = (await world.store.get('blueprint', document.name)) ?? noHead(document.name);
  await refuseOverwrite(world, head.value, basedOn);
  if (head.value.destroying)
    throw new Fault('conflict', `blueprint ${document.name} is being destroyed`, {
      next: `wombat status ${document.name}`,
    });
  await refuseForeignNames(world, document);
  const facts = await gatherFacts(world, document, planOfferAgeMs);
  refuseDenied(facts);
  const linked = await linkedAs(world, document);
  await refuseIncompatible(world, document, facts, linked);
  await refuseQuarantined(world.store, document, facts.releases);
  // for the next revision: moves that the present one has begun end with it
  const next = { ...head.value, revision: head.value.revision + 1 };
  const seed = world.random.below(2 ** 32);
  const planned = await world.planner.plan({ document, head: next, facts, seed, rebalance });
  const notes = linkWarnings(document, linked, facts, planned.steps);
  const plan: Plan = {
    id: newId(world.random, 'p'),
    blueprint: document.name,
    parent: head.value.plan,
    revision: head.value.revision + 1,
    document,
    cause,
    facts: factsDigest(document, facts),
    steps: [...planned.steps],
    report: { ...planned.report, warnings: [...planned.report.warnings, ...notes] },
    createdAt: timestamp(world.clock),
    costBefore: planned.costBefore,
    costAfter: planned.costAfter,
  };
  await world.store.commit([
    { put: 'plan', key: plan.id, value: plan, expect: 0 },
    ...(await outdated(world, document.name)),
  ]);
  return plan;
}

/** Whoever changed an older revision has not seen what came since, and would undo it. */
async function refuseOverwrite({ store }: World, { name, revision }: Head, basedOn: number | null): Promise<void> {
  if (basedOn === null || basedOn === revision) return;
  const by = await originOf(store, name, revision);
  throw new Fault(
    'conflict',
    `blueprint ${name} is at revision ${revision} by now${by}; this was made from ${basedOn}`,
    {
      object: `blueprint ${name}`,
      next: `look at what changed (wombat export ${name}), then do it again`,
    },
  );
}

/** Providers and domains have one name for all blueprints. */
async function refuseForeignNames(world: World, document: BlueprintDocument): Promise<void> {
  for (const kind of ['provider', 'domain'] as const) {
    for (const name of Object.keys((kind === 'provider' ? document.providers : document.domains) ?? {})) {
      const owner = (await world.store.get(kind, name))?.value.declaredBy;
      if (owner === undefined || owner === document.name) continue;
      const whose = owner === null ? 'was registered by hand' : `belongs to blueprint ${owner}`;
      throw new Fault('exists', `${kind} ${name} ${whose}`, {
        object: `${kind} ${name}`,
        next: `give it another name, or leave its definition out to use the one there`,
      });
    }
  }
}

/** A refused key or a changed host key is never planned around: somebody has to look. */
function refuseDenied(facts: Facts): void {
  const provider = facts.providers.find((one) => one.fault?.code === 'denied');
  const offer = facts.offers.find((one) => one.fault?.code === 'denied');
  const [object, fault] = provider
    ? [`provider ${provider.name}`, provider.fault]
    : [`offer ${offer?.id ?? ''}`, offer?.fault];
  if (fault) throw new Fault('denied', `${object}: ${fault.why}`, { object, next: 'wombat provider check' });
}

/** Said before a machine is bought: such releases can never be what the blueprint says. */
async function refuseIncompatible(
  { store }: World,
  document: BlueprintDocument,
  { releases, nodes }: Facts,
  linked: Linked,
): Promise<void> {
  const known = new Map((await store.list('release')).map(({ key, value }) => [key, value.inspection.otp]));
  const running = nodes
    .filter(({ blueprint }) => blueprint === document.name)
    .map(({ name, family, specification }) => ({ name, family, otp: known.get(specification.digest) ?? null }));
  const families = Object.keys(document.families);
  const others = linked.nodes.flatMap(({ blueprint, name, family: theirs, specification }) => {
    const otp = known.get(specification.digest) ?? null;
    const meets = (own: string) =>
      linked.map.between({ blueprint: document.name, family: own }, { blueprint, family: theirs }) !== null;
    return families.filter(meets).map((family) => ({ name, family, otp, linked: true }));
  });
  const why = incompatibility(document, releases, [...running, ...others]);
  if (why !== null)
    throw new Fault('invalid', why, { object: `blueprint ${document.name}`, next: 'wombat release inspect RELEASE' });
}

/** What hangs together with a blueprint that is as this document says. */
async function linkedAs({ store }: World, document: BlueprintDocument): Promise<Linked> {
  const { map, destroying } = await readLinks(store);
  const next = map.with(document);
  const partners = next.nearby(document.name);
  const nodes = (await store.list('node'))
    .map(({ value }) => value)
    .filter((node) => partners.includes(node.blueprint));
  return { map: next, destroying, nodes, runs: [] };
}

/** Old plans of the blueprint that nobody can adopt any more. */
async function outdated(world: World, name: string): Promise<Change[]> {
  const current = (await world.store.get('blueprint', name))?.value.plan;
  const plans = (await world.store.list('plan', { blueprint: name })).filter(({ key }) => key !== current);
  const byAge = plans.sort((a, b) => b.value.createdAt.localeCompare(a.value.createdAt));
  return byAge.slice(keptPlans).map(({ key }) => ({ remove: 'plan', key, expect: null }));
}

/** What made a revision, who and when: ` (apply, by token ci at …)`; nothing where there is none. */
async function originOf(store: Store, blueprint: string, number: number): Promise<string> {
  const revision = (await store.get('revision', revisionKey(blueprint, number)))?.value;
  if (revision === undefined) return '';
  const { cause, by, createdAt } = revision;
  return ` (${cause}${by === undefined ? '' : `, by token ${by}`} at ${createdAt})`;
}

/**
 * Makes a plan's revision current. Of two plans that were made from the same revision one is
 * adopted, whatever the order in which their adoptions come. Faults: not-found, conflict (stale), unsatisfiable, unavailable,
 * denied.
 */
export async function adoptPlan(world: World, id: string, asked: Asked): Promise<Adopted> {
  return anew(
    (error) => isRace(error, id),
    () => adoptOnce(world, id, asked),
  );
}

/** What was read has been written meanwhile, and it was not the plan that was found stale. */
function isRace(error: unknown, id: string): boolean {
  return error instanceof Fault && error.code === 'conflict' && error.detail.object !== planObject(id);
}

function planObject(id: string): string {
  return `plan ${id}`;
}

async function adoptOnce(world: World, id: string, asked: Asked): Promise<Adopted> {
  const plan = (await world.store.get('plan', id))?.value;
  if (plan === undefined) throw new Fault('not-found', `there is no plan ${id}`, { object: planObject(id) });
  const head = (await world.store.get('blueprint', plan.blueprint)) ?? noHead(plan.blueprint);
  const { blueprint, revision } = plan;
  if (head.value.plan === id && head.value.revision === revision)
    return { blueprint, revision, plan: id, operation: await operationOf(world.store, blueprint, revision) };
  await refuseStale(world, plan, head.value);
  refuseShort(plan);
  const facts = await gatherFacts(world, plan.document, adoptOfferAgeMs);
  if (factsDigest(plan.document, facts) !== plan.facts)
    throw stale(plan, 'nodes, machines or offers changed since it was made');
  await refuseQuarantined(world.store, plan.document, facts.releases);
  await refuseBrokenLinks(world, plan);
  await makeCookies(world, plan.document);
  const operation = await write(world, { plan, head, facts, asked });
  return { blueprint, revision, plan: id, operation: operation.id };
}

/** What a revision's adoption has begun; null when that was so long ago that it is not kept any more. */
async function operationOf(store: Store, blueprint: string, revision: number): Promise<string | null> {
  const own = await store.list('operation', { blueprint });
  return own.find(({ value }) => value.revision === revision && value.former === revision - 1)?.key ?? null;
}

/** What an adoption rests on. */
interface Adoption {
  readonly plan: Plan;
  readonly head: Versioned<Head>;
  readonly facts: Facts;
  readonly asked: Asked;
}

function refuseShort({ blueprint, report }: Plan): void {
  const lack = lackIn(report);
  if (lack !== null) throw new Fault(lack.code, lack.why, { object: `blueprint ${blueprint}`, next: lack.next });
}

async function refuseStale({ store }: World, plan: Plan, head: Head): Promise<void> {
  if (head.destroying) throw stale(plan, 'the blueprint is being destroyed');
  if (head.plan !== plan.parent || head.revision + 1 !== plan.revision)
    throw stale(
      plan,
      `revision ${head.revision} was applied since${await originOf(store, plan.blueprint, head.revision)}`,
    );
}

/** What links ask was checked when the plan was made; other blueprints may be others since. */
async function refuseBrokenLinks({ store }: World, plan: Plan): Promise<void> {
  const { map, destroying } = await readLinks(store);
  const blueprints = [...map.documents.values()].filter(({ name }) => !destroying.has(name));
  const known = { providers: [], domains: [], blueprints };
  const [broken] = checkLinks(subjectOf(plan.document, known));
  if (broken !== undefined) throw stale(plan, broken.message);
}

function stale(plan: Plan, why: string): Fault {
  return new Fault('conflict', `plan ${plan.id} is stale: ${why}`, {
    object: planObject(plan.id),
    next: 'wombat plan',
  });
}

async function write(world: World, { plan, head, facts, asked }: Adoption): Promise<Operation> {
  const context = await intentContext(world, plan.document, plan.revision, facts);
  const intents = intentsOf(plan.steps, context);
  const rollouts = begun(plan.steps, context, head.value.revision);
  const next: Versioned<Head> = { ...head, value: { ...head.value, revision: plan.revision, plan: plan.id } };
  const revision = {
    blueprint: plan.blueprint,
    number: plan.revision,
    document: plan.document,
    createdAt: timestamp(world.clock),
    cause: plan.cause,
    by: asked.by,
  };
  const changes: Change[] = [
    headChange(next, intents, null),
    { put: 'revision', key: revisionKey(plan.blueprint, plan.revision), value: revision, expect: 0 },
    ...(await declared(world, plan.document)),
    ...intents.changes,
    ...rollouts.changes,
  ];
  const words = `revision ${plan.revision}: ${plan.cause}, ${plan.steps.length} steps`;
  const told = {
    level: 'info' as const,
    kind: 'blueprint',
    object: plan.blueprint,
    blueprint: plan.blueprint,
    what: 'applied',
    words,
  };
  const { blueprint, cause } = plan;
  const operation = await commitBegun(
    world,
    { cause, blueprint, revision: plan.revision, former: head.value.revision, asked },
    changes,
    [told, ...rollouts.events, ...intents.events],
  );
  world.offers.forget();
  wakeAll(world, changes);
  world.wake.blueprint(plan.blueprint);
  // it may have been linked with others before, or be so from now on
  for (const name of await blueprintNames(world.store)) world.wake.component(name);
  return operation;
}

/** The providers with what they offer and the domains that the document declares, implicit domains too; those it no longer declares stay while machines use them. */
export async function declared(world: World, document: BlueprintDocument): Promise<Change[]> {
  const changes: Change[] = [];
  for (const { provider, domains } of declaredPlaces(document)) {
    changes.push({ put: 'provider', key: provider.name, value: provider, expect: null });
    const sheet = await world.offers.last(provider, domains);
    if (sheet !== undefined) changes.push({ put: 'offers', key: provider.name, value: sheet, expect: null });
    for (const domain of domains) changes.push({ put: 'domain', key: domain.name, value: domain, expect: null });
  }
  const own = new Set(changes.flatMap((change) => ('put' in change && change.put === 'domain' ? [change.key] : [])));
  for (const { domains } of await placesOf(world.store, document)) {
    for (const domain of domains) {
      const isNew = domain.declaredBy === document.name && !own.has(domain.name);
      if (isNew) changes.push({ put: 'domain', key: domain.name, value: domain, expect: null });
    }
  }
  return changes;
}

/** One cookie for each component of linked families, made once, before any node needs it. */
export async function makeCookies(world: World, document: BlueprintDocument): Promise<void> {
  for (const component of components(document)) {
    const name = cookieSecretName(document.name, component.name);
    if (!(await world.store.secrets.has(name))) await world.store.secrets.put(name, newCookie());
  }
}
