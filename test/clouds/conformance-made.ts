/**
 * What a provider that makes machines must do besides: deliver what the first boot needs, keep its pages and its tags
 * together, own and give back what stands beside machines, refuse with the right code, and say what the wrappers act on
 * when answers are no answers.
 */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { wordsOf } from '../../src/base/fault.ts';
import type { FaultCode } from '../../src/base/fault.ts';
import { keyDigestOf } from '../../src/cloud/cloud.ts';
import type { Cloud, Created } from '../../src/cloud/cloud.ts';
import type { Offer } from '../../src/model/machine.ts';
import { Offers } from '../../src/reconcile/offers.ts';
import { htmlPage } from '../kit/trouble.ts';
import type { Mishap, Refusal, Trouble, TroubledCall } from '../kit/trouble.ts';
import {
  all,
  allOf,
  codeIn,
  codeOf,
  first,
  goOn,
  idsOf,
  make,
  orderOf,
  ours,
  outcomeOf,
  theirs,
  wipe,
} from './acts.ts';
import { bootOf } from './boot.ts';

/** What is asked of such a provider by other means than its adapter. What is left out is told as skipped. */
export interface MadeHarness {
  /** The user-data that the machine was given, decoded; null when the provider does not tell. */
  userData?(id: string): Promise<string | null>;
  /** The name or text of our public key as the provider keeps it for that machine; null where it keeps none. */
  publicKey?(id: string): Promise<string | null>;
  /** Names everything that exists there: machines and what stands beside them. */
  standing?(): Promise<readonly string[]>;
  /** Makes a machine that is nobody's, without tags of ours; answers its id. */
  foreign?(): Promise<string>;
  /** more machines than the provider lists on one page, and room for them */
  readonly many?: number;
  /** providers or accounts that are usable and refuse an order, with that code */
  readonly short?: readonly { readonly what: string; readonly code: FaultCode; open(owner: string): Cloud }[];
  /** an adapter that reaches the same provider through trouble */
  readonly troubled?: {
    open(owner: string): Cloud;
    readonly trouble: Trouble;
    readonly throttled?: Refusal;
    /** credentials that were good and are not any more: asked once more with new ones, it goes on */
    readonly expired?: Refusal;
  };
}

interface Harness {
  open(owner: string): Cloud;
  settle(): Promise<void>;
  readonly made?: MadeHarness;
}

/** The suite; every test of it skips with its reason where the harness cannot say. */
export function conformanceOfMade(name: string, harness: () => Harness): void {
  describe(`${name}, where machines are made`, () => {
    test('is said by the harness', (context) => {
      context.skip(harness().open(ours).traits.machines !== 'made', 'its machines exist already');
      if (harness().made === undefined) process.stdout.write(`${name}: the harness says nothing about made machines\n`);
    });
    delivering(harness);
    owning(harness);
    troubled(harness);
  });
}

