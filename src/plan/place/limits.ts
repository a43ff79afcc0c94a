/** What the blueprint's machines may take and cost together, and how many licences there are. */
import type { BlueprintDocument, Limits } from '../../model/blueprint.ts';
import type { Need } from '../need.ts';
import type { Place, Site } from './board.ts';
import type { Scene } from './place.ts';

/** So much at the most: of machines, cores or money, at some place or everywhere; or of a licence. */
export interface Limit {
  /** where it stands in the blueprint */
  readonly path: string;
  readonly words: string;
  readonly most: number;
  /** what one more machine in use takes */
  readonly perMachine: (at: Pick<Place, 'provider' | 'domain' | 'capacity' | 'pricePerHour'>) => number;
  /** what one more node takes */
  readonly perNode: (need: Need) => number;
}

/** All limits, with what is taken already counted off. */
export function limitsOf(
  document: BlueprintDocument,
  { board, staying }: Pick<Scene, 'board' | 'staying'>,
  needs: readonly Need[],
): Limit[] {
  const { limits } = document;
  const inUse = new Set(staying.map(({ placement }) => placement.machine));
  const used = [...board.sites.values()].filter(({ token }) => inUse.has(token));
  const quotas: readonly Scope[] = [
    { path: 'limits', words: 'all machines', quota: limits ?? {}, covers: () => true },
    ...(['provider', 'domain'] as const).flatMap((what) =>
      Object.entries(limits?.[`${what}s`] ?? {}).map(([name, quota]) => ({
        path: `limits.${what}s.${name}`,
        words: `${what} ${name}`,
        quota,
        covers: (at: Pick<Place, 'provider' | 'domain'>) => at[what] === name,
      })),
    ),
  ];
  const licences = Object.entries(document.licences ?? {}).map(([licence, most]): Limit => {
    const perNode = ({ definition }: Need) => definition.licences?.filter((one) => one === licence).length ?? 0;
    const taken = needs.reduce(
      (sum, need) => sum + perNode(need) * staying.filter(({ family }) => family === need.family).length,
      0,
    );
    return {
      path: `licences.${licence}`,
      words: `${most} licences ${licence}`,
      most: most - taken,
      perMachine: () => 0,
      perNode,
    };
  });
  return [...quotas.flatMap((scope) => quotaLimits(scope, used)), ...licences];
}

interface Scope {
  readonly path: string;
  readonly words: string;
  readonly quota: Pick<Limits, 'machines' | 'cores' | 'costPerHour'>;
  readonly covers: (at: Pick<Place, 'provider' | 'domain'>) => boolean;
}

const measures = {
  machines: () => 1,
  cores: ({ capacity }: Pick<Place, 'capacity'>) => capacity.cores,
  costPerHour: ({ pricePerHour }: Pick<Place, 'pricePerHour'>) => pricePerHour ?? 0,
} as const;

function quotaLimits({ path, words, quota, covers }: Scope, used: readonly Site[]): Limit[] {
  return (['machines', 'cores', 'costPerHour'] as const).flatMap((key): Limit[] => {
    const most = quota[key];
    if (most === undefined) return [];
    const perMachine: Limit['perMachine'] = (at) => (covers(at) ? measures[key](at) : 0);
    const taken = used.reduce((sum, { place }) => sum + perMachine(place), 0);
    const what = key === 'costPerHour' ? `${most} an hour` : `${most} ${key}`;
    return [
      {
        path: `${path}.${key}`,
        words: `at most ${what} for ${words}`,
        most: most - taken,
        perMachine,
        perNode: () => 0,
      },
    ];
  });
}

/** Counts what is taken while nodes are placed one by one. */
export class Ledger {
  readonly #limits: readonly Limit[];
  readonly #taken: number[];
  readonly #used: Set<string>;

  /** `used` are the tokens of machines in use. */
  constructor(limits: readonly Limit[], used: Iterable<string>) {
    this.#limits = limits;
    this.#taken = limits.map(() => 0);
    this.#used = new Set(used);
  }

  /** The limit that a node there would break; null when none. */
  broken(need: Need, site: Pick<Site, 'token' | 'place'>): Limit | null {
    return (
      this.#limits.find((limit, at) => (this.#taken[at] ?? 0) + this.#amount(limit, need, site) > limit.most + 1e-9) ??
      null
    );
  }

  take(need: Need, site: Pick<Site, 'token' | 'place'>): void {
    this.#limits.forEach((limit, at) => {
      this.#taken[at] = (this.#taken[at] ?? 0) + this.#amount(limit, need, site);
    });
    this.#used.add(site.token);
  }

  #amount(limit: Limit, need: Need, { token, place }: Pick<Site, 'token' | 'place'>): number {
    return limit.perNode(need) + (this.#used.has(token) ? 0 : limit.perMachine(place));
  }
}
