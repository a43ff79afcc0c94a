import { describe, expect, test } from 'vitest';
import { sampleDocument } from '../../test/kit/records.ts';
import type { BlueprintDocument } from './blueprint.ts';
import type { Action, Mesh } from './bootstrap.ts';
import { checkReferences } from './check-references.ts';
import { linkedToBy } from './check-links.ts';
import { awaited, LinkMap, linksOf } from './link.ts';

/** A blueprint whose families bootstrap with those listed, by the given action. */
function blueprint(
  name: string,
  links: Readonly<Record<string, Readonly<Record<string, Action>>>>,
  over: { readonly mesh?: Mesh; readonly epmdPort?: number } = {},
): BlueprintDocument {
  const { mesh, ...rest } = over;
  const families = Object.entries(links).map(([family, others]) => {
    const towards = Object.entries(others).map(([other, action]) => [other, { select: 'all', action }]);
    const definition = { release: 'ants', nodes: 1, bootstrap: { with: Object.fromEntries(towards) } };
    return [family, mesh === undefined ? definition : { ...definition, mesh }];
  });
  return {
    ...sampleDocument(name),
    ...rest,
    providers: { here: { kind: 'local' } },
    families: Object.fromEntries(families) as BlueprintDocument['families'],
  };
}

const hidden = 'distributed_erlang_hidden';
const visible = 'distributed_erlang';
const shop = blueprint('shop', { gateway: { store: visible }, store: {} });
const metrics = (action: Action = visible, over = {}) =>
  blueprint('metrics', { collector: { 'shop/gateway': action }, screen: {} }, over);

describe('what a link is', () => {
  test.each<[Action, string]>([
    ['none', 'none'],
    [visible, 'visible'],
    [hidden, 'hidden'],
    [{ join: { on: 'new', call: 'a:b(Peer)' } }, 'visible'],
    [{ join: { on: 'new', call: 'a:b(Peer)' }, connects: 'hidden' }, 'hidden'],
    [{ join: { on: 'host', command: 'true' }, connects: 'none' }, 'none'],
  ])('%j', (action, kind) => {
    expect(linksOf(metrics(action))).toEqual([
      { from: { blueprint: 'metrics', family: 'collector' }, to: { blueprint: 'shop', family: 'gateway' }, kind },
    ]);
  });
});

describe('a map of links', () => {
  const collector = { blueprint: 'metrics', family: 'collector' };
  const store = { blueprint: 'shop', family: 'store' };
  const gateway = { blueprint: 'shop', family: 'gateway' };

  test('a visible link makes one mesh of both components, and of nothing else', () => {
    const map = new LinkMap([metrics(), shop]);
    expect(map.between(collector, gateway)).toBe('visible');
    expect(map.between(collector, store)).toBe('visible');
    expect(map.between({ blueprint: 'metrics', family: 'screen' }, gateway)).toBeNull();
  });

  test('a hidden link joins the two families, and nothing else', () => {
    const map = new LinkMap([metrics(hidden), shop]);
    expect(map.between(gateway, collector)).toBe('hidden');
    expect(map.between(collector, store)).toBeNull();
  });

  test('who links speaks the cookie of whom it links to; of two that do not link the later by name', () => {
    const audit = blueprint('audit', { reader: { 'shop/store': visible } });
    const map = new LinkMap([metrics(), shop, audit]);
    expect(map.speaks('metrics', 'shop')).toBe(true);
    expect(map.speaks('shop', 'metrics')).toBe(false);
    expect([map.speaks('metrics', 'audit'), map.speaks('audit', 'metrics')]).toEqual([true, false]);
    expect(map.between(collector, { blueprint: 'audit', family: 'reader' })).toBe('visible');
    expect(map.partners('audit')).toEqual(['metrics', 'shop']);
  });

  test('near are those whose nodes may meet: over hidden links only the next ones, in one mesh all', () => {
    const chain = (kind: Action) => [
      blueprint('audit', { reader: { 'metrics/collector': kind } }),
      metrics(kind),
      shop,
      blueprint('alone', { one: {} }),
    ];
    const apart = new LinkMap(chain(hidden));
    expect(apart.nearby('audit')).toEqual(['metrics']);
    expect(apart.nearby('metrics')).toEqual(['audit', 'shop']);
    expect(apart.nearby('alone')).toEqual([]);
    expect(apart.between({ blueprint: 'audit', family: 'reader' }, gateway)).toBeNull();
    const whole = new LinkMap(chain(visible));
    expect(whole.nearby('audit')).toEqual(['metrics', 'shop']);
    expect(whole.between({ blueprint: 'audit', family: 'reader' }, gateway)).toBe('visible');
  });

  test('a blueprint or family that is not there connects nothing', () => {
    const map = new LinkMap([metrics()]);
    expect(map.between(collector, gateway)).toBeNull();
    expect(map.partners('metrics')).toEqual(['shop']);
  });
});

