/**
 * The ants by a program instead of the command line: applied, watched, scaled to what was read, restarted together, and
 * destroyed. Needs a control plane (`wombat up`) and the archive of examples/ants.
 *
 *   node examples/ants/build.ts
 *   node --conditions=wombat-source examples/client/ants.ts http://127.0.0.1:4680 TOKEN_FILE examples/ants/_build/ants-1.0.0.tar.gz
 *
 * Where the package is installed (`npm install wombat-orchestration-0.1.0.tgz`), without the condition.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ProblemError, Wombat } from 'wombat-orchestration/client';
import type { BlueprintDocument } from 'wombat-orchestration/client';

const [endpoint = '', tokenFile = '', archive = ''] = process.argv.slice(2);
const say = (line: string) => void process.stdout.write(`${line}\n`);

const wombat = new Wombat({ endpoint, token: (await readFile(tokenFile, 'utf8')).trim() });

/** A master and its colony on this machine, on ports of their own. */
function documentFor(digest: string): BlueprintDocument {
  const join = { on: 'new', call: 'ants_colony:join(Peer)' } as const;
  const leave = { on: 'peer', call: 'ants_master:forget(New)' } as const;
  return {
    wombat: 1,
    name: 'program',
    epmdPort: 24399,
    providers: { here: { kind: 'local' } },
    domains: { here: { provider: 'here', ports: '24900-24999' } },
    releases: { ants: { digest } },
    families: {
      master: { release: 'ants', nodes: 1, config: { sysConfig: { ants: { role: 'master' } } } },
      colony: {
        release: 'ants',
        nodes: 2,
        bootstrap: { with: { master: { select: 'all', action: { join, leave, connects: 'selected' } } } },
      },
    },
  };
}

/** Says what happens, until the signal aborts. */
async function tell(blueprint: string, signal: AbortSignal): Promise<void> {
  for await (const { object, what } of wombat.events.follow({ blueprint, after: 0 }, signal))
    say(`  ${object} ${what}`);
}

async function main(): Promise<void> {
  const { release } = await wombat.releases.upload(createReadStream(archive));
  const listening = new AbortController();
  const telling = tell('program', listening.signal);

  const document = documentFor(release.digest);
  await wombat.apply(document, { confirm: ({ steps }) => steps.length > 0, deadlineSeconds: 300, rollBack: true });
  say(`applied: ${(await wombat.blueprints.status('program')).words}`);

  // only what we have looked at: whoever changes it meanwhile makes this a problem of kind `stale`
  const seen = await wombat.blueprints.show('program');
  const colony = { blueprint: 'program', family: 'colony' };
  const scaled = await wombat.families.scale(colony, 3, { ifMatch: seen });
  if (scaled.operation !== null) await wombat.finished(scaled.operation);
  const again = await wombat.families.scale(colony, 4, { ifMatch: seen }).catch((error: unknown) => error);
  if (again instanceof ProblemError) say(`refused: ${again.kind} ${again.status}`);

  const answer = await wombat.nodes.actOnEach({ act: 'restart', where: colony });
  for (const { operation } of answer.outcomes) if (operation !== null) await wombat.finished(operation);
  for await (const { name, state } of wombat.nodes.list({ blueprint: 'program' })) say(`${name} ${state.phase}`);

  const { id } = await wombat.blueprints.destroy('program');
  await wombat.finished(id);
  listening.abort();
  await telling;
  say('gone');
}

await main();
