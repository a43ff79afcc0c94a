/** Draft: from differences and seats to steps, each with its name, place and reason. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import { startOrder } from '../model/component.ts';
import type { Domain } from '../model/domain.ts';
import type { Machine } from '../model/machine.ts';
import { isAddressed } from '../model/node.ts';
import type { Node, Placement } from '../model/node.ts';
import type { Facts, Planned, Step } from '../model/plan.ts';
import { isLoopback } from '../model/reach.ts';
import { Addressing } from './addressing.ts';
import type { Concerned, Difference } from './diff.ts';
import { idFrom } from './ids.ts';
import { nextOrdinal, Ordinals } from './ordinals.ts';
import type { Need } from './need.ts';
import type { Board, Site } from './place/board.ts';
import type { Placing, Seat } from './place/place.ts';
import { changesBetween, specificationOf } from './specification.ts';

/** Everything that steps are drawn from. */
export interface DraftContext {
  readonly document: BlueprintDocument;
  readonly head: { readonly nextOrdinal: Readonly<Record<string, number>> };
  readonly facts: Facts;
  readonly needs: ReadonlyMap<string, Need>;
  readonly placing: Placing;
  readonly differences: readonly Difference[];
  /** as it is before the plan */
  readonly board: Board;
  readonly domains: ReadonlyMap<string, Domain>;
  readonly seed: number;
}

type AddStep = Extract<Step, { do: 'add node' }>;

/** A node to be added: where, why, and in whose place. */
interface Newcomer {
  readonly seat: Seat;
  readonly replaces: Node | null;
  readonly keepsOrdinal: boolean;
  readonly extra?: true;
  readonly why: string;
}

const helpWords = 'one more while others are changed, of which none may be missing (update.minRunning)';

export class Draft {
  readonly #context: DraftContext;
  readonly #addressing = new Map<string, Addressing>();
  readonly #nodesOn = new Map<string, number>();
  /** nodes that stay on their machine but must have another address there */
  readonly #moves = new Map<string, Newcomer[]>();
  /** names of other blueprints' nodes: two nodes of one name cannot be on one epmd, or in one cluster */
  readonly #names: ReadonlySet<string>;

