/** Stays with an operation until it has ended: the tree of its tasks on a terminal, its events elsewhere. */
import { operationFailure } from './convergence.ts';
import { CliFailure } from './failure.ts';
import { follow } from './follow.ts';
import { watchLines } from './op-text.ts';
import { lastEvent } from './settle.ts';
import { notePage } from './world.ts';
import type { Client } from '../client/client.ts';
import type { Operation, OperationView } from '../model/operation.ts';
import type { Page } from './failure-text.ts';
import type { OpPage } from './op-text.ts';
import type { World } from './world.ts';

/** How to watch. */
export interface Watching {
  readonly timeoutMs: number;
  readonly ndjson: boolean;
}

/** An operation that has ended, and the failure that it ended with, if any. */
export interface Watched {
  readonly view: OperationView;
  readonly failure: CliFailure | undefined;
}

/** Waits for the end of an operation. Throws when the time is over, Interrupted, or the control plane's silence. */
export async function watchOperation(
  world: World,
  client: Client,
  { id, blueprint, cause }: Operation,
  { timeoutMs, ndjson }: Watching,
): Promise<Watched> {
  const detached = `detached; the control plane goes on.\n  watch it  wombat op show ${id} --watch\n  stop it   wombat op cancel ${id}`;
  const subject = {
    look: (signal: AbortSignal) => client.operations.show(id, signal),
    lines: (view: OperationView | undefined) => watchLines(view, opPage(world, notePage(world), false)),
  };
  const after = await lastEvent(client, world.signal);
  const view = await follow(
    world,
    client,
    { subject, blueprint, title: cause, after, timeoutMs, ndjson, detached },
    {
      decide: (seen) => (seen.operation.state === 'running' ? undefined : seen),
      late: (last) =>
        new CliFailure('timeout', `not ended in time: ${last?.operation.words ?? 'nothing was heard of it'}`, {
          object: `operation ${id}`,
          next: `wombat op show ${id}`,
        }),
    },
  );
  return { view, failure: operationFailure(view.operation) };
}

/** A page for operations. */
export function opPage({ clock }: World, page: Page, wide: boolean): OpPage {
  return { ...page, nowMs: clock.now(), wide };
}
