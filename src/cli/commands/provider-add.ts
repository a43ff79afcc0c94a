/** `wombat provider add`: registers a provider by hand. */
import { Command, Option } from 'commander';
import { providerKinds } from '../../model/provider.ts';
import { secretScope } from '../../model/secret.ts';
import { wholeNumber, withExamples, withOutput } from '../options.ts';
import { showObject } from '../output.ts';
import { providerDefinition } from '../provider-arguments.ts';
import { readSecrets } from '../secret-references.ts';
import type { OutputOptions } from '../options.ts';
import type { ProviderOptions } from '../provider-arguments.ts';
import type { World } from '../world.ts';

/** Hands in the secrets that the definition names, then the definition. */
export function providerAddCommand(world: World): Command {
  const command = withOutput(new Command('add'))
    .description('register a provider')
    .argument('<name>')
    .addOption(new Option('-k, --kind <kind>', 'what it is').choices(providerKinds).makeOptionMandatory())
    .option('--host <host>', 'ssh: user@address[:port]=SHA256:…, its key’s fingerprint; repeatable', appended)
    .option('--key <path>', 'ssh: private key, a path or secret://env/NAME')
    .option('--directory <path>', 'local, ssh: where nodes live')
    .option('--address <address>', 'local: address of this machine that other hosts dial')
    .option('--machines <number>', 'memory: machines of a zone', wholeNumber(1))
    .option('--cores <number>', 'memory: cores of a machine', wholeNumber(1))
    .option('--memory <size>', 'memory: memory of a machine, e.g. 4G');
  withExamples(command, [
    ['wombat provider add here --kind local', 'this machine'],
    ['wombat provider add lab -k ssh --key lab.key --host erl@10.78.0.11=SHA256:…', 'a machine that one has already'],
    ['wombat provider add toy -k memory --machines 20', 'a simulated cloud'],
  ]);
  return command.action((name: string, options: ProviderOptions & OutputOptions) => add(world, name, options));
}

function appended(one: string, others: readonly string[] = []): string[] {
  return [...others, one];
}

async function add(world: World, name: string, { output, ...options }: ProviderOptions & OutputOptions): Promise<void> {
  const { environment, terminal, signal } = world;
  const definition = providerDefinition(name, options, environment.workingDirectory);
  const scope = secretScope({ name, declaredBy: null });
  const secrets = await readSecrets(definition, scope, environment.workingDirectory, environment);
  const client = await world.connect();
  for (const secret of secrets) await client.secrets.put(secret.name, secret.value, signal);
  const view = await client.providers.add(name, definition, signal);
  const line = `provider ${name} is registered. Check it with: wombat provider check ${name}`;
  showObject(terminal, output, view, { name, lines: () => [line] });
}
