/** The end of every command that changed a blueprint: wait, or say that the control plane has taken over. */
import { converged } from './apply-blueprint.ts';
import { durationText } from './quantity.ts';
import { isForPeople, showData, showObject } from './output.ts';
import type { Client } from '../client/client.ts';
import type { Adopted, BlueprintStatus } from '../model/exchange.ts';
import type { OutputOptions, WaitOptions } from './options.ts';
import type { World } from './world.ts';

/** A change that the control plane has taken over. */
interface Change {
  readonly adopted: Adopted;
  /** events behind this sequence belong to it */
  readonly after: number;
  /** heading of the progress display */
  readonly title: string;
}

/** The sequence of the newest event: what is told behind it is news. */
export async function lastEvent(client: Client, signal: AbortSignal): Promise<number> {
  return (await client.events.list({}, signal).page({ limit: 1 })).last;
}

/** Has the control plane take a change over, and settles it. `adopt` asks for it; `title` is the heading of the progress. */
export async function carryOut(
  world: World,
  client: Client,
  { title, adopt }: { readonly title: string; adopt(): Promise<Adopted> },
  options: OutputOptions & WaitOptions,
): Promise<void> {
  const after = await lastEvent(client, world.signal);
  await settle(world, client, { adopted: await adopt(), after, title }, options);
}

/** Waits for the change unless told otherwise. The last line on standard output is the proof's verdict. */
async function settle(
  world: World,
  client: Client,
  change: Change,
  options: OutputOptions & WaitOptions,
): Promise<void> {
  if (!options.wait) {
    takenOver(world, change.adopted, options);
    return;
  }
  const startedMs = world.clock.monotonic();
  const status = await converged(world, client, change.adopted, {
    title: change.title,
    after: change.after,
    timeoutMs: options.timeout,
    ndjson: options.output === 'ndjson',
  });
  tell(world, status, world.clock.monotonic() - startedMs, options);
}

function takenOver({ terminal }: World, adopted: Adopted, { output }: OutputOptions): void {
  const { blueprint, revision, operation } = adopted;
  const next = operation === null ? `wombat watch ${blueprint}` : `wombat op show ${operation} --watch`;
  const line = `${blueprint}: revision ${revision} is adopted. Follow it with: ${next}`;
  showObject(terminal, output, adopted, { name: blueprint, lines: () => [line] });
}

function tell({ terminal }: World, status: BlueprintStatus, tookMs: number, { output }: OutputOptions): void {
  const { name } = status.head;
  if (output === 'ndjson') {
    showData(terminal, 'ndjson', status);
    return;
  }
  if (isForPeople(output)) {
    terminal.note(`${terminal.notePaint.good('✓')} ${name} converged in ${durationText(tookMs)}`);
  }
  showObject(terminal, output, status, { name, lines: () => [status.proof?.verdict ?? status.words] });
}
