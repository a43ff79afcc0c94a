/**
 * Problem: what is to be placed and where it could be, as numbers. Equal hosts are one bin with so many copies, nodes of
 * a family are one kind with a count: who is who is decided afterwards, because it makes no difference. The exact
 * methods see this and nothing else.
 */
import type { Objective } from '../../model/blueprint.ts';
import type { LocationLevel } from '../../model/family.ts';
import type { Need } from '../need.ts';
import type { Place, Site, Stock } from './board.ts';
import type { Limit } from './limits.ts';
import type { Former } from './nearness.ts';
import type { Misfit } from './refusals.ts';

/** An offer from which machines can be made: how many are left of it, its board knows. */
export type Sold = Pick<Stock, 'offer' | 'domain'>;

/** A machine, or an offer. */
export type Member = { readonly site: Site; readonly stock: null } | { readonly site: null; readonly stock: Sold };

/** The nodes of a family that are to be placed. */
export interface Kind {
  readonly need: Need;
  readonly count: number;
  /** what one node takes, by dimension */
  readonly use: readonly number[];
  /** where those were whose machine was refused or lost; absent where there are none */
  readonly former?: Former;
}

/**
 * What can be asked of a placement; `balance` is what placing one by one looks at: wishes against nodes beside each other,
 * `nearness` how far nodes come to be from where they were before their machine was refused or lost.
 */
export type Aim = Objective | 'balance' | 'nearness';

/** Equal places. */
export interface Bin {
  /** each may be used once; an offer as often as `copies` says */
  readonly members: readonly Member[];
  /** what all of them say */
  readonly place: Place;
  readonly copies: number;
  /** what it costs to use one more of it, an hour; 0 for what is there and where no price is known */
  readonly price: number;
  /** whether using it means to acquire a machine */
  readonly fresh: boolean;
  /** what is left of it, by dimension */
  readonly room: readonly number[];
  /** by kind: whether it may be there */
  readonly allowed: readonly boolean[];
  /** by kind: how good it is there; one number for each priority, the most important first */
  readonly wishes: readonly (readonly number[])[];
  /** by kind: nodes that are there and stay */
  readonly here: readonly number[];
  /** by kind: nodes that are there and may be placed anew, here or elsewhere */
  readonly had: readonly number[];
  readonly location: Readonly<Record<LocationLevel, string>>;
  readonly domain: string;
  /** only its own host can dial it */
  readonly isolated: boolean;
  /** families of which it must have a node, because they are pinned there */
  readonly pinned: readonly string[];
}

/** What an offer comes to for the families of a blueprint, whatever their numbers. */
export interface Appraisal {
  readonly bin: Bin;
  /** by kind: why it does not do; null where it does */
  readonly misfits: readonly (Misfit | null)[];
}

export interface Problem {
  readonly kinds: readonly Kind[];
  readonly bins: readonly Bin[];
  readonly limits: readonly Limit[];
  readonly objectives: readonly Aim[];
  /** how many priorities of wishes there are */
  readonly priorities: number;
  /** names of two domains whose nodes cannot reach each other */
  readonly severed: readonly (readonly [string, string])[];
  /** whether a family is pinned to a host that is no place at the moment */
  readonly pinnedNowhere: boolean;
}

/** So many of a bin, each with so many nodes of each kind. */
export interface Load {
  readonly bin: Bin;
  readonly nodes: readonly number[];
  readonly times: number;
}

/** How sure an answer is. */
export interface Certainty {
  readonly method: 'one by one' | 'dynamic programming' | 'integer programming';
  readonly proved: boolean;
  /** how far from the best it may be at most, as a share of the objective; null when nobody knows */
  readonly gap: number | null;
  /** what was over before anything was proved: the work that is done for a plan, or the last deadline */
  readonly ended?: 'work' | 'deadline';
}

/** What an exact method answers: where everything goes; or that nothing fits; or that it does not know. */
export type Answer =
  | {
      readonly outcome: 'placed';
      readonly loads: readonly Load[];
      readonly certainty: Certainty;
      /** the value of each objective in the order of `scoreNames`, less is better */
      readonly scores: readonly number[];
    }
  | { readonly outcome: 'impossible' }
  | { readonly outcome: 'unknown'; readonly why: string };

/** How much may be done for one integer program. Work is the same everywhere and every time; the clock is not. */
export interface Effort {
  /** branches that are looked at */
  readonly branches: number;
  /** the last resort, should the work take longer than anybody can wait */
  readonly seconds: number;
  /** only whether it is possible, and what it costs, is asked: nothing will be placed by the answer */
  readonly asksWhether?: boolean;
}

/** Solves an integer program in the LP format of CPLEX. Handed in, because its implementation is not pure code of ours. */
export type SolveProgram = (
  text: string,
  effort: Effort,
) => {
  /** `ended`: the work is done, `objective` is the best that was found; `late`: the deadline is over */
  readonly status: 'optimal' | 'infeasible' | 'ended' | 'late' | 'unknown';
  readonly objective: number;
  /** of a column in the answer; none is known where the work has ended */
  readonly value: (column: string) => number;
};
