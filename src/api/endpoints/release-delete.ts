import { Fault } from '../../base/fault.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { Release } from '../../model/release.ts';
import { isUnderWay } from '../../model/rollout.ts';
import type { Store, Versioned } from '../../store/store.ts';
import type { ApiContext } from '../api-context.ts';
import { endpoint } from '../endpoint.ts';
import { releaseSubject } from '../subject.ts';
import { all, allCurrent, findRelease } from '../find.ts';
import { ReleaseParameter } from '../parameters.ts';

/** The record goes first: a death in between leaves an archive that the next upload of the same bytes finds again. */
export const releaseDelete = endpoint({
  operation: 'deleteRelease',
  method: 'DELETE',
  path: '/releases/{reference}',
  role: 'operate',
  about: 'installation',
  summary: 'Deletes a release that no blueprint and no node uses',
  subject: releaseSubject,
  params: ReleaseParameter,
  async handle({ params, matched }, context) {
    const record = await findRelease(context.store, params.reference);
    await deleteRelease(context, { ...record, version: matched ?? record.version });
  },
});

/** Deletes what nothing uses. Faults: conflict when it is used, or not under the version any more that was read. */
export async function deleteRelease(
  { store, artifacts }: ApiContext,
  { value: release, version }: Versioned<Release>,
): Promise<void> {
  await refuseIfUsed(store, release);
  const object = `${release.name}@${release.version}`;
  const event = { level: 'info', kind: 'release', object, blueprint: null, what: 'deleted' } as const;
  await store.commit(
    [{ remove: 'release', key: release.digest, expect: version }],
    [{ ...event, words: `release ${object} (${release.digest}) was deleted` }],
  );
  await artifacts.remove(release.digest);
}

async function refuseIfUsed(store: Store, release: Release): Promise<void> {
  const user = await userOf(store, release);
  if (user === undefined) return;
  throw new Fault('conflict', `release ${release.name} ${release.version} is in use: ${user}`, {
    object: `release ${release.digest}`,
    next: 'destroy what uses it, or apply another release there first',
  });
}

async function userOf(store: Store, release: Release): Promise<string | undefined> {
  const named = (await allCurrent(store)).find(({ revision }) => names(revision.document, release));
  if (named !== undefined) return `blueprint ${named.head.name} names it in revision ${named.head.revision}`;
  const node = (await all(store, 'node')).find(({ specification }) => specification.digest === release.digest);
  if (node !== undefined) return `node ${node.name} runs it`;
  return fallbackOf(store, release);
}

/** A version on its way may yet have to go back to this one. */
async function fallbackOf(store: Store, release: Release): Promise<string | undefined> {
  for (const rollout of (await all(store, 'rollout')).filter(isUnderWay)) {
    const { blueprint, former, family } = rollout;
    const before = former === null ? undefined : await store.get('revision', `${blueprint}@${former}`);
    if (before !== undefined && names(before.value.document, release))
      return `family ${family} of ${blueprint} is being changed, and would go back to it`;
  }
  return undefined;
}

function names({ releases }: BlueprintDocument, { digest, name, version }: Release): boolean {
  return Object.values(releases).some((reference) =>
    'name' in reference ? reference.name === name && reference.version === version : reference.digest === digest,
  );
}
