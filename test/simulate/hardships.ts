/**
 * One hardship after the other, each alone and in an otherwise calm world, where what follows from it can be told exactly:
 * it must be mended in good time, and nothing else may be touched. What chance would need many seeds for.
 */
import { even } from './erlang-world.ts';
import type { Violation } from './invariants.ts';
import { convergence } from './rest.ts';
import { badDigest, digests, lameDigest } from './world.ts';
import { cutOff } from './cut-off.ts';
import { hardship, HardshipStory, nuisance } from './hardship-story.ts';
import type { Hardship } from './hardship-story.ts';

const minuteMs = 60_000;
/** The same at three moments between two periods of the loops, with earlier failures forgiven: a lost wake-up shows at one. */
const thrice = (one: Hardship): Hardship[] =>
  [33_000, 40_000, 50_000].map((ms) => ({
    ...one,
    inflict: async (story) => {
      await story.world.timeline.pause(ms);
      await one.inflict(story);
    },
  }));

const hardships: readonly Hardship[] = [
  ...thrice(nuisance('a node crashes', [1_000, 11_000], (story) => story.crash())),
  ...thrice(
    nuisance('all nodes of a host crash at once', [1_000, 17_000], ({ world }) => {
      const [crowded] = world.park.all.toSorted((one, other) => other.processes.length - one.processes.length);
      for (const process of crowded?.processes ?? []) world.erlang.kill(process, 'it crashed');
    }),
  ),
  ...thrice(
    nuisance('a node dies once while it boots', [1_000, 11_000], (story) => {
      story.world.erlang.temper = { ...even, stillborn: 1 };
      story.world.timeline.after(400, () => (story.world.erlang.temper = even));
      story.crash();
    }),
  ),
  ...thrice(
    nuisance('connections to machines break for a second', [1_200, 9_000], (story) => {
      story.world.wire.broken = 1;
      story.crash();
    }),
  ),
  ...thrice(
    nuisance('the store does not answer for a moment', [1_500, 9_000], (story) => {
      story.crash();
      story.world.storeIsAway = true;
    }),
  ),
  nuisance('a node hangs for good', [70_000, 60_000], (story) => story.hang()),
  nuisance('nodes lose each other', [1_000, 45_000], ({ world }) => {
    for (const one of world.erlang.alive) for (const other of one.visible) world.erlang.cut(one, other);
  }),
  nuisance('every machine is booted anew', [30_000, 60_000], ({ world }) => {
    for (const machine of world.park.all) world.park.reboot(machine, 20_000);
  }),
  nuisance('a host of the rack is booted anew in a moment', [3_000, 45_000], ({ world }) => {
    const host = world.park.all.find(({ isGuarded, processes }) => isGuarded && processes.length > 0);
    if (host !== undefined) world.park.reboot(host, 1_500);
  }),
  nuisance('a machine is out of reach for a moment', [30_000, 30_000], (story) =>
    story.unreach(story.machine(), 25_000),
  ),
  nuisance('somebody starts nodes again behind our back', [1_000, 45_000], ({ world }) => {
    for (const machine of world.park.all) for (const { id } of machine.processes) machine.startAnew(id);
  }),
  nuisance('somebody starts nodes again, and machines run no command of ours', [45_000, 45_000], ({ world }) => {
    world.wire.isMute = true;
    for (const machine of world.park.all) for (const { id } of machine.processes) machine.startAnew(id);
  }),
  nuisance('a provider is out of our reach for minutes', [240_000, 30_000], async (story) => {
    await story.ask((running) => story.user.scale(running, 'shop', 8));
    await convergence(story.world, 2 * minuteMs);
    const machines = story.world.park.all.filter(({ processes }) => processes.length > 0);
    const bySite = Map.groupBy(machines, ({ key }) => key.split(/[-/]/)[0]);
    const [most = []] = [...bySite.values()].toSorted((one, other) => other.length - one.length);
    story.staying(
      most.flatMap(({ processes }) => processes),
      239_000,
    );
    for (const machine of most) story.unreach(machine, 239_500);
  }),
  nuisance('no node answers for minutes, and their hosts do', [120_000, 30_000], (story) => {
    const { alive } = story.world.erlang;
    story.staying(alive, 119_000);
    for (const process of alive) story.hang(process);
    story.world.timeline.after(119_500, () => alive.forEach((process) => story.recover(process)));
  }),
  hardship('a machine is out of reach for long', [245_000, 120_000], (story) =>
    story.unreach(story.machine(), 240_000),
  ),
  hardship('a machine fails', [20_000, 30_000], (story) => story.made((site, id) => site.fail(id))),
  hardship('a machine is deleted', [20_000, 50_000], (story) => story.made((site, id) => site.remove(id))),
  hardship('a machine has no power for long', [20_000, 130_000], (story) => {
    const machine = story.machine();
    machine.down('its power is gone');
    story.world.timeline.after(170_000, () => {
      if (story.world.park.get(machine.key) === machine) machine.up();
    });
  }),
  hardship('its power is back', [45_000, 120_000], () => undefined),
  hardship('lists show the past and a part while it grows', [30_000, 150_000], async (story) => {
    await story.small();
    for (const { kind, weather, machines } of story.world.sites) {
      weather.isPartial = kind === 'stack';
      if (kind !== 'rack') machines.listLagMs = 6_000;
    }
    await story.ask((running) => story.user.scale(running, 'shop', 6));
  }),
  nuisance('connections to machines break', [4_000, 20_000], ({ world }) => {
    world.wire.broken = 1;
    world.erlang.kill(world.erlang.alive[0]!, 'it crashed meanwhile');
  }),
  hardship('all but the rack and the grid are sold out while it grows', [1_000, 45_000], async (story) => {
    await story.small();
    for (const { kind, weather } of story.world.sites) weather.isSoldOut = kind === 'stack' || kind === 'loose';
    await story.ask((running) => story.user.scale(running, 'shop', 9));
    story.world.timeline.after(40_000, () => story.world.sites.forEach(({ weather }) => (weather.isSoldOut = false)));
  }),
  hardship('machines of one provider never boot while it grows', [1_000, 70_000], async (story) => {
    await story.small();
    for (const { weather } of story.world.sites) weather.stillborn = 1;
    story.world.timeline.after(15_000, () => story.world.sites.forEach(({ weather }) => (weather.stillborn = 0)));
    await story.ask((running) => story.user.scale(running, 'shop', 8));
  }),
  nuisance('a stray stands', [60_000, 90_000], (story) => story.stray()),
  nuisance('twins fail while their machines are out of reach', [25_000, 90_000], ({ world }) => {
    for (const site of world.sites) for (const id of site.strand(world.disk.owner)) site.fail(id);
    for (const machine of world.park.all) world.reach(machine, false);
    world.timeline.after(20_000, () => world.park.all.forEach((machine) => world.reach(machine, true)));
  }),
  ...thrice(
    hardship('no orders are taken while it grows', [13_000, 21_000], async (story) => {
      await story.small();
      for (const { weather } of story.world.sites) Object.assign(weather, { isSwift: true, refusal: 'unavailable' });
      await story.ask((running) => story.user.scale(running, 'shop', 6));
    }),
  ),
  hardship('the first try of each call is too much while it grows', [20_000, 8_000], async (story) => {
    await story.small();
    for (const { weather } of story.world.sites) weather.isStrained = true;
    await story.ask((running) => story.user.scale(running, 'shop', 7));
    story.world.timeline.after(19_000, () => void story.told('refused', 20_000, 'a provider was busy for a moment'));
  }),
  hardship('the quota is used up while it grows', [20_000, 60_000], async (story) => {
    await story.small();
    await story.under('refusal', 'quota', 'shop', 8);
  }),
  hardship('ends are accepted and not done while it shrinks', [20_000, 45_000], (story) =>
    story.under('forgets', true, 'shop', 6),
  ),
  hardship('lists show a part while it shrinks', [20_000, 60_000], (story) =>
    story.under('isPartial', true, 'shop', 4),
  ),
  hardship('every machine has a twin while it shrinks', [30_000, 120_000], async (story) => {
    await story.ask((running) => story.user.scale(running, 'shop', 3));
    story.stray();
    story.world.timeline.after(29_000, () => {
      const left = [...story.world.ledger.machines.values()].find(({ state }) => state.phase === 'destroying');
      if (left !== undefined) story.world.invariants.report('late', `${left.token} is still being given back`);
    });
  }),
  hardship('a node is terminated whose host was lost as it started it', [45_000, 60_000], async (story) => {
    const { world } = story;
    const [process] = world.erlang.alive.filter(({ name }) => name.startsWith('shop'));
    const machine = world.park.all.find(({ key }) => key === process?.machine);
    if (process === undefined || machine === undefined) return;
    let isOver = false;
    world.erlang.onBirth((born) => {
      if (born.id !== process.id || isOver) return;
      isOver = true;
      story.unreach(machine, 40_000);
    });
    world.erlang.kill(process, 'it crashed');
    await world.timeline.pause(15_000);
    await story.ask((running) => story.user.terminate(running, process.id));
  }),
  hardship('answers are lost while it grows', [60_000, 60_000], async (story) => {
    await story.small();
    await story.under('trouble', 0.6, 'shop', 5);
  }),
  hardship('providers are silent while it shrinks', [50_000, 45_000], (story) =>
    story.under('outage', 'silent', 'shop', 2),
  ),
  hardship('machines do not boot while it grows', [20_000, 60_000], async (story) => {
    await story.small();
    await story.under('stillborn', 1, 'shop', 5);
  }),
  hardship('providers are sold out while it grows', [20_000, 60_000], async (story) => {
    await story.small();
    await story.under('isSoldOut', true, 'shop', 7);
  }),
  hardship('nodes do not stop while it shrinks', [5_000, 60_000], (story) => {
    story.world.erlang.temper = { ...even, stubborn: 1 };
    return story.ask((running) => story.user.scale(running, 'shop', 3));
  }),
  hardship('nodes die while they boot', [10_000, 15_000], (story) => {
    story.world.erlang.temper = { ...even, stillborn: 1 };
    return story.ask((running) => story.user.do('restart', running));
  }),
  hardship('nodes die while they boot, for a minute', [60_000, 90_000], async (story) => {
    story.world.erlang.temper = { ...even, stillborn: 1 };
    const { born } = story.world.erlang;
    await story.ask((running) => story.user.do('restart', running));
    story.world.timeline.after(59_000, () => {
      const starts = story.world.erlang.born - born;
      if (starts > 10) story.world.invariants.report('impatience', `it was started ${starts} times in a minute`);
    });
  }),
  hardship('a node of the colony goes for good', [1_000, 60_000], async (story) => {
    const { ledger, erlang } = story.world;
    const leaver = [...ledger.nodes.values()].find(
      ({ family, state }) => family === 'colony' && state.phase === 'running',
    );
    if (leaver === undefined) return;
    await story.ask((running) => story.user.terminate(running, leaver.id));
    await story.world.timeline.pause(30_000);
    const isForgotten = erlang.alive.some(({ forgotten }) => forgotten.has(leaver.name));
    if (!isForgotten) story.world.invariants.report('leave', `nobody was told that ${leaver.name} leaves`);
  }),
  ...[60, -60, 0].map((minutes) =>
    nuisance(`the clock is ${minutes} minutes ahead from now on`, [1_000, 20_000], async (story) => {
      // earlier failures are forgiven
      await story.world.timeline.pause(33_000);
      story.world.timeline.aheadMs = minutes * minuteMs;
      story.crash();
    }),
  ),
  hardship('nodes boot for ever', [10_000, 100_000], (story) => {
    story.world.erlang.temper = { ...even, sleepy: 1 };
    return story.ask((running) => story.user.do('restart', running));
  }),
  hardship('nodes are restarted over and over while the store is far away', [3_000, 20_000], async (story) => {
    story.world.storeSlowMs = 600;
    const running = story.running();
    for (let asked = 0; asked < 40 && running !== null; asked += 1) {
      void story.user.do('restart', running);
      await story.world.timeline.pause(250);
    }
  }),
  hardship('providers are silent while it grows', [110_000, 60_000], async (story) => {
    await story.small();
    await story.ask((running) => story.user.scale(running, 'shop', 9));
    // their orders are on the way
    for (const { weather } of story.world.sites) weather.outage = 'silent';
  }),
  hardship(
    'a provider fails every order for minutes, and fills some, while it grows',
    [200_000, 200_000],
    async (story) => {
      await story.small();
      const { weather } = story.world.site('grid');
      Object.assign(weather, { refusal: 'timeout', isDeceptive: true });
      await story.ask((running) => story.user.scale(running, 'shop', 9));
    },
  ),
  hardship('a node is stopped', [1_000, 30_000], (story) => story.ask((running) => story.user.do('stop', running))),
  hardship('a node is terminated', [1_000, 60_000], (story) =>
    story.ask((running) => story.user.do('terminate', running)),
  ),
  hardship('another release', [45_000, 60_000], async (story) => {
    await story.large();
    story.serving(44_000);
    const isNewest = story.isOf(digests[1]);
    await story.ask((running) => story.release(running, digests[isNewest ? 0 : 1]));
  }),
  ...[
    { what: 'a release that does not boot', digest: badDigest, lastsMs: 60_000 },
    { what: 'a release whose application does not run', digest: lameDigest, lastsMs: 180_000 },
  ].map(({ what, digest, lastsMs }) =>
    hardship(what, [lastsMs, 60_000], async (story) => {
      await story.large();
      story.serving(lastsMs);
      await story.ask((running) => story.release(running, digest));
      story.world.timeline.after(lastsMs - 1_000, () => void story.isRefused(digest));
    }),
  ),
  hardship('a change is taken back', [5_000, 45_000], async (story) => {
    const nodes = story.wanted('shop');
    await story.ask((running) => story.user.scale(running, 'shop', nodes + 3));
    await story.ask((running) => story.user.cancel(running));
    story.world.timeline.after(4_000, () => story.isWanted('shop', nodes));
  }),
  nuisance('a stop is taken back', [5_000, 30_000], async (story) => {
    const stopped = new Set(story.stopped);
    await story.ask((running) => story.user.do('stop', running));
    await story.ask((running) => story.user.cancel(running));
    story.world.timeline.after(4_000, () => {
      const more = story.stopped.find((name) => !stopped.has(name));
      if (more !== undefined) story.world.invariants.report('lost intent', `${more} is still to be stopped`);
    });
  }),
  ...[true, false].map((rollBack) =>
    hardship(
      `nodes boot for ever while it grows within 20 s${rollBack ? ', or not at all' : ''}`,
      [30_000, 100_000],
      async (story) => {
        await story.small();
        story.world.erlang.temper = { ...even, sleepy: 1 };
        await story.ask((running) => story.user.scale(running, 'shop', 9, { deadlineMs: 20_000, rollBack }));
        story.world.timeline.after(28_000, () => {
          story.isOutOfTime();
          story.isWanted('shop', rollBack ? 1 : 9);
        });
      },
    ),
  ),
  ...[false, true].map((isHard) =>
    nuisance(
      `cookies are replaced${isHard ? ' while nodes crash and the control plane dies' : ''}`,
      [30_000, 45_000],
      async (story) => {
        const { world } = story;
        await story.ask((running) => story.user.do('rotate', running));
        if (isHard) {
          await world.timeline.pause(300);
          story.running()?.life.kill();
          story.crash();
        }
        world.timeline.after(29_000, () => {
          for (const one of world.erlang.alive) for (const other of one.visible) world.erlang.cut(one, other);
        });
      },
    ),
  ),
  nuisance('cookies are replaced while the network is divided', [22_000, 45_000], async (story) => {
    const { world } = story;
    const whole: ReadonlyMap<string, number> = new Map();
    world.divide(new Map(world.park.all.map(({ key }, at) => [key, at % 2])));
    world.timeline.after(20_000, () => world.divide(whole));
    await story.ask((running) => story.user.do('rotate', running));
  }),
  hardship('it grows, and nobody is told that it is not proven', [30_000, 30_000], async (story) => {
    await story.small();
    await story.ask((running) => story.user.scale(running, 'shop', 10));
    story.world.timeline.after(29_000, () => void story.told('not proved', 29_000, 'it was only not complete yet'));
  }),
  ...thrice(
    nuisance('the control plane dies between a choice of peers and its record', [5_000, 30_000], (story) => {
      const chooser = story.world.erlang.alive.find(({ mesh }) => mesh === 'selected');
      if (chooser === undefined) return;
      const upon = new RegExp(`^${chooser.name} net_kernel:connect_node`);
      story.running()?.life.dieAt({ upon, side: 'after' });
      story.world.erlang.kill(chooser, 'it crashed');
    }),
  ),
  nuisance('login keys are replaced', [5_000, 30_000], (story) => story.rotateKeys()),
  hardship(
    'login keys are replaced while machines are out of reach and the control plane dies',
    [42_000, 60_000],
    async (story) => {
      for (const machine of story.world.park.all) if (machine.keys !== null) story.unreach(machine, 40_000);
      await story.rotateKeys();
      await story.world.timeline.pause(400);
      story.running()?.life.kill();
    },
  ),
  ...cutOff,
  nuisance('the control plane dies', [1_000, 22_000], (story) => {
    const { world } = story;
    story.running()?.life.kill();
    world.erlang.kill(world.erlang.alive[1]!, 'it crashed meanwhile');
  }),
];

/** Goes through all of them. */
export async function hardshipRun(seed = 3): Promise<{ violations: readonly Violation[]; trace: readonly string[] }> {
  const story = new HardshipStory(seed);
  const { world } = story;
  try {
    await world.timeline.run(story.tell(hardships));
  } catch (error) {
    world.invariants.report('surprise', String(error instanceof Error ? error.stack : error));
  }
  return { violations: world.invariants.violations, trace: world.trace.last(8_000) };
}
