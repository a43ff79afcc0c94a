/** `wombat validate`: checks a blueprint without a control plane. */
import { Command } from 'commander';
import { readBlueprintFile } from '../blueprint-file.ts';
import { defaultFile, withExamples, withFile, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { counted } from '../text.ts';
import type { BlueprintDocument } from '../../model/blueprint.ts';
import type { FileOptions, OutputOptions } from '../options.ts';
import type { World } from '../world.ts';

/** Reads the file, names every fault with line and column (exit 3), or says what the blueprint holds. */
export function validateCommand(world: World): Command {
  const command = withOutput(withFile(new Command('validate')))
    .summary('check a blueprint')
    .description('check a blueprint; needs no control plane');
  withExamples(command, [
    ['wombat validate', `check ${defaultFile} in this folder`],
    ['wombat validate -f ants.yaml', 'check another file'],
    ['wombat validate -f - < ants.yaml', 'check what comes in by standard input'],
  ]);
  return command.action(async ({ file, output }: FileOptions & OutputOptions) => {
    const { document, file: name } = await readBlueprintFile(world, file);
    const { paint } = world.terminal;
    const line = `${paint.good('✓')} ${name} is valid: ${paint.strong(document.name)}, ${summary(document)}`;
    showObject(world.terminal, output, document, { name: document.name, lines: () => [line] });
  });
}

function summary({ families, releases }: BlueprintDocument): string {
  const nodes = Object.values(families).reduce((sum, family) => sum + family.nodes, 0);
  const parts = [[Object.keys(families).length, 'family'] as const, [nodes, 'node'] as const];
  return [...parts, [Object.keys(releases).length, 'release'] as const].map(([n, noun]) => counted(n, noun)).join(', ');
}