function delivering(harness: () => Harness): void {
  test('the machine gets the user-data and the public key, whole', async (context) => {
    const made = harness().made ?? {};
    context.skip(made.userData === undefined, 'the harness cannot ask what a machine was given');
    const [owned] = await make(harness().open(ours), [orderOf(await first(harness().open(ours)), 'm-1')]);
    expect(await made.userData?.(owned!.id)).toBe(bootOf().userData);
    const key = (await made.publicKey?.(owned!.id)) ?? null;
    if (key?.startsWith('ssh-') === true) expect(key.split(' ')[1]).toBe(bootOf().publicKey.split(' ')[1]);
  });

  test('I2, I4: what its tags say is all that an adapter opened anew needs', async (context) => {
    const cloud = harness().open(ours);
    context.skip(cloud.traits.machines !== 'made', 'its machines exist already');
    const order = orderOf(await first(cloud), 'm-1');
    const [owned] = await make(cloud, [order]);
    const [listed] = await allOf(harness(), ours);
    expect(listed).toMatchObject({ id: owned?.id, token: 'm-1', owner: ours, domain: order.domain });
    if (listed?.access?.method !== 'ssh') return;
    expect(listed.access.hostKey).toBe(bootOf().hostKey);
    expect(listed.access.keySecret).toContain('login-key');
    expect(listed.access.user).toBe('wombat');
  });

  test('all pages are listed', { timeout: 300_000 }, async (context) => {
    const { many } = harness().made ?? {};
    context.skip(many === undefined, 'the harness has no page to fill');
    const cloud = harness().open(ours);
    const offer = await first(cloud);
    const orders = Array.from({ length: many ?? 0 }, (_, index) => orderOf(offer, `m-${index}`));
    const made = await make(cloud, orders);
    expect((await idsOf(harness(), ours)).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
  });
}

function owning(harness: () => Harness): void {
  test('what stands beside machines is listed as ours, and goes after them', async (context) => {
    const made = harness().made ?? {};
    context.skip(made.standing === undefined, 'the harness cannot ask what stands at the provider');
    const before = (await made.standing?.())?.toSorted();
    const cloud = harness().open(ours);
    const [one] = await make(cloud, [orderOf(await first(cloud), 'm-1')]);
    await cloud.allow(ours, [{ ports: [9100, 9100], from: ['members'] }], goOn);
    await harness().settle();
    const beside = (await all(harness().open(ours), ours)).filter(({ kind }) => kind === 'beside');
    for (const owned of beside) {
      expect(owned.owner).toBe(ours);
      expect([null, 'm-1']).toContain(owned.token);
    }
    // who has key pairs says which key each is, so that one that was replaced can go before the machines do
    const digests = beside.flatMap(({ keyDigest }) => keyDigest ?? []);
    expect(digests).toEqual(made.publicKey === undefined ? [] : [keyDigestOf(bootOf().publicKey)]);
    expect((await made.standing?.())?.length).toBeGreaterThanOrEqual((before?.length ?? 0) + 1 + beside.length);
    await cloud.destroy(one!, goOn);
    await wipe(harness());
    expect((await made.standing?.())?.toSorted()).toEqual(before);
  });

  test('I4: what stands beside the machines of one owner is neither listed for another nor destroyed', async (context) => {
    const cloud = harness().open(theirs);
    context.skip(cloud.traits.machines !== 'made', 'its machines exist already');
    await make(cloud, [orderOf(await first(cloud), 'm-theirs', theirs)]);
    await harness().settle();
    const beside = async () => (await all(harness().open(theirs), theirs)).filter(({ kind }) => kind === 'beside');
    const before = await beside();
    for (const owned of before)
      await harness()
        .open(ours)
        .destroy({ ...owned, owner: ours }, goOn)
        .catch(() => undefined);
    expect((await beside()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(await all(harness().open(ours), ours)).toEqual([]);
  });

  test("I4: a machine without our tags is nobody's business", async (context) => {
    const made = harness().made ?? {};
    context.skip(made.foreign === undefined, 'the harness cannot make a foreign machine');
    const id = (await made.foreign?.()) ?? '';
    const before = (await made.standing?.())?.length;
    await harness().open(ours).destroy({ id, kind: 'machine', domain: 'd1', token: 'm-1', owner: ours }, goOn);
    await harness().settle();
    expect(await idsOf(harness(), ours)).not.toContain(id);
    expect((await made.standing?.())?.length).toBe(before);
  });

  test('an order that finds no room or is over a limit is refused by code, and makes nothing', async (context) => {
    const { short = [] } = harness().made ?? {};
    context.skip(short.length === 0, 'the harness knows no account that is short of anything');
    for (const { what, code, open } of short) {
      const offers = await open(ours).offers(goOn);
      const created = await open(ours).create([orderOf(offers[0]!, 'm-1')], goOn);
      expect(created.map(outcomeOf(open(ours))), what).toEqual([code]);
      remembered(open(ours), offers, created[0]!);
      await harness().settle();
      expect(
        (await all(open(ours), ours)).filter(({ kind }) => kind === 'machine'),
        what,
      ).toEqual([]);
    }
  });
}

/** What the loops make of a refusal: an exclusion that says the provider's own words, and that lasts a while. */
function remembered(cloud: Cloud, offers: readonly Offer[], created: Created): void {
  const { id: offer, domain, provider } = offers[0]!;
  const error = created.ok ? null : created.error;
  const [code, why] = [codeIn(cloud, error), wordsOf(error)];
  expect(why).toMatch(
    code === 'quota'
      ? /quota|limit|exceeded/i
      : /capacity|room|placement|hosts|addresses|deployment|left|resources|lease/i,
  );
  const sheet = new Offers(() => cloud, systemClock);
  if (code === 'quota' || code === 'no-capacity') sheet.refuse({ provider, offer, domain, what: 'offer', code, why });
  const [judged] = sheet.judged(offers.map((one) => ({ ...one, fault: null })));
  expect(judged?.fault).toMatchObject({ code, why: expect.stringContaining(why) });
}

/** Answers that are none, and what each must be taken for. */
const nonsense: readonly (readonly [string, Mishap])[] = [
  ['a page of HTML', { what: 'instead', status: 200, type: 'text/html', text: htmlPage }],
  ['a page of HTML from a gateway', { what: 'instead', status: 502, type: 'text/html', text: htmlPage }],
  ['nothing at all', { what: 'instead', status: 200, type: 'application/json', text: '' }],
  ['a truncated document', { what: 'cut' }],
  ['the end of the connection', { what: 'lose' }],
  ['hostile numbers', { what: 'instead', status: 200, type: 'application/json', text: `[${'['.repeat(5_000)}` }],
];

function troubled(harness: () => Harness): void {
  const isRead = ({ changes }: TroubledCall) => !changes;
  const begin = (context: { skip(condition: boolean, note: string): void }) => {
    const found = harness().made?.troubled;
    context.skip(found === undefined, 'the harness opens nothing through trouble');
    return found!;
  };

  test.for(nonsense)('%s instead of an answer is a provider that is unavailable', async ([, mishap], context) => {
    const { open, trouble } = begin(context);
    const cloud = open(ours);
    trouble.schedule('reads', { every: 1, mishaps: [mishap] });
    try {
      expect(['unavailable', 'timeout']).toContain(await codeOf(cloud, () => all(cloud, ours)));
      const offered = await cloud.offers(goOn).then(
        (offers) => offers.map(({ fault }) => fault?.code ?? 'none'),
        (error: unknown) => [cloud.faultOf(error)],
      );
      for (const code of offered) expect(['unavailable', 'timeout']).toContain(code);
    } finally {
      trouble.calm();
    }
  });

  test('too many requests is throttling, and carries how long to wait', async (context) => {
    const { open, trouble, throttled } = begin(context);
    const headers = { 'retry-after': '7', 'content-type': 'text/plain' };
    const refusal: Refusal = throttled ?? { status: 429, headers, text: 'slow down' };
    trouble.schedule('reads', { every: 1, mishaps: [{ what: 'refuse', refusal }] });
    const cloud = open(ours);
    const error = await all(cloud, ours).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    trouble.calm();
    expect(await codeOf(cloud, () => Promise.reject(error as Error))).toBe('throttled');
    const asked = refusal.headers['retry-after'];
    if (asked !== undefined) expect(waitIn(error)).toBe(Number(asked) * 1_000);
  });

  test('credentials that expired are renewed once; those that stay refused are said to be denied', async (context) => {
    const { open, trouble, expired } = begin(context);
    context.skip(expired === undefined, 'its credentials do not expire');
    const cloud = open(ours);
    await all(cloud, ours);
    trouble.next({ what: 'refuse', refusal: expired! }, isRead);
    expect(await codeOf(cloud, () => all(cloud, ours))).toBe('nothing');
    trouble.schedule('reads', { every: 1, mishaps: [{ what: 'refuse', refusal: expired! }] });
    const code = await codeOf(cloud, () => all(cloud, ours));
    trouble.calm();
    expect(code).toBe('denied');
  });

  test('I2: an order whose answer is lost on the wire is the same machine when repeated', async (context) => {
    const { open, trouble } = begin(context);
    for (const what of ['lose', 'cut'] as const) {
      const order = orderOf(await first(harness().open(ours)), `m-${what}`);
      trouble.next({ what }, ({ changes }) => changes);
      await open(ours)
        .create([order], goOn)
        .catch(() => undefined);
      trouble.calm();
      await make(open(ours), [order]);
      expect((await allOf(harness(), ours)).filter(({ token }) => token === `m-${what}`)).toHaveLength(1);
    }
  });
}

/** What an error says about waiting: on itself, or in its detail. */
function waitIn(error: unknown): unknown {
  const { retryAfterMs, detail } = error as { retryAfterMs?: unknown; detail?: { retryAfterMs?: unknown } };
  return retryAfterMs ?? detail?.retryAfterMs;
}
