/** `wombat release list`. */
import { Command } from 'commander';
import { withExamples, withOutput } from '../options.ts';
import { showList } from '../output.ts';
import { age, bytesText } from '../quantity.ts';
import type { Quarantine } from '../../model/rollout.ts';
import type { Release } from '../../model/release.ts';
import type { OutputOptions } from '../options.ts';
import type { ListView } from '../output.ts';
import type { World } from '../world.ts';

/** Every release that was uploaded, newest last. */
export function releaseListCommand(world: World): Command {
  const command = withOutput(new Command('list')).description('the releases that were uploaded');
  withExamples(command, [['wombat release list -o wide', 'with whole digests']]);
  return command.action(async ({ output }: OutputOptions) => {
    const client = await world.connect();
    const quarantine = await client.releases.quarantine({}, world.signal).all();
    const releases = await client.releases.list(world.signal).all();
    showList(world.terminal, output, releases, listView(world.clock.now(), quarantine));
  });
}

function listView(nowMs: number, quarantine: readonly Quarantine[]): ListView<Release> {
  const where = ({ digest }: Release) =>
    quarantine.filter((one) => one.digest === digest).map(({ blueprint, family }) => `${blueprint}/${family}`);
  return {
    name: (release) => release.digest,
    empty: 'There is no release. Upload one with: wombat release upload FILE',
    columns: [
      { title: 'RELEASE', cell: (release) => release.name },
      { title: 'VERSION', cell: (release) => release.version },
      { title: 'KIND', cell: (release) => release.inspection.kind },
      { title: 'OTP', cell: (release) => release.inspection.otp ?? '-' },
      { title: 'ERTS', cell: (release) => release.inspection.erts ?? '-' },
      { title: 'ARCH', cell: (release) => release.inspection.native?.arch ?? 'any' },
      { title: 'SIZE', cell: (release) => bytesText(release.bytes), align: 'right' },
      { title: 'AGE', cell: (release) => age(release.uploadedAt, nowMs), align: 'right' },
      ...(quarantine.length === 0
        ? []
        : [{ title: 'QUARANTINE', cell: (release: Release) => [...new Set(where(release))].join(', ') }]),
      { title: 'DIGEST', cell: (release) => release.digest, wide: true },
    ],
  };
}
