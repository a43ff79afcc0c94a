/** Somebody who changes things all the time, whatever happens to the control plane, and keeps a ledger of what was acknowledged. */
import type { ControlPlane } from './control-plane.ts';

/** Longest wait for one answer, milliseconds: a control plane that hangs acknowledges nothing. */
const answerMs = 1_500;
const pauseMs = 15;

/** Writes secrets and tokens, one after another, until it is stopped. */
export class Writer {
  /** names of what was acknowledged */
  readonly secrets: string[] = [];
  readonly tokens: string[] = [];
  /** changes that were asked for, acknowledged or not */
  asked = 0;
  readonly #plane: ControlPlane;
  #ended: Promise<void> | undefined;
  #isStopping = false;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  get acknowledged(): number {
    return this.secrets.length + this.tokens.length;
  }

  start(): this {
    this.#ended = this.#write();
    return this;
  }

  /** Ends when what was asked last is answered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#ended;
  }

  async #write(): Promise<void> {
    while (!this.#isStopping) {
      const name = `canary-${(this.asked += 1)}`;
      // tokens are records and change seldom; secrets are no records
      const isRecord = this.asked % 5 === 0;
      const asked = isRecord
        ? this.#isDone('POST', '/tokens', { name, role: 'read' })
        : this.#isDone('PUT', `/secrets/${name}`, { value: name.repeat(50) });
      if (await asked) (isRecord ? this.tokens : this.secrets).push(name);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #isDone(method: string, path: string, body: object): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.#plane.token}`, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(answerMs);
    try {
      return (await fetch(`${this.#plane.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body), signal }))
        .ok;
    } catch {
      // no answer: it may have been done or not
      return false;
    }
  }
}
