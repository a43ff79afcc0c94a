import { describe, expect, test } from 'vitest';
import { sampleDigest, sampleDocument, sampleNode, samplePlan } from '../../test/kit/records.ts';
import { paintFor } from './paint.ts';
import { planCounts, planLines } from './plan-text.ts';
import type { Step } from '../model/plan.ts';

const page = { width: 80, paint: paintFor(false) };
const brief = { why: false, all: false };

function add(ordinal: number, replaces: string | null = null): Step {
  const { id, family, name, placement, specification } = sampleNode(ordinal);
  return {
    do: 'add node',
    node: id,
    family,
    ordinal,
    name,
    placement,
    specification,
    replaces,
    why: `because ${ordinal}`,
  };
}

const acquire: Step = {
  do: 'acquire machine',
  token: 'm-2',
  offer: 'rack/10.78.0.11',
  provider: 'lab',
  domain: 'rack',
  why: 'no machine of the family has room',
};

const remove: Step = {
  do: 'remove node',
  node: 'n-9',
  name: 'colony-9@127.0.0.1',
  family: 'colony',
  why: '2 are wanted',
};

describe('a plan', () => {
  test('shows changes by family, machines and a sum', () => {
    const plan = samplePlan('p-1', { document: sampleDocument('ants', 2), steps: [acquire, add(1), add(2), remove] });
    expect(planLines(plan, page, brief).join('\n')).toBe(
      [
        'ants  revision 1  plan p-1',
        '',
        'colony  2 nodes wanted',
        '  + colony-1@127.0.0.1  here  port 9101  1 core',
        '  + colony-2@127.0.0.1  here  port 9102  1 core',
        '  - colony-9@127.0.0.1',
        '',
        'machines',
        '  + rack/10.78.0.11',
        '',
        'Plan: 2 to add, 0 to change, 0 to move, 1 to remove; 1 machine acquired.',
      ].join('\n'),
    );
  });

  test('counts a node that takes another one’s place as a move, once', () => {
    const plan = samplePlan('p-1', { steps: [add(10, 'n-9'), remove] });
    expect(planCounts(plan)).toMatchObject({ add: 0, move: 1, remove: 0 });
    const text = planLines(plan, page, brief).join('\n');
    expect(text).toContain('> colony-10@127.0.0.1  here  port 9110  1 core  in place of colony-9@127.0.0.1');
    expect(text).not.toContain('- colony-9');
  });

  test('gives the reason of every step when asked', () => {
    const plan = samplePlan('p-1', {
      steps: [acquire, add(1)],
      report: {
        rejections: [{ family: 'colony', offer: 'rack/10.78.0.12', why: 'cores >= 2 does not hold: cores is 1' }],
        shortages: [],
        warnings: [],
      },
    });
    const text = planLines(plan, page, { why: true, all: false }).join('\n');
    expect(text).toContain('because 1');
    expect(text).toContain('no machine of the family has room');
    expect(text).toContain('rack/10.78.0.12: cores >= 2 does not hold: cores is 1');
  });

  test('counts what it leaves out, and leaves nothing out when asked for all', () => {
    const plan = samplePlan('p-1', { steps: Array.from({ length: 30 }, (_, index) => add(index + 1)) });
    expect(planLines(plan, page, brief).join('\n')).toContain('… and 22 more like these (all: -o wide)');
    expect(planLines(plan, page, { why: false, all: true }).filter((line) => line.includes('+ colony'))).toHaveLength(
      30,
    );
  });

  test('says which families found no place, and why', () => {
    const plan = samplePlan('p-1', {
      report: {
        rejections: [],
        shortages: [
          {
            family: 'colony',
            wanted: 6,
            placed: 0,
            why: ['memory >= 64G excludes 3 of 3 offers'],
            code: 'unsatisfiable',
          },
        ],
        warnings: ['host 10.78.0.13 is left out: it does not answer'],
      },
    });
    const text = planLines(plan, page, brief).join('\n');
    expect(text).toContain('no place  colony: 0 of 6 nodes placed\n  memory >= 64G excludes 3 of 3 offers');
    expect(text).toContain('warning: host 10.78.0.13 is left out: it does not answer');
  });

  test('without steps says that nothing changes', () => {
    expect(planLines(samplePlan('p-1'), page, brief).at(-1)).toBe('Plan: no changes.');
  });

  test('names the change of a node by its reason', () => {
    const { specification } = sampleNode(1);
    const change: Step = {
      do: 'change node',
      node: 'n-1',
      name: 'colony-1@127.0.0.1',
      family: 'colony',
      specification: { ...specification, digest: sampleDigest },
      why: 'release ants 1.0.0 -> 1.1.0',
    };
    const text = planLines(samplePlan('p-1', { steps: [change] }), page, brief).join('\n');
    expect(text).toContain('~ colony-1@127.0.0.1  release ants 1.0.0 -> 1.1.0');
    expect(text).toContain('colony  2 nodes wanted; changed one at a time, at least 1 running');
  });

  test('tells what cannot hold together, with lines, and how sure it is', () => {
    const plan = samplePlan('p-1', {
      report: {
        rejections: [],
        shortages: [],
        warnings: [],
        conflict: {
          members: [{ path: 'families.colony.demands[0]', words: 'colony: cores >= 64' }],
          relax: 'with cores >= 8 all can be placed',
        },
        placement: { method: 'integer programming', proved: false, gap: 0.015 },
      },
    });
    const text = planLines(plan, { ...page, width: 120 }, { ...brief, lineOf: () => 12 }).join('\n');
    expect(text).toContain('  colony: cores >= 64 (line 12, families.colony.demands[0])');
    expect(text).toContain('  with cores >= 8 all can be placed');
    expect(text).toContain(
      'Another placement may be better, by 1.5 % at most: the work that is done for a plan is over.',
    );
  });

  test('tells of one node, family, offer or domain what there is to tell', () => {
    const rejection = { family: 'colony', offer: 'rack/10.78.0.12', why: 'too small' };
    const report = { rejections: [rejection], shortages: [], warnings: [] };
    const plan = samplePlan('p-1', { steps: [acquire, add(1), add(2)], report });
    const about = (name: string) => planLines(plan, page, { ...brief, about: name });
    expect(about('colony-2')).toEqual(['colony-2', '  add node colony-2@127.0.0.1: because 2']);
    expect(about('rack')).toEqual([
      'rack',
      '  acquire machine rack: no machine of the family has room',
      '  rack/10.78.0.12 not for colony: too small',
    ]);
    const out = {
      ...plan,
      report: { ...plan.report, warnings: ['rack/9 is left out: busy', 'provider lab is left out: no answer'] },
    };
    const why = (name: string) => planLines(out, page, { ...brief, about: name });
    expect(why('rack')).toContain('  rack/9 is left out: busy');
    expect(why('lab')).toEqual(['lab', '  provider lab is left out: no answer']);
    expect(about('nobody').at(-1)).toContain('the plan does nothing with a node');
    expect(about('colony').slice(1)).toEqual([
      '  add node colony-1@127.0.0.1: because 1',
      '  add node colony-2@127.0.0.1: because 2',
      '  rack/10.78.0.12 not for colony: too small',
    ]);
  });
});
