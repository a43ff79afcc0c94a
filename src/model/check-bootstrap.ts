/** Checks of bootstrap strategies, hooks and links: texts of calls, families linked, and whether these can reach each other. */
import { suggestion } from '../base/nearest.ts';
import type { ActionStep, Strategy } from './bootstrap.ts';
import { parseCall, variablesOf } from './call.ts';
import type { Subject } from './check-subject.ts';
import { components, dependenciesOf, dependencyCycle } from './component.ts';
import { attributesIn, parseDemand } from './demand.ts';
import { at, atKey } from './document-path.ts';
import type { DocumentPath, Finding } from './document-path.ts';
import type { DomainDefinition } from './domain.ts';
import type { FamilyDefinition } from './family.ts';
import { holds } from './holds.ts';
import { familyOf } from './link.ts';
import { expectedAnswer } from './update.ts';
import { isLoopbackOnly, networksConnect } from './reach.ts';

/** Checks of one family by itself. */
export function checkBootstrap({ document }: Subject, name: string, family: FamilyDefinition): Finding[] {
  const path = ['families', name, 'bootstrap'];
  const within = family.bootstrap?.within;
  const links = Object.entries(family.bootstrap?.with ?? {});
  return [
    ...(within === undefined ? [] : checkStrategy([...path, 'within'], within)),
    ...links.flatMap(([other, strategy]) => [
      ...checkLink(name, other, Object.keys(document.families)),
      ...checkStrategy([...path, 'with', other], strategy),
    ]),
    ...checkHooks(name, family),
    ...checkHealth(name, family),
  ];
}

function checkLink(name: string, other: string, families: readonly string[]): Finding[] {
  const path = ['families', name, 'bootstrap', 'with', other];
  if (familyOf(other) !== undefined) return [];
  if (other === name)
    return [atKey(path, 'a family cannot be its own neighbour', 'bootstrap.within speaks of its own nodes')];
  if (families.includes(other)) return [];
  return [atKey(path, `there is no family "${other}"`, suggestion(other, families, 'the families are'))];
}

function checkStrategy(path: DocumentPath, { action }: Strategy): Finding[] {
  if (typeof action === 'string') return [];
  const steps: [string, ActionStep | undefined][] = [
    ['done', action.done],
    ['join', action.join],
    ['leave', action.leave],
  ];
  return steps.flatMap(([key, step]) =>
    step !== undefined && 'call' in step ? checkCall([...path, 'action', key, 'call'], step.call) : [],
  );
}

/** Whether a text is a call. */
export function checkCall(path: DocumentPath, text: string): Finding[] {
  const parsed = parseCall(text);
  return parsed.ok
    ? []
    : [{ path, spot: parsed.offset, message: `in "${text}": ${parsed.message}`, hint: parsed.hint }];
}

/** A check knows no peer; what it must answer is a term. */
function checkHealth(name: string, { update }: FamilyDefinition): Finding[] {
  const check = update?.check;
  if (check === undefined || typeof check === 'string') return [];
  const path = ['families', name, 'update', 'check'];
  const parsed = parseCall(check.call);
  const hasPeer = parsed.ok && variablesOf(parsed.call).includes('Peer');
  const expected = expectedAnswer(check);
  return [
    ...checkCall([...path, 'call'], check.call),
    ...(hasPeer
      ? [at([...path, 'call'], 'a check has no variable Peer', 'it runs on the node itself: my_app:ready()')]
      : []),
    ...(expected.ok
      ? []
      : [at([...path, 'answers'], `in "${check.answers ?? ''}": ${expected.message}`, expected.hint)]),
  ];
}

/** A hook knows no new node and no peer. */
function checkHooks(name: string, { hooks }: FamilyDefinition): Finding[] {
  if (hooks?.beforeStop === undefined) return [];
  const path = ['families', name, 'hooks', 'beforeStop'];
  const parsed = parseCall(hooks.beforeStop);
  const [variable] = parsed.ok ? variablesOf(parsed.call) : [];
  if (variable === undefined) return checkCall(path, hooks.beforeStop);
  return [at(path, `a hook has no variable ${variable}`, 'it runs on the node itself: my_app:drain()')];
}

