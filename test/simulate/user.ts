/**
 * A user of the simulated control plane: applies a blueprint, scales it, changes its release, stops and restarts nodes,
 * destroys it and applies it again. What was acknowledged must hold, whatever dies afterwards; what was under way when the
 * control plane died may hold or not.
 */
import { Fault } from '../../src/base/fault.ts';
import type { Random } from '../../src/base/random.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Asked } from '../../src/model/operation.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';
import { towardsMaster } from '../kit/ants-strategy.ts';
import type { Running } from './control-plane.ts';
import { badDigest, digests, lameDigest } from './world.ts';
import type { SimulatedWorld } from './world.ts';

/** The one blueprint of a simulated world. */
export const blueprint = 'ants';
const asked = { by: 'somebody' };

/** The blueprint: a component of two linked families in a full mesh, one in a full mesh, one with selected edges. */
export function documentOf({ mainSites: sites, size }: SimulatedWorld, digest: string): BlueprintDocument {
  const colony = Math.max(1, Math.floor(size.nodes * 0.35));
  const web = Math.max(1, Math.floor(size.nodes * 0.25));
  const shop = Math.max(0, size.nodes - 1 - colony - web);
  const common = {
    release: 'ants',
    update: { parallel: 2, minHealthySeconds: 5, deadlineSeconds: 120 },
    stopSeconds: 10,
    bootSeconds: 30,
  };
  const spread: FamilyDefinition['place'] = { spread: { over: 'provider' }, most: { host: 2 } };
  const prefer = [{ that: 'provider in [rack]', weight: 50 }];
  return {
    wombat: 1,
    name: blueprint,
    providers: Object.fromEntries(sites.map(({ name, definition }) => [name, definition])),
    domains: Object.fromEntries(sites.map(({ name, domain }) => [name, domain])),
    releases: { ants: { digest } },
    families: {
      // where those of the web follow it to: several on one host wait for each other's starts
      master: { ...common, nodes: 1, prefer },
      colony: {
        ...common,
        ...{ nodes: colony, place: spread, hooks: { beforeStop: 'ants_colony:drain()' } },
        bootstrap: { with: { master: towardsMaster } },
      },
      web: { ...common, nodes: web, place: { consolidate: 'host', most: { host: 3 } }, prefer },
      shop: {
        ...common,
        ...{ nodes: shop, mesh: 'selected' },
        bootstrap: { within: { select: { random: 2 }, action: 'distributed_erlang' } },
      },
    },
  };
}

/** What a user does. */
export const userActs = [
  ...(['scale', 'release', 'restart', 'stop', 'start', 'terminate', 'rebalance', 'anew'] as const),
  ...(['bad release', 'rotate', 'rotate key', 'cancel', 'hurry'] as const),
] as const;
export type UserAct = (typeof userActs)[number];

type NodeAct = 'restart' | 'stop' | 'start' | 'terminate';

/** One user, and what was promised to them. */
export class User {
  readonly #world: SimulatedWorld;
  readonly #chance: Random;
  /** the newest revision that was acknowledged, and its document as it was asked for */
  #promised: { readonly revision: number; readonly document: BlueprintDocument | null } | null = null;
  /** whether its end was asked for and not acknowledged, or acknowledged */
  #ended: 'no' | 'perhaps' | 'yes' = 'no';
  #digest: string = digests[0];
  /** what was acknowledged of nodes, by their ids */
  readonly #acts = new Map<string, { readonly what: NodeAct; readonly generation: number }>();
  /** what is on record and was found to be what was promised */
  #compared: BlueprintDocument | undefined;

  constructor(world: SimulatedWorld, chance: Random) {
    this.#world = world;
    this.#chance = chance;
  }

  /** Whether the blueprint is to be there. */
  get wantsIt(): boolean {
    return this.#ended === 'no';
  }

