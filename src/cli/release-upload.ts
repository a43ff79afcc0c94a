/** Sends release archives to the control plane, once each: what it has by digest is not sent again. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CliFailure, orUndefined } from './failure.ts';
import { openLiveDisplay } from './live-display.ts';
import { transferLine } from './progress-bar.ts';
import { bytesText } from './quantity.ts';
import type { Client } from '../client/client.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Release, ReleaseReference } from '../model/release.ts';
import type { BlueprintFile } from './blueprint-file.ts';
import type { World } from './world.ts';

/** The document with a digest at every release that it gives by file, each of which the control plane then has. */
export async function uploadReleases(
  world: World,
  client: Client,
  blueprint: BlueprintFile,
): Promise<BlueprintDocument> {
  const releases: Record<string, ReleaseReference> = {};
  for (const [name, reference] of Object.entries(blueprint.document.releases)) {
    releases[name] =
      'file' in reference ? await uploaded(world, client, blueprint.folder, { name, ...reference }) : reference;
  }
  return { ...blueprint.document, releases };
}

interface FileReference {
  readonly name: string;
  readonly file: string;
  readonly digest?: string | undefined;
}

async function uploaded(
  world: World,
  client: Client,
  folder: string,
  wanted: FileReference,
): Promise<ReleaseReference> {
  const path = resolve(folder, wanted.file);
  const { digest } = await uploadArchive(world, client, path);
  if (wanted.digest !== undefined && wanted.digest !== digest) {
    throw new CliFailure('invalid', `${wanted.file} is another archive than the blueprint says`, {
      object: `releases.${wanted.name}`,
      words: `it has ${digest}, the blueprint says ${wanted.digest}`,
      next: 'correct or leave out `digest`',
    });
  }
  return { file: wanted.file, digest };
}

/** Uploads an archive unless the control plane has it; says on standard error what it does. */
export async function uploadArchive(world: World, client: Client, path: string): Promise<Release> {
  const bytes = await sizeOf(path);
  const digest = await digestOf(path);
  const there = await orUndefined(client.releases.show(digest, world.signal));
  if (there !== undefined) return there;
  const display = openLiveDisplay(world.terminal);
  const { notePaint } = world.terminal;
  const label = basename(path);
  try {
    const { release } = await client.releases.upload(
      counting(path, (done) => display.show([transferLine({ label, done, total: bytes }, notePaint)])),
      world.signal,
    );
    display.clear();
    world.terminal.note(`uploaded ${label} (${bytesText(bytes)}): ${release.name} ${release.version}`);
    return release;
  } finally {
    display.clear();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new CliFailure('invalid', `the release archive ${path} cannot be read`, {
      words: error instanceof Error ? error.message : null,
      next: 'paths of releases are relative to the folder of the blueprint',
    });
  }
}

/** `sha256:…` of a file's bytes. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}

/** The chunks of a file, with how much has been handed on; told at every percent or so, not at every chunk. */
async function* counting(path: string, tell: (done: number) => void): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    yield chunk as Uint8Array;
    done += (chunk as Uint8Array).length;
    tell(done);
  }
}
