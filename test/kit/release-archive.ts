/** Archives of the three kinds of release, as small as they can be: the files that say what a release is, and no more. */
import { elf } from './elf.ts';
import { file } from './tar.ts';
import type { KitEntry } from './tar.ts';

const emulator = elf({
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libtinfo.so.6', 'libc.so.6'],
  versions: ['GLIBC_2.4', 'GLIBC_2.34'],
});

/** A resource file of `shop` with kernel, stdlib and one application of its own. */
export function resourceText(version = '1.2.0', name = 'shop'): string {
  return `%% made by hand\n{release,{"${name}","${version}"},{erts,"13.1.5"},\n [{kernel,"8.5.3"},{stdlib,"4.2"},{shop,"${version}"},{tools_x,"3.1",load},{inc,"1",permanent,[x]}]}.\n`;
}

const shared: readonly KitEntry[] = [
  { name: './', type: '5', mode: 0o755 },
  { ...file('erts-13.1.5/bin/beam.smp', emulator), mode: 0o755 },
  { ...file('erts-13.1.5/bin/erlexec', emulator), mode: 0o755 },
  file('lib/kernel-8.5.3/ebin/kernel.app', '{application,kernel,[{vsn,"8.5.3"}]}.\n'),
  file('lib/shop-1.2.0/ebin/shop.app', '{application, shop, [{description,"x"}, {vsn, "1.2.0"}]}.\n'),
];

/** As systools:make_tar leaves it. */
export const systoolsRelease: readonly KitEntry[] = [
  ...shared,
  file('releases/shop.rel', resourceText()),
  file('releases/1.2.0/shop.rel', resourceText()),
  file('releases/1.2.0/start.boot', 'boot'),
  file('releases/1.2.0/sys.config', '[].'),
];

/** As rebar3 tar leaves it. */
export const relxRelease: readonly KitEntry[] = [
  ...shared,
  { ...file('bin/shop', '#!/bin/sh\n'), mode: 0o755 },
  { name: 'bin/shop-1.2.0', type: '2', link: 'shop' },
  file('releases/start_erl.data', '13.1.5 1.2.0\n'),
  file('releases/RELEASES', '[].'),
  file('releases/1.2.0/shop.rel', resourceText()),
  file('releases/1.2.0/shop.boot', 'boot'),
  file('releases/1.2.0/vm.args', '-sname shop\n'),
  file('releases/1.2.0/sys.config.src', '[].'),
];

/** As mix release leaves it. */
export const mixRelease: readonly KitEntry[] = [
  ...shared,
  { ...file('bin/shop', '#!/bin/sh\n'), mode: 0o755 },
  file('releases/COOKIE', 'x'),
  file('releases/start_erl.data', '13.1.5 1.2.0'),
  file('releases/1.2.0/env.sh', ''),
  { ...file('releases/1.2.0/elixir', '#!/bin/sh\n'), mode: 0o755 },
  file('releases/1.2.0/shop.rel', resourceText()),
  file('releases/1.2.0/start.boot', 'boot'),
  file('releases/1.2.0/start_clean.boot', 'boot'),
  file('releases/1.2.0/vm.args', ''),
  file('releases/1.2.0/sys.config', '[].'),
];
