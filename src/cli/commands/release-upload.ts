/** `wombat release upload`. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { uploadArchive } from '../release-upload.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Sends an archive, unless the control plane has its bytes already. */
export function releaseUploadCommand(world: World): Command {
  const command = withOutput(new Command('upload'))
    .description('upload a release archive (.tar.gz of systools, relx or mix)')
    .argument('<file>');
  withExamples(command, [
    ['wombat release upload ants-1.0.0.tar.gz', 'inspected while it streams; what is no release is refused'],
    ['wombat release upload ants-1.0.0.tar.gz -o name', 'prints its digest alone'],
  ]);
  return command.action(async (file: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const release = await uploadArchive(world, client, resolve(world.environment.workingDirectory, file));
    const line = `${release.name} ${release.version}  ${release.digest}`;
    showObject(world.terminal, output, release, { name: release.digest, lines: () => [line] });
  });
}
