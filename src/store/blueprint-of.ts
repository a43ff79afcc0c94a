/** Which blueprint a record belongs to: what `Selector.blueprint` selects by. */
import type { Kind, Records } from './store.ts';

type BlueprintOf = { readonly [K in Kind]: (value: Records[K]) => string | null };

const blueprintOfKind: BlueprintOf = {
  provider: (provider) => provider.declaredBy,
  domain: (domain) => domain.declaredBy,
  release: () => null,
  blueprint: (head) => head.name,
  revision: (revision) => revision.blueprint,
  plan: (plan) => plan.blueprint,
  machine: () => null,
  node: (node) => node.blueprint,
  run: (run) => run.blueprint,
  proof: (proof) => proof.blueprint,
  rollout: (rollout) => rollout.blueprint,
  quarantine: (quarantine) => quarantine.blueprint,
  offers: () => null,
  operation: (operation) => operation.blueprint,
  token: () => null,
  rotation: (rotation) => rotation.blueprint,
  stray: () => null,
  leftover: (leftover) => leftover.blueprint,
  alarm: ({ about, name }) => (about === 'blueprint' ? name : null),
};

/** The record's blueprint; null for what is shared by all: releases, machines, offers, and what was added by hand. */
export function blueprintOf<K extends Kind>(kind: K, value: Records[K]): string | null {
  return blueprintOfKind[kind](value);
}
