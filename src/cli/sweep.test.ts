import { describe, expect, test } from 'vitest';
import { listed, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import type { ClientParts } from '../../test/kit/cli-world.ts';
import { sampleAlarm, sampleLeftover, sampleStray } from '../../test/kit/records.ts';
import type { Alarm, SweepView } from '../model/sweep.ts';

const held = sampleAlarm({
  brake: 'sweep',
  words: '3 of 4 machines of ours are on no record',
  next: 'wombat sweep here',
});
const view = (
  over: Partial<SweepView['providers'][number]> = {},
  leftovers: SweepView['leftovers'] = [],
): SweepView => ({
  providers: [{ provider: 'here', machines: 4, nodes: 7, fault: null, alarm: null, strays: [], ...over }],
  leftovers,
});
const stray = { ...sampleStray(), goesInSeconds: 45 };
const alarmed = (alarms: readonly Alarm[]) => ({
  list: () => listed(alarms),
});
const run = (argv: readonly string[], parts: ClientParts, options = {}) => runCli(argv, scriptedClient(parts), options);

describe('sweep', () => {
  test('shows what would go, when and why, and what was given up', async () => {
    const look = () => Promise.resolve(view({ strays: [stray], fault: 'the provider is slow' }, [sampleLeftover()]));
    const { code, out } = await run(['sweep'], { sweep: { look } });
    expect(code).toBe(0);
    expect(out).toContain('4 machines of ours and 7 nodes on hosts: 1 on no record');
    expect(out).toContain('not all could be looked at: the provider is slow');
    expect(out).toMatch(/i-9 +machine +here: north .*in 45s +no record of order m-9/);
    expect(out).toMatch(/here\/machine\/m-8 +i-8/);
    expect(out).toContain('wombat sweep --gone here/machine/m-8');
  });

  test('a brake comes first, with what to do', async () => {
    const look = () => Promise.resolve(view({ strays: [{ ...stray, goesInSeconds: null }], alarm: held }));
    const { out } = await run(['sweep'], { sweep: { look } });
    expect(out.split('\n')[0]).toContain('sweep of provider here is stopped');
    expect(out).toMatch(/when asked/);
  });

  test('removes nothing by looking, and with --now only what was shown, after a question', async () => {
    const asked: unknown[] = [];
    let left = [stray, { ...stray, id: 'i-10' }];
    const look = () => Promise.resolve(view({ strays: left }));
    const remove = (strays: readonly { id: string }[]) => {
      asked.push(strays);
      left = [];
      return Promise.resolve({ strays: strays.map(({ id }) => sampleStray({ id })) });
    };
    const parts = { sweep: { look, remove } };
    expect((await run(['sweep', '--now'], parts)).code).toBe(3);
    expect((await run(['sweep', '--now'], parts, { answers: ['n'] })).out).toBe('');
    expect((await run(['sweep', '--now', '--id', 'i-11', '-y'], parts)).err).toContain('it is no stray');
    expect(asked).toEqual([]);
    const { code, out } = await run(['sweep', '--now', '--id', 'i-10', '-y'], parts);
    expect([code, out]).toEqual([0, '1 thing removed: i-10\n']);
    expect(asked).toEqual([[{ provider: 'here', kind: 'machine', id: 'i-10' }]]);
  });

  test('what was asked for and does not go is told in the provider’s words', async () => {
    const look = () => Promise.resolve(view({ strays: [{ ...stray, failed: 'denied: the key was revoked' }] }));
    const remove = () => Promise.resolve({ strays: [sampleStray()] });
    const { code, err } = await run(['sweep', '--now', '-y', '--timeout', '1s'], { sweep: { look, remove } });
    expect(code).toBe(124);
    expect(err).toContain('i-9 at here: denied: the key was revoked');
  });
});

describe('repair', () => {
  test('shows where repairs are stopped, and has them go on when told to', async () => {
    const released: unknown[] = [];
    const alarms = {
      ...alarmed([sampleAlarm(), held]),
      releaseRepair: (which: unknown) => (released.push(which), Promise.resolve(sampleAlarm({ releasedBy: 'ops' }))),
    };
    const shown = await run(['repair'], { alarms });
    expect(shown.out).toContain('provider here');
    expect(shown.out).not.toContain('on no record');
    expect(released).toEqual([]);
    const { code, out } = await run(['repair', 'here', '--now', '-y'], { alarms });
    expect([code, out]).toEqual([0, 'repairs of provider here go on\n']);
    expect(released).toEqual([{ about: 'provider', name: 'here' }]);
  });

  test('there is nothing to release where nothing is stopped', async () => {
    const { code, err } = await run(['repair', '--now', '-y'], { alarms: alarmed([]) });
    expect(code).toBe(1);
    expect(err).toContain('repairs are not stopped');
  });

  test('a brake that holds is the first thing that status says', async () => {
    const statusInBrief = () => listed([]);
    const { out } = await run(['status'], { alarms: alarmed([sampleAlarm()]), statusInBrief });
    expect(out.split('\n')[0]).toContain('repair of provider here is stopped');
    expect(out).toContain('wombat repair here');
  });
});
