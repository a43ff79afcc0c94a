/**
 * Introductions: what nodes are told of peers of other components, whose cookie is another one. The side that links speaks
 * the other's cookie (`erlang:set_cookie/2`, kernel's auth(3)); the other side needs to be told nothing, because a handshake
 * has one cookie. A cookie travels as the argument of a call over our own connection, and is kept here as a digest (I8).
 *
 * The told cookies are in a node's memory only: its next process has to be told anew. What is remembered here saves calls
 * and may be lost.
 */
import { Fault, wordsOf } from '../base/fault.ts';
import { sha256Of } from '../base/sha256.ts';
import { atom, ExportFun } from '../erlang/erlang.ts';
import type { Term } from '../erlang/erlang.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { StepRunner } from './step.ts';

const callMs = 10_000;

/** What one process was told: digests of cookies by the peer's name. */
interface Told {
  readonly incarnation: string | null;
  readonly cookies: Map<string, string>;
}

/** Tells nodes of peers, once. */
export class Introductions {
  readonly #runner: StepRunner;
  readonly #told = new Map<string, Told>();

  constructor(runner: StepRunner) {
    this.#runner = runner;
  }

  /** Tells each node the cookies of the peers. One that cannot be told is left out, and tried again the next time. */
  async introduce(nodes: readonly Node[], peers: readonly Node[], signal?: AbortSignal): Promise<void> {
    if (nodes.length === 0 || peers.length === 0) return;
    const { deps } = this.#runner;
    const cookies = await Promise.all(peers.map(async (peer) => [peer.name, await likeliest(deps, peer)] as const));
    await Promise.all(
      nodes.map(async (node) => {
        try {
          await this.#tell(node, cookies, signal);
        } catch (error) {
          if (signal?.aborted === true) throw error;
          deps.log.info({ node: node.name, error: wordsOf(error) }, 'the node could not be told of its peers yet');
        }
      }),
    );
  }

  /** Takes the cookies of these peers from the node and ends its connections to them. */
  async part(node: Node, peers: readonly Node[], signal?: AbortSignal): Promise<void> {
    const own = await likeliest(this.#runner.deps, node);
    const names = peers.map(({ name }) => name);
    names.forEach((name) => this.#told.get(node.id)?.cookies.delete(name));
    const setAll = [new ExportFun(atom('erlang'), atom('set_cookie'), 2), names.map(atom), names.map(() => atom(own))];
    await this.#call(node, 'zipwith', setAll, signal);
    await this.#call(node, 'map', [new ExportFun(atom('erlang'), atom('disconnect_node'), 1), names.map(atom)], signal);
  }

  /** Nothing was told to the node, as far as is known. */
  forget(nodeId: string): void {
    this.#told.delete(nodeId);
  }

  async #tell(node: Node, cookies: readonly (readonly [string, string])[], signal?: AbortSignal): Promise<void> {
    const told = this.#toldTo(node);
    const news = cookies.filter(([name, cookie]) => told.cookies.get(name) !== sha256Of(cookie));
    if (news.length === 0) return;
    const [names, values] = [news.map(([name]) => atom(name)), news.map(([, cookie]) => atom(cookie))];
    await this.#call(node, 'zipwith', [new ExportFun(atom('erlang'), atom('set_cookie'), 2), names, values], signal);
    for (const [name, cookie] of news) told.cookies.set(name, sha256Of(cookie));
  }

  #toldTo(node: Node): Told {
    const incarnation = incarnationOf(node);
    const known = this.#told.get(node.id);
    if (known?.incarnation === incarnation) return known;
    const told = { incarnation, cookies: new Map<string, string>() };
    this.#told.set(node.id, told);
    return told;
  }

  /** A call of `lists`, which is loaded on every node that has booted (I6). */
  async #call(node: Node, name: 'zipwith' | 'map', args: readonly Term[], signal?: AbortSignal): Promise<void> {
    const erlang = await this.#runner.links.to(node, signal);
    try {
      await erlang.call('lists', name, args, { timeoutMs: callMs, signal });
    } catch (error) {
      if (error instanceof Fault) throw error;
      // what was raised may hold the arguments, and with them a cookie
      throw new Fault('unknown', `lists:${name} on ${node.name} raised`, { object: `node ${node.name}` });
    }
  }
}

/** The cookie that a node goes by; the new one while it is being rotated. */
async function likeliest({ cookies }: StepRunner['deps'], node: Node): Promise<string> {
  const [cookie = ''] = await cookies(node);
  return cookie;
}
