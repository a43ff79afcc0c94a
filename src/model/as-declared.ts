/**
 * Whether a node was told what the current revision says. Running nodes are changed a few at a time: one whose change
 * still waits for its turn runs well, and yet the blueprint has not converged.
 */
import { equal } from '../base/equal.ts';
import type { BlueprintDocument } from './blueprint.ts';
import { components } from './component.ts';
import type { Node } from './node.ts';
import type { Release, ReleaseReference } from './release.ts';

/** Judges nodes by one document. What the document leaves open is the planner's to decide and not judged. */
export function declaredBy(document: BlueprintDocument, releases: readonly Release[]): (node: Node) => boolean {
  const byFamily = new Map(
    components(document).flatMap((component) => component.families.map((family) => [family, component] as const)),
  );
  return ({ family, specification }) => {
    const definition = document.families[family];
    const component = byFamily.get(family);
    if (definition === undefined || component === undefined) return false;
    const { release, config = {}, hooks, stopSeconds, bootSeconds } = definition;
    return (
      specification.release === release &&
      means(document.releases[release], specification.digest, releases) &&
      equal(specification.config, config) &&
      equal(specification.commands, document.releases[release]?.commands) &&
      specification.mesh === component.mesh &&
      specification.component === component.name &&
      specification.beforeStop === (hooks?.beforeStop ?? null) &&
      (document.epmdPort ?? specification.epmdPort) === specification.epmdPort &&
      (stopSeconds ?? specification.stopSeconds) === specification.stopSeconds &&
      (bootSeconds ?? specification.bootSeconds) === specification.bootSeconds
    );
  };
}

/** Whether a reference may mean the archive of that digest. A file without a digest says nothing about it. */
function means(reference: ReleaseReference | undefined, digest: string, releases: readonly Release[]): boolean {
  if (reference === undefined) return false;
  if (!('name' in reference)) return reference.digest === undefined || reference.digest === digest;
  return releases.some(
    (one) => one.digest === digest && one.name === reference.name && one.version === reference.version,
  );
}
