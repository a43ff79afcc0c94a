/** What a plan that rebalances is worth: what differs between two placements, each in numbers that people know. */
import { holds } from '../model/holds.ts';
import type { Gain } from '../model/plan.ts';
import type { Attempt } from './attempt.ts';
import type { Need } from './need.ts';
import { locationOf } from './place/board.ts';
import type { Site } from './place/board.ts';

/** A node, as far as it counts. */
interface Put {
  readonly need: Need;
  readonly site: Site;
}

/** The measures that differ. */
export function gainOf(before: Attempt, after: Attempt): Gain {
  const [had, will] = [putsOf(before), putsOf(after)];
  const measured: Gain = [
    { what: 'cost an hour', before: costText(had), after: costText(will) },
    { what: 'machines', before: String(machinesOf(had).size), after: String(machinesOf(will).size) },
    { what: 'nodes on the fullest machine', before: String(fullest(had)), after: String(fullest(will)) },
    { what: 'preferences met', before: String(wishesOf(had)), after: String(wishesOf(will)) },
    ...[...after.needs.values()].flatMap((need) => placesOf(need, had, will)),
  ];
  return measured.filter((one) => one.before !== one.after);
}

function putsOf({ differences, needs, placing, board }: Attempt): Put[] {
  const { sites } = board();
  return differences.flatMap(({ family, stay }) => {
    const need = needs.get(family);
    if (need === undefined) return [];
    const staying = stay.flatMap(({ placement }) => sites.get(placement.machine) ?? []);
    const coming = (placing.seats.get(family) ?? []).map(({ site }) => site);
    return [...staying, ...coming].map((site) => ({ need, site }));
  });
}

function machinesOf(puts: readonly Put[]): Map<string, Site> {
  return new Map(puts.map(({ site }) => [site.token, site]));
}

function costText(puts: readonly Put[]): string {
  const prices = [...machinesOf(puts).values()].map(({ place }) => place.pricePerHour ?? 0);
  return prices.reduce((sum, price) => sum + price, 0).toFixed(4);
}

function fullest(puts: readonly Put[]): number {
  const counts = Map.groupBy(puts, ({ site }) => site.hostKey);
  return Math.max(0, ...[...counts.values()].map(({ length }) => length));
}

function wishesOf(puts: readonly Put[]): number {
  return puts.reduce(
    (sum, { need, site }) =>
      need.wishes.reduce((own, { weight, demand }) => own + (holds(demand, site.place.attributes) ? weight : 0), sum),
    0,
  );
}

/** Where the nodes of a family are, at the levels that its rules or its consolidation speak of. */
function placesOf(need: Need, had: readonly Put[], will: readonly Put[]): Gain {
  const { spread, consolidate } = need.rules;
  return [...new Set([spread?.over, consolidate])].flatMap((level) => {
    if (level === undefined) return [];
    const text = (puts: readonly Put[]) => {
      const mine = puts.filter((put) => put.need.family === need.family);
      const groups = Map.groupBy(mine, ({ site }) => (level === 'host' ? site.offer : locationOf(site, level)));
      const counted = [...groups].map(([place, { length }]) => `${place} ${length}`);
      return counted.sort().join(', ');
    };
    return [{ what: `${need.family} by ${level}`, before: text(had), after: text(will) }];
  });
}
