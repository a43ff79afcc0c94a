/**
 * Releases on a host: one unpacked copy each, by content, that nobody can write into. It comes into being whole, by the
 * renaming of a folder, or not at all; what a broken installation left is swept by the next one.
 */
import type { Command } from '../../base/shell.ts';
import { quote } from '../../base/quote.ts';
import { releaseFolder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { answersOf, enter, enterMade, freeFunction } from './prelude.ts';

/** Answers by its status: 0 when the release is there. */
export function hasRelease(layout: Layout, digest: string): Command {
  const script = `${enter(layout, 'exit 1')}\n[ -d ${quote(releaseFolder(digest))} ]`;
  return { script, timeoutMs: 15_000, what: `look for release ${digest}` };
}

/** A release that is to be unpacked; its size then, bytes, where that is known. */
interface Unpacking {
  readonly digest: string;
  readonly unpackedBytes?: number | undefined;
}

/**
 * Unpacks the archive that comes as its input. A transfer may be slow, so the deadline is a long one; where it cannot fit,
 * nothing of it is taken in.
 */
export function installRelease(layout: Layout, unpacking: Unpacking, archive: AsyncIterable<Uint8Array>): Command {
  const { digest, unpackedBytes = 0 } = unpacking;
  const target = quote(releaseFolder(digest));
  const neededKiB = Math.ceil(unpackedBytes / 1024);
  const script = `${enterMade(layout)}
${freeFunction}
[ -d ${target} ] && exit 0
exec 9>>releases/.lock; flock -w 600 9 || { echo 'another installation has not ended for ten minutes' >&2; exit 1; }
[ -d ${target} ] && exit 0
for left in releases/.new-*; do [ -d "$left" ] && chmod -R u+w "$left" && rm -rf "$left"; done
new=releases/.new-$$
free=$(free_kib)
figures="no space left: unpacked it is ${neededKiB} KiB, \${free:-?} KiB are free in $D"
[ "\${free:-${neededKiB}}" -ge ${neededKiB} ] || { echo "$figures" >&2; exit 1; }
mkdir "$new" && tar -xzf - -C "$new" --no-same-owner || {
  chmod -R u+w "$new"; rm -rf "$new"
  free=$(free_kib)
  [ "\${free:-${neededKiB}}" -ge $((${neededKiB} + 1024)) ] || echo "$figures" >&2
  exit 1
}
chmod -R a-w "$new" && mv "$new" ${target}`;
  return { script, input: archive, timeoutMs: 1_200_000, what: `install release ${digest}` };
}

/** Removes a release; refuses, by \`used=NODE\`, while a node directory names it. */
export function removeRelease(layout: Layout, digest: string): Command {
  const target = quote(releaseFolder(digest));
  const script = `${enter(layout, 'exit 0')}
[ -d ${target} ] || exit 0
for file in nodes/*/digest; do
  { read -r used <"$file"; } 2>/dev/null || continue
  [ "$used" != ${quote(digest)} ] || { node=\${file#nodes/}; echo "used=\${node%/digest}"; exit 0; }
done
exec 9>>releases/.lock; flock -w 60 9 || exit 1
old=releases/.new-old-$$
mv ${target} "$old" && chmod -R u+w "$old" && rm -rf "$old"`;
  return { script, timeoutMs: 120_000, what: `remove release ${digest}` };
}

/** The node that keeps a release from being removed; null when it was. */
export function parseRemoved(stdout: string): string | null {
  return answersOf(stdout).find(([key]) => key === 'used')?.[1] ?? null;
}