describe('what a link waits for', () => {
  const [link] = linksOf(metrics());
  const there = { document: shop, destroying: false, wanted: 2, running: 2 };
  test.each([
    [{ ...there, document: undefined }, 'for shop/gateway: no blueprint shop'],
    [{ ...there, destroying: true }, 'for shop/gateway: blueprint shop is being destroyed'],
    [{ ...there, document: blueprint('shop', {}) }, 'for shop/gateway: blueprint shop has no family gateway'],
    [{ ...there, running: 1 }, 'for shop/gateway: 1 of 2 nodes run'],
    [there, null],
  ])('%#', (target, words) => {
    if (link === undefined) throw new Error('there is no link');
    expect(awaited(link, target, 'all')).toBe(words);
  });

  test('one node is enough where the question is whether anybody is there', () => {
    if (link === undefined) throw new Error('there is no link');
    expect(awaited(link, { ...there, running: 1 }, 'some')).toBeNull();
    expect(awaited(link, { ...there, running: 0 }, 'some')).toBe('for shop/gateway: 0 of 2 nodes run');
  });
});

describe('links are checked', () => {
  const faults = (document: BlueprintDocument, ...blueprints: BlueprintDocument[]) =>
    checkReferences(document, { providers: [], domains: [], blueprints }).map(
      ({ path, message }) => `${path}: ${message}`,
    );

  test('a blueprint that is linked to need not be there', () => {
    expect(faults(metrics())).toEqual([]);
    expect(faults(metrics(), shop)).toEqual([]);
  });

  test('its family must, where it is', () => {
    expect(faults(metrics(), blueprint('shop', { gateways: {} }))).toEqual([
      'families.collector.bootstrap.with.shop/gateway: blueprint shop has no family "gateway"',
    ]);
  });

  test('a family that others link to must stay', () => {
    expect(faults(blueprint('shop', { store: {} }), metrics())).toEqual([
      'families: there must be a family "gateway": metrics/collector links to it',
    ]);
  });

  test('blueprints do not link in a circle', () => {
    const back = blueprint('shop', { gateway: {}, store: { 'metrics/screen': hidden } });
    const words = 'blueprints link to each other in a circle: metrics -> shop -> metrics';
    expect(faults(metrics(), back)).toEqual([`families.collector.bootstrap.with.shop/gateway: ${words}`]);
    expect(faults(back, metrics())).toEqual([
      'families.store.bootstrap.with.metrics/screen: blueprints link to each other in a circle: shop -> metrics -> shop',
    ]);
  });

  test('a visible link needs one mesh on both sides, a hidden one does not', () => {
    const selected = metrics(visible, { mesh: 'selected' });
    const words = 'mesh of metrics/collector is selected, that of shop/gateway, with which it is linked, is full';
    expect(faults(selected, shop)).toEqual([`families.collector.bootstrap.with.shop/gateway: ${words}`]);
    expect(faults(shop, selected)).toEqual([`families.gateway.mesh: ${words}`]);
    expect(faults(metrics(hidden, { mesh: 'selected' }), shop)).toEqual([]);
  });

  test('epmd is on one port', () => {
    expect(faults(metrics(hidden, { epmdPort: 4370 }), shop)).toEqual([
      'families.collector.bootstrap.with.shop/gateway: epmd of metrics/collector is on port 4370, that of shop/gateway, with which it is linked, on 4369',
    ]);
  });

  test('hidden is for other blueprints, and not where another link makes one mesh', () => {
    expect(faults(blueprint('shop', { gateway: { store: hidden }, store: {} }))).toEqual([
      'families.gateway.bootstrap.with.store.action: hidden connections are for families of other blueprints',
    ]);
    const both = blueprint('metrics', { collector: { 'shop/gateway': visible, 'shop/store': hidden } });
    expect(faults(both, shop)).toEqual([
      'families.collector.bootstrap.with.shop/store: the link from metrics/collector to shop/store is hidden, but other links make one mesh of the two',
    ]);
  });

  test('places that cannot reach each other are told', () => {
    const fenced = { ...shop, domains: { vault: { provider: 'here', network: 'vault' } } };
    expect(faults(metrics(), fenced)).toEqual([
      'families.collector.bootstrap.with.shop/gateway: nodes of "collector" in here (no network named) cannot reach nodes of "shop/gateway" in vault (network vault)',
    ]);
  });
});

test('who links to a blueprint keeps it from being destroyed, unless it goes itself', () => {
  const map = new LinkMap([metrics(), shop]);
  expect(linkedToBy(map, 'shop', new Set())).toBe('metrics/collector links to shop/gateway');
  expect(linkedToBy(map, 'shop', new Set(['metrics']))).toBeNull();
  expect(linkedToBy(map, 'metrics', new Set())).toBeNull();
});
