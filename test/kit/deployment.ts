/** What flows do over and over: build and upload the ants, apply a document, wait for what should become of it. */
import { createReadStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAnts } from '../../examples/ants/build.ts';
import { ProblemError } from '../../src/client/client.ts';
import type { Client } from '../../src/client/client.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import type { FamilyDefinition } from '../../src/model/family.ts';
import type { Node } from '../../src/model/node.ts';
import { towardsMaster } from './ants-strategy.ts';

let built: Promise<string> | undefined;

/** The archive of the ants release, built once for each test process. */
export function antsArchive(): Promise<string> {
  built ??= buildAnts({ folder: mkdtempSync(join(tmpdir(), 'wombat-ants-')), version: '1.0.0' });
  return built;
}

/** Uploads the ants; answers their digest. */
export async function uploadAnts(client: Client): Promise<string> {
  const { release } = await client.releases.upload(createReadStream(await antsArchive()));
  return release.digest;
}

/** How a flow's blueprint differs from the smallest one. */
export interface AntsOptions {
  readonly name?: string;
  readonly digest: string;
  readonly epmdPort: number;
  /** first of the hundred ports that its nodes may use */
  readonly firstPort: number;
  readonly colony: number;
  readonly providers?: NonNullable<BlueprintDocument['providers']>;
  readonly family?: Partial<FamilyDefinition>;
}

/** A master and a colony of the ants, linked, on this machine unless told otherwise. */
export function antsDocument(options: AntsOptions): BlueprintDocument {
  const { digest, epmdPort, firstPort, colony, name = 'ants', providers = { here: { kind: 'local' } } } = options;
  const ports = `${firstPort}-${firstPort + 99}`;
  return {
    wombat: 1,
    name,
    epmdPort,
    providers,
    domains: Object.fromEntries(Object.keys(providers).map((provider) => [provider, { provider, ports }])),
    releases: { ants: { digest } },
    families: {
      master: { release: 'ants', nodes: 1, config: { sysConfig: { ants: { role: 'master' } } } },
      colony: {
        release: 'ants',
        nodes: colony,
        bootstrap: { with: { master: towardsMaster } },
        hooks: { beforeStop: 'ants_colony:drain()' },
        ...options.family,
      },
    },
  };
}

/** Plans and adopts. */
export async function apply(client: Client, document: BlueprintDocument, tries = 5): Promise<void> {
  const plan = await client.plans.create(document, { cause: 'apply' });
  try {
    await client.plans.adopt(plan.id);
  } catch (error) {
    // a machine that is just being given back makes a plan stale: whoever meant it makes another
    const isStale = error instanceof ProblemError && error.message.includes('nodes, machines or offers changed');
    if (!isStale || tries <= 1) throw error;
    await apply(client, document, tries - 1);
  }
}

/** Looks every 100 ms until `wanted` answers something; fails with what was seen last. */
export async function eventually<T>(
  seconds: number,
  what: string,
  wanted: () => Promise<T | undefined>,
  seen?: () => unknown,
): Promise<T> {
  const until = Date.now() + seconds * 1_000;
  while (Date.now() < until) {
    const found = await wanted();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${seconds} s for ${what}; seen last: ${JSON.stringify(await seen?.())}`);
}

/** Waits until the blueprint is proven to be what it declares. */
export function converged(client: Client, name = 'ants', seconds = 90): Promise<BlueprintStatus> {
  let last: BlueprintStatus | undefined;
  const look = async () => {
    last = await client.blueprints.status(name);
    return last.state === 'converged' ? last : undefined;
  };
  const brief = () => ({
    state: last?.state,
    words: last?.words,
    nodes: last?.nodes.map((node) => [node.name, node.state]),
  });
  return eventually(seconds, `${name} to converge`, look, brief);
}

/** Waits until the blueprint and everything of it is gone. */
export async function destroyed(client: Client, name = 'ants', seconds = 60): Promise<void> {
  await client.blueprints.destroy(name);
  const gone = async () =>
    (await client.blueprints.list().all()).some((one) => one.head.name === name) ? undefined : true;
  await eventually(seconds, `${name} to be gone`, gone, async () =>
    (await client.status().all()).map(({ state, words }) => ({ state, words })),
  );
}

/** One node of a family; the first by ordinal. */
export function nodeOf(nodes: readonly Node[], family: string): Node {
  const [first] = nodes.filter((node) => node.family === family).sort((a, b) => a.ordinal - b.ordinal);
  if (first === undefined) throw new Error(`there is no node of family ${family}`);
  return first;
}

/** The process id of a node; 0 for one that has no process. */
export function pidOf({ state }: Node): number {
  return 'process' in state ? (state.process?.pid ?? 0) : 0;
}
