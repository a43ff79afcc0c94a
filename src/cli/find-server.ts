/**
 * Where the control plane is: WOMBAT_URL and WOMBAT_TOKEN_FILE, else what `wombat up` left in its directory
 * (`endpoint.json` and `token`, both for their owner's eyes only).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openClient } from '../client/client.ts';
import { endpointFile, endpointIn, tokenFile } from '../model/endpoint.ts';
import { CliFailure } from './failure.ts';
import type { Client } from '../client/client.ts';
import type { Environment } from './environment.ts';
import type { Endpoint } from '../model/endpoint.ts';

/** The client of the control plane that this environment points to, after it has answered once. */
export async function findServer(environment: Environment, signal: AbortSignal): Promise<Client> {
  const url = environment.url ?? (await readEndpoint(environment.directory))?.url;
  if (url === undefined) throw nobodyAnswers(environment.directory);
  const client = openClient({ url, token: await readToken(environment) });
  await mustAnswer(client, url, signal);
  return client;
}

/** The endpoint file of a directory; undefined when there is none that can be read. */
export async function readEndpoint(directory: string): Promise<Endpoint | undefined> {
  try {
    return endpointIn(await readFile(join(directory, endpointFile), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Where the token is kept. */
function tokenPath(environment: Environment): string {
  return environment.tokenFile ?? join(environment.directory, tokenFile);
}

async function readToken(environment: Environment): Promise<string> {
  const file = tokenPath(environment);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CliFailure('denied', `the token in ${file} cannot be read`, {
      words: error instanceof Error ? error.message : null,
      next: 'set WOMBAT_TOKEN_FILE to the file that holds the control plane’s token',
    });
  }
}

async function mustAnswer(client: Client, url: string, signal: AbortSignal): Promise<void> {
  try {
    await client.health(signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw nobodyAnswers(url, error);
  }
}

function nobodyAnswers(where: string, cause?: unknown): CliFailure {
  return new CliFailure('unavailable', `no control plane answers at ${where}; start one with: wombat up`, { cause });
}
