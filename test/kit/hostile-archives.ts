/**
 * Archives that mean harm, or that two programs would read in two ways: one table, each a whole release with something wrong
 * in it. None may be taken in, whatever the archive is said to be.
 */
import { gzipSync } from 'node:zlib';
import { systoolsRelease } from './release-archive.ts';
import { file, pax, tar, tarGz } from './tar.ts';
import type { KitEntry } from './tar.ts';

/** Name and bytes. */
export type HostileArchive = readonly [name: string, bytes: () => Uint8Array];

const link = (name: string, target: string): KitEntry => ({ name, type: '2', link: target });
const hard = (name: string, target: string): KitEntry => ({ name, type: '1', link: target });
const folder = (name: string): KitEntry => ({ name, type: '5', mode: 0o755 });
const longName = (name: string): KitEntry => ({ name: '././@LongLink', type: 'L', content: `${name}\0` });
const longLink = (name: string): KitEntry => ({ name: '././@LongLink', type: 'K', content: `${name}\0` });

/** A whole release with these entries behind it. */
const withEntries = (entries: readonly KitEntry[]) => () => tarGz([...systoolsRelease, ...entries]);

const paths: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['a path that goes up', [file('../x')]],
  ['a path that goes up from within', [file('lib/../../x')]],
  ['a path that goes up and back', [file('lib/a/../b')]],
  ['a path that ends in ..', [folder('lib/..')]],
  ['nothing but ..', [folder('..')]],
  ['.. behind many .', [file('./././../x')]],
  ['.. behind a double slash', [file('lib//..//..//x')]],
  ['an absolute path', [file('/etc/cron.d/x')]],
  ['an absolute path with two slashes', [file('//etc/x')]],
  ['an absolute folder', [folder('/tmp')]],
  ['the root of all', [folder('/')]],
  ['a backslash path', [file('lib\\..\\..\\x')]],
  ['a drive letter', [file('C:\\Windows\\x')]],
  ['a share', [file('\\\\server\\share\\x')]],
  ['an empty name', [file('')]],
  ['a line break in a name', [file('lib/a\nb')]],
  ['an escape sequence in a name', [file('lib/\u001b[2Jx')]],
  ['a bell in a name', [file('lib/\u0007')]],
  ['a delete in a name', [file('lib/\u007f')]],
  ['a path 70 folders deep', [pax({ path: `${'a/'.repeat(70)}b` }), file('c')]],
  ['a path of 2,000 bytes', [pax({ path: `${'abcdefghi/'.repeat(40)}${'x'.repeat(1600)}` }), file('c')]],
  ['a name of 300 bytes', [pax({ path: `lib/${'x'.repeat(300)}` }), file('c')]],
];

const unicode: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['two full stops in full width', [file('\uff0e\uff0e/x')]],
  ['a two dot leader', [file('lib/\u2025/x')]],
  ['a full stop in small form', [file('lib/\ufe52\ufe52/x')]],
  ['a slash in full width', [file('lib\uff0f..\uff0fx')]],
  ['a backslash in full width', [file('lib\uff3cx')]],
  ['one name in two compositions', [file('lib/caf\u00e9'), file('lib/cafe\u0301')]],
  ['a ligature beside its letters', [file('lib/\ufb01le'), file('lib/file')]],
  ['letters beside their ligature', [file('lib/file'), file('lib/\ufb01le')]],
  ['a folder in two compositions', [file('lib/\u00e9/a'), file('lib/e\u0301/b')]],
  ['text that turns its direction', [file('lib/\u202egz.hs')]],
  ['a joiner without width', [file('lib/a\u200db')]],
  ['a byte order mark', [file('\ufefflib/x')]],
  ['a separator of lines', [file('lib/a\u2028b')]],
];

