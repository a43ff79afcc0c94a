/**
 * Links: the connections that we keep to nodes, one per node, shared by all who ask. We attach hidden, and one control
 * plane goes by few names everywhere (I6, see own-names.ts): one that a node knows as connected is left to its owner.
 *
 *   connecting -> open -> (no entry)
 *        \-----> (no entry: the next use tries again)
 *
 * A link belongs to one process of the node: once the node was started anew, what is left of the old link is dropped.
 */
import { withDeadline } from '../base/abort.ts';
import { Fault, faultCodeOf } from '../base/fault.ts';
import type { Deadline } from '../base/abort.ts';
import type { connectNode } from '../erlang/erlang.ts';
import { incarnationOf } from '../model/node.ts';
import type { ErlangNode } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import type { ClusterDependencies } from './cluster.ts';
import type { NamesInUse } from './own-names.ts';

/** Time for dial and handshake together, milliseconds. */
const connectMs = 10_000;

type Link = { readonly incarnation: string | null } & (
  | { readonly phase: 'connecting'; readonly opened: Promise<ErlangNode>; readonly cancel: AbortController }
  | { readonly phase: 'open'; readonly erlang: ErlangNode }
);

/** How a connection is made over a byte stream: the Erlang room's way, or a test's. */
export type Connect = typeof connectNode;

/** What links are opened with. */
export interface LinkSettings {
  /** the names we may go by, the first choice first */
  readonly names: NamesInUse;
  readonly connect: Connect;
}

/** The connections of one control plane. */
export class Links {
  readonly #deps: ClusterDependencies;
  readonly #settings: LinkSettings;
  readonly #links = new Map<string, Link>();
  #closed = false;

  constructor(deps: ClusterDependencies, settings: LinkSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /**
   * The connection to a node: the one that stands, the one under way, or a new one. A caller that gives up leaves the
   * attempt to the others. Faults: unavailable, denied (cookie), timeout.
   */
  async to(node: Node, signal?: AbortSignal): Promise<ErlangNode> {
    const link = this.#standing(node) ?? this.#open(node);
    if (link.phase === 'open') return link.erlang;
    return withDeadline(this.#deps.clock, deadlineFor(node), () => link.opened, signal);
  }

  /** Ends the link to a node. Nobody is told that it was lost. */
  forget(nodeId: string): void {
    const link = this.#links.get(nodeId);
    this.#links.delete(nodeId);
    if (link?.phase === 'open') link.erlang.close();
    if (link?.phase === 'connecting')
      link.cancel.abort(new Fault('unavailable', 'the connection is not wanted any more'));
  }

  /** Ends all links; no new one is made. */
  close(): void {
    this.#closed = true;
    for (const nodeId of [...this.#links.keys()]) this.forget(nodeId);
  }

  /** The link to the node's present process; one to an older process is dropped. */
  #standing(node: Node): Link | undefined {
    const link = this.#links.get(node.id);
    const incarnation = incarnationOf(node);
    if (link === undefined || incarnation === null || link.incarnation === incarnation) return link;
    this.forget(node.id);
    return undefined;
  }

  #open(node: Node): Link {
    if (this.#closed) throw new Fault('unavailable', `${node.name}: the control plane is closing`);
    const cancel = new AbortController();
    const handshake = (signal: AbortSignal) => this.#handshake(node, signal);
    const opened = withDeadline(this.#deps.clock, deadlineFor(node), handshake, cancel.signal);
    const link: Link = { phase: 'connecting', incarnation: incarnationOf(node), opened, cancel };
    this.#links.set(node.id, link);
    opened.then(
      (erlang) => this.#opened(node, link, erlang),
      () => this.#drop(node.id, link),
    );
    return link;
  }

  /** A name that is taken is another control plane's, or a link of ours that the node has not missed yet. */
  async #handshake(node: Node, signal: AbortSignal): Promise<ErlangNode> {
    const cookies = await this.#deps.cookies(node);
    return byEither(cookies, (cookie) => greet(this.#deps, this.#settings, { node, cookie }, signal));
  }

  /** The link stands from now on, unless it was forgotten in the meantime. */
  #opened(node: Node, connecting: Link, erlang: ErlangNode): void {
    if (this.#links.get(node.id) !== connecting) {
      erlang.close();
      return;
    }
    const link: Link = { phase: 'open', incarnation: connecting.incarnation, erlang };
    this.#links.set(node.id, link);
    erlang.onClose((why) => {
      if (this.#drop(node.id, link)) this.#deps.lost(node.id, why);
    });
  }

  /** Takes the link out, if it is still the one that we know; true when it was. */
  #drop(nodeId: string, link: Link): boolean {
    return this.#links.get(nodeId) === link && this.#links.delete(nodeId);
  }
}

/** Tries the cookies in their order: the next one where the node refuses the one before. */
export async function byEither<T>(cookies: readonly string[], attach: (cookie: string) => Promise<T>): Promise<T> {
  const [first = '', ...others] = cookies;
  try {
    return await attach(first);
  } catch (error) {
    if (others.length === 0 || faultCodeOf(error) !== 'denied') throw error;
    return byEither(others, attach);
  }
}

/** A node, and the cookie to greet it with. */
interface Greeting {
  readonly node: Node;
  readonly cookie: string;
}

/** Makes a connection, under the first of our names that is free. Faults: unavailable, denied (cookie), timeout. */
export async function greet(
  deps: ClusterDependencies,
  { connect, names }: LinkSettings,
  { node, cookie }: Greeting,
  signal: AbortSignal,
): Promise<ErlangNode> {
  const { clock } = deps;
  const erlang = await names.attach(node.id, async (self) => {
    const stream = await deps.dial(node, signal);
    return connect({ stream, peer: node.name, self, cookie, clock, timeoutMs: connectMs, signal });
  });
  if (erlang !== undefined) return erlang;
  throw new Fault('unavailable', `${node.name} is attached to by ${names.all.length} control planes already`, {
    object: `node ${node.name}`,
    next: 'stop one of them',
  });
}

/** Time for one connection. */
export function deadlineFor(node: Node): Deadline {
  return { ms: connectMs, what: `connecting to ${node.name}` };
}
