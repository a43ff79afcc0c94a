/** Commands on a blueprint may leave its name out where there is only one. */
import { CliFailure } from './failure.ts';
import type { Client } from '../client/client.ts';

/** The name of the only blueprint. CliFailure invalid when there are others, not-found when there is none. */
export async function onlyBlueprint(client: Client, signal: AbortSignal): Promise<string> {
  const names = (await client.blueprints.list(signal).all()).map((view) => view.head.name);
  const [only] = names;
  if (only === undefined)
    throw new CliFailure('not-found', 'no blueprint is applied', { next: 'wombat apply -f FILE' });
  if (names.length === 1) return only;
  throw new CliFailure('invalid', 'there are several blueprints', { next: `name one of ${names.join(', ')}` });
}
