/**
 * What every adapter must do, whatever its provider is like. An adapter's test is a harness and one call of
 * `conformance`. Each test opens the adapter anew, so nothing may depend on what an instance remembers.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inspect } from 'node:util';
import { Access, NodeAddress, Offer } from '../../src/model/machine.ts';
import type { FaultCode } from '../../src/base/fault.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import {
  all,
  allOf,
  codeOf,
  first,
  goOn,
  idsOf,
  make,
  orderOf,
  ours,
  outcomeOf,
  theirs,
  usable,
  wipe,
} from './acts.ts';
import { bootOf } from './boot.ts';
import { conformanceOfMade } from './conformance-made.ts';
import type { MadeHarness } from './conformance-made.ts';

/** A provider that cannot be used, and the code that must say so. */
export interface Broken {
  readonly what: string;
  readonly code: FaultCode;
  open(owner: string): Cloud;
}

/** One provider to test against. At least three machines can be had at the same time. */
export interface Harness {
  /** Opens the adapter anew for a control plane of that id. */
  open(owner: string): Cloud;
  readonly broken: readonly Broken[];
  /** Has `list` show what was done so far: waits until machines that start have started, and those that go are gone. */
  settle(): Promise<void>;
  stop(): Promise<void>;
  /** values of secrets that the adapter was handed: none of them may be in what it throws or finds */
  readonly secrets?: readonly string[];
  /** what a provider that makes machines is asked besides; without it only half of the suite runs for such a one */
  readonly made?: MadeHarness;
}

/** What differs between kinds without being a fault of theirs. */
export interface Expectations {
  readonly kind: string;
  /** attributes of an offer besides those that all have */
  readonly attributes: readonly string[];
  /** offers that can be had at the same time; 3 when absent. Fewer only where one offer can be had several times */
  readonly offers?: number;
  /** how its machines are entered; `ssh` for those that are made, else the kind, when absent */
  readonly access?: string;
}

const automatic = ['domain', 'provider', 'kind', 'region', 'zone', 'machine_type'];
/** what is known before there is a machine, and what one that exists tells besides */
const promised = ['cores', 'memory', 'disk'];
const measured = ['os', 'arch', 'libc'];

/** Runs the suite against the provider that `start` brings up. */
export function conformance(name: string, expectations: Expectations, start: () => Promise<Harness>): void {
  describe(`${name} keeps the seam`, () => {
    let harness: Harness;
    const open = (owner = ours) => harness.open(owner);
    beforeAll(async () => void (harness = await start()), 120_000);
    // undefined where the start failed, which is told better by itself
    afterAll(() => (harness as Harness | undefined)?.stop(), 60_000);
    beforeEach(() => wipe(harness), 120_000);

    offering(open, () => harness, expectations);
    creating(open, () => harness, expectations);
    repeating(open, () => harness);
    listing(open, () => harness);
    destroying(open, () => harness);
    stopping(open);
    failing(() => harness);
    conformanceOfMade(name, () => harness);
  });
}

