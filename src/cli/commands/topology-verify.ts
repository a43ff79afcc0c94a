/** `wombat topology verify`: proves the cluster now, on every node's own view. */
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { onlyBlueprint } from '../only-blueprint.ts';
import { withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { proofLines } from '../proof-text.ts';
import { outPage } from '../world.ts';
import type { OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Exit 0 when every node sees exactly what is declared, else 5 naming the first wrong edge (I7). */
export function topologyVerifyCommand(world: World): Command {
  const command = withOutput(new Command('verify'))
    .description('prove the cluster now: ask every node what it sees; exit 5 when that is not what is declared')
    .argument('[blueprint]', 'may be left out when there is only one');
  withExamples(command, [['wombat topology verify ants', 'mesh 7/7 nodes, 21/21 edges, 0 extra']]);
  return command.action(async (name: string | undefined, { output }: OutputOptions) => {
    const client = await world.connect();
    const blueprint = name ?? (await onlyBlueprint(client, world.signal));
    const proof = await client.topology.verify(blueprint, world.signal);
    const page = { ...outPage(world), nowMs: world.clock.now() };
    showObject(world.terminal, output, proof, { name: blueprint, lines: () => proofLines(proof, page) });
    if (proof.ok) return;
    throw new CliFailure('not-converged', proof.verdict, { object: blueprint, next: `wombat status ${blueprint}` });
  });
}
