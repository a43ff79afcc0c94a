/**
 * What one node says of itself, asked in one exchange and without loading anything there (I6): the node runs
 * `lists:zipwith3(fun erlang:apply/3, Modules, Functions, Arguments)`, and `erlang`, `lists`, `init`, `application` and `os`
 * are loaded on every node that has booted.
 */
import { Fault } from '../base/fault.ts';
import { ExportFun, asAtom, asList, asText, asTuple, atom, formatTerm } from '../erlang/erlang.ts';
import type { Term } from '../erlang/erlang.ts';
import type { BoundCall } from './bound-call.ts';
import type { NodeView } from './cluster.ts';

const questions: readonly (readonly [module: string, name: string, args: readonly Term[]])[] = [
  ['erlang', 'node', []],
  ['erlang', 'nodes', [atom('visible')]],
  ['erlang', 'nodes', [atom('hidden')]],
  ['init', 'script_id', []],
  ['application', 'which_applications', []],
  ['os', 'getpid', []],
];

/** The call that asks everything at once. */
export const viewCall: BoundCall = {
  module: 'lists',
  function: 'zipwith3',
  args: [
    new ExportFun(atom('erlang'), atom('apply'), 3),
    questions.map(([module]) => atom(module)),
    questions.map(([, name]) => atom(name)),
    questions.map(([, , args]) => args),
  ],
};

/** Reads the answer. Fault unknown with the answer when it is none. */
export function readView(nodeName: string, answer: Term): NodeView {
  const [node, visible, hidden, script, applications, pid] = asList(answer) ?? [];
  const name = asAtom(node);
  const [others, shy] = [each(visible, asAtom), each(hidden, asAtom)];
  const release = pairOf(asTuple(script, 2), 0, 1);
  const running = each(applications, (one) => pairOf(asTuple(one, 3), 0, 2));
  if (name === undefined || others === undefined || shy === undefined) return misread(nodeName, answer);
  if (release === undefined || running === undefined) return misread(nodeName, answer);
  return { name, visible: others, hidden: shy, release, applications: new Map(running), pid: pidOf(pid) };
}

/** `os:getpid/0` answers digits as text. */
function pidOf(term: Term | undefined): number | null {
  const text = asText(term) ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}

function misread(nodeName: string, answer: Term): never {
  const words = formatTerm(answer, 400);
  throw new Fault('unknown', `${nodeName} says of itself what cannot be read`, { object: `node ${nodeName}`, words });
}

/** All elements of a list as read, or undefined when one of them cannot be. */
function each<T>(list: Term | undefined, read: (element: Term) => T | undefined): readonly T[] | undefined {
  const all = asList(list)?.map(read);
  return all?.every((one) => one !== undefined) === true ? all : undefined;
}

/** Two elements of a tuple as text: `{Name, Version}`, `{Application, Description, Version}`. */
function pairOf(
  elements: readonly Term[] | undefined,
  first: number,
  second: number,
): readonly [string, string] | undefined {
  const [a, b] = [asText(elements?.[first]), asText(elements?.[second])];
  return a === undefined || b === undefined ? undefined : [a, b];
}
