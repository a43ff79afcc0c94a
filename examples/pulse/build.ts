/**
 * Builds the release of this example with rebar3, without hex: `node build.ts [FOLDER] [--version 1.0.0]` writes
 * FOLDER/pulse-VERSION.tar.gz and prints its path.
 */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildIn, buildOptions, tool } from '../tools.ts';
import type { Build } from '../tools.ts';

/** Builds the release and returns the absolute path of its archive. Fails when rebar3 is missing, with the command that installs it. */
export function buildPulse(build: Build): Promise<string> {
  return buildIn(import.meta.dirname, build, async (work, target) => {
    for (const file of ['rebar.config', 'src/pulse.app.src']) await fill(join(work, file), build.version);
    await tool({ program: 'rebar3', package: 'rebar3' }, ['tar'], { cwd: work, env: { HOME: work } });
    const name = `pulse-${build.version}.tar.gz`;
    await copyFile(join(work, '_build', 'default', 'rel', 'pulse', name), join(target, name));
    return join(target, name);
  });
}

async function fill(path: string, version: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('%VERSION%', version));
}

if (import.meta.main) console.log(await buildPulse(buildOptions(import.meta.dirname)));
