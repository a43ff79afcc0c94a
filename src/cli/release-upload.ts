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
import type { DeclaredRelease, Release, ReleaseReference } from '../model/release.ts';
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
      'file' in reference ? await uploaded(world, client, { name, reference, folder: blueprint.folder }) : reference;
  }
  return { ...blueprint.document, releases };
}

type FileReference = Extract<ReleaseReference, { file: string }>;

async function uploaded(
  world: World,
  client: Client,
  { name, reference: wanted, folder }: { name: string; reference: FileReference; folder: string },
): Promise<ReleaseReference> {
  const path = resolve(folder, wanted.file);
  const { version } = wanted;
  const declared = version === undefined ? undefined : { name, version };
  const { digest } = await uploadArchive(world, client, path, declared);
  if (wanted.digest !== undefined && wanted.digest !== digest) {
    throw new CliFailure('invalid', `${wanted.file} is another archive than the blueprint says`, {
      object: `releases.${name}`,
      words: `it has ${digest}, the blueprint says ${wanted.digest}`,
      next: 'correct or leave out `digest`',
    });
  }
  return { ...wanted, digest };
}

/**
 * Uploads an archive unless the control plane has it; says on standard error what it does. One that is no OTP release is
 * `declared`.
 */
export async function uploadArchive(
  world: World,
  client: Client,
  path: string,
  declared?: DeclaredRelease,
): Promise<Release> {
  const bytes = await sizeOf(path);
  const digest = await digestOf(path);
  const there = await orUndefined(client.releases.show(digest, world.signal));
  if (there !== undefined) return sameName(there, path, declared);
  const display = openLiveDisplay(world.terminal);
  const { notePaint } = world.terminal;
  const label = basename(path);
  try {
    const { release } = await client.releases.upload(
      counting(path, (done) => display.show([transferLine({ label, done, total: bytes }, notePaint)])),
      world.signal,
      declared,
    );
    display.clear();
    world.terminal.note(`uploaded ${label} (${bytesText(bytes)}): ${release.name} ${release.version}`);
    return release;
  } finally {
    display.clear();
  }
}

/** The same bytes are one release, and it has one name. */
function sameName(there: Release, path: string, declared: DeclaredRelease | undefined): Release {
  if (declared === undefined || (there.name === declared.name && there.version === declared.version)) return there;
  throw new CliFailure('exists', `${basename(path)} was uploaded as ${there.name} ${there.version} before`, {
    object: `release ${declared.name} ${declared.version}`,
    next: `use that name and version, or: wombat release delete ${there.digest}`,
  });
}

/** CliFailure invalid where there is no file to send. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => {
    throw new CliFailure('invalid', `the release archive ${path} cannot be read`, {
      words: error instanceof Error ? error.message : null,
      next: 'paths of releases are relative to the folder of the blueprint',
    });
  });
  if (!found.isFile())
    throw new CliFailure('invalid', `the release archive ${path} is no file`, {
      next: 'name the .tar.gz that systools:make_tar, rebar3 tar or mix release has made',
    });
  return found.size;
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
