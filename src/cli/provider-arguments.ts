/** What `provider add` is given on the command line, as a provider's definition. */
import { resolve } from 'node:path';
import { ProviderDefinition } from '../model/provider.ts';
import { CliFailure } from './failure.ts';
import type { InputFault } from '../model/problem.ts';

/** Options of `provider add`. */
export interface ProviderOptions {
  readonly kind: string;
  readonly directory?: string;
  readonly address?: string;
  /** `user@address[:port]=SHA256:…`, one a host */
  readonly host?: readonly string[];
  /** path of a private key, or a `secret://…` reference */
  readonly key?: string;
  readonly machines?: number;
  readonly cores?: number;
  readonly memory?: string;
}

/** The definition, checked by the same schema as a blueprint's. CliFailure invalid. */
export function providerDefinition(name: string, options: ProviderOptions, folder: string): ProviderDefinition {
  const { host, key, ...plain } = options;
  const hosts = host === undefined ? {} : { hosts: host.map(readHost) };
  const secret = key === undefined ? {} : { key: keyReference(key, folder) };
  const parsed = ProviderDefinition.safeParse({ ...plain, ...hosts, ...secret });
  if (parsed.success) return parsed.data;
  const faults: InputFault[] = parsed.error.issues.map(({ path, message }) => {
    return { path: path.join('.'), line: null, column: null, message, hint: null };
  });
  throw new CliFailure('invalid', 'the provider is not valid', {
    object: `provider ${name}`,
    faults,
    next: 'wombat provider add --help',
  });
}

function keyReference(key: string, folder: string): string {
  return key.startsWith('secret://') ? key : `secret://file/${resolve(folder, key)}`;
}

/** Reads `erl@10.78.0.11:22=SHA256:…`; an IPv6 address stands in brackets. */
export function readHost(text: string): Record<string, string | number> {
  const [, user, bracketed, plain, port, hostKey] =
    /^([^@\s]+)@(?:\[([^\]]+)\]|([^:=\s]+))(?::(\d+))?=(SHA256:.+)$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (user === undefined || address === undefined || hostKey === undefined) {
    throw new CliFailure('invalid', `"${text}" is no host`, {
      next: 'a host is user@address[:port]=SHA256:… with the fingerprint that `ssh-keygen -lf` prints',
    });
  }
  return { address, user, hostKey, ...(port === undefined ? {} : { port: Number(port) }) };
}
