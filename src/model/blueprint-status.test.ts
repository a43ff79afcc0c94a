import { describe, expect, test } from 'vitest';
import * as sample from '../../test/kit/records.ts';
import { nothingAcross } from './across.ts';
import type { Node } from './node.ts';
import { proofSubject } from './topology.ts';
import { blueprintStatus } from './blueprint-status.ts';
import type { BlueprintRecords } from './blueprint-status.ts';

const [first, second] = [sample.sampleNode(1), sample.sampleNode(2)];
const starting = { phase: 'starting', since: sample.sampleTime, process: null } as const;
const stopped = { phase: 'stopped', since: sample.sampleTime } as const;
const machine = sample.sampleMachine('m-1');

function status(over: Partial<BlueprintRecords> = {}) {
  const nodes = over.nodes ?? [first, second];
  const running = nodes.filter(({ desired }) => desired === 'running');
  return blueprintStatus({
    head: sample.sampleHead(),
    document: sample.sampleDocument(),
    nodes,
    machines: [machine],
    proof: sample.sampleProofOf(running),
    releases: [sample.sampleRelease()],
    rollouts: [],
    quarantine: [],
    ...over,
  });
}

function changed(over: Partial<Node>): Node {
  return sample.sampleNode(2, over);
}

describe('the state of a blueprint', () => {
  test('everything as declared and proven: converged, in the words of the proof', () => {
    expect(status()).toMatchObject({ state: 'converged', words: 'mesh 2/2 nodes, 1/1 edges, 0 extra' });
  });

  const failed = changed({ state: sample.failedPhase('it crashed at boot') });
  const stuck = { code: 'unsatisfiable', why: 'memory >= 64G excludes 3 of 3 offers' };
  const otherDigest = { ...second.specification, digest: `sha256:${'b'.repeat(64)}` };

  test.each<[string, Partial<BlueprintRecords>, string, string | RegExp]>([
    [
      'destroying comes before all',
      { head: sample.sampleHead({ destroying: true, stuck }), nodes: [failed] },
      'destroying',
      '1 node and 1 machine are left',
    ],
    ['stuck comes before failing', { head: sample.sampleHead({ stuck }), nodes: [first, failed] }, 'stuck', stuck.why],
    ['a failed node', { nodes: [first, failed] }, 'failing', 'colony-2@127.0.0.1: it crashed at boot'],
    [
      'several failed nodes: the first speaks',
      { nodes: [failed, { ...failed, id: 'n-3' }] },
      'failing',
      'colony-2@127.0.0.1: it crashed at boot, and 1 more node failed',
    ],
    [
      'a node that is to stop may have failed',
      { nodes: [first, { ...failed, desired: 'stopped' }] },
      'converging',
      /failed/,
    ],
    ['a node is missing', { nodes: [first] }, 'converging', 'colony: 1 of 2 nodes are planned'],
    [
      'a node too many',
      { nodes: [first, second, { ...second, id: 'n-3' }] },
      'converging',
      'colony: 3 of 2 nodes are planned',
    ],
    [
      'a node on its way',
      { nodes: [first, changed({ state: starting })] },
      'converging',
      '1 of 2 nodes ready; colony-2@127.0.0.1 is starting',
    ],
    [
      'a node that waits says why',
      { nodes: [first, changed({ state: { phase: 'waiting', why: 'for its machine' } })] },
      'converging',
      '1 of 2 nodes ready; colony-2@127.0.0.1 is waiting (for its machine)',
    ],
    [
      'a node that goes',
      { nodes: [first, second, changed({ id: 'n-3', desired: 'removed' })] },
      'converging',
      '1 node being removed',
    ],
    [
      'a restart asked for and not done',
      { nodes: [first, changed({ generation: 2 })] },
      'converging',
      /1 of 2 nodes ready/,
    ],
    [
      'a node told to start, still stopped',
      { nodes: [first, changed({ state: stopped })] },
      'converging',
      /is stopped/,
    ],
    [
      'a node that still has another release',
      { nodes: [first, changed({ specification: otherDigest })] },
      'converging',
      /1 of 2 nodes ready/,
    ],
    [
      'another version on its way comes before nodes that fail with it',
      { nodes: [first, failed], rollouts: [sample.sampleRollout()] },
      'converging',
      'colony: rolling 0/2',
    ],
    [
      'another version that goes no further',
      { rollouts: [sample.sampleRollout({ state: 'stopped', why: 'it says no' })] },
      'failing',
      'colony: revision 2 goes no further: it says no',
    ],
    [
      'a node that fails in another family than the one that is changed',
      { nodes: [first, failed], rollouts: [sample.sampleRollout({ family: 'master' })] },
      'failing',
      /it crashed at boot/,
    ],
    [
      'one more node while others are changed is none too many',
      { nodes: [first, second, changed({ id: 'n-3', extra: true, state: starting })] },
      'converging',
      '2 of 3 nodes ready; colony-2@127.0.0.1 is starting',
    ],
    ['no proof yet', { proof: null }, 'converging', 'every node runs; the cluster is to be proven'],
    [
      'a proof of other processes',
      { proof: sample.sampleProof(2, { subject: 'old' }) },
      'converging',
      /changed since its last proof/,
    ],
    [
      'a proof that failed',
      { proof: { ...sample.sampleProofOf([first, second]), ok: false, verdict: 'colony-1 does not see colony-2' } },
      'converging',
      'colony-1 does not see colony-2',
    ],
  ])('%s', (_, over, state, words) => {
    const found = status(over);
    expect(found.state).toBe(state);
    expect(found.words).toMatch(words);
  });

  test('a node stopped as asked is as desired, and the proof is of the others', () => {
    const nodes = [first, changed({ desired: 'stopped', state: stopped })];
    const words = 'mesh 1/1 nodes, 0/0 edges, 0 extra, 1 node stopped as asked';
    expect(status({ nodes })).toMatchObject({ state: 'converged', words });
  });

  test('where no node is to run, nothing is to be proven', () => {
    const nodes = [changed({ desired: 'stopped', state: stopped })];
    const document = sample.sampleDocument('ants', 1);
    expect(status({ nodes, document, proof: null })).toMatchObject({
      state: 'converged',
      words: '1 node stopped as asked',
    });
    const none = status({ nodes: [], document: sample.sampleDocument('ants', 0), proof: null });
    expect(none).toMatchObject({ state: 'converged', words: 'no nodes are declared' });
  });

  test('families come with their nodes counted by phase', () => {
    const [family] = status({ nodes: [first, changed({ state: starting })] }).families;
    expect(family).toMatchObject({ name: 'colony', wanted: 2, running: 1, phases: { running: 1, starting: 1 } });
  });
});

