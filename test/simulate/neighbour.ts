/**
 * A second blueprint, with one family that is linked to one of the first: its nodes and the first one's are one mesh while the
 * link is there, and have nothing to do with each other when it is taken out.
 */
import { Fault } from '../../src/base/fault.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Running } from './control-plane.ts';
import { digests } from './world.ts';
import type { SimulatedWorld } from './world.ts';

/** The second blueprint of a world that has a site of its own for it. */
export const neighbour = 'bees';
/** The family of the first one that it links to. */
const linkedTo = 'ants/web';
const nodes = 3;
const asked = { by: 'a neighbour' };

function documentOf({ ownSite }: SimulatedWorld, isLinked: boolean): BlueprintDocument {
  if (ownSite === null) throw new Error('this world has no neighbour');
  const { name, definition, domain } = ownSite;
  const link = { with: { [linkedTo]: { select: 'all', action: 'distributed_erlang' } } } as const;
  return {
    wombat: 1,
    name: neighbour,
    providers: { [name]: definition },
    domains: { [name]: domain },
    releases: { ants: { digest: digests[0] } },
    families: {
      hive: { release: 'ants', nodes, stopSeconds: 10, bootSeconds: 30, ...(isLinked ? { bootstrap: link } : {}) },
    },
  };
}

/** Whoever has the second blueprint. */
export class Neighbour {
  readonly #world: SimulatedWorld;
  #promised: { readonly revision: number; readonly document: BlueprintDocument } | null = null;
  /** whether its end was asked for */
  #isEnding = false;

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  /** Makes the link, or takes it out. True when that was acknowledged. */
  async apply({ loops }: Running, isLinked: boolean): Promise<boolean> {
    const document = documentOf(this.#world, isLinked);
    return this.#ask(isLinked ? 'link' : 'unlink', async () => {
      const plan = await loops.plan({ document, cause: 'apply', basedOn: null });
      const { revision } = await loops.adopt(plan.id, asked);
      this.#promised = { revision, document };
      this.#isEnding = false;
    });
  }

  /** Has everything of it go. */
  destroy({ loops }: Running): Promise<boolean> {
    this.#isEnding = true;
    return this.#ask('destroy', () => loops.destroy(neighbour, asked));
  }

  /** What was acknowledged is on record. */
  promisesHold(): void {
    const { ledger, invariants } = this.#world;
    if (this.#promised === null || this.#isEnding) return;
    const { revision, document } = this.#promised;
    const kept = ledger.documents.get(`${neighbour}@${revision}`);
    const isSo = (ledger.heads.get(neighbour)?.revision ?? 0) >= revision && kept?.name === document.name;
    if (!isSo)
      invariants.report('lost intent', `revision ${revision} of ${neighbour} was acknowledged, and is not there`);
  }

  /** A Fault is an answer; whatever else is thrown is a defect. */
  async #ask(what: string, act: () => Promise<unknown>): Promise<boolean> {
    const { trace } = this.#world;
    trace.add(`a neighbour asks: ${what}`);
    try {
      await act();
      trace.add(`a neighbour is told: ${what}`);
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      trace.add(`a neighbour is refused: ${error.message}`);
      return false;
    }
  }
}
