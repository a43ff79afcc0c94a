/** `wombat backup`. */
import { Command } from 'commander';
import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliFailure } from '../failure.ts';
import { withExamples } from '../options.ts';
import { bytesText } from '../quantity.ts';
import type { World } from '../world.ts';

/** The file is there whole, for its owner's eyes only, or not at all. */
export function backupCommand(world: World): Command {
  const command = new Command('backup')
    .description('copy all that the control plane keeps into a file, while it works')
    .argument('<file>', 'must not be there yet');
  withExamples(command, [['wombat backup wombat-monday.db', 'and keep secret.key somewhere else']]);
  return command.action((file: string) => backUp(world, resolve(world.environment.workingDirectory, file)));
}

async function backUp(world: World, path: string): Promise<void> {
  const client = await world.connect();
  const { sha256, bytes } = await client.backup(world.signal);
  const draft = `${path}.part`;
  try {
    const written = await write(draft, bytes);
    if (written.sha256 !== sha256)
      throw new CliFailure('unavailable', 'the backup did not arrive whole', { object: path, next: 'try again' });
    await takeName(draft, path);
    world.terminal.print(`${path}: ${bytesText(written.size)}, sha256 ${sha256}`);
  } finally {
    await rm(draft, { force: true });
  }
  world.terminal.note(
    'the key file is not in it, nor are uploaded releases: keep secret.key apart, and the folder releases',
  );
}

async function write(draft: string, bytes: AsyncIterable<Uint8Array>): Promise<{ sha256: string; size: number }> {
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of bytes) {
      await file.writeFile(chunk);
      hash.update(chunk);
      size += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

/** A file that is there already is somebody's older backup. */
async function takeName(draft: string, path: string): Promise<void> {
  const placeholder = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : null;
    throw new CliFailure('exists', `${path} cannot be made`, { object: path, words, next: 'take another name' });
  });
  await placeholder.close();
  await rename(draft, path);
}
