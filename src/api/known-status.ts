/**
 * Brief statuses, made anew only where something they are made of is another one: thousands of nodes need not be gone
 * through for each who asks how they are. Records are compared by the lists that the store answered, the proof by what
 * a status says of it: it is dated anew twice a minute. A store that does not keep its lists answers others each time, and
 * everything is made each time.
 */
import { blueprintStatus, inBrief, machinesOf } from '../model/blueprint-status.ts';
import type { BriefStatus } from '../model/exchange.ts';
import type { Head } from '../model/head.ts';
import type { Node } from '../model/node.ts';
import { linkRecordsOf, linkedWith } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { all, revisionOf } from './find.ts';

interface Known {
  readonly madeOf: readonly unknown[];
  readonly brief: BriefStatus;
}

/** By the list of its nodes, and gone with it. */
const known = new WeakMap<readonly Node[], Known>();

/** The brief status of a blueprint by its head; null when it goes while we look. */
export async function briefStatus(store: Store, head: Head): Promise<BriefStatus | null> {
  const { name } = head;
  const revision = await revisionOf(store, head);
  if (revision === undefined) return null;
  const [nodes, runs] = [await all(store, 'node', name), await all(store, 'run', name)];
  const around = [await all(store, 'machine'), await all(store, 'provider'), await all(store, 'release')] as const;
  const [rollouts, quarantine] = [await all(store, 'rollout', name), await all(store, 'quarantine', name)];
  const proof = (await store.get('proof', name))?.value ?? null;
  const said = [proof?.ok, proof?.verdict, proof?.subject];
  const linked = await linkedWith(store, name);
  const madeOf = [head, revision, runs, ...around, rollouts, quarantine, linked, ...said];
  const before = known.get(nodes);
  if (before !== undefined && madeOf.every((one, at) => one === before.madeOf[at])) return before.brief;
  const [machines, providers, releases] = around;
  const { document } = revision;
  const links = await linkRecordsOf(store, document, nodes);
  const concerned = machinesOf(name, nodes, machines, providers);
  const records = { head, document, nodes, machines: concerned, proof, releases, rollouts, quarantine, links };
  const brief = inBrief(blueprintStatus(records));
  known.set(nodes, { madeOf, brief });
  return brief;
}
