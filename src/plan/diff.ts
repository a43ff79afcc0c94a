/** What a blueprint's families lack and have too much: which nodes stay, go, or must be somewhere else. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { dynamicCapabilities } from '../model/capability.ts';
import { attributesIn } from '../model/demand.ts';
import type { Demand } from '../model/demand.ts';
import type { Domain } from '../model/domain.ts';
import { refusedForLong } from '../model/machine.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Facts } from '../model/plan.ts';
import { updateRules } from '../model/update.ts';
import type { Counts } from '../model/wanted.ts';
import { failing } from './need.ts';
import type { Need } from './need.ts';
import { isSameSpecification, specificationOf } from './specification.ts';

/** A node and why something is done about it. */
export interface Concerned {
  readonly node: Node;
  readonly why: string;
}

/** One family, wanted against had. */
export interface Difference {
  readonly family: string;
  readonly wanted: number;
  readonly stay: readonly Node[];
  /** must be somewhere else: another node takes their part, if it finds a place */
  readonly displaced: readonly Concerned[];
  readonly surplus: readonly Concerned[];
  /** another node is there that takes their part: they go when it works */
  readonly relieved: readonly Concerned[];
  /** how many more nodes there must be */
  readonly lacking: number;
  /** how many of these are there only while others are changed */
  readonly extra: number;
}

/** What differences are found with. */
export interface Outlook {
  readonly document: BlueprintDocument;
  readonly destroying: boolean;
  readonly needs: ReadonlyMap<string, Need>;
  /** how many nodes each family is to have */
  readonly counts: Counts;
  readonly domains: ReadonlyMap<string, Domain>;
  /** the revision in force: moves that others have begun are void */
  readonly revision: number;
}

/** The differences of all families that are wanted or had, wanted ones first and in the order of the document. */
export function differencesOf(outlook: Outlook, facts: Facts): Difference[] {
  const machines = new Map(facts.machines.map((machine) => [machine.token, machine]));
  const mine = facts.nodes.filter((node) => node.blueprint === outlook.document.name && node.desired !== 'removed');
  const had = Map.groupBy(mine, (node) => node.family);
  const families = new Set([...outlook.needs.keys(), ...[...had.keys()].sort()]);
  return [...families].map((family) => differenceOf(family, had.get(family) ?? [], outlook, machines));
}

function differenceOf(
  family: string,
  had: readonly Node[],
  outlook: Outlook,
  machines: ReadonlyMap<string, Machine>,
): Difference {
  const successors = new Map(had.flatMap((node) => (node.replaces === undefined ? [] : [[node.replaces, node]])));
  const present = had.filter(({ id }) => !successors.has(id));
  const [extras, nodes] = [present.filter(({ extra }) => extra), present.filter(({ extra }) => !extra)];
  const need = outlook.needs.get(family);
  const wanted = outlook.destroying || need === undefined ? 0 : (outlook.counts.get(family) ?? 0);
  const whyOf = new Map(present.map((node) => [node.id, displacement(node, need, outlook, machines)]));
  const isLost = (node: Node) => (whyOf.get(node.id) ?? null) !== null;
  const isNeeded = need !== undefined && needsOneMore(need, nodes, wanted, outlook.document);
  const helping = isNeeded ? extras.filter((node) => !isLost(node)).slice(0, 1) : [];
  const lackingHelp = isNeeded ? 1 - helping.length : 0;
  const byRank = [...nodes].sort((a, b) => rank(a, isLost(a)) - rank(b, isLost(b)) || b.ordinal - a.ordinal);
  const surplus = byRank.slice(0, Math.max(0, nodes.length - wanted));
  const leaving = new Set(surplus);
  const rest = nodes.filter((node) => !leaving.has(node)).sort((a, b) => a.ordinal - b.ordinal);
  const why = outlook.destroying
    ? 'the blueprint is being destroyed'
    : need === undefined
      ? `there is no family ${family} any more`
      : `${family}: ${wanted} wanted, ${nodes.length} there`;
  return {
    family,
    wanted,
    stay: [...rest.filter((node) => !isLost(node)), ...helping],
    displaced: rest.filter(isLost).map((node) => ({ node, why: whyOf.get(node.id) ?? '' })),
    surplus: [
      ...surplus.map((node) => ({ node, why })),
      ...extras
        .filter((node) => !helping.includes(node))
        .map((node) => ({ node, why: outlook.destroying ? why : relief })),
    ],
    relieved: had.flatMap((node) => {
      const successor = successors.get(node.id);
      return successor === undefined ? [] : [{ node, why: `${successor.name} takes its part` }];
    }),
    lacking: Math.max(0, wanted - nodes.length) + lackingHelp,
    extra: lackingHelp,
  };
}

const relief = 'it was there while others were changed';

/** Whether nodes are to be changed of which none may be missing, so that another one must stand in. */
function needsOneMore(need: Need, nodes: readonly Node[], wanted: number, document: BlueprintDocument): boolean {
  const specification = specificationOf(document, need);
  if (specification === null || wanted === 0) return false;
  const asked = wanted - nodes.filter(({ desired }) => desired === 'stopped').length;
  const { minRunning } = updateRules(need.definition.update, asked);
  const isChanging = nodes.some(
    (node) => node.desired === 'running' && !isSameSpecification(node.specification, specification),
  );
  return isChanging && asked > 0 && asked - minRunning < 1;
}

/** Which nodes go first: those that cannot stay or do not work, then those that do not work yet; else the highest ordinal. */
function rank({ state, desired }: Node, isLost: boolean): number {
  if (isLost || desired === 'stopped' || state.phase === 'failed' || state.phase === 'stopped') return 0;
  return state.phase === 'running' ? 2 : 1;
}

function isLasting(demand: Demand): boolean {
  return ![...attributesIn(demand)].some((attribute) => dynamicCapabilities.includes(attribute));
}

/** Whether a move that was begun can still be made. */
function isOpen(machine: Machine | undefined): boolean {
  return machine !== undefined && ['wanted', 'booting', 'ready'].includes(machine.state.phase);
}

/** Why a node must be somewhere else; null when it may stay. */
function displacement(
  { placement, desired, move }: Node,
  need: Need | undefined,
  { domains, revision }: Outlook,
  machines: ReadonlyMap<string, Machine>,
): string | null {
  const machine = machines.get(placement.machine);
  // a node that was stopped on purpose can wait for its machine
  if (desired === 'stopped') return null;
  if (machine === undefined) return 'its machine is gone';
  if (machine.state.phase === 'lost') return `its machine ${machine.offer} is lost: ${machine.state.why}`;
  const refused = refusedForLong(machine);
  if (refused !== null) return `its machine ${machine.offer} is not to be had: ${refused.why}`;
  if (machine.state.phase === 'destroying') return `its machine ${machine.offer} is being given back`;
  if (!domains.has(placement.domain)) return `domain ${placement.domain} is not in the blueprint any more`;
  if (move !== undefined && move.revision === revision && isOpen(machines.get(move.machine))) return move.why;
  const lasting = need?.demands.filter(({ demand }) => isLasting(demand)) ?? [];
  return failing(lasting, machine.attributes)[0]?.why ?? null;
}
