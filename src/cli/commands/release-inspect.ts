/** `wombat release inspect`. */
import { Command } from 'commander';
import { fieldLines } from '../fields.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { bytesText } from '../quantity.ts';
import { outPage } from '../world.ts';
import type { Inspection, NativeNeeds, Release } from '../../model/release.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** What was found in a release. */
export function releaseInspectCommand(world: World): Command {
  const command = withOutput(new Command('inspect'))
    .description('what is in a release, and what it asks of a host')
    .argument('<release>', 'a digest, or name@version');
  withExamples(command, [['wombat release inspect ants@1.0.0', 'applications, emulator, libraries it needs']]);
  return command.action(async (reference: string, { output }: OutputOptions) => {
    const client = await world.connect();
    const release = await client.releases.show(reference, world.signal);
    showObject(world.terminal, output, release, {
      name: release.digest,
      lines: () => fieldLines(outPage(world), fields(release)),
    });
  });
}

function fields({ name, version, digest, bytes, inspection }: Release): [string, string][] {
  return [
    ['release', `${name} ${version}`],
    ['digest', digest],
    ['kind', inspection.kind],
    ['size', `${bytesText(bytes)}, ${bytesText(inspection.unpackedBytes)} in ${inspection.files} files when unpacked`],
    ['emulator', emulator(inspection)],
    ['needs', inspection.native === null ? 'no particular machine' : needs(inspection.native)],
    ['boot file', inspection.boot],
    ['applications', inspection.applications.map((each) => `${each.name} ${each.version}`).join(', ')],
  ];
}

function emulator({ erts, ertsIncluded, otp }: Inspection): string {
  const of = otp === null ? '' : ` (OTP ${otp})`;
  return `ERTS ${erts}${of}, ${ertsIncluded ? 'included' : 'not included: the host must have it'}`;
}

function needs({ arch, libc, glibc, libraries }: NativeNeeds): string {
  const version = glibc === null ? libc : `${libc} ${glibc} or newer`;
  return [`${arch} with ${version}`, ...libraries].join(', ');
}