const described: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['a pax path that goes up', [pax({ path: '../x' }), file('safe')]],
  ['a pax path that is absolute', [pax({ path: '/x' }), file('safe')]],
  ['a pax path with a NUL', [pax({ path: 'a\0b' }), file('safe')]],
  ['an empty pax path', [pax({ path: '' }), file('safe')]],
  ['a pax link that goes up', [pax({ linkpath: '../../x' }), link('lib/x', 'safe')]],
  ['a pax size that is no number', [pax({ size: '-1' }), file('safe')]],
  ['a pax size beyond the end', [pax({ size: '99999999' }), file('safe')]],
  ['a GNU long name that goes up', [longName('../x'), file('safe')]],
  ['a GNU long name that is absolute', [longName('/x'), file('safe')]],
  ['a GNU long link that is absolute', [longLink('/etc/passwd'), link('x', 'safe')]],
  ['two long names that differ', [pax({ path: 'a' }), longName('b'), file('safe')]],
  ['a global header that renames', [pax({ path: 'x' }, 'g'), file('safe')]],
  ['a pax header for nothing', [pax({ path: 'x' })]],
  ['a broken pax header', [{ name: 'p', type: 'x', content: '99 path=x\n' }, file('safe')]],
  ['a pax header without a key', [{ name: 'p', type: 'x', content: '5 x\n' }, file('safe')]],
  ['a huge pax header', [{ name: 'p', type: 'x', content: 'x'.repeat(70_000) }, file('safe')]],
  ['a pax header that says it is huge', [{ name: 'p', type: 'x', content: 'x', size: 2 ** 32 }, file('safe')]],
];

const links: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['an absolute link', [link('x', '/etc/passwd')]],
  ['a link that goes up', [link('lib/x', '../../etc')]],
  ['a link to the parent of the root', [link('x', '..')]],
  ['a link that goes down and up', [link('x', 'lib/../..')]],
  ['a link to nothing', [link('x', '')]],
  ['a link with a backslash', [link('x', '..\\..\\x')]],
  ['a file through a link', [link('lib/x', '.'), file('lib/x/y')]],
  ['a file through a chain of links', [link('a', 'lib'), link('b', 'a'), file('b/c')]],
  ['a link through a link', [link('a', 'lib'), link('a/b', '../..')]],
  ['a folder through a link', [link('a', 'lib'), folder('a/b')]],
  ['a link that is replaced by a file', [link('x', 'lib'), file('x', 'y')]],
  ['a file that is replaced by a link', [file('x', 'y'), link('x', 'lib')]],
  ['a folder that is replaced by a link', [link('lib', 'bin')]],
  ['a link in the place of the root', [link('.', 'lib')]],
  ['a link with content', [{ ...link('x', 'lib'), content: 'y' }]],
  ['a hard link outwards', [hard('x', '/etc/passwd')]],
  ['a hard link that goes up', [hard('x', '../../etc/passwd')]],
  ['a hard link to nothing', [hard('x', 'lib/none')]],
  ['a hard link to itself', [hard('x', 'x')]],
  ['a hard link to a folder', [hard('x', 'lib')]],
  ['a hard link to a link', [link('l', 'lib'), hard('x', 'l')]],
  ['a chain of hard links from a link', [link('l', 'lib'), hard('a', 'l'), hard('b', 'a')]],
  ['a hard link to what comes later', [hard('x', 'later'), file('later')]],
  ['a hard link that is written over', [hard('x', 'releases/1.2.0/start.boot'), file('x', 'evil')]],
  ['a hard link with content', [{ ...hard('x', 'releases/1.2.0/start.boot'), content: 'y' }]],
];

const kinds: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['a character device', [{ name: 'dev/null', type: '3' }]],
  ['a block device', [{ name: 'dev/sda', type: '4' }]],
  ['a named pipe', [{ name: 'pipe', type: '6' }]],
  ['a sparse file of old GNU', [{ name: 'x', type: 'S' }]],
  ['a sparse file of GNU 0.0', [pax({ 'GNU.sparse.size': '1000000' }), file('x')]],
  ['a sparse file of GNU 0.1', [pax({ 'GNU.sparse.map': '0,1' }), file('x')]],
  ['a sparse file of GNU 1.0', [pax({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '99999999999' }), file('x')]],
  ['a part of several volumes', [{ name: 'x', type: 'M' }]],
  ['a list of a folder', [{ name: 'x', type: 'D' }]],
  ['a label of a volume', [{ name: 'x', type: 'V' }]],
  ['an unknown kind', [{ name: 'x', type: '\x01' }]],
  ['setuid', [{ ...file('bin/su'), mode: 0o4755 }]],
  ['setgid', [{ ...file('bin/su'), mode: 0o2755 }]],
  ['setuid and setgid', [{ ...file('bin/su'), mode: 0o6755 }]],
  ['setuid by a hard link', [{ ...hard('bin/su', 'erts-13.1.5/bin/erlexec'), mode: 0o4755 }]],
  ['the same file twice', [file('x', '1'), file('x', '2')]],
  ['the same file in two spellings', [file('x', '1'), file('./x', '2')]],
  ['the same file with two slashes', [file('lib/x', '1'), file('lib//x', '2')]],
  ['a file where a folder is', [file('lib', 'x')]],
  ['a folder where a file is', [file('x'), folder('x')]],
  ['a file below a file', [file('x'), file('x/y')]],
  ['another start.boot', [file('releases/1.2.0/start.boot', 'evil')]],
];

