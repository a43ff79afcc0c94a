/** Talks to a real node as a test wants it: TCP to its port, a connection, Erlang text evaluated there. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { systemClock } from '../../src/base/clock.ts';
import { asTuple, atom, charlist, connectNode } from '../../src/erlang/erlang.ts';
import type { ConnectOptions, ErlangNode, Term } from '../../src/erlang/erlang.ts';

const within = { timeoutMs: 20_000 };

/** A TCP connection to a port of 127.0.0.1. */
export async function dialPort(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** A guest's connection to a node. */
export async function visit(
  node: { readonly name: string; readonly port: number },
  cookie: string,
  change: Partial<ConnectOptions> = {},
): Promise<ErlangNode> {
  const stream = change.stream ?? (await dialPort(node.port));
  const usual = { self: 'wombat-0@127.0.0.1', clock: systemClock, timeoutMs: 10_000 };
  return connectNode({ stream, peer: node.name, cookie, ...usual, ...change });
}

/** Evaluates Erlang expressions on the node, and gives the value of the last. */
export async function evaluate(node: ErlangNode, text: string): Promise<Term> {
  const [, tokens] = asTuple(await node.call('erl_scan', 'string', [charlist(text)], within), 3) ?? [];
  const [, parsed] = asTuple(await node.call('erl_parse', 'parse_exprs', [tokens ?? []], within), 2) ?? [];
  const [, value] = asTuple(await node.call('erl_eval', 'exprs', [parsed ?? [], []], within), 3) ?? [];
  return value ?? atom('nothing');
}
