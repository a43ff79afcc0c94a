/**
 * Packs this example, which is no OTP release: `node build.ts [FOLDER] [--version 1.0.0]` writes
 * FOLDER/beacon-VERSION.tar.gz and prints its path.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildIn, buildOptions, tool } from '../tools.ts';
import type { Build } from '../tools.ts';

/** Packs the archive and returns its absolute path. */
export function buildBeacon(build: Build): Promise<string> {
  return buildIn(import.meta.dirname, build, async (work, target) => {
    await writeFile(join(work, 'version'), `${build.version}\n`);
    const archive = join(target, `beacon-${build.version}.tar.gz`);
    await tool({ program: 'tar', package: 'tar' }, ['-czf', archive, 'bin', 'version'], { cwd: work });
    return archive;
  });
}

if (import.meta.main) console.log(await buildBeacon(buildOptions(import.meta.dirname)));
