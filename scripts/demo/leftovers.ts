/** What a deployment left behind: processes, directories, records. After a destroy there must be none. */
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './stage.ts';

/** Everything found, one line each. Hosts of the lab are namespaces of this machine: their processes show here too. */
export async function leftovers(stage: Stage): Promise<string[]> {
  return [...beams(stage.folder), ...directories(stage), ...(await records(stage))];
}

/** Erlang processes, epmd among them, whose program lies in our folders or on a host's disk below them. */
function beams(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const program = readlinkSync(`/proc/${pid}/exe`);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isErlang = /\/(beam\.smp|epmd|erl_child_setup|inet_gethost)$/.test(program);
        const isOurs = program.includes(folder) || program.includes('/.wombat/');
        return isErlang && isOurs ? [`process ${pid}: ${command.slice(0, 120)}`] : [];
      } catch {
        return [];
      }
    });
}

function directories(stage: Stage): string[] {
  const here = join(stage.directory, 'providers', 'here');
  const local = existsSync(here) ? readdirSync(here).map((name) => `directory ${join(here, name)}`) : [];
  const far = (stage.lab?.hosts ?? []).flatMap((host) => {
    const home = host.pathOf(`/home/${host.user}/.wombat`);
    return existsSync(home) ? [`directory ~/.wombat on ${host.name}`] : [];
  });
  return [...local, ...far];
}

async function records(stage: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const noun of ['node', 'family', 'provider', 'domain']) {
    const names = (await stage.expect(0, noun, 'list', '-o', 'name')).trim();
    if (names !== '') found.push(`${noun} records: ${names.replaceAll('\n', ', ')}`);
  }
  return found;
}
