/** The document that a blueprint is at. */
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Store } from '../store/store.ts';

/** Key of a revision's record. */
export function revisionKey(blueprint: string, number: number): string {
  return `${blueprint}@${number}`;
}

/** The current revision's document; undefined when the blueprint is no more. */
export async function documentOf(store: Store, blueprint: string): Promise<BlueprintDocument | undefined> {
  const head = await store.get('blueprint', blueprint);
  if (head === undefined) return undefined;
  return (await store.get('revision', revisionKey(blueprint, head.value.revision)))?.value.document;
}
