/** `wombat release upload`. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { uploadArchive } from '../release-upload.ts';
import { DeclaredRelease } from '../../model/release.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Sends an archive, unless the control plane has its bytes already. */
export function releaseUploadCommand(world: World): Command {
  const command = withOutput(new Command('upload'))
    .description('upload a release archive (.tar.gz of systools, relx or mix)')
    .argument('<file>')
    .addOption(
      new Option('--as <name@version>', 'take an archive of any shape, which a blueprint runs by commands').argParser(
        readNameVersion,
      ),
    );
  withExamples(command, [
    ['wombat release upload ants-1.0.0.tar.gz', 'inspected while it streams; what is no release is refused'],
    ['wombat release upload ants-1.0.0.tar.gz -o name', 'prints its digest alone'],
    ['wombat release upload rabbitmq.tar.gz --as rabbitmq@3.10.8', 'a system that is no OTP release'],
  ]);
  return command.action(async (file: string, { output, as }: OutputOptions & { readonly as?: DeclaredRelease }) => {
    const client = await world.connect();
    const release = await uploadArchive(world, client, resolve(world.environment.workingDirectory, file), as);
    const line = `${release.name} ${release.version}  ${release.digest}`;
    showObject(world.terminal, output, release, { name: release.digest, lines: () => [line] });
  });
}

/** Reads `rabbitmq@3.10.8`. */
function readNameVersion(text: string): DeclaredRelease {
  const at = text.indexOf('@');
  const read = DeclaredRelease.safeParse({ name: text.slice(0, at), version: text.slice(at + 1) });
  if (at < 1 || !read.success) throw new InvalidArgumentError('It is a name and a version: rabbitmq@3.10.8.');
  return read.data;
}