  constructor(context: DraftContext) {
    this.#context = context;
    const { facts, document } = context;
    this.#names = new Set(facts.nodes.flatMap(({ blueprint, name }) => (blueprint === document.name ? [] : [name])));
    this.#reserve();
    for (const difference of this.#inStartOrder()) this.#moves.set(difference.family, this.#movesOf(difference));
  }

  /** Machines first, then nodes as they come, change and go; machines given back last. */
  steps(): Step[] {
    const families = this.#inStartOrder();
    return [
      ...this.#acquired(),
      ...families.flatMap((difference) => this.#added(difference)),
      ...families.flatMap((difference) => this.#changed(difference)),
      ...this.#context.differences.flatMap((difference) => this.#removed(difference)),
      ...this.#released(),
    ];
  }

  /** Cost per hour of the machines that serve the blueprint; null where no price is known. */
  costs(): Pick<Planned, 'costBefore' | 'costAfter'> {
    const { facts, document, differences } = this.#context;
    const mine = facts.nodes.filter((node) => node.blueprint === document.name);
    const before = new Set(mine.map((node) => node.placement.machine));
    const after = new Set(differences.flatMap(({ stay }) => stay.map((node) => node.placement.machine)));
    const prices = new Map(facts.machines.map((machine) => [machine.token, machine.pricePerHour]));
    for (const { site } of this.#seats()) {
      prices.set(site.token, site.place.pricePerHour);
      after.add(site.token);
    }
    const sum = (tokens: ReadonlySet<string>) => {
      const known = [...tokens].flatMap((token) => prices.get(token) ?? []);
      // sums of decimals end in noise
      return known.length === 0 ? null : Number(known.reduce((total, price) => total + price, 0).toFixed(9));
    };
    return { costBefore: sum(before), costAfter: sum(after) };
  }

  #inStartOrder(): Difference[] {
    const order = startOrder(this.#context.document);
    const rank = ({ family }: Difference) => (order.includes(family) ? order.indexOf(family) : order.length);
    return [...this.#context.differences].sort((a, b) => rank(a) - rank(b));
  }

  #seats(): Seat[] {
    return [...this.#context.placing.seats.values()].flat();
  }

  #siteOf(node: Node): Site | undefined {
    return this.#context.board.sites.get(node.placement.machine);
  }

  /** What the seats take is taken on this board, too. */
  #reserve(): void {
    const { board } = this.#context;
    for (const { host, hostKey } of board.sites.values()) this.#nodesOn.set(hostKey, host.nodes);
    for (const { site, port } of this.#seats()) {
      board.hostOf(site.place, site.token, site.offer).host.ports.add(port);
      this.#nodesOn.set(site.hostKey, (this.#nodesOn.get(site.hostKey) ?? 0) + 1);
    }
  }

  #addressingOf(component: string): Addressing {
    const known = this.#addressing.get(component);
    if (known !== undefined) return known;
    const { differences, needs, placing } = this.#context;
    const members = differences.filter(({ family }) => needs.get(family)?.component.name === component);
    const staying = members.flatMap(({ stay }) => stay.flatMap((node) => this.#siteOf(node) ?? []));
    const coming = members.flatMap(({ family }) => (placing.seats.get(family) ?? []).map(({ site }) => site));
    const [to = [], from = []] = [true, false].map((way) => this.#linkedSites(component, way));
    const made = new Addressing([...staying, ...coming, ...to], from);
    this.#addressing.set(component, made);
    return made;
  }

  /** Where nodes of other blueprints are that a component links to, or that link to it. */
  #linkedSites(component: string, to: boolean): Site[] {
    const { facts } = this.#context;
    const ids = new Set((facts.linked?.[component] ?? []).filter((one) => one.to === to).map(({ node }) => node));
    return ids.size === 0 ? [] : facts.nodes.flatMap((node) => (ids.has(node.id) ? (this.#siteOf(node) ?? []) : []));
  }

  /** Nodes whose address no longer serves, or was not known when they were planned. */
  #movesOf({ family, stay }: Difference): Newcomer[] {
    const need = this.#context.needs.get(family);
    if (need === undefined) return [];
    const addressing = this.#addressingOf(need.component.name);
    return stay.flatMap((node) => {
      const site = this.#siteOf(node);
      if (site === undefined || site.closed !== null || node.desired === 'stopped') return [];
      const { advertised, machine } = node.placement;
      const isPending = !isAddressed(node) && addressing.of(site) !== machine;
      const isOutgrown = addressing.outgrows && isLoopback(advertised) && !isLoopback(addressing.of(site));
      if (!isPending && !isOutgrown) return [];
      const port = isPending ? node.placement.port : site.host.freePort(site.domain);
      if (port === undefined) return [];
      site.host.ports.add(port);
      const why = isPending
        ? `the address of its machine is known now`
        : `linked nodes are on other machines now, which cannot dial ${advertised}`;
      return [{ seat: { site, port, why: 'same machine' }, replaces: node, keepsOrdinal: isPending, why }];
    });
  }

  #acquired(): Step[] {
    const fresh = new Map(
      this.#seats()
        .filter(({ site }) => site.fresh)
        .map(({ site }) => [site.token, site]),
    );
    const counts = countBy(this.#seats().map(({ site }) => site.token));
    return [...fresh.values()].map(({ token, offer, place, domain }) => {
      const nodes = counts.get(token) ?? 0;
      const why = `${nodes} ${nodes === 1 ? 'node' : 'nodes'} will be on it`;
      return { do: 'acquire machine', token, offer, provider: place.provider, domain: domain.name, why };
    });
  }

  #newcomers({ family, displaced, lacking, wanted, extra }: Difference): Newcomer[] {
    const seats = this.#context.placing.seats.get(family) ?? [];
    const keepsOrdinal = this.#context.needs.get(family)?.definition.keepName ?? false;
    const placed = seats.map((seat, at): Newcomer => {
      const leaver = displaced[at];
      if (leaver !== undefined)
        return { seat, replaces: leaver.node, keepsOrdinal, why: `replaces ${leaver.node.name}: ${leaver.why}` };
      // of those that are lacking, the last are there to help
      if (at >= displaced.length + lacking - extra)
        return { seat, replaces: null, keepsOrdinal: false, extra: true, why: helpWords };
      const why = `${family}: ${wanted} wanted, ${wanted - lacking + extra} there`;
      return { seat, replaces: null, keepsOrdinal: false, why };
    });
    const moved = (this.#moves.get(family) ?? []).map((one) => ({
      ...one,
      keepsOrdinal: one.keepsOrdinal || keepsOrdinal,
    }));
    return [...placed, ...moved];
  }

  #added(difference: Difference): AddStep[] {
    const { document, needs, facts, head, seed } = this.#context;
    const need = needs.get(difference.family);
    const specification = need === undefined ? null : specificationOf(document, need);
    if (need === undefined || specification === null) return [];
    const { family } = need;
    const ordinals = new Ordinals(
      nextOrdinal(document.name, family, head.nextOrdinal[family] ?? 1, facts.nodes),
      this.#names,
    );
    return this.#newcomers(difference).map(({ seat, replaces, keepsOrdinal, extra, why }) => {
      const placement = this.#placementOf(need, seat);
      const nameOf = (ordinal: number) => `${family}-${ordinal}@${placement.advertised}`;
      const kept = replaces !== null && keepsOrdinal ? replaces : null;
      const { ordinal, skipped } = ordinals.next(nameOf, kept);
      const taken = skipped.length === 0 ? '' : `; ${skipped.join(', ')} belongs to another blueprint`;
      return {
        do: 'add node',
        node: idFrom('n', seed, [document.name, family, String(ordinal), replaces?.id ?? '']),
        family,
        ordinal,
        name: nameOf(ordinal),
        placement,
        specification,
        replaces: replaces?.id ?? null,
        ...(extra === undefined ? {} : { extra }),
        why: `${why}; on ${seat.site.offer}: ${seat.why}${taken}`,
      };
    });
  }

  #placementOf({ component, cores, memoryBytes, uses }: Need, { site, port }: Seat): Placement {
    const address = this.#addressingOf(component.name).of(site);
    const others = [...uses].filter(([attribute]) => attribute !== 'memory');
    const share = Math.floor(site.place.capacity.cores / Math.max(1, this.#nodesOn.get(site.hostKey) ?? 1));
    return {
      provider: site.place.provider,
      domain: site.domain.name,
      machine: site.token,
      listen: address,
      advertised: address,
      port,
      cores: cores > 0 ? cores : Math.max(1, share),
      ...(memoryBytes > 0 ? { memoryBytes } : {}),
      ...(others.length > 0 ? { uses: Object.fromEntries(others) } : {}),
    };
  }

  #changed({ family, stay }: Difference): Step[] {
    const { document, needs } = this.#context;
    const need = needs.get(family);
    const specification = need === undefined ? null : specificationOf(document, need);
    if (specification === null) return [];
    const moved = new Set((this.#moves.get(family) ?? []).map(({ replaces }) => replaces?.id));
    return stay.flatMap((node): Step[] => {
      const changes = moved.has(node.id) ? [] : changesBetween(node.specification, specification);
      if (changes.length === 0) return [];
      return [{ do: 'change node', node: node.id, name: node.name, family, specification, why: changes.join(', ') }];
    });
  }

  #removed({ family, displaced, surplus, relieved }: Difference): Step[] {
    const seats = this.#context.placing.seats.get(family)?.length ?? 0;
    const moved = (this.#moves.get(family) ?? []).flatMap(({ replaces, why }) =>
      replaces === null ? [] : [{ node: replaces, why }],
    );
    // one that found no other place keeps the one it has: it may yet come back
    const leavers: Concerned[] = [...displaced.slice(0, seats), ...moved, ...surplus, ...relieved];
    return leavers.map(({ node, why }) => ({ do: 'remove node', node: node.id, name: node.name, family, why }));
  }

  /** Machines on which no node of anybody is recorded, in domains that this blueprint may speak for. */
  #released(): Step[] {
    const { facts, document, domains } = this.#context;
    const used = new Set([
      ...facts.nodes.map((node) => node.placement.machine),
      ...this.#seats().map(({ site }) => site.token),
    ]);
    const mine = new Set(
      facts.domains
        .filter(({ name, declaredBy }) => declaredBy === document.name || domains.has(name))
        .map(({ name }) => name),
    );
    const isIdle = ({ token, domain, state }: Machine) =>
      !used.has(token) && mine.has(domain) && state.phase !== 'destroying';
    return facts.machines.filter(isIdle).map(({ token, provider, domain }) => ({
      do: 'release machine',
      token,
      provider,
      domain,
      why: 'no node is on it any more',
    }));
  }
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
