/**
 * Hands in the values behind a document's `secret://` references: read here, from the person's own environment and
 * files, sent once, never printed (I8).
 */
import { resolve } from 'node:path';
import { secretName } from '../model/secret.ts';
import { CliFailure } from './failure.ts';
import { readText } from './read-text.ts';
import type { Environment } from './environment.ts';

/** A secret to hand in: the name it is kept under, and its value. */
export interface HandedSecret {
  readonly name: string;
  readonly value: string;
}

/** Every `secret://…` text within a value, each once, in order of appearance. */
export function secretReferences(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('secret://') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(secretReferences))];
}

/** Reads the value of every reference in `value`. Paths are relative to `folder`. CliFailure invalid names the missing ones. */
export async function readSecrets(
  value: unknown,
  scope: string,
  folder: string,
  environment: Environment,
): Promise<HandedSecret[]> {
  const references = secretReferences(value);
  return Promise.all(
    references.map(async (reference) => ({
      name: secretName(scope, reference),
      value: await valueOf(reference, folder, environment),
    })),
  );
}

async function valueOf(reference: string, folder: string, environment: Environment): Promise<string> {
  const [, source = '', rest = ''] = /^secret:\/\/(env|file)\/(.+)$/s.exec(reference) ?? [];
  if (source === 'env') return fromEnvironment(reference, rest, environment);
  const next = 'paths of secrets are relative to the folder of the blueprint';
  return readText(resolve(folder, rest), { object: reference, next });
}

function fromEnvironment(reference: string, name: string, environment: Environment): string {
  const value = environment.variable(name);
  if (value !== undefined && value !== '') return value;
  throw new CliFailure('invalid', `the environment variable ${name} is not set`, {
    object: reference,
    next: `set ${name} in the environment of this command`,
  });
}
