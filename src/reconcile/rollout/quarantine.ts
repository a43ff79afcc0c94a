/** Versions that failed are not applied again unless somebody says so. */
import { Fault } from '../../base/fault.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { Facts } from '../../model/plan.ts';
import { quarantineKey } from '../../model/rollout.ts';
import { specificationsOf } from '../../plan/plan.ts';
import type { Store } from '../../store/store.ts';
import { versionOf } from './records.ts';

/** Refuses a document of which a family's version is in quarantine. Fault quarantined. */
export async function refuseQuarantined(
  store: Store,
  document: BlueprintDocument,
  releases: Facts['releases'],
): Promise<void> {
  for (const [family, target] of specificationsOf(document, releases)) {
    const version = versionOf(document, family, target);
    const key = quarantineKey({ blueprint: document.name, family, version });
    const found = (await store.get('quarantine', key))?.value;
    if (found === undefined) continue;
    const { release, revision, why } = found;
    const words = `family ${family}: ${release}, configured like this, is in quarantine since it failed as revision ${revision}: ${why}`;
    throw new Fault('quarantined', words, {
      object: `family ${family}`,
      next: `apply another version or configuration, or lift it: wombat release unquarantine ${release} -b ${document.name}`,
    });
  }
}
