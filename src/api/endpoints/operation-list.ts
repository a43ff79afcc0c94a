import { z } from 'zod';
import { blueprintStatus } from '../../model/blueprint-status.ts';
import { Operation, operationStates, verdictOf } from '../../model/operation.ts';
import type { KeptOperation } from '../../model/operation.ts';
import type { Store } from '../../store/store.ts';
import { listEndpoint } from '../list-endpoint.ts';
import { BlueprintQuery } from '../parameters.ts';
import { recordsIn } from '../part-of.ts';
import { recordsOfEach } from '../status-records.ts';

export const operationList = listEndpoint({
  operation: 'listOperations',
  path: '/operations',
  role: 'read',
  about: 'list',
  summary: 'What requests began that takes time, newest first; those that ended long ago are not kept',
  query: { ...BlueprintQuery.shape, state: z.enum(operationStates).optional().describe('only those in that state') },
  item: Operation,
  async read({ query: { blueprint, state }, caller, part }, { store }) {
    const where = (operation: KeptOperation) => state === undefined || operation.state === state;
    const wanted = { kind: 'operation', blueprint, seenBy: caller.blueprints, backwards: true, where } as const;
    const found = await recordsIn(store, wanted, part);
    const words = await wordsOfRunning(
      store,
      found.map(({ item }) => item),
    );
    return { found: found.map(({ item: { tasks: _, ...item }, at }) => ({ item: { ...item, ...words(item) }, at })) };
  },
});

/** Where those are that run: one look at each blueprint. */
async function wordsOfRunning(store: Store, operations: readonly Operation[]) {
  const running = operations.filter(({ state }) => state === 'running').map(({ blueprint }) => blueprint);
  const heads = await Promise.all([...new Set(running)].map((name) => store.get('blueprint', name)));
  const records = await recordsOfEach(
    store,
    heads.flatMap((head) => (head === undefined ? [] : [head.value])),
  );
  const known = records.flatMap((one) => (one === null ? [] : [[one.head.name, blueprintStatus(one)] as const]));
  const statuses = new Map(known);
  return (operation: Operation): Partial<Operation> => {
    const status = operation.state === 'running' ? statuses.get(operation.blueprint) : undefined;
    return status === undefined ? {} : { words: verdictOf(operation, { status, isPlanned: true }).words };
  };
}
