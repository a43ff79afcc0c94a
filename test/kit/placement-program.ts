/**
 * A placement as an integer program for other solvers: one variable for each family on each machine there could be, as
 * the language's definition reads. Written beside the optimiser, not with it: the two share no code.
 */
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { LocationLevel } from '../../src/model/family.ts';
import { between, nearnessStageOf } from './placement-failover.ts';
import type { Loss } from './placement-failover.ts';
import { amount, countOf, isMet, levels, placeOf } from './placement-checker.ts';
import type { Slot } from './placement-checker.ts';

/** Factors by variable. */
type Terms = Record<string, number>;

/** The program but for what is to be small, and what is to be small, the most important first. */
export class PlacementProgram {
  readonly stages: Terms[] = [];
  readonly #rows: string[] = [];
  readonly #binary = new Set<string>();
  readonly #whole: string[] = [];
  readonly #document: BlueprintDocument;
  readonly #slots: readonly Slot[];
  readonly #families: readonly (readonly [string, BlueprintDocument['families'][string]])[];

  /** `loss`: nodes that stay where they are, and those whose machines can no longer be had. */
  constructor(document: BlueprintDocument, slots: readonly Slot[], loss: Pick<Loss, 'staying' | 'lost'> | null = null) {
    this.#document = document;
    this.#slots = slots;
    this.#families = Object.entries(document.families);
    for (const [name] of this.#families) this.#addFamily(name);
    for (const [at, slot] of slots.entries()) this.#addSlot(at, slot);
    for (const [name] of this.#families) this.#addPlace(name);
    this.#addLimits();
    this.#addStages();
    if (loss !== null) this.#addLoss(loss);
  }

  /** The text in LP format with one stage as objective, and the stages before it held at their best. */
  text(stage: number, best: readonly number[]): string {
    const held = best.map((value, at) => `${sumOf(this.stages[at] ?? {})} <= ${value + 1e-6}`);
    return [
      'Minimize',
      ` obj: ${sumOf(this.stages[stage] ?? {})}`,
      'Subject To',
      ...[...this.#rows, ...held].map((row, at) => ` r${at}: ${row}`),
      'Bounds',
      ' one = 1',
      ...this.#whole.map((name) => ` 0 <= ${name} <= 100`),
      'Generals',
      ...this.#whole.map((name) => ` ${name}`),
      'Binaries',
      ...[...this.#binary].map((name) => ` ${name}`),
      'End',
      '',
    ].join('\n');
  }

  #row(terms: Terms, relation: '<=' | '>=' | '=', bound: number): void {
    this.#rows.push(`${sumOf(terms)} ${relation} ${bound}`);
  }

  #flag(name: string): string {
    this.#binary.add(name);
    return name;
  }

  /** Nodes that stay are there, and nothing is where machines were lost. */
  #addLoss({ staying, lost }: Pick<Loss, 'staying' | 'lost'>): void {
    const slotNamed = new Map(this.#slots.map((slot) => [slot.name, slot]));
    const gone = new Set(lost.map((put) => slotNamed.get(put.slot)?.offer.id));
    const far: Terms = {};
    for (const [family] of this.#families) {
      const stays = this.#slots.map(
        ({ name }) => staying.filter((put) => put.family === family && put.slot === name).length,
      );
      for (const [at, { offer }] of this.#slots.entries()) {
        if (gone.has(offer.id)) this.#row({ [`x_${family}_${at}`]: 1 }, '=', 0);
        else this.#row({ [`x_${family}_${at}`]: 1 }, '>=', stays[at] ?? 0);
      }
      const origins = lost.filter((put) => put.family === family).map((put) => slotNamed.get(put.slot)!);
      if (origins.length > 0) Object.assign(far, this.#ways(family, origins, stays));
    }
    this.stages.splice(nearnessStageOf(this.#document), 0, far);
  }

  /** Each node that was lost goes, so to say, from its origin to one place that more of its family are on than stay there: how far. */
  #ways(family: string, origins: readonly Slot[], stays: readonly number[]): Terms {
    // whole numbers by themselves, and said to be: CBC 2.10 took fractions of these from its presolve for an answer
    const way = (nth: number, at: number) => this.#flag(`w_${family}_${nth}_${at}`);
    for (const at of this.#slots.keys()) {
      const coming = origins.map((_, nth) => [way(nth, at), 1] as const);
      this.#row({ ...Object.fromEntries(coming), [`x_${family}_${at}`]: -1 }, '<=', -(stays[at] ?? 0));
    }
    const far: Terms = {};
    for (const [nth, origin] of origins.entries()) {
      const ways = this.#slots.map((slot, at) => [way(nth, at), between(origin, slot)] as const);
      this.#row(Object.fromEntries(ways.map(([name]) => [name, 1])), '=', 1);
      Object.assign(far, Object.fromEntries(ways));
    }
    return far;
  }

  #addFamily(name: string): void {
    const { demands = [], anyOf, ordered } = this.#document.families[name]!;
    const nodes = countOf(this.#document, name);
    const all: Terms = {};
    for (const [at, { offer }] of this.#slots.entries()) {
      const [count, there] = [`x_${name}_${at}`, this.#flag(`b_${name}_${at}`)];
      this.#whole.push(count);
      all[count] = 1;
      this.#row({ [count]: 1, [there]: -nodes }, '<=', 0);
      this.#row({ [there]: 1, [count]: -1 }, '<=', 0);
      this.#row({ [there]: 1, [this.#flag(`u_${at}`)]: -1 }, '<=', 0);
      const lists = [anyOf, ordered].filter((list) => list !== undefined);
      const only = this.#document.reserved?.[offer.id.split('/')[1]!];
      const fits =
        demands.every((demand) => isMet(demand, offer)) &&
        lists.every((list) => list.some((demand) => isMet(demand, offer))) &&
        only?.includes(name) !== false;
      if (!fits) this.#row({ [count]: 1 }, '=', 0);
    }
    this.#row(all, '=', nodes);
  }

  #addSlot(at: number, { offer }: Slot): void {
    const used = new Map<string, Terms>();
    for (const [name, { uses = {}, demands = [] }] of this.#families) {
      const memory = demands.flatMap((text) => /^memory >= (\S+)$/.exec(text)?.[1] ?? []).map(amount);
      const taken = { ...(memory.length > 0 ? { memory: Math.max(...memory) } : {}), ...uses };
      for (const [key, value] of Object.entries(taken))
        used.set(key, { ...used.get(key), [`x_${name}_${at}`]: scaled(key, amount(value)) });
    }
    for (const [key, terms] of used) this.#row(terms, '<=', scaled(key, Number(offer.attributes[key])));
  }

  /** Flags of the places at a level where the family is, and how many it has at each. */
  #places(name: string, level: LocationLevel): Map<string, { flag: string; nodes: Terms }> {
    const groups = Map.groupBy(this.#slots.keys(), (at) => placeOf(this.#slots[at]!, level));
    const keys = [...groups.keys()];
    return new Map(
      [...groups].map(([place, members]) => {
        const flag = `p_${name}_${level}_${keys.indexOf(place)}`;
        const there = Object.fromEntries(members.map((at) => [`b_${name}_${at}`, 1]));
        if (!this.#binary.has(flag)) {
          this.#flag(flag);
          for (const one of Object.keys(there)) this.#row({ [one]: 1, [flag]: -1 }, '<=', 0);
          this.#row({ [flag]: 1, ...negative(there) }, '<=', 0);
        }
        return [place, { flag, nodes: Object.fromEntries(members.map((at) => [`x_${name}_${at}`, 1])) }];
      }),
    );
  }

  #addPlace(name: string): void {
    const { place = {} } = this.#document.families[name]!;
    for (const level of levels) {
      const mine = this.#places(name, level);
      const flags = Object.fromEntries([...mine.values()].map(({ flag }) => [flag, 1]));
      const most = place.apart === level ? 1 : place.most?.[level];
      for (const { nodes } of mine.values()) if (most !== undefined) this.#row(nodes, '<=', most);
      if (place.together === level) this.#row(flags, '<=', 1);
      if (place.least?.[level] !== undefined) this.#row(flags, '>=', place.least[level]);
      const near = place.near?.within === level ? this.#places(place.near.family, level) : new Map<string, never>();
      for (const [where, other] of near as ReadonlyMap<string, { flag: string }>)
        this.#row({ [mine.get(where)!.flag]: 1, [other.flag]: -1 }, '<=', 0);
      for (const [other, apart] of Object.entries(place.apartFrom ?? {}))
        if (apart === level)
          for (const [where, theirs] of this.#places(other, level))
            this.#row({ [mine.get(where)!.flag]: 1, [theirs.flag]: 1 }, '<=', 1);
    }
    for (const host of place.pinned ?? []) {
      const there = [...this.#slots.entries()].filter(([, { offer }]) => offer.attributes['host'] === host);
      this.#row(Object.fromEntries(there.map(([at]) => [`b_${name}_${at}`, 1])), '>=', 1);
    }
  }

  #addLimits(): void {
    const { limits = {}, licences = {} } = this.#document;
    const check = (quota: typeof limits, covers: (slot: Slot) => boolean) => {
      const sum = (value: (slot: Slot) => number): Terms =>
        Object.fromEntries([...this.#slots.entries()].map(([at, slot]) => [`u_${at}`, covers(slot) ? value(slot) : 0]));
      if (quota.machines !== undefined)
        this.#row(
          sum(() => 1),
          '<=',
          quota.machines,
        );
      if (quota.cores !== undefined)
        this.#row(
          sum(({ offer }) => offer.capacity.cores),
          '<=',
          quota.cores,
        );
      if (quota.costPerHour !== undefined)
        this.#row(
          sum(({ offer }) => offer.pricePerHour ?? 0),
          '<=',
          quota.costPerHour,
        );
    };
    check(limits, () => true);
    for (const [name, quota] of Object.entries(limits.providers ?? {}))
      check(quota, ({ offer }) => offer.provider === name);
    for (const [name, quota] of Object.entries(limits.domains ?? {}))
      check(quota, ({ offer }) => offer.domain === name);
    for (const [licence, count] of Object.entries(licences)) {
      const takers = this.#families.filter(([, family]) => family.licences?.includes(licence));
      this.#row(
        this.#sumOver(
          takers.map(([name]) => name),
          () => 1,
        ),
        '<=',
        count,
      );
    }
  }

