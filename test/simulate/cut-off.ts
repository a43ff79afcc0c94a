/**
 * Hardships in which what is out of our reach lives on: what we believe of it meanwhile, and what was asked of it, must be
 * right when it is back. Each puts the shop where it wants it, and the last one lets it go anywhere again.
 */
import { hardship, nuisance } from './hardship-story.ts';
import type { Hardship, HardshipStory } from './hardship-story.ts';
import type { SimulatedMachine } from './machines.ts';

const shop = 6;

const confined = (what: string, to: Parameters<HardshipStory['confine']>[0]): Hardship =>
  hardship(what, [1_000, 120_000], (story) => story.confine(to));

/** All but one of a provider's machines are back after minutes, that one later: it has its own time from then on. */
const lateMs = { away: 130_000, late: 156_000, looked: 157_000 };

/** Machines that let in a login key are cut off while the key is replaced: what it was opens them still. */
const lateMachine = (provider: string): readonly Hardship[] => [
  confined(`the shop is to be at ${provider}`, { nodes: shop, demands: [`provider = ${provider}`] }),
  nuisance(
    `${provider} is out of our reach for minutes while its key is replaced, and one machine for longer`,
    [158_000, 30_000],
    async (story) => {
      const machines = story.world.park.all.filter(({ key, processes }) => isAt(key, provider) && processes.length > 0);
      story.staying(
        machines.flatMap(({ processes }) => processes),
        lateMs.looked,
      );
      for (const [at, machine] of machines.entries()) story.unreach(machine, at === 0 ? lateMs.late : lateMs.away);
      await story.ask((running) => story.user.rotateKey(running, provider));
    },
  ),
];

function isAt(key: string, provider: string): boolean {
  return key.startsWith(`${provider}-`);
}

/** The host that all of the shop must be on is lost, and each of its nodes is restarted shortly before it is back. */
const restartsOfTheLost = hardship(
  'nodes are restarted whose host is lost, and comes back meanwhile, with a store that is far away',
  [30_000, 120_000],
  async (story) => {
    const host = rackHost(story);
    await story.confine({ nodes: shop, demands: [`host = ${host.address}`], place: {} });
    story.unreach(host, 100_000);
    await story.world.timeline.pause(90_000);
    story.world.storeSlowMs = 1_000;
    for (const { id } of host.processes.filter(({ name }) => name.startsWith('shop'))) {
      await story.world.timeline.pause(2_500);
      const running = story.running();
      if (running !== null) void story.user.restart(running, id);
    }
  },
);

function rackHost({ world }: HardshipStory): SimulatedMachine {
  return world.park.all.find(({ isGuarded }) => isGuarded)!;
}

const backAnywhere = confined('the shop may be anywhere again', null);

/** In the order in which they are told. */
export const cutOff: readonly Hardship[] = [
  ...lateMachine('stack'),
  ...lateMachine('loose'),
  restartsOfTheLost,
  backAnywhere,
];
