/** `wombat init`: a first blueprint for what stands in this folder. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { CliFailure } from '../failure.ts';
import { blueprintText } from '../init/blueprint-text.ts';
import { archiveProject, mixProject, rebarProject } from '../init/project.ts';
import { configuredHosts } from '../init/ssh-config.ts';
import { defaultFile, withExamples } from '../options.ts';
import type { Found } from '../init/blueprint-text.ts';
import type { Project } from '../init/project.ts';
import type { ConfiguredHost } from '../init/ssh-config.ts';
import type { World } from '../world.ts';

/** Writes the file, never over another one. */
export function initCommand(world: World): Command {
  const command = new Command('init')
    .summary('write a first blueprint for this project')
    .description('write a commented blueprint for what is found: a mix or rebar3 project, an archive, SSH hosts')
    .argument('[folder]', 'of the project', '.')
    .option('-f, --file <file>', 'where to write it, in that folder; - for standard output', defaultFile);
  withExamples(command, [
    ['wombat init', `writes ${defaultFile} here`],
    ['wombat init ../shop -f -', 'shows what it would write for another project'],
  ]);
  return command.action((folder: string, { file }: { readonly file: string }) => init(world, folder, file));
}

function init({ environment, terminal }: World, folder: string, file: string): void {
  const at = resolve(environment.workingDirectory, folder);
  const found = { project: projectIn(at), hosts: hostsOf() };
  const text = blueprintText(found);
  if (file === '-') {
    terminal.print(text.trimEnd());
    return;
  }
  write(join(at, file), file, text);
  terminal.print(`✓ ${file} is written: ${foundWords(found)}`, `  next     wombat validate -f ${file}`);
}

function write(path: string, file: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (isThere)
      throw new CliFailure('exists', 'is there already, and is left as it is', {
        object: file,
        next: 'wombat init -f OTHER.yaml, or -f - to see what it would write',
      });
    throw new CliFailure('invalid', 'cannot be written', {
      object: path,
      words: error instanceof Error ? error.message : null,
    });
  }
}

function projectIn(folder: string): Project | null {
  const mix = textOf(join(folder, 'mix.exs'));
  const rebar = textOf(join(folder, 'rebar.config'));
  const archives = existsSync(folder) ? readdirSync(folder).sort().map(archiveProject) : [];
  return (
    (mix === null ? null : mixProject(mix)) ??
    (rebar === null ? null : rebarProject(rebar)) ??
    archives.findLast((one) => one !== null) ??
    null
  );
}

function hostsOf(): ConfiguredHost[] {
  const folder = join(homedir(), '.ssh');
  return configuredHosts(textOf(join(folder, 'config')) ?? '', textOf(join(folder, 'known_hosts')) ?? '');
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function foundWords({ project, hosts }: Found): string {
  const what =
    project === null
      ? 'no mix or rebar3 project was found here, so its release is an example'
      : `${project.by} release ${project.name}`;
  return hosts.length === 0 ? what : `${what}; ${hosts.length} SSH hosts stand there as a comment`;
}
