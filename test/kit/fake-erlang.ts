/** Erlang nodes that are not there: the far ends of connections as a test wants them. */
import type { Answer as CallAnswer, ErlangNode, Pid, Term } from '../../src/erlang/erlang.ts';
import { atom, formatTerm } from '../../src/erlang/erlang.ts';

/** Answers a call, or throws what the call is to end with. */
export type Answer = (call: string, args: readonly Term[]) => Term | Promise<Term>;

/** A connection whose other end is a function. */
export class FakeErlangNode implements ErlangNode {
  readonly name: string;
  readonly creation = 1;
  /** the calls made, as Erlang text */
  readonly calls: string[] = [];
  closed = false;
  readonly #answer: Answer;
  #listeners: ((why: string) => void)[] = [];

  constructor(name: string, answer: Answer = () => atom('ok')) {
    this.name = name;
    this.#answer = answer;
  }

  async call(module: string, fn: string, args: readonly Term[]): Promise<Term> {
    this.calls.push(`${module}:${fn}(${args.map((arg) => formatTerm(arg)).join(', ')})`);
    return this.#answer(`${module}:${fn}`, args);
  }

  async ask(module: string, fn: string, args: readonly Term[]): Promise<CallAnswer> {
    const term = await this.call(module, fn, args);
    return { digest: formatTerm(term), term: () => term };
  }

  async genCall(server: string | Pid, request: Term): Promise<Term> {
    const name = typeof server === 'string' ? server : formatTerm(server);
    this.calls.push(`${name} ! ${formatTerm(request)}`);
    return this.#answer(name, [request]);
  }

  async caughtUp(): Promise<void> {}

  onClose(listener: (why: string) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.end('closed by us');
  }

  /** The connection ends. */
  end(why: string): void {
    this.closed = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(why);
  }
}
