/** The part of a node's environment that does not depend on how it is launched. */
import { quote } from '../base/quote.ts';
import type { NodeSpecification } from '../model/node.ts';
import type { NodeOrder } from './host.ts';

/** Longest time a dying node may spend on its crash dump, seconds: it delays its restart. */
const crashDumpSeconds = 30;

/** What every emulator is given, whoever starts it. */
export function emulatorVariables({ epmdPort }: NodeSpecification): readonly (readonly [string, string])[] {
  return [
    ['ERL_CRASH_DUMP', '"$1/run/erl_crash.dump"'],
    ['ERL_CRASH_DUMP_SECONDS', String(crashDumpSeconds)],
    ['ERL_EPMD_PORT', String(epmdPort)],
  ];
}

/** The family's variables as exports, and the names of those that are ours and left out. */
export function familyVariables(
  { specification }: NodeOrder,
  ours: ReadonlySet<string>,
): { readonly free: readonly string[]; readonly colliding: readonly string[] } {
  const all = Object.entries(specification.config.env ?? {});
  return {
    free: all.filter(([name]) => !ours.has(name)).map(([name, value]) => `export ${name}=${quote(value)}`),
    colliding: all.filter(([name]) => ours.has(name)).map(([name]) => `env ${name}`),
  };
}
