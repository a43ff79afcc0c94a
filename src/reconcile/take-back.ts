/**
 * An operation is taken back: it goes no further, and its blueprint returns to what it was before. What it has made goes,
 * and what was to go and still runs stays; what is gone already is made anew. The commit that ends it records what is
 * done instead, so that nothing is left half (I1).
 *
 *   of a first apply      everything goes: the blueprint is destroyed
 *   of any other change   the revision before is in force again, as the next one
 *   of a destroy          the same: the blueprint is wanted again
 *   of an act on a node   the node is wanted as it was
 */
import { Fault, faultCodeOf } from '../base/fault.ts';
import { isAboutNode } from '../model/operation.ts';
import type { Operation } from '../model/operation.ts';
import type { Node } from '../model/node.ts';
import { destroy } from './acts.ts';
import { anew } from './anew.ts';
import { commitBegun } from './operations.ts';
import type { OperationRecord, Undone } from './operations.ts';
import { rollBack } from './roll-back.ts';
import type { World } from './world.ts';

/** Cancels an operation for the token of that name; returns what is done instead. Faults: not-found, conflict (it has ended). */
export async function cancel(world: World, id: string, by: string): Promise<Operation> {
  return anew(
    (error) => faultCodeOf(error) === 'conflict',
    async () => {
      const record = await runningRecord(world, id);
      return takeBack(world, { record, state: 'cancelled', words: `cancelled by ${by}` }, by);
    },
  );
}

function objectOf(id: string): string {
  return `operation ${id}`;
}

async function runningRecord({ store }: World, id: string): Promise<OperationRecord> {
  const record = await store.get('operation', id);
  const object = objectOf(id);
  if (record === undefined)
    throw new Fault('not-found', `there is no operation ${id}`, { object, next: 'wombat op list' });
  const { state, words, followedBy } = record.value;
  if (state === 'running') return record;
  throw new Fault('conflict', `operation ${id} has ended: ${state}${words === '' ? '' : ` (${words})`}`, {
    object,
    next: followedBy === null ? 'apply what it should be instead' : `wombat op show ${followedBy}`,
  });
}

/** Takes an operation back: it ends in the commit that begins what is done instead, which is returned. Faults: conflict. */
export async function takeBack(world: World, undone: Undone, by: string): Promise<Operation> {
  const { blueprint, former, kind, id } = undone.record.value;
  if (isAboutNode(undone.record.value)) return nodeAsBefore(world, undone, by);
  if (former === 0 && kind !== 'destroy') return destroy(world, blueprint, { by }, undone);
  return rollBack(world, { blueprint, to: former, by, why: `${id} was ${wordFor(undone)}` }, { undone });
}

function wordFor({ state, words }: Undone): string {
  return state === 'cancelled' ? 'cancelled' : words;
}

/** The node is wanted as it was; one that was stopped to be started again is started. */
async function nodeAsBefore(world: World, undone: Undone, by: string): Promise<Operation> {
  const { blueprint, node: about, kind, cause, revision } = undone.record.value;
  const record = await world.store.get('node', about?.id ?? '');
  if (record === undefined || record.value.desired === 'removed')
    throw new Fault('conflict', `node ${about?.name} is gone`, { object: objectOf(undone.record.key) });
  if (kind === 'roll back')
    throw new Fault('conflict', `${cause}: that is on its way, and not taken back again`, {
      object: objectOf(undone.record.key),
      next: `ask for what it should be: wombat node start|stop|restart ${about?.name}`,
    });
  const node = record.value;
  const told = { level: 'info', kind: 'node', object: node.name, blueprint, what: 'rolled back' } as const;
  const operation = await commitBegun(
    world,
    {
      ...{ kind: 'roll back', cause: `roll back of ${cause}`, blueprint, node: about, revision, former: revision },
      ...{ asked: { by }, undone },
    },
    [{ put: 'node', key: node.id, value: { ...node, ...before(kind, node) }, expect: record.version }],
    [{ ...told, words: `${cause}: ${undone.words}` }],
  );
  world.wake.node(node.id);
  world.wake.component(blueprint);
  return operation;
}

function before(kind: Operation['kind'], node: Node): Partial<Node> {
  if (kind === 'node start') return { desired: 'stopped' };
  if (kind === 'node stop') return { desired: 'running' };
  // it has not been stopped yet
  const isUntouched = node.state.phase === 'running' || node.state.phase === 'started';
  return isUntouched ? { generation: node.startedGeneration } : {};
}