  #sumOver(names: readonly string[], factor: (name: string, slot: Slot) => number): Terms {
    const entries = names.flatMap((name) =>
      [...this.#slots.entries()].map(([at, slot]) => [`x_${name}_${at}`, factor(name, slot)]),
    );
    return Object.fromEntries(entries) as Terms;
  }

  #addStages(): void {
    const names = this.#families.map(([name]) => name);
    for (const objective of this.#document.optimise ?? ['spread', 'consolidate', 'prefer', 'cost']) {
      if (objective === 'spread')
        this.stages.push(Object.assign({}, ...names.map((name) => this.#squares(name))) as Terms);
      if (objective === 'consolidate')
        this.stages.push(Object.assign({}, ...names.map((name) => this.#used(name))) as Terms);
      if (objective === 'cost')
        this.stages.push(
          Object.fromEntries([...this.#slots.entries()].map(([at, { offer }]) => [`u_${at}`, offer.pricePerHour ?? 0])),
        );
      if (objective !== 'prefer') continue;
      const rank = (name: string, { offer }: Slot) =>
        Math.max(
          0,
          (this.#document.families[name]!.ordered ?? []).findIndex((text) => isMet(text, offer)),
        );
      this.stages.push(this.#sumOver(names, rank));
      for (const level of [1, 5])
        this.stages.push(this.#sumOver(names, (name, slot) => -this.#wish(name, slot, level)));
    }
  }

  #wish(name: string, { offer }: Slot, level: number): number {
    const wishes = this.#document.families[name]!.prefer ?? [];
    return wishes.reduce(
      (sum, { that, weight, priority = 5 }) => sum + (priority === level && isMet(that, offer) ? weight : 0),
      0,
    );
  }

  #used(name: string): Terms {
    const level = this.#document.families[name]!.place?.consolidate;
    if (level === undefined) return {};
    return Object.fromEntries([...this.#places(name, level).values()].map(({ flag }) => [flag, 1]));
  }

  /** One flag for each number of nodes that a place may have: its square by its share. */
  #squares(name: string): Terms {
    const spread = this.#document.families[name]!.place?.spread;
    const total = countOf(this.#document, name);
    if (spread === undefined) return {};
    const terms: Terms = {};
    for (const [where, { flag, nodes }] of this.#places(name, spread.over)) {
      const share = spread.shares === undefined ? 1 : (spread.shares[where] ?? 0.001);
      const counts = Array.from({ length: total }, (_, at) => this.#flag(`${flag}_is_${at + 1}`));
      this.#row(Object.fromEntries(counts.map((one) => [one, 1])), '<=', 1);
      const told = Object.fromEntries(counts.map((one, at) => [one, at + 1]));
      this.#row({ ...told, ...negative(nodes) }, '=', 0);
      for (const [at, one] of counts.entries()) terms[one] = (at + 1) ** 2 / share;
    }
    return terms;
  }
}

/** Bytes as megabytes: solvers like small numbers. */
function scaled(key: string, value: number): number {
  return key === 'memory' ? value / 2 ** 20 : value;
}

function negative(terms: Terms): Terms {
  return Object.fromEntries(Object.entries(terms).map(([name, factor]) => [name, -factor]));
}

function sumOf(terms: Terms): string {
  const shown = Object.entries(terms).filter(([, factor]) => factor !== 0);
  if (shown.length === 0) return '0 one';
  return shown.map(([name, factor]) => `${factor < 0 ? '-' : '+'} ${Math.abs(factor)} ${name}`).join(' ');
}
