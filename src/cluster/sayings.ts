/**
 * What nodes said of themselves when their cluster was proven, by the digests of their answers: while all of them say the
 * same, the same claim holds as it did, and nothing has to be read or judged anew. It goes with the proof that it belongs to.
 */
import { eachAtOnce } from '../base/each.ts';
import type { Answer } from '../erlang/erlang.ts';
import type { Node } from '../model/node.ts';
import type { Proof } from '../model/topology.ts';

/** Nodes asked at the same time: as many as are polled at once, so that what goes to one host goes in few packets. */
const atOnce = 128;

/** How a node is asked for its view. */
type Ask = (node: Node, signal?: AbortSignal) => Promise<Answer>;

/** Takes down what a node has said: what it said last is what it was judged by. */
export type Heard = (node: Node, answer: Answer) => void;

/** Digests by node id, of each proof that went well. */
export class Sayings {
  readonly #ask: Ask;
  readonly #heard = new WeakMap<Proof, ReadonlyMap<string, string>>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Makes a proof and, where it holds, keeps what was heard for it. */
  async noting(prove: (heard: Heard) => Promise<Proof>): Promise<Proof> {
    const digests = new Map<string, string>();
    const proof = await prove(({ id }, { digest }) => {
      if (digest === null) digests.delete(id);
      else digests.set(id, digest);
    });
    if (proof.ok) this.#heard.set(proof, digests);
    return proof;
  }

  /** Whether each of the nodes says the same again. After the first that does not no more are asked; never throws. */
  async areTheSame(proof: Proof, nodes: readonly Node[], signal?: AbortSignal): Promise<boolean> {
    const digests = this.#heard.get(proof);
    if (digests?.size !== nodes.length) return false;
    let areSame = true;
    await eachAtOnce(atOnce, nodes, async (node) => {
      if (areSame && !(await this.#says(node, digests.get(node.id), signal))) areSame = false;
    });
    return areSame;
  }

  /** Why one cannot be asked is not told here: the proof that follows looks at all of them, and says it. */
  async #says(node: Node, digest: string | undefined, signal?: AbortSignal): Promise<boolean> {
    if (digest === undefined) return false;
    return this.#ask(node, signal).then(
      (answer) => answer.digest === digest,
      () => false,
    );
  }
}
