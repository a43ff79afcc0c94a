import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Fault } from '../base/fault.ts';
import { Inspection } from '../model/release.ts';
import { elf } from '../../test/kit/elf.ts';
import { mixRelease, relxRelease, resourceText, systoolsRelease } from '../../test/kit/release-archive.ts';
import { chunksOf, file, pax, tar, tarGz } from '../../test/kit/tar.ts';
import { inspect } from './inspect.ts';
import { defaultLimits } from './limits.ts';
import type { KitEntry } from '../../test/kit/tar.ts';

const look = (archive: Uint8Array, chunk?: number) => inspect(chunksOf(archive, chunk));

async function refusal(archive: Uint8Array, limits = defaultLimits): Promise<string> {
  const failure: unknown = await inspect(chunksOf(archive), limits).then(
    () => 'taken in',
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Fault);
  expect((failure as Fault).code).toBe('invalid');
  expect((failure as Fault).detail.next).toBeTruthy();
  return (failure as Fault).message;
}

describe('releases', () => {
  test('systools', async () => {
    const found = await look(tarGz(systoolsRelease));
    expect(Inspection.parse(found)).toEqual({
      kind: 'systools',
      name: 'shop',
      version: '1.2.0',
      erts: '13.1.5',
      ertsIncluded: true,
      otp: '25',
      applications: [
        { name: 'kernel', version: '8.5.3', start: 'permanent' },
        { name: 'stdlib', version: '4.2', start: 'permanent' },
        { name: 'shop', version: '1.2.0', start: 'permanent' },
        { name: 'tools_x', version: '3.1', start: 'load' },
        { name: 'inc', version: '1', start: 'permanent' },
      ],
      native: { arch: 'x86_64', libc: 'glibc', glibc: '2.34', libraries: ['libc.so.6', 'libtinfo.so.6'] },
      boot: 'releases/1.2.0/start',
      epmd: 'erts-13.1.5/bin/epmd',
      vmArgs: null,
      sysConfig: 'releases/1.2.0/sys.config',
      leftOut: [],
      upgrades: { applications: [], release: null },
      files: 8,
      unpackedBytes: systoolsRelease.reduce((sum, entry) => sum + Buffer.byteLength(entry.content ?? ''), 0),
    });
  });

  test('relx: boots by its own name, its configuration is a template', async () => {
    expect(await look(tarGz(relxRelease))).toMatchObject({
      kind: 'relx',
      boot: 'releases/1.2.0/shop',
      vmArgs: 'releases/1.2.0/vm.args',
      sysConfig: 'releases/1.2.0/sys.config.src',
    });
  });

  test('mix', async () => {
    expect(await look(tarGz(mixRelease))).toMatchObject({ kind: 'mix', name: 'shop', boot: 'releases/1.2.0/start' });
  });

  test('without an emulator and machine code', async () => {
    const found = await look(tarGz(systoolsRelease.filter(({ name }) => !name.startsWith('erts-'))));
    expect(found).toMatchObject({ ertsIncluded: false, erts: '13.1.5', otp: '25', native: null });
  });

  test('of several versions, start_erl.data says which one boots', async () => {
    const next = [file('releases/1.3.0/shop.rel', resourceText('1.3.0')), file('releases/1.3.0/start.boot', 'boot')];
    const chosen = file('releases/start_erl.data', '13.1.5 1.3.0');
    expect(await look(tarGz([...systoolsRelease, ...next, chosen]))).toMatchObject({ version: '1.3.0' });
    expect(await refusal(tarGz([...systoolsRelease, ...next]))).toContain('1.2.0, 1.3.0');
  });

  test('libraries that the archive brings need not be on the host, and other machines ask nothing', async () => {
    const nif = elf({ needed: ['libfoo.so.1', 'libc.so.6'], versions: ['GLIBC_2.38', 'GLIBC_PRIVATE'] });
    const foreign = elf({ machine: 183, needed: ['libfar.so.9'] });
    const found = await look(
      tarGz([
        ...systoolsRelease,
        file('lib/shop-1.2.0/priv/nif.so', nif),
        file('lib/shop-1.2.0/priv/libfoo.so.1', elf()),
        file('lib/shop-1.2.0/priv/arm.so', foreign),
      ]),
    );
    expect(found.native).toEqual({
      arch: 'x86_64',
      libc: 'glibc',
      glibc: '2.38',
      libraries: ['libc.so.6', 'libtinfo.so.6'],
    });
  });

  test('what it can be upgraded from, and what of its settings is left out', async () => {
    const more = [
      file('lib/shop-1.2.0/ebin/shop.appup', '{"1.2.0",[{<<"1\\\\.[01].*">>,[]},{"0.9",[]}],[{"1.1.0",[]}]}.'),
      file('lib/odd-1/ebin/odd.appup', 'no term'),
      file('releases/1.2.0/relup', '{"1.2.0",[{"1.1.0",[],[]}],[{"1.1.0",[],[]},{"1.0.0",[],[]}]}.'),
    ];
    const found = await look(tarGz([...relxRelease, ...more]));
    expect(found.leftOut).toEqual(['-sname']);
    expect(found.upgrades).toEqual({
      applications: [{ name: 'shop', version: '1.2.0', from: ['1\\.[01].*', '0.9'], downTo: ['1.1.0'] }],
      release: { from: ['1.1.0'], downTo: ['1.1.0', '1.0.0'] },
    });
  });

  test('of any shape, when it is declared', async () => {
    const emulator = systoolsRelease.find(({ name }) => name.endsWith('beam.smp'))?.content ?? '';
    const archive = tarGz([file('bin/start', '#!/bin/sh'), file('erlang/erts-13.1.5/bin/epmd', emulator)]);
    expect(await inspect(chunksOf(archive), defaultLimits, { name: 'bees', version: '7' })).toMatchObject({
      ...{ kind: 'commands', name: 'bees', version: '7', erts: '13.1.5', otp: '25', boot: null },
      ...{ epmd: 'erlang/erts-13.1.5/bin/epmd', native: { arch: 'x86_64', glibc: '2.34' } },
    });
    await expect(inspect(chunksOf(archive))).rejects.toThrow('no releases folder');
  });

  test('the size of the chunks does not matter', async () => {
    const archive = tarGz(mixRelease);
    const whole = await look(archive);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) => {
        expect(await look(archive, size)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  test('long names by pax and by GNU records', async () => {
    const long = `lib/shop-1.2.0/priv/${'x'.repeat(120)}/${'y'.repeat(120)}`;
    const extra = [
      pax({ path: long, mtime: '1.5' }),
      file('short'),
      { name: '././@LongLink', type: 'L', content: `${long}2\0` },
      file('short'),
    ];
    const found = await look(tarGz([pax({ comment: 'abc' }, 'g'), ...systoolsRelease, ...extra]));
    expect(found.files).toBe(10);
  });

  test('an application says its version itself', async () => {
    const path = 'lib/shop-1.2.0/ebin/shop.app';
    const own = (version: string) => [
      ...systoolsRelease.filter(({ name }) => name !== path),
      file(path, `{application,shop,[{modules,[]},{vsn,"${version}"}]}.`),
    ];
    expect((await look(tarGz(own('1.2.0-rc.1')))).applications[2]).toMatchObject({ version: '1.2.0-rc.1' });
    expect(await refusal(tarGz(own('1 2')))).toContain(path);
  });

  test('links that stay inside', async () => {
    const links: KitEntry[] = [
      { name: 'lib/shop-1.2.0/priv/up', type: '2', link: '../../kernel-8.5.3/ebin' },
      { name: 'bin/hard', type: '1', link: 'releases/1.2.0/start.boot' },
    ];
    expect((await look(tarGz([...systoolsRelease, ...links]))).files).toBe(9);
  });
});

/** What is added to a whole release, and a word of the refusal. */
const hostile: readonly (readonly [string, readonly KitEntry[], string])[] = [
  ['an absolute path', [file('/etc/cron.d/x')], 'absolute path'],
  ['a path that goes up', [file('lib/../../x')], 'leaves the archive by `..`'],
  ['a path that goes up and back', [file('lib/a/../b')], '`..`'],
  ['a backslash', [file('lib\\..\\x')], 'backslash'],
  ['a line break in a name', [file('lib/a\nb')], 'control character'],
  [
    'a path without end',
    [file('a/'.repeat(49) + 'b'), pax({ path: 'a/'.repeat(70) + 'b' }), file('c')],
    '64 folders deep',
  ],
  ['an empty name', [file('')], 'no name'],
  ['a pax path that goes up', [pax({ path: '../x' }), file('safe')], '`..`'],
  ['a pax path with a NUL', [pax({ path: 'a\0b' }), file('safe')], 'cut path'],
  [
    'a GNU long name that is absolute',
    [{ name: '././@LongLink', type: 'L', content: '/x\0' }, file('safe')],
    'absolute',
  ],
  [
    'two long names that differ',
    [pax({ path: 'a' }), { name: 'L', type: 'L', content: 'b\0' }, file('safe')],
    'another path',
  ],
  ['a global header that renames', [pax({ path: 'x' }, 'g'), file('safe')], 'global header'],
  ['a pax header for nothing', [pax({ path: 'x' })], 'describes nothing'],
  [
    'a broken pax header',
    [{ name: 'p', type: 'x', content: '99 path=x\n' }, file('safe')],
    'extended header is broken',
  ],
  ['a huge pax header', [{ name: 'p', type: 'x', content: 'x'.repeat(70_000) }, file('safe')], 'larger than any name'],
  ['a sparse file by pax', [pax({ 'GNU.sparse.major': '1' }), file('safe')], 'sparse'],
  ['a sparse file', [{ name: 'x', type: 'S' }], 'sparse'],
  ['an absolute link', [{ name: 'x', type: '2', link: '/etc/passwd' }], 'leaves the archive'],
  ['a link that goes up', [{ name: 'lib/x', type: '2', link: '../../etc' }], 'leaves the archive'],
  ['a link that goes down and up', [{ name: 'x', type: '2', link: 'lib/../..' }], 'leaves the archive'],
  ['a link to nothing', [{ name: 'x', type: '2', link: '' }], 'leaves the archive'],
  ['a file below a link', [{ name: 'lib/x', type: '2', link: '.' }, file('lib/x/y')], 'lies below "lib/x"'],
  ['a link in the place of a folder', [{ name: 'lib', type: '2', link: 'bin' }], 'twice'],
  ['a file below a file', [file('x'), file('x/y')], 'lies below "x"'],
  ['a hard link outwards', [{ name: 'x', type: '1', link: '/etc/passwd' }], 'absolute path'],
  ['a hard link to nothing', [{ name: 'x', type: '1', link: 'lib/none' }], 'no file of this archive'],
  [
    'a hard link to a link',
    [
      { name: 'l', type: '2', link: 'lib' },
      { name: 'x', type: '1', link: 'l' },
    ],
    'no file of this archive',
  ],
  ['a link with content', [{ name: 'x', type: '2', link: 'lib', content: 'y' }], 'has content'],
  ['a character device', [{ name: 'dev/null', type: '3' }], 'character device'],
  ['a block device', [{ name: 'dev/sda', type: '4' }], 'block device'],
  ['a named pipe', [{ name: 'pipe', type: '6' }], 'named pipe'],
  ['an unknown kind', [{ name: 'x', type: 'V' }], 'unknown kind'],
  ['setuid', [{ ...file('bin/su'), mode: 0o4755 }], 'setuid'],
  ['setgid', [{ ...file('bin/su'), mode: 0o2755 }], 'setuid'],
  ['the same file twice', [file('x', '1'), file('./x', '2')], 'twice'],
  ['a link in place of the root', [{ name: '.', type: '2', link: 'lib' }], 'would replace the root'],
  ['a size beyond the end', [{ ...file('x'), size: 5000 }], 'cut short within "x"'],
  ['a wrong checksum', [{ ...file('x'), sum: 1 }], 'wrong checksum'],
];

describe('hostile archives', () => {
  test.each(hostile)('%s', async (_, entries, word) => {
    expect(await refusal(tarGz([...systoolsRelease, ...entries]))).toContain(word);
  });

  test('names that are not UTF-8', async () => {
    const archive = tar([...systoolsRelease, file('lib/xx')]);
    const at = archive.indexOf('lib/xx');
    // two letters for two other bytes of the same sum, so that the checksum still holds
    archive.writeUInt8(0xe0, at + 4);
    archive.writeUInt8(0x78 * 2 - 0xe0, at + 5);
    expect(await refusal(gzipSync(archive))).toContain('not UTF-8');
  });

  test('bytes behind the end', async () => {
    const archive = Buffer.concat([tar(systoolsRelease), tar([file('../x')])]);
    expect(await refusal(gzipSync(archive))).toContain('something follows the end');
  });
});

describe('what is no release', () => {
  const without = (pattern: RegExp) => systoolsRelease.filter(({ name }) => !pattern.test(name));
  const replaced = (path: string, content: string) => [...without(new RegExp(`^${path}$`)), file(path, content)];
  test.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('#!/bin/sh\necho hello\n'), 'no gzip archive'],
    ['a tar that is not packed', tar(systoolsRelease), 'no gzip archive'],
    ['a packed text', gzipSync('hello '.repeat(200)), 'no tar archive'],
    ['an empty tar', tarGz([]), 'no releases folder'],
    ['no end', gzipSync(tar(systoolsRelease, false)), 'cut short'],
    ['no releases', tarGz(without(/^releases/)), 'no releases folder'],
    ['no boot file', tarGz(without(/boot$/)), 'no boot file'],
    ['no resource file', tarGz(without(/rel$/)), 'no resource file'],
    [
      'a folder around it',
      tarGz(systoolsRelease.map((entry) => ({ ...entry, name: `shop/${entry.name}` }))),
      'below "shop"',
    ],
    [
      'another emulator',
      tarGz([...systoolsRelease, file('erts-14.0/bin/erlexec')].filter(({ name }) => !name.startsWith('erts-13'))),
      'brings erts 14.0',
    ],
    ['a broken resource file', tarGz(replaced('releases/1.2.0/shop.rel', '{release, "x"')), 'Erlang terms'],
    ['another term', tarGz(replaced('releases/1.2.0/shop.rel', '{release, x}.')), 'no release resource file'],
    [
      'a name with a quote',
      tarGz(replaced('releases/1.2.0/shop.rel', resourceText('1.2.0', "x'; reboot"))),
      'other characters',
    ],
    ['broken machine code', tarGz([...systoolsRelease, file('lib/x.so', '\x7fELF and no more')]), 'damaged'],
  ])('%s', async (_, archive, word) => {
    expect(await refusal(archive)).toContain(word);
  });

  test('cut short anywhere', async () => {
    const archive = tarGz(systoolsRelease);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: archive.length - 1 }), async (length) => {
        await refusal(archive.subarray(0, length));
      }),
      { numRuns: 40 },
    );
  });

  test('one byte changed anywhere is refused, or it did not matter', async () => {
    const archive = tarGz(systoolsRelease);
    const whole = await look(archive);
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(archive);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        const found = await look(damaged).catch((error: unknown) => error);
        if (!(found instanceof Fault)) expect(found).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe('bombs', () => {
  const zeros = tarGz([...systoolsRelease, file('lib/zeros', Buffer.alloc(8 * 2 ** 20))]);
  test.each([
    ['too much for its size', { ratioFromBytes: 2 ** 20 }, 'times its size'],
    ['too much at all', { unpackedBytes: 2 ** 20 }, 'unpacks to more than 1 MiB'],
    ['too large as it is', { packedBytes: 1000 }, 'larger than 1 MiB'],
    ['too many files', { entries: 3 }, 'more than 3 files and folders'],
    ['too many folders', { entries: 12 }, 'more than 12 files and folders'],
    ['a long path', { pathBytes: 20 }, 'more than 20 bytes'],
    ['long paths', { pathsBytes: 100 }, 'longer together'],
    ['long texts', { textsBytes: 200 }, 'one resource file too many'],
    ['a long text', { textBytes: 10 }, 'larger than any file of its kind'],
  ])('%s', async (_, changes, word) => {
    expect(await refusal(zeros, { ...defaultLimits, ...changes })).toContain(word);
  });

  test('the same folder over and over', async () => {
    const folders = Array.from({ length: 50 }, () => ({ name: './', type: '5' }));
    expect(await refusal(tarGz(folders), { ...defaultLimits, entries: 40 })).toContain('more than 40 entries');
  });

  test('a source that fails is heard as it is, and one that is refused is let go', async () => {
    async function* failing() {
      yield tarGz(systoolsRelease).subarray(0, 100);
      await Promise.reject(new Error('the line is down'));
    }
    await expect(inspect(failing())).rejects.toThrow('the line is down');
    let ended = false;
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(Buffer.from('no gzip at all'));
      } finally {
        ended = true;
      }
    }
    await expect(inspect(endless())).rejects.toThrow('no gzip');
    await expect.poll(() => ended).toBe(true);
  });
});
