/** `wombat release inspect`. */
import { Command } from 'commander';
import { fieldLines } from '../fields.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { quarantineWords } from './release-unquarantine.ts';
import { bytesText } from '../quantity.ts';
import { outPage } from '../world.ts';
import type { Inspection, NativeNeeds, Release, Upgrades } from '../../model/release.ts';
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
    const all = await client.releases.quarantine({}, world.signal).all();
    const quarantine = all.filter(({ digest }) => digest === release.digest);
    showObject(world.terminal, output, release, {
      name: release.digest,
      lines: () =>
        fieldLines(outPage(world), [
          ...fields(release),
          ...quarantine.map((one): [string, string] => ['in quarantine', quarantineWords(one)]),
        ]),
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
    ...when('boot file', inspection.boot),
    ...when('vm.args', inspection.vmArgs),
    ...when('sys.config', inspection.sysConfig),
    ...when('left out', leftOut(inspection)),
    ...when('applications', inspection.applications.map((each) => `${each.name} ${each.version}`).join(', ')),
    ...when('appups', inspection.upgrades.applications.map(appup).join(', ')),
    ...when('relup', relup(inspection.upgrades)),
  ];
}

/** A line where there is something to say. */
function when(title: string, words: string | null): [string, string][] {
  return words === null || words === '' ? [] : [[title, words]];
}

function leftOut({ leftOut: names }: Inspection): string {
  return names.length === 0 ? '' : `${names.join(', ')}: Wombat names, starts and supervises nodes itself`;
}

function appup({ name, version, from }: Upgrades['applications'][number]): string {
  return `${name} ${from.join(' or ')} -> ${version}`;
}

function relup({ release }: Upgrades): string {
  if (release === null) return '';
  return `from ${release.from.join(', ')}; back to ${release.downTo.join(', ')}`;
}

function emulator({ erts, ertsIncluded, otp }: Inspection): string {
  if (erts === null) return 'none: it is run by the commands of a blueprint';
  const of = otp === null ? '' : ` (OTP ${otp})`;
  return `ERTS ${erts}${of}, ${ertsIncluded ? 'included' : 'not included: the host must have it'}`;
}

function needs({ arch, libc, glibc, libraries }: NativeNeeds): string {
  const version = glibc === null ? libc : `${libc} ${glibc} or newer`;
  return [`${arch} with ${version}`, ...libraries].join(', ');
}
