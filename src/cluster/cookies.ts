/**
 * What nodes go by. A node has one cookie of its own and, for each name that it was told, another one to be used with that
 * peer (`erlang:set_cookie/2`; auth.erl). A handshake succeeds when the cookie that each side holds for the other is the
 * same one. It is asked for at a handshake only: connections that stand are not touched by a change.
 */
import { withDeadline } from '../base/abort.ts';
import { Fault, faultCodeOf } from '../base/fault.ts';
import { asAtom, atom } from '../erlang/erlang.ts';
import type { Term } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import type { ClusterDependencies } from './cluster.ts';
import { deadlineFor, greet } from './links.ts';
import type { Links, LinkSettings } from './links.ts';

/** How long a node may take to tell or change a cookie, milliseconds. */
const askMs = 10_000;

/** Cookies of running nodes. Faults of all: unavailable, denied, timeout; never with a cookie in their words (I8). */
export interface Cookies {
  /** The node's own cookie. */
  own(node: Node, signal?: AbortSignal): Promise<string>;
  /** Has the node use a cookie with the peer of that name; by its own name, with all of whom it was told nothing else. */
  set(node: Node, peer: string, cookie: string, signal?: AbortSignal): Promise<void>;
  /** Whether the node lets in who comes with that cookie: a connection of its own is made for it, and ended. */
  accepts(node: Node, cookie: string, signal?: AbortSignal): Promise<boolean>;
}

/** Cookies over the kept links; only `accepts` makes a connection of its own. */
export function openCookies(deps: ClusterDependencies, links: Links, settings: LinkSettings): Cookies {
  const call = async (node: Node, name: string, args: readonly Term[], signal?: AbortSignal): Promise<Term> => {
    const erlang = await links.to(node, signal);
    return erlang.call('erlang', name, args, { timeoutMs: askMs, signal }).catch((error: unknown) => {
      // what a node says of a failed call holds its arguments
      throw new Fault(faultCodeOf(error), `${node.name} did not answer erlang:${name}`, {
        object: `node ${node.name}`,
      });
    });
  };
  return {
    async own(node, signal) {
      return asAtom(await call(node, 'get_cookie', [], signal)) ?? '';
    },
    async set(node, peer, cookie, signal) {
      await call(node, 'set_cookie', [atom(peer), atom(cookie)], signal);
    },
    async accepts(node, cookie, signal) {
      try {
        const knock = (within: AbortSignal) => greet(deps, settings, { node, cookie }, within);
        (await withDeadline(deps.clock, deadlineFor(node), knock, signal)).close();
        return true;
      } catch (error) {
        if (faultCodeOf(error) === 'denied') return false;
        throw error;
      }
    },
  };
}
