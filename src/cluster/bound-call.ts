/** A user's call text as an Erlang call: the literals become terms, the variables what they stand for. */
import { Fault } from '../base/fault.ts';
import { atom, binary, charlist, erlangMap, float, tuple } from '../erlang/erlang.ts';
import { parseCall } from '../model/call.ts';
import type { Term } from '../erlang/erlang.ts';
import type { CallTerm, CallVariable } from '../model/call.ts';

/** What the variables of a call stand for; one that stands for nothing cannot be used. */
export type Bindings = Readonly<Record<CallVariable, Term | null>>;

/** A call that can be made. */
export interface BoundCall {
  readonly module: string;
  readonly function: string;
  readonly args: readonly Term[];
}

/** Reads and binds a call. Fault invalid when it cannot be read or a variable stands for nothing. */
export function boundCall(text: string, bindings: Bindings): BoundCall {
  const parsed = parseCall(text);
  if (!parsed.ok) {
    const next = parsed.hint ?? undefined;
    throw new Fault('invalid', `"${text}" is no call: ${parsed.message}`, { object: text, next });
  }
  const { module, function: name, args } = parsed.call;
  return { module, function: name, args: args.map((arg) => boundTerm(arg, bindings, text)) };
}

/** A term as written, with the variables as what they stand for. Fault invalid when one stands for nothing. */
export function boundTerm(term: CallTerm, bindings: Bindings, text: string): Term {
  const all = (terms: readonly CallTerm[]) => terms.map((one) => boundTerm(one, bindings, text));
  switch (term.kind) {
    case 'variable':
      return bindings[term.name] ?? unbound(term.name, text);
    case 'atom':
      return atom(term.value);
    case 'integer':
      return Number.isSafeInteger(Number(term.value)) ? Number(term.value) : term.value;
    case 'float':
      return float(term.value);
    case 'string':
      return charlist(term.value);
    case 'binary':
      return binary(term.value);
    case 'tuple':
      return tuple(...all(term.elements));
    case 'list':
      return all(term.elements);
    case 'map':
      return erlangMap(
        term.entries.map(([key, value]) => [boundTerm(key, bindings, text), boundTerm(value, bindings, text)]),
      );
  }
}

function unbound(name: CallVariable, text: string): never {
  throw new Fault('invalid', `${name} stands for no node in "${text}": no peer takes part`, { object: text });
}
