import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleDocument, sampleMachine, sampleNode } from '../../test/kit/records.ts';
import { groupRules, isBlock, openingsOf } from './firewall.ts';
import type { Opening } from './firewall.ts';

const machine = (token: string, address: string) =>
  sampleMachine(token, { addresses: [{ address, prefix: 24, scope: 'network' }], access: null });
const node = (ordinal: number, token: string, family = 'colony', component = 'colony') => {
  const one = sampleNode(ordinal, { family });
  return {
    ...one,
    placement: { ...one.placement, machine: token },
    specification: { ...one.specification, component },
  };
};
const document = (firewall?: { ports: number | string; from: string[] }[]) => {
  const base = sampleDocument();
  const colony = { ...base.families['colony']!, ...(firewall === undefined ? {} : { firewall }) };
  return { ...base, families: { colony, web: { release: 'ants', nodes: 1 } } };
};
const machines = [machine('m-1', '10.0.0.1'), machine('m-2', '10.0.0.2'), machine('m-3', '10.0.0.3')];

test('linked nodes reach each other and epmd, and nobody else does', () => {
  const nodes = [node(1, 'm-1'), node(2, 'm-2'), node(3, 'm-3', 'web', 'web')];
  const openings = openingsOf({ documents: [document()], nodes, machines });
  expect(openings.get('m-1')).toEqual([
    { ports: [4369, 4369], from: ['10.0.0.1/32', '10.0.0.2/32'] },
    { ports: [9101, 9101], from: ['10.0.0.1/32', '10.0.0.2/32'] },
  ]);
  expect(openings.get('m-3')).toEqual([
    { ports: [4369, 4369], from: ['10.0.0.3/32'] },
    { ports: [9103, 9103], from: ['10.0.0.3/32'] },
  ]);
});

test('a family opens what it says to whom it says, only where its nodes are; a removed node opens nothing', () => {
  const nodes = [node(1, 'm-1'), node(3, 'm-3', 'web', 'web'), { ...node(2, 'm-2'), desired: 'removed' as const }];
  const said = [
    { ports: '8080-8082', from: ['world'] },
    { ports: 9000, from: ['web', '192.0.2.0/24'] },
  ];
  const openings = openingsOf({ documents: [document(said)], nodes, machines });
  expect(openings.get('m-1')).toContainEqual({ ports: [8080, 8082], from: ['0.0.0.0/0', '::/0'] });
  expect(openings.get('m-1')).toContainEqual({ ports: [9000, 9000], from: ['10.0.0.3/32', '192.0.2.0/24'] });
  expect(openings.get('m-3')?.map(({ ports }) => ports[0])).toEqual([4369, 9103]);
  expect(openings.has('m-2')).toBe(false);
});

test('a group that would hold too much says our own machines together', () => {
  const many = Array.from({ length: 40 }, (_, index) => machine(`m-${index}`, `10.0.1.${index + 1}`));
  const nodes = many.map(({ token }, index) => node(index + 1, token));
  const openings = openingsOf({
    documents: [document([{ ports: 80, from: ['198.51.100.0/24'] }])],
    nodes,
    machines: many,
  });
  expect(groupRules([...openings.values()], many)).toEqual([
    { ports: [80, 80], from: ['198.51.100.0/24'] },
    { ports: [4369, 4369], from: ['members'] },
    { ports: [9101, 9140], from: ['members'] },
  ]);
  const few = openingsOf({ documents: [document()], nodes: nodes.slice(0, 2), machines: many });
  expect(groupRules([...few.values()], many)[0]?.from).toEqual(['10.0.1.1/32', '10.0.1.2/32']);
});

test('rules open every port to whom it was opened, once, in as few ranges as will do', () => {
  const port = fc.integer({ min: 1, max: 30 });
  const block = fc.constantFrom('192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24');
  const opening = fc.record({ ports: fc.tuple(port, port), from: fc.array(block, { maxLength: 3 }) });
  const reach = (openings: readonly Opening[], at: number) =>
    new Set(openings.filter(({ ports: [a, b] }) => a <= at && at <= b).flatMap(({ from }) => from));
  fc.assert(
    fc.property(fc.array(opening, { maxLength: 6 }), (openings) => {
      const rules = groupRules([openings], []);
      for (let at = 1; at <= 31; at += 1) expect(reach(rules, at)).toEqual(reach(openings, at));
      rules.slice(1).forEach(({ ports: [first], from }, index) => {
        const before = rules[index]!;
        expect(first).toBeGreaterThan(before.ports[1]);
        if (first === before.ports[1] + 1) expect(from).not.toEqual(before.from);
      });
    }),
  );
});

test('blocks are written as blocks', () => {
  for (const block of ['0.0.0.0/0', '192.0.2.0/24', '::/0', '2001:db8::/32']) expect(isBlock(block), block).toBe(true);
  for (const none of ['colony', 'world', '192.0.2.0', '300.0.0.0/8', '10.0.0.0/33', '10.0.0.0/8 } accept', '::/129'])
    expect(isBlock(none), none).toBe(false);
});

test('nodes of linked blueprints reach each other: both ways in one mesh, only who joins by a hidden link', () => {
  const gateway = { ...node(1, 'm-1', 'gateway', 'gateway'), blueprint: 'shop' };
  const collector = { ...node(2, 'm-2', 'collector', 'collector'), blueprint: 'metrics' };
  const shop = { ...sampleDocument('shop'), families: { gateway: { release: 'ants', nodes: 1 } } };
  const opened = (action: 'distributed_erlang' | 'distributed_erlang_hidden' | 'none') => {
    const bootstrap = { with: { 'shop/gateway': { select: 'all' as const, action } } };
    const metrics = { ...sampleDocument('metrics'), families: { collector: { release: 'ants', nodes: 1, bootstrap } } };
    const openings = openingsOf({ documents: [shop, metrics], nodes: [gateway, collector], machines });
    const from = (token: string) => openings.get(token)?.find(({ ports: [first] }) => first !== 4369)?.from;
    return [from('m-1'), from('m-2')];
  };
  const [own, other] = ['10.0.0.1/32', '10.0.0.2/32'];
  expect(opened('distributed_erlang')).toEqual([
    [own, other],
    [own, other],
  ]);
  expect(opened('distributed_erlang_hidden')).toEqual([[own, other], [other]]);
  expect(opened('none')).toEqual([[own], [other]]);
});
