/** Settings on the command line: `update.parallel=3`, `demands=["memory >= 1G"]`, `hooks.beforeStop-` to take one out. Pure. */
import { parse } from 'yaml';
import { CliFailure } from './failure.ts';

/** One setting: where, and what is put there; `undefined` takes it out. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Help for the argument of every command that takes settings. */
export const settingsArgument = ['<settings...>', 'KEY=VALUE with the value as YAML, or KEY- to take it out'] as const;

/** Reads one argument. CliFailure invalid. */
export function readSetting(text: string): Setting {
  const [, out, key = out, value] = /^(?:([^=\s]+)-|([^=\s]+?)=(.*))$/s.exec(text) ?? [];
  const path = key?.split('.') ?? [];
  if (path.length === 0 || path.includes('')) throw noSetting(text);
  return { path, value: out === undefined ? valueOf(text, value ?? '') : undefined };
}

function valueOf(text: string, value: string): unknown {
  try {
    return parse(value) as unknown;
  } catch (error) {
    throw noSetting(text, error instanceof Error ? (error.message.split('\n')[0] ?? null) : null);
  }
}

function noSetting(text: string, words: string | null = null): CliFailure {
  return new CliFailure('invalid', `"${text}" is no setting`, {
    words,
    next: 'write KEY=VALUE, e.g. update.parallel=3 or \'demands=["memory >= 1G"]\'; KEY- takes it out',
  });
}

/** The object with the settings made, the first one first. What is on the way and no mapping is a CliFailure invalid. */
export function withSettings<T extends object>(object: T, settings: readonly Setting[]): T {
  return settings.reduce<Readonly<Record<string, unknown>>>(put, object as Readonly<Record<string, unknown>>) as T;
}

function put(object: Readonly<Record<string, unknown>>, { path, value }: Setting): Readonly<Record<string, unknown>> {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    const { [key]: _, ...others } = object;
    return value === undefined ? others : { ...object, [key]: value };
  }
  const inner = object[key] ?? {};
  if (typeof inner !== 'object' || Array.isArray(inner))
    throw new CliFailure('invalid', `there is nothing inside of "${key}" to set`, { object: path.join('.') });
  const changed = put(inner as Readonly<Record<string, unknown>>, { path: rest, value });
  if (Object.keys(changed).length > 0) return { ...object, [key]: changed };
  const { [key]: _, ...others } = object;
  return others;
}
