/** What the conformance suites do to an adapter, and how they look at what became of it. */
import { expect } from 'vitest';
import type { FaultCode } from '../../src/base/fault.ts';
import { faultCodeOf } from '../../src/base/fault.ts';
import type { Cloud, Created, Order, Owned } from '../../src/cloud/cloud.ts';
import type { Offer } from '../../src/model/machine.ts';
import { collect } from '../kit/collect.ts';
import { bootOf } from './boot.ts';

export const ours = 'o-ours';
export const theirs = 'o-theirs';
export const goOn = new AbortController().signal;

/** What is needed of a harness to look at its provider. */
interface Looked {
  open(owner: string): Cloud;
  settle(): Promise<void>;
}

const rounds = 30;

/** Everything that the tests may have made goes: the machines, and then what stood beside them. */
export async function wipe(harness: Looked): Promise<void> {
  for (const owner of [ours, theirs]) {
    for (const kinds of [['machine'], ['machine', 'beside']]) await give(harness, owner, kinds);
  }
  await harness.settle();
}

/** Gives back until nothing of these kinds is listed: what stands beside machines may be in use for a while. */
async function give(harness: Looked, owner: string, kinds: readonly string[]): Promise<void> {
  const cloud = harness.open(owner);
  for (let round = 1; ; round += 1) {
    const left = (await all(cloud, owner)).filter(({ kind }) => kinds.includes(kind));
    if (left.length === 0) return;
    const errors: unknown[] = [];
    for (const owned of left) await cloud.destroy(owned, goOn).catch((error: unknown) => void errors.push(error));
    if (round === rounds) throw new Error(`what is given back does not go: ${left[0]?.id ?? ''}`, { cause: errors[0] });
    await harness.settle();
  }
}

/** Everything that is listed. */
export function all(cloud: Cloud, owner: string, signal = goOn): Promise<Owned[]> {
  return collect(cloud.list(owner, signal));
}

/** The machines that are listed once all has settled. */
export async function allOf(harness: Looked, owner: string): Promise<Owned[]> {
  await harness.settle();
  return (await all(harness.open(owner), owner)).filter(({ kind, state }) => kind === 'machine' && state !== 'going');
}

/** Their ids. */
export async function idsOf(harness: Looked, owner: string): Promise<string[]> {
  return (await allOf(harness, owner)).map(({ id }) => id);
}

/** What can be had. */
export async function usable(cloud: Cloud): Promise<Offer[]> {
  return (await cloud.offers(goOn)).filter(({ fault, left }) => fault === null && left !== 0);
}

/** The first of them. */
export async function first(cloud: Cloud): Promise<Offer> {
  const [offer] = await usable(cloud);
  expect(offer).toBeDefined();
  return offer!;
}

/** An order for an offer. */
export function orderOf(offer: Pick<Offer, 'domain' | 'id' | 'machineType'>, token: string, owner = ours): Order {
  const { domain, id, machineType } = offer;
  return { token, owner, domain, offer: id, machineType, name: `wombat-${token}`, boot: bootOf() };
}

/** Makes machines of which every one must succeed. */
export async function make(cloud: Cloud, orders: readonly Order[]): Promise<Owned[]> {
  const created = await cloud.create(orders, goOn);
  return created.map((one) => {
    if (!one.ok) throw one.error;
    return one.owned;
  });
}

/** `ok`, or the code of the refusal. */
export function outcomeOf(cloud: Cloud): (created: Created) => string {
  return (created) => (created.ok ? 'ok' : codeIn(cloud, created.error));
}

/** The code that the act fails with. */
export async function codeOf(cloud: Cloud, act: () => Promise<unknown>): Promise<FaultCode | 'nothing'> {
  return act().then(
    () => 'nothing',
    (error: unknown) => codeIn(cloud, error),
  );
}

/** Faults say their code themselves: an adapter may throw them too. */
export function codeIn(cloud: Cloud, error: unknown): FaultCode {
  const own = faultCodeOf(error);
  return own === 'unknown' ? cloud.faultOf(error) : own;
}
