/** Inspection of a release archive in one pass: unpack, admit each entry by the tree's rules, keep what matters, describe. */
import { ArchiveTree } from './archive-tree.ts';
import { Contents } from './contents.ts';
import { describeDeclared } from './describe-declared.ts';
import { describeRelease } from './describe.ts';
import { gunzipped } from './gunzip.ts';
import { defaultLimits } from './limits.ts';
import { tarEntries } from './tar.ts';
import type { DeclaredRelease, Inspection } from '../model/release.ts';
import type { ArchiveLimits } from './limits.ts';

/**
 * Reads a gzipped tar to its last byte and says what release it is. Memory stays bounded whatever the archive says.
 * Fault `invalid`, naming the entry, for what is no release, is damaged, would leave its root by any path, link or
 * device, or is larger than the limits allow; errors of the source come through as they are. An archive that is
 * `declared` is no OTP release and may have any shape.
 */
export async function inspect(
  archive: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits = defaultLimits,
  declared?: DeclaredRelease,
): Promise<Inspection> {
  const tree = new ArchiveTree(limits);
  const contents = new Contents(limits, declared === undefined);
  for await (const entry of tarEntries(gunzipped(archive, limits), limits)) {
    const path = tree.admit(entry);
    if (entry.type === 'file') await contents.take(path, entry);
  }
  const gathered = { tree, contents };
  return declared === undefined ? describeRelease(gathered) : describeDeclared(gathered, declared);
}