const headers: readonly (readonly [string, readonly KitEntry[]])[] = [
  ['a wrong checksum', [{ ...file('x'), sum: 1 }]],
  ['a size beyond the end', [{ ...file('x'), size: 5000 }]],
  ['a size of eight gibibytes', [{ ...file('x'), size: 8 * 2 ** 30 - 1 }]],
  ['a folder with content', [{ ...folder('x'), content: 'y' }]],
];

/** A byte of the packed archive changed, from the end where negative. */
function changed(at: number): Uint8Array {
  const bytes = Buffer.from(tarGz(systoolsRelease));
  const place = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
  return bytes;
}

/** The first part of the packed archive. */
function cut(share: number): Uint8Array {
  const bytes = tarGz(systoolsRelease);
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

/** Names that are not UTF-8: letters of the header changed for other bytes of the same sum. */
function odd(first: number): Uint8Array {
  const archive = tar([...systoolsRelease, file('lib/xx')]);
  const at = archive.indexOf('lib/xx');
  archive.writeUInt8(first, at + 4);
  archive.writeUInt8(0x78 * 2 - first, at + 5);
  return gzipSync(archive);
}

const zeros = (mebibytes: number) => file(`lib/zeros-${mebibytes}`, Buffer.alloc(mebibytes * 2 ** 20));

const damaged: readonly HostileArchive[] = [
  ...[0, 0.01, 0.25, 0.5, 0.75, 0.99].map((share): HostileArchive => [`cut at ${share}`, () => cut(share)]),
  ['a wrong checksum of gzip', () => changed(-8)],
  ['a wrong length of gzip', () => changed(-4)],
  ['a wrong magic of gzip', () => changed(0)],
  ['a wrong method of gzip', () => changed(2)],
  ['no gzip', () => tar(systoolsRelease)],
  ['no tar', () => gzipSync('hello '.repeat(1000))],
  ['no end', () => gzipSync(tar(systoolsRelease, false))],
  ['a second archive behind the end', () => gzipSync(Buffer.concat([tar(systoolsRelease), tar([file('../x')])]))],
  ['a second gzip behind the first', () => Buffer.concat([tarGz(systoolsRelease), tarGz([file('../x')])])],
  ['something behind the gzip', () => Buffer.concat([tarGz(systoolsRelease), Buffer.from('../x')])],
  ['a name in Latin-1', () => odd(0xe0)],
  ['a name with a lone surrogate byte', () => odd(0x9f)],
];

const bombs: readonly HostileArchive[] = [
  ['1000 to 1 in one file', () => tarGz([zeros(96), ...systoolsRelease])],
  ['1000 to 1 behind a release', () => tarGz([...systoolsRelease, zeros(96)])],
  [
    '1000 to 1 in many files',
    () => tarGz([...Array.from({ length: 96 }, (_, at) => ({ ...zeros(1), name: `z/${at}` }))]),
  ],
  ['1000 to 1 in what is kept whole', () => tarGz([file('releases/1.2.0/shop.rel', ' '.repeat(48 * 2 ** 20))])],
  ['1000 to 1 in machine code', () => tarGz([file('lib/x.so', Buffer.concat([elfHead, Buffer.alloc(96 * 2 ** 20)]))])],
  ['1000 to 1 behind the end', () => gzipSync(Buffer.concat([tar(systoolsRelease), Buffer.alloc(96 * 2 ** 20)]))],
  [
    '1000 to 1 in a chain of gzips',
    () => Buffer.concat(Array.from({ length: 96 }, () => gzipSync(Buffer.alloc(2 ** 20)))),
  ],
  ['110,000 empty files', () => gzipSync(tar(Array.from({ length: 110_000 }, (_, at) => file(`f/${at}`))))],
  [
    '110,000 times the same folder',
    () => gzipSync(Buffer.concat([...Array.from({ length: 110_000 }, () => oneFolder)])),
  ],
];

const elfHead = Buffer.from('\x7fELF\x02\x01\x01', 'latin1');
const oneFolder = tar([folder('lib')], false);

/** All of them. */
export const hostileArchives: readonly HostileArchive[] = [
  ...[paths, unicode, described, links, kinds, headers].flatMap((table) =>
    table.map(([name, entries]): HostileArchive => [name, withEntries(entries)]),
  ),
  ...damaged,
  ...bombs,
];
