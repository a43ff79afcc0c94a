/** The imperative verbs: each takes the revision in force, changes one thing, and has the result adopted. */
import { describe, expect, test } from 'vitest';
import { listed, noPastEvents, runCli, scriptedClient } from '../../test/kit/cli-world.ts';
import {
  sampleDocument,
  sampleHead,
  sampleNode,
  sampleOperation,
  samplePlan,
  sampleProof,
} from '../../test/kit/records.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Event } from '../model/event.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { MadeFrom } from '../client/client.ts';
import { readSetting, withSettings } from './settings.ts';

const document = sampleDocument('ants', 2);
const [familyName = ''] = Object.keys(document.families);
const family = document.families[familyName];
if (family === undefined) throw new Error('the sample has a family');
const view = { blueprint: 'ants', name: familyName, definition: family, wanted: 2, running: 2, phases: { running: 2 } };
const converged: BlueprintStatus = {
  head: sampleHead(),
  state: 'converged',
  words: '',
  families: [view],
  nodes: [sampleNode(1), sampleNode(2)],
  machines: [],
  proof: sampleProof(2),
  rollouts: [],
  quarantine: [],
};

async function* noEvents(): AsyncGenerator<Event> {
  /* nothing happens */
}

/** A control plane that notes what is asked to be planned. */
function controlPlane() {
  const asked: { document: BlueprintDocument; made: MadeFrom | undefined }[] = [];
  const client = scriptedClient({
    blueprints: {
      list: () => listed([{ head: sampleHead(), document, createdAt: '2026-01-01T00:00:00.000Z' }]),
      show: () => Promise.resolve({ head: sampleHead(), document, createdAt: '2026-01-01T00:00:00.000Z' }),
      status: () => Promise.resolve(converged),
    },
    families: {
      list: () => listed([view]),
      show: () => Promise.resolve(view),
      scale: (_, nodes) => {
        scaled.push(nodes);
        return Promise.resolve({ blueprint: 'ants', revision: 1, plan: 'p-1', operation: 'op-1' });
      },
    },
    plans: {
      create: (wanted, made) => {
        asked.push({ document: wanted, made });
        return Promise.resolve(samplePlan('p-1', { document: wanted }));
      },
      adopt: () => Promise.resolve({ blueprint: 'ants', revision: 1, plan: 'p-1', operation: 'op-1' }),
    },
    operations: { glance: () => Promise.resolve(sampleOperation('op-1')) },
    events: {
      list: noPastEvents,
      follow: noEvents,
    },
  });
  const scaled: number[] = [];
  return { client, asked, scaled };
}

describe('settings on the command line', () => {
  test.each([
    ['update.parallel=3', { update: { parallel: 3 } }],
    ['demands=["memory >= 1G"]', { demands: ['memory >= 1G'] }],
    ['hooks.beforeStop=m:f()', { hooks: { beforeStop: 'm:f()' } }],
    ['config.env.A=', { config: { env: { A: null } } }],
  ])('%s', (text, expected) => {
    expect(withSettings({}, [readSetting(text)])).toEqual(expected);
  });

  test('what is taken out takes what is empty then with it', () => {
    const set = { nodes: 2, hooks: { beforeStop: 'm:f()' } };
    expect(withSettings(set, [readSetting('hooks.beforeStop-')])).toEqual({ nodes: 2 });
  });

  test.each(['nodes', '=3', 'a..b=3', 'demands=["'])('%s is no setting', (text) => {
    expect(() => readSetting(text)).toThrow(/no setting/);
  });

  test('there is nothing inside of a number', () => {
    expect(() => withSettings({ nodes: 2 }, [readSetting('nodes.more=3')])).toThrow(/inside of "nodes"/);
  });
});

describe('imperative verbs', () => {
  test('family set changes one family, made from the revision in force', async () => {
    const { client, asked } = controlPlane();
    const run = await runCli(['family', 'set', familyName, 'update.parallel=3', '-y'], client);
    expect(run).toMatchObject({ code: 0 });
    expect(asked).toEqual([
      {
        document: {
          ...document,
          families: { ...document.families, [familyName]: { ...family, update: { parallel: 3 } } },
        },
        made: { cause: `family set ${familyName} update.parallel`, revision: sampleHead().revision },
      },
    ]);
  });

  test('family create adds one, and names an uploaded release', async () => {
    const { client, asked } = controlPlane();
    const run = await runCli(
      ['family', 'create', 'scout', '-r', 'web@2.0.0', '-n', '3', 'keepName=true', '-y'],
      client,
    );
    expect(run).toMatchObject({ code: 0 });
    expect(asked[0]?.document.families['scout']).toEqual({ release: 'web', nodes: 3, keepName: true });
    expect(asked[0]?.document.releases['web']).toEqual({ name: 'web', version: '2.0.0' });
  });

  test('family create refuses a name that is taken, and says what to do instead', async () => {
    const { client, asked } = controlPlane();
    const run = await runCli(['family', 'create', familyName, '-r', 'ants', '-y'], client);
    expect([run.code, asked]).toEqual([1, []]);
    expect(run.err).toContain(`wombat family set ants/${familyName}`);
  });

  test('family remove takes it out', async () => {
    const { client, asked } = controlPlane();
    expect(await runCli(['family', 'remove', familyName, '-y'], client)).toMatchObject({ code: 0 });
    expect(asked[0]?.document.families).toEqual({});
  });

  test('node spawn adds to what is wanted', async () => {
    const { client, scaled } = controlPlane();
    expect(await runCli(['node', 'spawn', familyName, '-n', '3'], client)).toMatchObject({ code: 0 });
    expect(scaled).toEqual([5]);
  });

  test('export writes a file that can be read again', async () => {
    const { client } = controlPlane();
    const run = await runCli(['export'], client);
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/^# ants, revision \d+ of .*\nwombat: 1\nname: ants\n/);
    expect(JSON.parse((await runCli(['export', 'ants', '-o', 'json'], client)).out)).toEqual(document);
  });
});
