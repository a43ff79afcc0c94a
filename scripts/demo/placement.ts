/**
 * What the planner can tell before anything is done: a demand that one of two domains meets, one that none meets, and
 * the same family spread and consolidated, side by side. Plans only.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshLab } from '../../lab/ssh-hosts.ts';
import type { Plan } from '../../src/model/plan.ts';
import { blueprintText } from './blueprint.ts';
import type { Display } from './display.ts';
import type { Stage } from './stage.ts';

/** Another blueprint for the same hosts: one family, with these rules. */
function shop(lab: SshLab, rules: string): string {
  const [places = ''] = blueprintText(lab).replace('name: ants', 'name: shop').split('families:');
  return `${places}families:\n  web: { release: ants, nodes: 6, ${rules} }\n`;
}

/** Shows the four plans. */
export async function weighPlacements(stage: Stage, display: Display): Promise<void> {
  const { lab } = stage;
  if (lab === undefined) {
    display.show('left out: with one domain there is nothing to choose from');
    return;
  }
  const file = (name: string, rules: string) => {
    const path = join(stage.folder, `${name}.yaml`);
    writeFileSync(path, shop(lab, rules));
    return path;
  };
  const gold = file('gold', 'demands: ["tier = gold"]');
  const only = await display.step('A demand that only rack meets, not desk: tier = gold', () =>
    stage.expect(2, 'plan', '-f', gold, '--why', 'desk'),
  );
  display.show(only);
  const huge = file('huge', 'demands: ["tier = gold", "memory >= 64T"]');
  const never = await display.step('A demand that no machine meets: memory >= 64T', () =>
    stage.expect(4, 'plan', '-f', huge),
  );
  display.show(explanation(never));
  const both = await display.step('The same six nodes, spread and consolidated', async () => {
    const planned = async (name: string, rules: string) =>
      JSON.parse(await stage.expect(2, 'plan', '-f', file(name, rules), '-o', 'json')) as Plan;
    const spread = await planned('spread', 'place: { spread: { over: host } }');
    return [spread, await planned('consolidated', 'place: { consolidate: host }')] as const;
  });
  display.show(sideBySide(both[0], both[1]));
}

/** From the first line that says why on. */
function explanation(text: string): string {
  const lines = text.trimEnd().split('\n');
  return lines
    .slice(
      Math.max(
        0,
        lines.findIndex((line) => line.startsWith('no place')),
      ),
    )
    .join('\n');
}

/** How many nodes each plan puts on each host. */
function sideBySide(spread: Plan, consolidated: Plan): string {
  const [left, right] = [spread, consolidated].map(countsOf) as [Map<string, number>, Map<string, number>];
  const hosts = [...new Set([...left.keys(), ...right.keys()])].sort();
  const dots = (count = 0) => `${'o'.repeat(count)}${count === 0 ? '-' : ''}`;
  const rows = hosts.map((host) => [host, dots(left.get(host)), dots(right.get(host))] as const);
  const head = ['host', 'spread: { over: host }', 'consolidate: host'] as const;
  return [head, ...rows].map(([host, one, other]) => `${host.padEnd(20)}${one.padEnd(26)}${other}`).join('\n');
}

function countsOf({ steps }: Plan): Map<string, number> {
  const offers = new Map(steps.flatMap((step) => (step.do === 'acquire machine' ? [[step.token, step.offer]] : [])));
  const counts = new Map<string, number>();
  for (const step of steps) {
    if (step.do !== 'add node') continue;
    const host = offers.get(step.placement.machine) ?? step.placement.advertised;
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts;
}
