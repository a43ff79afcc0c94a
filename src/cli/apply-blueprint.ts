/** The way from a blueprint file to a converged cluster, in the steps that `plan`, `diff` and `apply` share. */
import { CliFailure, Interrupted } from './failure.ts';
import { judge, judgeOperation, outOfTime } from './convergence.ts';
import { blueprintSubject, follow } from './follow.ts';
import { readSecrets } from './secret-references.ts';
import { uploadReleases } from './release-upload.ts';
import { notePage } from './world.ts';
import type { Client } from '../client/client.ts';
import type { Adopted, BlueprintStatus } from '../model/exchange.ts';
import type { Plan } from '../model/plan.ts';
import type { BlueprintFile } from './blueprint-file.ts';
import type { StatusPage } from './status-text.ts';
import type { World } from './world.ts';

/** Hands in secrets and releases, and asks for the plan. Nothing that runs is touched. */
export async function makePlan(world: World, client: Client, blueprint: BlueprintFile, cause: string): Promise<Plan> {
  const { name, providers } = blueprint.document;
  for (const secret of await readSecrets(providers, name, blueprint.folder, world.environment)) {
    await client.secrets.put(secret.name, secret.value, world.signal);
  }
  const document = await uploadReleases(world, client, blueprint);
  return client.plans.create(document, { cause }, world.signal);
}

/** A yes on the terminal, or `yes` given already; a no is answered with `no`. CliFailure where nobody is there to ask. */
export async function confirmed(
  world: World,
  question: string,
  yes: boolean,
  no = 'Nothing was changed.',
): Promise<boolean> {
  if (yes) return true;
  if (!world.terminal.interactive) {
    throw new CliFailure('invalid', 'this asks before it acts, and nobody is there to answer', {
      next: 'give -y to say yes',
    });
  }
  try {
    const answer = await world.terminal.ask(`${question} [y/N] `, world.signal);
    if (/^(y|yes)$/i.test(answer.trim())) return true;
    world.terminal.note(no);
    return false;
  } catch {
    throw new Interrupted('nothing was changed');
  }
}

/** How to wait for a blueprint. */
export interface Waiting {
  readonly title: string;
  readonly timeoutMs: number;
  readonly ndjson: boolean;
  /** events behind this sequence are shown */
  readonly after: number;
}

/** Waits until an adopted revision has converged; gives the last snapshot. Throws why it has not. */
export function converged(world: World, client: Client, adopted: Adopted, waiting: Waiting): Promise<BlueprintStatus> {
  const { blueprint, operation: id } = adopted;
  const subject = blueprintSubject(world, client, blueprint, id);
  return follow(
    world,
    client,
    { ...waiting, subject, blueprint, detached: detachedWords(blueprint, id) },
    {
      decide(sight): BlueprintStatus | undefined {
        const { status } = sight;
        const ended = judgeOperation(sight, statusPage(world));
        if (ended === 'going') return undefined;
        if (ended !== undefined) throw ended;
        if (status === undefined)
          throw new CliFailure('not-found', 'is gone: somebody destroyed it', { object: blueprint });
        const verdict = judge(status, adopted.revision, statusPage(world));
        if (verdict.is === 'failed') throw verdict.failure;
        return verdict.is === 'reached' ? status : undefined;
      },
      late: (last) => outOfTime(last?.status, blueprint, statusPage(world)),
    },
  );
}

/** What Ctrl-C leaves behind, and how to come back to it or to stop it. */
export function detachedWords(blueprint: string, operation: string | null = null): string {
  const goesOn = `detached; the control plane goes on with ${blueprint}.`;
  if (operation === null) return `${goesOn} Come back with: wombat watch ${blueprint}`;
  return [goesOn, `  watch it  wombat op show ${operation} --watch`, `  stop it   wombat op cancel ${operation}`].join(
    '\n',
  );
}

/** Standard error as a page for a status. */
export function statusPage(world: World): StatusPage {
  return { ...notePage(world), tableWidth: world.terminal.width, nowMs: world.clock.now(), wide: false };
}
