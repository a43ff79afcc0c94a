/** A control plane on which there is something of everything: `ants`, `bees` and `moths`, each with its own of each kind. */
import type { Change, Store } from '../../src/store/store.ts';
import * as sample from './records.ts';

const blueprints = ['ants', 'bees', 'moths'];

/** Puts blueprints into a store, alike but for their names; with their releases, tokens, secrets, events and audit entries. */
export async function settleMany(store: Store, names: readonly string[] = blueprints): Promise<void> {
  for (const name of names) {
    await store.commit(recordsOf(name), [eventOf(name)]);
    await store.secrets.put(`${name} secret://env/KEY`, 'x');
    const entry = { token: 'me', method: 'POST', path: `/${name}`, operation: 'x', blueprint: name, status: 200 };
    await store.audit.append(entry);
  }
}

/** All records of one blueprint, and what the installation has beside it. */
function recordsOf(name: string): Change[] {
  const document = { ...sample.sampleDocument(), name };
  const revisions = [1, 2, 3].map((number) => ({ ...sample.sampleRevision(document, number), blueprint: name }));
  const node = sample.sampleNode(1, { id: `node-of-${name}`, blueprint: name, name: `colony-1@${name}.lan` });
  const digest = `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`;
  const quarantine = sample.sampleQuarantine({ blueprint: name, release: name });
  const lab = sample.sampleProvider(`${name}-lab`, { declaredBy: name });
  const rack = sample.sampleDomain(`${name}-rack`, { declaredBy: name, definition: { provider: `${name}-lab` } });
  return [
    { put: 'blueprint', key: name, value: { ...sample.sampleHead(), name, revision: 3 }, expect: 0 },
    ...revisions.map((value): Change => ({ put: 'revision', key: `${name}@${value.number}`, value, expect: 0 })),
    { put: 'node', key: node.id, value: node, expect: 0 },
    {
      put: 'plan',
      key: `plan-of-${name}`,
      value: sample.samplePlan(`plan-of-${name}`, { blueprint: name }),
      expect: 0,
    },
    {
      put: 'operation',
      key: `operation-of-${name}`,
      value: sample.sampleOperation(`operation-of-${name}`, { blueprint: name }),
      expect: 0,
    },
    { put: 'quarantine', key: `${name}/colony/v2`, value: quarantine, expect: 0 },
    { put: 'provider', key: lab.name, value: lab, expect: 0 },
    {
      put: 'alarm',
      key: `repair blueprint ${name}`,
      value: sample.sampleAlarm({ about: 'blueprint', name }),
      expect: 0,
    },
    {
      put: 'leftover',
      key: `${lab.name}/machine/m-8`,
      value: sample.sampleLeftover({ provider: lab.name }),
      expect: 0,
    },
    { put: 'domain', key: rack.name, value: rack, expect: 0 },
    { put: 'release', key: digest, value: { ...sample.sampleRelease(), digest, name: `${name}-release` }, expect: 0 },
    { put: 'rotation', key: `${name} cookie://colony`, value: sample.sampleRotation({ blueprint: name }), expect: 0 },
    { put: 'token', key: `${name}-token`, value: sample.sampleToken(`${name}-token`), expect: 0 },
  ];
}

function eventOf(name: string) {
  return { level: 'info', kind: 'node', object: `event of ${name}`, blueprint: name, what: 'made', words: '' } as const;
}
