/**
 * Builds the release of this example with mix, without hex: `node build.ts [FOLDER] [--version 1.0.0]` writes
 * FOLDER/greeter-VERSION.tar.gz and prints its path.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildIn, buildOptions, tool } from '../tools.ts';
import type { Build } from '../tools.ts';

/** Builds the release and returns the absolute path of its archive. Fails when Elixir is missing, with the command that installs it. */
export function buildGreeter(build: Build & { readonly reboot?: boolean }): Promise<string> {
  return buildIn(import.meta.dirname, build, async (work, target) => {
    const env = {
      HOME: work,
      MIX_ENV: 'prod',
      GREETER_VERSION: build.version,
      GREETER_REBOOT: String(build.reboot ?? true),
    };
    await tool({ program: 'mix', package: 'elixir' }, ['release', '--quiet'], { cwd: work, env });
    const archive = join(target, `greeter-${build.version}.tar.gz`);
    await copyFile(join(work, '_build', 'prod', `greeter-${build.version}.tar.gz`), archive);
    return archive;
  });
}

if (import.meta.main) console.log(await buildGreeter(buildOptions(import.meta.dirname)));
