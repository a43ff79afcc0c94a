import { timestamp } from '../../base/clock.ts';
import { Fault, faultCodeOf } from '../../base/fault.ts';
import { z } from 'zod';
import { DeclaredRelease, Release } from '../../model/release.ts';
import type { Artifact } from '../../release/release.ts';
import { Created } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { endpoint } from '../endpoint.ts';

/** Largest archive that is taken in: a release with its ERTS is some 20 to 200 MB. */
const largestBytes = 4 * 2 ** 30;

const UploadQuery = z.strictObject({
  name: DeclaredRelease.shape.name.optional().describe('for an archive that is no OTP release: what it is called'),
  version: DeclaredRelease.shape.version.optional().describe('the same: its version'),
});

/** The archive is inspected and stored while it streams in. The same bytes twice are one release (200, not 201). */
export const releaseUpload = endpoint({
  operation: 'uploadRelease',
  method: 'POST',
  path: '/releases',
  role: 'operate',
  about: 'shared',
  summary: 'Uploads a release archive (gzipped tar)',
  repeatable: true,
  query: UploadQuery,
  takes: 'application/gzip',
  answer: Release,
  creates: true,
  async handle({ upload, query }, context) {
    const artifact = await context.artifacts.take(limited(upload()), declaredBy(query));
    const known = await context.store.get('release', artifact.digest);
    if (known !== undefined) return known.value;
    const release = await releaseOf(artifact, context);
    return record(release, context);
  },
});

function declaredBy({ name, version }: z.output<typeof UploadQuery>): DeclaredRelease | undefined {
  if (name === undefined && version === undefined) return undefined;
  if (name !== undefined && version !== undefined) return { name, version };
  throw new Fault('invalid', 'an archive that is no OTP release needs a name and a version, both', {
    object: 'release archive',
    next: 'upload it with ?name=NAME&version=VERSION',
  });
}

async function releaseOf({ digest, bytes, inspection }: Artifact, { artifacts, clock }: ApiContext): Promise<Release> {
  const { name, version } = inspection;
  const release = { digest, name, version, bytes, uploadedAt: timestamp(clock), inspection };
  if (Release.shape.name.safeParse(name).success) return release;
  await artifacts.remove(digest);
  throw new Fault('invalid', `the release inside is called "${name}", which is no name that blueprints can use`, {
    object: 'release archive',
    next: 'a name starts with a lower-case letter and goes on with lower-case letters, digits, - and _ (63 at most)',
  });
}

async function record(release: Release, { store, ports }: ApiContext): Promise<Release | Created<Release>> {
  const { digest, name, version } = release;
  const words = `release ${name} ${version} was uploaded`;
  try {
    await store.commit(
      [{ put: 'release', key: digest, value: release, expect: 0 }],
      [{ level: 'info', kind: 'release', object: `${name}@${version}`, blueprint: null, what: 'uploaded', words }],
    );
  } catch (error) {
    // two uploads of the same bytes at the same time: the other one was faster
    const known = faultCodeOf(error) === 'conflict' ? await store.get('release', digest) : undefined;
    if (known === undefined) throw error;
    return known.value;
  }
  ports.wake();
  return new Created(release);
}

async function* limited(archive: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of archive) {
    bytes += chunk.length;
    if (bytes > largestBytes) throw new Fault('invalid', `the archive is larger than ${largestBytes / 2 ** 30} GiB`);
    yield chunk;
  }
}