  /** Applies the document as the user has it. Refusals are answers. */
  async apply(running: Running, document = documentOf(this.#world, this.#digest)): Promise<boolean> {
    return this.#ask(running, `apply ${this.#digest.slice(-4)}`, async () => {
      const plan = await running.loops.plan({ document, cause: 'apply', basedOn: null });
      const { revision } = await running.loops.adopt(plan.id, asked);
      this.#promised = { revision, document };
      this.#compared = undefined;
      this.#ended = 'no';
    });
  }

  /** Has everything of it go. */
  async destroy(running: Running): Promise<boolean> {
    if (this.#ended === 'no') this.#ended = 'perhaps';
    return this.#ask(running, 'destroy', async () => {
      await running.loops.destroy(blueprint, asked).catch((error: unknown) => {
        if (!(error instanceof Fault) || error.code !== 'not-found') throw error;
      });
      this.#ended = 'yes';
    });
  }

  /** Does something, drawn by chance. */
  async act(running: Running): Promise<void> {
    const what = userActs[this.#chance.below(userActs.length)] ?? 'scale';
    if (!this.wantsIt || !this.#world.ledger.heads.has(blueprint)) {
      await (what === 'cancel' ? this.cancel(running) : this.apply(running));
      return;
    }
    await this.do(what, running);
  }

  /** Does one thing. */
  async do(what: UserAct, running: Running): Promise<boolean> {
    const { loops } = running;
    switch (what) {
      case 'scale':
        return this.scale(
          running,
          this.#chance.below(2) === 0 ? 'colony' : 'web',
          1 + this.#chance.below(Math.max(1, this.#world.size.nodes >> 1)),
        );
      case 'release':
        this.#digest = digests[this.#digest === digests[0] ? 1 : 0];
        return this.apply(running);
      case 'bad release':
        return this.apply(running, documentOf(this.#world, this.#chance.below(2) === 0 ? badDigest : lameDigest));
      case 'rotate':
        return this.#ask(running, 'rotate the cookies', () => loops.rotateCookies(blueprint, null));
      case 'rotate key':
        return this.rotateKey(running, this.#world.sites[this.#chance.below(this.#world.sites.length)]?.name ?? '');
      case 'cancel':
        return this.cancel(running);
      case 'hurry':
        return this.scale(running, 'shop', 1 + this.#chance.below(this.#world.size.nodes >> 1), {
          deadlineMs: 1_000 * (1 + this.#chance.below(60)),
          rollBack: this.#chance.below(2) === 0,
        });
      case 'anew':
        return this.#chance.below(3) === 0 ? this.destroy(running) : this.apply(running);
      case 'rebalance':
        return this.#ask(running, 'rebalance', async () => {
          const plan = await loops.rebalance(blueprint, {});
          const { revision } = await loops.adopt(plan.id, asked);
          this.#promised = { revision, document: null };
        });
      default: {
        const node = this.#someNode();
        return node !== undefined && (await this.#actOn(running, node, what));
      }
    }
  }

  /** Has the newest operation that is under way taken back. */
  cancel(running: Running): Promise<boolean> {
    const { operations } = this.#world.ledger;
    const open = [...operations.values()].filter((one) => one.state === 'running' && one.blueprint === blueprint);
    const last = open.at(-1);
    if (last === undefined) return Promise.resolve(false);
    const isDestroy = last.kind === 'destroy';
    // what is taken back of a first apply is all there is
    const endsIt = !isDestroy && last.node === null && last.former === 0;
    if ((isDestroy || endsIt) && this.#ended === 'no') this.#ended = 'perhaps';
    return this.#ask(running, `cancel ${last.id} (${last.cause})`, async () => {
      const { revision } = await running.loops.cancel(last.id, asked.by);
      if (endsIt) this.#ended = 'yes';
      else if (last.node === null) this.#promised = { revision, document: null };
      if (isDestroy) this.#ended = 'no';
    });
  }

  /** Has the key be another one by which the machines of a provider are entered. */
  rotateKey(running: Running, provider: string): Promise<boolean> {
    return this.#ask(running, `rotate the key of ${provider}`, () => running.loops.rotateKey(provider, null));
  }

  /** Has a family be of another size. */
  scale(running: Running, family: string, nodes: number, within: Partial<Asked> = {}): Promise<boolean> {
    return this.#ask(running, `scale ${family} ${nodes}`, async () => {
      const { revision } = await running.loops.scale(blueprint, family, { nodes, asked: { ...asked, ...within } });
      this.#promised = { revision, document: null };
    });
  }

  /** Has a node go for good. */
  terminate(running: Running, node: string): Promise<boolean> {
    return this.#actOn(running, node, 'terminate');
  }

  /** Has a node be started anew. */
  restart(running: Running, node: string): Promise<boolean> {
    return this.#actOn(running, node, 'restart');
  }

  /** Has something be done with a node; what was acknowledged holds until something else is asked for. */
  #actOn(running: Running, node: string, what: NodeAct): Promise<boolean> {
    return this.#ask(running, `${what} ${node}`, async () => {
      await running.loops.act(node, what, asked);
      const generation = this.#world.ledger.nodes.get(node)?.generation ?? 0;
      if (what === 'start') this.#acts.delete(node);
      else this.#acts.set(node, { what, generation });
    });
  }

  #someNode(): string | undefined {
    const all = this.#world.ledger.nodes;
    const nodes = [...all.keys()].filter((id) => all.get(id)?.blueprint === blueprint);
    return nodes[this.#chance.below(Math.max(1, nodes.length))];
  }

  /** True when it was acknowledged. A Fault is an answer; whatever else is thrown is a defect. */
  async #ask(running: Running, what: string, act: () => Promise<unknown>): Promise<boolean> {
    this.#world.trace.add(`a user asks: ${what}`);
    // whatever is asked for next may want something else of the nodes
    this.#acts.clear();
    try {
      await act();
      this.#world.trace.add(`a user is told: ${what}`);
      this.promisesHold();
      return true;
    } catch (error) {
      const isAnswer = error instanceof Fault;
      // what has failed here need not fail again: the user says so
      if (isAnswer && error.code === 'quarantined') await this.#liftQuarantine(running);
      this.#world.trace.add(`a user is refused: ${error instanceof Error ? error.message : String(error)}`);
      if (!isAnswer) this.#world.invariants.report('surprise', `${what}: ${String((error as Error).stack)}`);
      return false;
    }
  }

  async #liftQuarantine({ store }: Running): Promise<void> {
    const kept = await store.list('quarantine');
    await store.commit(kept.map(({ key }) => ({ remove: 'quarantine', key, expect: null })));
  }

  /** What was acknowledged of nodes that are still there. */
  #actsHold(): void {
    const { ledger, invariants } = this.#world;
    for (const [id, { what, generation }] of this.#acts) {
      const node = ledger.nodes.get(id);
      if (node === undefined) this.#acts.delete(id);
      else if (what === 'restart' ? node.generation < generation : node.desired === 'running')
        invariants.report('lost intent', `${what} of ${node.name} was acknowledged; it is wanted ${node.desired}`);
    }
  }

  /** No lost intents: what was acknowledged is on record, or a later revision is. */
  promisesHold(): void {
    const { ledger, invariants } = this.#world;
    this.#actsHold();
    const head = ledger.heads.get(blueprint);
    if (this.#promised === null || this.#ended !== 'no') return;
    const { revision, document } = this.#promised;
    const kept = ledger.documents.get(`${blueprint}@${revision}`);
    const isThere = head !== undefined && head.revision >= revision && kept !== undefined;
    const isSame = document === null || kept === this.#compared || JSON.stringify(kept) === JSON.stringify(document);
    if (isSame) this.#compared = kept;
    if (!isThere || !isSame)
      invariants.report(
        'lost intent',
        `revision ${revision} was acknowledged; on record is ${head?.revision ?? 'none'}`,
      );
    if (head?.destroying === true) invariants.report('lost intent', 'it is being destroyed, and nobody asked for that');
  }
}
