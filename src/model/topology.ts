/** Topology: which nodes see which, as declared and as seen; and the runs of bootstrap actions that made it. */
import { z } from 'zod';
import { FamilyName, Name, Timestamp } from './name.ts';
import { incarnationOf } from './node.ts';
import type { Node } from './node.ts';

/** One run of a bootstrap action between a new node and one peer, kept with its words (I9). */
export const Run = z.object({
  id: z.string(),
  blueprint: Name,
  family: FamilyName,
  /** ids and Erlang names of both sides */
  node: z.string(),
  nodeName: z.string(),
  peer: z.string().nullable(),
  peerName: z.string().nullable(),
  /** `within`, or the neighbour family */
  strategy: z.string(),
  step: z.enum(['join', 'leave', 'none']),
  outcome: z.enum(['done', 'was done', 'failed']),
  /** what the action answered, as Erlang text or the command's output */
  words: z.string(),
  /** which process of the node it was run for: a restarted node joins anew */
  incarnation: z.string(),
  /** the same of the peer; null without one */
  peerIncarnation: z.string().nullable(),
  /** the topology edge it made, as sorted Erlang names; null for none */
  edge: z.tuple([z.string(), z.string()]).nullable(),
  /** whether that edge is a hidden connection */
  hidden: z.boolean().optional(),
  at: Timestamp,
});
export type Run = z.infer<typeof Run>;

/** Whether a run still says something about these two nodes: both processes are the ones it was made between. */
export function runCounts(run: Run, node: Node, peer: Node): boolean {
  const [mine, theirs] = [incarnationOf(node), incarnationOf(peer)];
  return mine !== null && theirs !== null && run.incarnation === mine && run.peerIncarnation === theirs;
}

/**
 * Identifies what a proof is about: which processes run under which names, which release and which kind of mesh. A proof
 * with another subject speaks of a cluster that is no more. `across` says the same of nodes of other blueprints. A short
 * hash, not a cryptographic one.
 */
export function proofSubject(nodes: readonly Node[], across: readonly string[] = []): string {
  const text = [...nodes.map(partOf), ...across].sort().join('\n');
  if (text !== lastHashed?.text) lastHashed = { text, hash: hashOf(text) };
  return `${nodes.length}:${lastHashed.hash}`;
}

/** What was hashed last: of a cluster in which nothing changes the same is asked over and over. */
let lastHashed: { readonly text: string; readonly hash: string } | null = null;
/** Of nodes by identity: records are never changed. */
const parts = new WeakMap<Node, string>();

function partOf(node: Node): string {
  const known = parts.get(node);
  if (known !== undefined) return known;
  const { digest, mesh, component } = node.specification;
  const part = [node.name, incarnationOf(node) ?? '', digest, mesh, component].join(' ');
  parts.set(node, part);
  return part;
}

function hashOf(text: string): string {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  return `${(high >>> 0).toString(16)}${(low >>> 0).toString(16)}`;
}

/** An edge between two Erlang node names, in alphabetical order. */
export type Edge = readonly [string, string];

/** What was found wrong at one edge or node. */
export const TopologyFault = z.object({
  kind: z.enum([
    'missing edge',
    'extra edge',
    'unreachable node',
    'wrong release',
    'application not running',
    'another process',
    'extra node',
  ]),
  /** Erlang names it is about: the first is the one whose own view shows it */
  nodes: z.array(z.string()),
  words: z.string(),
});
export type TopologyFault = z.infer<typeof TopologyFault>;

/** The proof of a blueprint's cluster (I7): every node's own view against the declared topology. */
export const Proof = z.object({
  blueprint: Name,
  at: Timestamp,
  /** identifies what was judged: names, processes and expected edges */
  subject: z.string(),
  nodesExpected: z.int(),
  nodesSeen: z.int(),
  edgesExpected: z.int(),
  edgesSeen: z.int(),
  /** how many of the expected edges lead to nodes of other blueprints; absent when none do */
  edgesAcross: z.int().optional(),
  extraEdges: z.int(),
  /** hidden nodes seen, us among them: listed apart */
  hidden: z.array(z.string()),
  ok: z.boolean(),
  /** one line: `mesh 7/7 nodes, 21/21 edges, 0 extra`, or the first wrong edge */
  verdict: z.string(),
  faults: z.array(TopologyFault),
});
export type Proof = z.infer<typeof Proof>;