describe('links to other blueprints', () => {
  const link = {
    from: { blueprint: 'ants', family: 'colony' },
    to: { blueprint: 'shop', family: 'gateway' },
    kind: 'hidden' as const,
  };
  const across = { ...nothingAcross, subject: ['colony-1@127.0.0.1 gateway-1@127.0.0.1 boot:1:1'] };

  test('one that cannot be made keeps the blueprint from being converged, and says why', () => {
    const states = [{ ...link, waits: 'for shop/gateway: no blueprint shop' }];
    const found = status({ links: { states, from: [], across: nothingAcross } });
    expect([found.state, found.words]).toEqual(['converging', 'colony waits for shop/gateway: no blueprint shop']);
    expect(found.links).toEqual([
      { from: 'ants/colony', to: 'shop/gateway', kind: 'hidden', waits: 'for shop/gateway: no blueprint shop' },
    ]);
  });

  test('a proof that was made before the nodes at the other ends were these is outdated', () => {
    const links = { states: [{ ...link, waits: null }], from: [], across };
    const proof = (subject: string) => sample.sampleProof(2, { subject });
    const before = status({ links, proof: proof(proofSubject([first, second])) });
    expect([before.state, before.proofOutdated]).toEqual(['converging', true]);
    const now = status({ links, proof: proof(proofSubject([first, second], across.subject)) });
    expect([now.state, now.proofOutdated]).toEqual(['converged', undefined]);
  });
});