function offering(
  open: (owner?: string) => Cloud,
  harness: () => Harness,
  { kind, attributes, offers: least = 3 }: Expectations,
): void {
  test('says what it is', () => {
    expect(open().kind).toBe(kind);
    expect(open().traits.bootMs).toBeGreaterThan(0);
  });

  test('finds nothing wrong with a provider that can be used', async () => {
    const findings = await open().check(goOn);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('offers have stable ids of their own and every automatic attribute', async () => {
    const offers = await usable(open());
    const again = await usable(open());
    const known = open().traits.machines === 'made' ? promised : [...promised, ...measured];
    expect(offers.length).toBeGreaterThanOrEqual(least);
    expect(new Set(offers.map(({ id }) => id)).size).toBe(offers.length);
    expect(again.map(({ id }) => id)).toEqual(offers.map(({ id }) => id));
    for (const offer of offers) {
      expect(Offer.parse(offer)).toEqual(offer);
      expect(Object.keys(offer.attributes)).toEqual(expect.arrayContaining([...automatic, ...known, ...attributes]));
      expect(offer.attributes).toMatchObject({ kind, domain: offer.domain, machine_type: offer.machineType });
      expect(offer.attributes['memory']).toBe(offer.capacity.memoryBytes);
      expect(offer.capacity.cores).toBeGreaterThan(0);
    }
  });

  test('what the domain declares wins over what was found', async () => {
    const offers = await usable(open());
    for (const { attributes: found } of offers) expect(found).toMatchObject({ tier: 'gold', scratch: 2 ** 30 });
  });

  test('what was taken is offered one time less', async () => {
    const offer = await first(open());
    await make(open(), [orderOf(offer, 'm-1')]);
    await harness().settle();
    const after = (await open().offers(goOn)).find(({ id }) => id === offer.id);
    if (open().traits.machines === 'existing') expect(after?.left).toBe((offer.left ?? NaN) - 1);
    // of a quota only what is left is known, and a provider that tells no quota knows nothing
    else expect(after?.left).toBe(offer.left === null ? null : offer.left - 1);
    expect(after?.fault).toBeNull();
  });
}

function creating(open: (owner?: string) => Cloud, harness: () => Harness, { kind, access }: Expectations): void {
  test('makes the machine that was ordered', async () => {
    const order = orderOf(await first(open()), 'm-1');
    const [created] = await make(open(), [order]);
    const isMade = open().traits.machines === 'made';
    expect(created).toMatchObject({ kind: 'machine', token: 'm-1', owner: ours, domain: order.domain });
    // a machine that is made has an address, and with it a way in, only after a while
    await harness().settle();
    const owned = isMade ? (await allOf(harness(), ours)).find(({ id }) => id === created?.id) : created;
    expect(Access.parse(owned?.access).method).toBe(access ?? (isMade ? 'ssh' : kind));
    expect(owned?.addresses.map((one) => NodeAddress.parse(one))).toEqual(owned?.addresses);
    expect(owned?.addresses.length).toBeGreaterThan(0);
  });

  test('two orders for the last one: one of them is refused', async (context) => {
    const offer = await first(open());
    const { machines } = open().traits;
    context.skip(offer.left !== 1 || machines === 'made', 'what it offers is not one machine for one owner');
    const both = await Promise.all(['m-1', 'm-2'].map((token) => open().create([orderOf(offer, token)], goOn)));
    expect(both.flat().map(outcomeOf(open())).sort()).toEqual(['exists', 'ok']);
    const late = await open().create([orderOf(offer, 'm-3')], goOn);
    expect(late.map(outcomeOf(open()))).toEqual(['exists']);
    expect(await idsOf(harness(), ours)).toHaveLength(1);
  });

  test('a batch has an outcome for each order, whatever becomes of the others', async () => {
    const [one, two = one] = await usable(open());
    const orders = [orderOf(one!, 'm-1'), { ...orderOf(one!, 'm-2'), offer: 'no/such' }, orderOf(two!, 'm-3')];
    const created = await open().create(orders, goOn);
    expect(created.map(({ token }) => token)).toEqual(['m-1', 'm-2', 'm-3']);
    expect(created.map(outcomeOf(open()))).toEqual(['ok', 'not-found', 'ok']);
  });

  test('an order for a domain of somebody else is refused', async () => {
    const order = { ...orderOf(await first(open()), 'm-1'), domain: 'elsewhere' };
    expect((await open().create([order], goOn)).map(outcomeOf(open()))).toEqual(['not-found']);
  });
}

function repeating(open: (owner?: string) => Cloud, harness: () => Harness): void {
  test('I2: the same token is the same machine, also for an adapter opened since', async () => {
    const order = orderOf(await first(open()), 'm-1');
    const [once] = await make(open(), [order]);
    const [twice] = await make(open(), [order]);
    const changing = { capacity: null, state: null, words: null, access: null, addresses: null };
    expect({ ...twice, ...changing }).toEqual({ ...once, ...changing });
    expect(await idsOf(harness(), ours)).toEqual([once?.id]);
  });

  test('I2: the same token at the same time is one machine', async () => {
    const order = orderOf(await first(open()), 'm-1');
    const made = await Promise.all([1, 2, 3, 4].map(() => make(open(), [order])));
    expect(new Set(made.flat().map(({ id }) => id)).size).toBe(1);
    expect(await idsOf(harness(), ours)).toHaveLength(1);
  });

  test('I2: an order whose answer was lost is the same machine when repeated', async () => {
    const order = orderOf(await first(open()), 'm-1');
    await expect(losing(open()).create([order], goOn)).rejects.toThrow('lost');
    const [owned] = await make(open(), [order]);
    expect(await idsOf(harness(), ours)).toEqual([owned?.id]);
  });
}

function listing(open: (owner?: string) => Cloud, harness: () => Harness): void {
  test('lists nothing where nothing was made', async () => {
    expect(await idsOf(harness(), ours)).toEqual([]);
  });

  test('lists exactly what was made, as it was made', async () => {
    const [one, two = one] = await usable(open());
    const made = await make(open(), [orderOf(one!, 'm-0'), orderOf(two!, 'm-1')]);
    await harness().settle();
    const listed = await allOf(harness(), ours);
    expect(listed.map(({ token }) => token).sort()).toEqual(['m-0', 'm-1']);
    expect(listed.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    if (open().traits.machines === 'existing')
      expect(listed.map(({ access }) => access)).toEqual(expect.arrayContaining(made.map(({ access }) => access)));
    expect(listed.map(({ state }) => state)).toEqual(['running', 'running']);
  });

  test("I4: another owner's machine is neither listed nor destroyed nor taken", async () => {
    const [one, two = one] = await usable(open());
    const [foreign] = await make(open(theirs), [orderOf(one!, 'm-theirs', theirs)]);
    const [own] = await make(open(), [orderOf(two!, 'm-ours')]);
    expect(await idsOf(harness(), ours)).toEqual([own?.id]);
    await open().destroy({ ...foreign!, owner: ours }, goOn);
    expect(await idsOf(harness(), theirs)).toEqual([foreign?.id]);
  });

  test('I4: what another owner has taken whole is refused, and says who has it', async (context) => {
    const offer = await first(open());
    const { machines } = open().traits;
    context.skip(offer.left !== 1 || machines === 'made', 'what it offers is not one machine for one owner');
    await make(open(theirs), [orderOf(offer, 'm-theirs', theirs)]);
    const [created] = await open().create([orderOf(offer, 'm-ours')], goOn);
    expect(outcomeOf(open())(created!)).toBe('exists');
    expect(String(created?.ok === false && created.error)).toContain(theirs);
    const seen = (await open().offers(goOn)).find(({ id }) => id === offer.id);
    expect(seen).toMatchObject({ left: 0, fault: { code: 'exists' } });
    expect(seen?.fault?.why).toContain(theirs);
  });
}

function destroying(open: (owner?: string) => Cloud, harness: () => Harness): void {
  test('I3: what was destroyed is gone, and destroying it again is no error', async () => {
    const [owned] = await make(open(), [orderOf(await first(open()), 'm-1')]);
    await open().destroy(owned!, goOn);
    await open().destroy(owned!, goOn);
    expect(await idsOf(harness(), ours)).toEqual([]);
  });

  test('I3: destroying what never was is no error', async () => {
    const never = { id: 'never-was', kind: 'machine', domain: 'd1', token: 'm-9', owner: ours } as const;
    await open().destroy(never, goOn);
    await open().destroy({ ...never, id: '../..' }, goOn);
  });

  test('destroying with an old token leaves the machine that was made since', async () => {
    const offer = await first(open());
    const [old] = await make(open(), [orderOf(offer, 'm-old')]);
    await open().destroy(old!, goOn);
    await harness().settle();
    const [young] = await make(open(), [orderOf(offer, 'm-young')]);
    await open().destroy(old!, goOn);
    expect(await idsOf(harness(), ours)).toEqual([young?.id]);
  });

  test('what was given back can be had again', async () => {
    const before = await first(open());
    const [owned] = await make(open(), [orderOf(before, 'm-1')]);
    await open().destroy(owned!, goOn);
    await harness().settle();
    expect((await open().offers(goOn)).find(({ id }) => id === before.id)?.left).toBe(before.left);
  });

  test('the firewall of an owner can be made, and made again', async () => {
    const rules = [
      { ports: [9100, 9199], from: ['10.0.0.0/8', 'members'] },
      { ports: [4369, 4369], from: ['members'] },
    ] as const;
    await open().allow(ours, rules, goOn);
    await open().allow(ours, rules, goOn);
    await open().allow(ours, [], goOn);
  });
}

/** What a caller has given up is not begun, and its reason comes back as it is. */
function stopping(open: (owner?: string) => Cloud): void {
  const reason = new Error('not any more');
  const stop = AbortSignal.abort(reason);
  const owned = { id: 'x', kind: 'machine', domain: 'd1', token: 'm-1', owner: ours } as const;
  const boot = bootOf();
  const order = { token: 'm-1', owner: ours, domain: 'd1', offer: 'd1/x', machineType: 'x', name: 'x', boot };
  const verbs: Record<string, (cloud: Cloud) => Promise<unknown>> = {
    check: (cloud) => cloud.check(stop),
    offers: (cloud) => cloud.offers(stop),
    create: (cloud) => cloud.create([order], stop),
    allow: (cloud) => cloud.allow(ours, [], stop),
    list: (cloud) => all(cloud, ours, stop),
    destroy: (cloud) => cloud.destroy(owned, stop),
  };
  test.each(Object.keys(verbs))('%s does not begin under an aborted signal', async (verb) => {
    await expect(verbs[verb]!(open())).rejects.toBe(reason);
  });
}

function failing(harness: () => Harness): void {
  test('a provider that cannot be used says so by code, from every verb that meets it', async () => {
    for (const { what, code, open } of harness().broken) {
      const cloud = open(ours);
      expect(await codeOf(cloud, () => all(cloud, ours)), `${what}: list`).toBe(code);
      expect(await checkedCode(cloud), `${what}: check`).toBe(code);
      expect(await createdCode(cloud), `${what}: create`).toBe(code);
    }
  });

  test('I8: what it throws and finds holds no secret', async () => {
    for (const { what, open } of harness().broken) {
      const said = await wordsFrom(open(ours));
      for (const secret of harness().secrets ?? []) expect(said, what).not.toContain(secret);
    }
  });

  test('what it did not throw itself has a code too', () => {
    const cloud = harness().open(ours);
    expect(cloud.faultOf(new TypeError('surprise'))).toBe('unknown');
    expect(cloud.faultOf('no error at all')).toBe('unknown');
  });
}

/** The code of the first error that a check finds; a check may throw where nothing can be asked. */
async function checkedCode(cloud: Cloud): Promise<string> {
  try {
    const findings = await cloud.check(goOn);
    return findings.find(({ level }) => level === 'error')?.code ?? 'nothing';
  } catch (error) {
    return cloud.faultOf(error);
  }
}

async function createdCode(cloud: Cloud): Promise<string> {
  try {
    const known = await cloud.offers(goOn).catch(() => []);
    const offer = known[0] ?? { domain: 'd1', id: 'd1/local', machineType: 'local' };
    const created = await cloud.create([orderOf(offer, 'm-1')], goOn);
    return created.map(outcomeOf(cloud)).join();
  } catch (error) {
    return cloud.faultOf(error);
  }
}

/** Everything that a provider in trouble says, with all that its errors carry. */
async function wordsFrom(cloud: Cloud): Promise<string> {
  const inspected = (error: unknown) => inspect(error, { depth: 6, maxStringLength: null });
  const said = [
    await cloud.check(goOn).then((findings) => JSON.stringify(findings), inspected),
    await cloud.offers(goOn).then((offers) => JSON.stringify(offers.map(({ fault }) => fault)), inspected),
    await all(cloud, ours).then(() => '', inspected),
  ];
  return said.join('\n');
}

/** The cloud with every answer lost after the act. */
function losing(cloud: Cloud): Pick<Cloud, 'create'> {
  return {
    async create(orders, signal) {
      await cloud.create(orders, signal);
      throw new Error('the answer was lost');
    },
  };
}
