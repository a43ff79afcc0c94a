import { describe, expect, test } from 'vitest';
import {
  failedPhase,
  sampleDocument,
  sampleHead,
  sampleMachine,
  sampleNode,
  sampleProgress,
  sampleProof,
  sampleQuarantine,
  sampleRollout,
  sampleTime,
} from '../../test/kit/records.ts';
import { rolloutView } from '../model/rollout-view.ts';
import { grouped, statusLines } from './status-text.ts';
import { paintFor } from './paint.ts';
import type { BlueprintStatus } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';

const page = { width: 80, tableWidth: 80, paint: paintFor(false), nowMs: Date.parse(sampleTime) + 12_000, wide: false };

function statusOf(nodes: readonly Node[], over: Partial<BlueprintStatus> = {}): BlueprintStatus {
  const running = nodes.filter((node) => node.state.phase === 'running').length;
  const phases = Object.fromEntries(
    [...Map.groupBy(nodes, (node) => node.state.phase)].map(([phase, of]) => [phase, of.length]),
  );
  const definition = { release: 'ants', nodes: nodes.length };
  return {
    head: sampleHead(),
    state: 'converged',
    words: '',
    families: [{ blueprint: 'ants', name: 'colony', definition, wanted: nodes.length, running, phases }],
    nodes: [...nodes],
    machines: [sampleMachine('m-1')],
    proof: sampleProof(nodes.length),
    rollouts: [],
    quarantine: [],
    ...over,
  };
}

describe('a status', () => {
  test('puts healthy nodes that are alike in one line', () => {
    const text = statusLines(statusOf([sampleNode(1), sampleNode(2), sampleNode(3), sampleNode(5)]), page).join('\n');
    expect(text).toBe(
      [
        'ants  converged  revision 1, 1 machine',
        '',
        'FAMILY  WANTED  RUNNING  PHASES',
        'colony       4        4  4 running',
        '',
        'NODE            COUNT  PHASE    DOMAIN  HOSTS',
        'colony-{1-3,5}      4  running  here    127.0.0.1',
        '',
        '✓ mesh 4/4 nodes, 6/6 edges, 0 extra (proven 12s ago)',
      ].join('\n'),
    );
  });

  test('shows problems first, with the log and the next command', () => {
    const failed = sampleNode(2, { state: failedPhase('the boot file asks for module nope'), failures: 3 });
    const status = statusOf([sampleNode(1), failed], { state: 'failing', words: '1 of 2 nodes failed', proof: null });
    const lines = statusLines(status, page);
    const problems = lines.indexOf('PROBLEMS');
    expect(problems).toBeGreaterThan(0);
    expect(problems).toBeLessThan(lines.findIndex((line) => line.startsWith('FAMILY')));
    expect(lines.slice(problems + 1, problems + 6).join('\n')).toBe(
      [
        '✗ colony-2@127.0.0.1  failed 12s',
        '    the boot file asks for module nope (failed 3 times, tried again now)',
        '    | {init terminating}',
        'next:  wombat node logs colony-2 -b ants',
        '',
      ].join('\n'),
    );
  });

  test('makes what a node wrote harmless', () => {
    const state = { ...failedPhase('crashed'), log: ['\u001b[2Jgone\u0007'] };
    const text = statusLines(statusOf([sampleNode(1, { state: state as Node['state'] })]), page).join('\n');
    expect(text).toContain('| gone');
    expect(text).not.toContain('\u001b');
  });

  test('names a machine out of reach and a planner that is stuck', () => {
    const lost = sampleMachine('m-2', {
      domain: 'rack',
      offer: 'rack/10.78.0.12',
      state: { phase: 'unreachable', since: sampleTime, why: 'connect ETIMEDOUT' },
    });
    const head = sampleHead({ stuck: { code: 'unsatisfiable', why: 'memory >= 64G excludes 3 of 3 offers' } });
    const text = statusLines(statusOf([], { head, machines: [lost], state: 'stuck' }), page).join('\n');
    expect(text).toContain('✗ unsatisfiable: memory >= 64G excludes 3 of 3 offers');
    expect(text).toContain('✗ rack/10.78.0.12  machine unreachable 12s\n    connect ETIMEDOUT');
  });

  test('names an order that is refused for long beside why nothing else fits', () => {
    const state = { phase: 'wanted', why: 'no answer', excludes: { what: 'domain', code: 'timeout' } } as const;
    const refused = sampleMachine('m-2', { domain: 'north', offer: 'north/small', state });
    const head = sampleHead({ stuck: { code: 'unavailable', why: 'family colony: 0 of 1 node has a place' } });
    const text = statusLines(statusOf([], { head, machines: [refused], state: 'stuck' }), page).join('\n');
    expect(text).toContain('✗ unavailable: family colony: 0 of 1 node has a place');
    expect(text).toContain('✗ north/small  machine not to be had\n    timeout: no answer; it goes on being tried');
  });

  test('keeps a waiting node apart from the healthy ones, with its reason', () => {
    const waiting = sampleNode(3, { state: { phase: 'waiting', why: 'for its turn' } });
    const text = statusLines(statusOf([sampleNode(1), sampleNode(2), waiting]), page).join('\n');
    expect(text).toMatch(/colony-3@127\.0\.0\.1 +1 +waiting +here .*for its turn/);
    expect(text).toMatch(/colony-\{1-2\} +2 +running/);
  });

  test('stays within the width for any number of nodes', () => {
    const nodes = Array.from({ length: 200 }, (_, index) =>
      sampleNode(index * 2, { placement: { ...sampleNode(1).placement, domain: `domain-${index % 3}` } }),
    );
    for (const line of statusLines(statusOf(nodes), page)) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test('versions on their way, taken back and kept out are shown', () => {
  const nodes = [sampleNode(1), sampleNode(2)];
  const progress = { 'n-2': sampleProgress({ gate: 'checked', words: 'it says no', healthySince: null }) };
  const rollouts = [rolloutView(sampleRollout({ nodes: progress }), sampleDocument(), nodes)];
  const lines = statusLines(statusOf(nodes, { rollouts, quarantine: [sampleQuarantine()] }), page);
  expect(lines).toContain('~ colony: rolling 0/2, gate: checked (it says no)');
  expect(lines.join(' ')).toContain('colony: in quarantine: ants@1.0.0 as of revision 2:');
});

test('links to other blueprints are shown with what they wait for', () => {
  const links: NonNullable<BlueprintStatus['links']> = [
    { from: 'ants/colony', to: 'shop/gateway', kind: 'hidden', waits: 'for shop/gateway: no blueprint shop' },
  ];
  const lines = statusLines(statusOf([sampleNode(1)], { links }), page);
  expect(lines).toContain('LINK         TO            CONNECTIONS  WAITS');
  expect(lines).toContain('ants/colony  shop/gateway  hidden       for shop/gateway: no blueprint shop');
});

test('nodes of different releases, phases and domains are different groups', () => {
  const other = sampleNode(3, { specification: { ...sampleNode(3).specification, digest: 'sha256:b' } });
  const stopped = sampleNode(4, { desired: 'stopped', state: { phase: 'stopped', since: sampleTime } });
  expect(grouped([sampleNode(1), sampleNode(2), other, stopped]).map((group) => group.nodes.length)).toEqual([2, 1, 1]);
});