/** Checks of families as they are linked. */
export function checkComponents(subject: Subject): Finding[] {
  return [...checkMeshes(subject), ...checkCycle(subject), ...checkReach(subject)];
}

function checkMeshes({ document }: Subject): Finding[] {
  return components(document).flatMap(({ families }) => {
    const [first, ...others] = families.map((name) => ({ name, mesh: document.families[name]?.mesh ?? 'full' }));
    return others.flatMap(({ name, mesh }) => {
      if (first === undefined || mesh === first.mesh) return [];
      const message = `mesh of "${name}" is ${mesh}, that of "${first.name}", with which it is linked, is ${first.mesh}`;
      return [at(['families', name, 'mesh'], message, 'linked families have one mesh')];
    });
  });
}

function checkCycle({ document }: Subject): Finding[] {
  const [family, next, ...rest] = dependencyCycle(document) ?? [];
  if (family === undefined || next === undefined) return [];
  const message = `families wait for each other: ${[family, next, ...rest].join(' -> ')}`;
  const path = ['families', family, 'bootstrap', 'with', next];
  return [atKey(path, message, 'a family starts behind those it bootstraps with: leave one of these links out')];
}

function checkReach(subject: Subject): Finding[] {
  const { document } = subject;
  return Object.keys(document.families).flatMap((name) =>
    dependenciesOf(document, name).flatMap((other) => {
      const [mine, theirs] = [placesOf(subject, name), placesOf(subject, other)];
      // families without any place are the planner's to tell about, with the offers that there are
      if (mine.length === 0 || theirs.length === 0) return [];
      if (mine.some((one) => theirs.some((two) => connects(subject, one, two)))) return [];
      const path = ['families', name, 'bootstrap', 'with', other];
      return [{ path, spot: 'key', ...reachWords([name, mine], [other, theirs]) } satisfies Finding];
    }),
  );
}

/** Attributes that a domain has before anybody looked at a machine. */
const nameAttributes: readonly string[] = ['domain', 'provider', 'kind'];

/** A domain with its name. */
export type Named = readonly [name: string, domain: DomainDefinition];

/** The domains where the family's nodes may be, by those of its demands that need no machine to be judged. */
export function placesOf({ document, domains, providers }: Subject, family: string): Named[] {
  const demands = (document.families[family]?.demands ?? []).flatMap((text) => {
    const parsed = parseDemand(text);
    return parsed.ok && [...attributesIn(parsed.demand)].every((name) => nameAttributes.includes(name))
      ? [parsed.demand]
      : [];
  });
  return [...domains].filter(([name, { provider }]) => {
    const kind = providers.get(provider)?.kind ?? '';
    return demands.every((demand) => holds(demand, { domain: name, provider, kind }));
  });
}

/** Whether nodes of two domains can reach each other, by what is declared. */
export function connects({ providers }: Subject, [name, domain]: Named, [otherName, other]: Named): boolean {
  if (name === otherName) return true;
  const alone = [domain, other].some((one) => isLoopbackOnly(one, providers.get(one.provider)));
  return !alone && networksConnect(domain, other);
}

/** That nodes of two families cannot reach each other, in words. */
export function reachWords(
  [family, mine]: readonly [string, readonly Named[]],
  [other, theirs]: readonly [string, readonly Named[]],
) {
  const words = (places: readonly Named[]) =>
    places
      .map(([name, { network }]) => `${name} (${network === undefined ? 'no network named' : `network ${network}`})`)
      .join(', ');
  return {
    message: `nodes of "${family}" in ${words(mine)} cannot reach nodes of "${other}" in ${words(theirs)}`,
    hint: 'give the domains the same network, list one in the other\'s "reaches", and let hosts advertise an address that others can dial',
  };
}
