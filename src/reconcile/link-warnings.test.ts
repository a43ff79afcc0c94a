import { expect, test } from 'vitest';
import { sampleDocument, sampleMachine, sampleNode } from '../../test/kit/records.ts';
import type { Linked } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { LinkMap } from '../model/link.ts';
import type { Facts } from '../model/plan.ts';
import { linkWarnings } from './link-warnings.ts';

const link = { with: { 'shop/gateway': { select: 'all' as const, action: 'distributed_erlang_hidden' as const } } };
const metrics: BlueprintDocument = {
  ...sampleDocument('metrics'),
  families: { collector: { release: 'ants', nodes: 1, bootstrap: link } },
};
const shop: BlueprintDocument = { ...sampleDocument('shop'), families: { gateway: { release: 'ants', nodes: 1 } } };
const gateway = sampleNode(1, { id: 'g-1', blueprint: 'shop', family: 'gateway', name: 'gateway-1@127.0.0.1' });

/** A collector on a machine of that host; the gateway is on the laptop. */
function warnings(host: string, document = metrics, others: readonly BlueprintDocument[] = [shop]): string[] {
  const collector = sampleNode(2, { blueprint: 'metrics', family: 'collector' });
  const machines = [
    sampleMachine('m-1', { attributes: { host: 'laptop' } }),
    sampleMachine('m-2', { attributes: { host } }),
  ];
  const nodes = [gateway, { ...collector, placement: { ...collector.placement, machine: 'm-2' } }];
  const facts: Facts = {
    ...{ domains: [], providers: [], offers: [], releases: [], machines, nodes },
    linked: { collector: [{ node: gateway.id, to: true }] },
  };
  const linked: Linked = { map: new LinkMap([document, ...others]), destroying: new Set(), nodes: [gateway], runs: [] };
  return linkWarnings(document, linked, facts, []);
}

test('what waits is told, with whom it waits for', () => {
  expect(warnings('laptop', metrics, [])).toEqual(['collector waits for shop/gateway: no blueprint shop']);
});

test('nodes that are known by a loopback address can be linked with on their own host only', () => {
  expect(warnings('laptop')).toEqual([]);
  expect(warnings('rack-1')).toEqual([
    'nodes of shop/gateway are known by 127.0.0.1, which other machines cannot dial: start them anew where their provider has an address',
  ]);
});
