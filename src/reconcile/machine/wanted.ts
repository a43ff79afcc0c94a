/**
 * The machine is ordered. The order was on record before (I1) and its token decides identity (I2), so that an answer
 * that got lost, or a crash of ours, makes no second machine. A provider that has none gives the nodes back to the plan.
 *
 * An answer that may pass (the provider is out of reach, too busy, refuses our key) is followed by the same order again.
 * When nothing else comes for long, the order is marked: what it was for is left out for a while, and the plan moves its
 * nodes where else they may be. It goes on being tried until they have gone. Such an answer may hide a machine that was
 * made all the same: the record says so (`doubt`), and the order's end leaves it to be looked for (destroying.ts).
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import type { Cloud, Created, Order, Owned } from '../../cloud/cloud.ts';
import { refusedMs } from '../offers.ts';
import { firstBootOf } from './first-boot.ts';
import { becomeMachine, nowOf } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const retryMs = 5_000;
/**
 * How long an order is refused without a break before its nodes go elsewhere. Providers have their bad minute, and one that
 * is over it makes the machine sooner than another place would; most machines boot in less than it would take to wait for
 * more. Where the provider is known to fail at another domain, the next one need not be waited for so long, and not at all
 * where the order's own place is left out already. In memory only: after a restart it is waited for anew.
 */
const patienceMs = { in: 90_000, 'out elsewhere': 20_000, out: 0 } as const;
/** Who says that we ask too often works, and takes the order when its turn comes: it is waited for so many times as long. */
const throttledFactor = 10;
/** Faults that another order at the same place cannot mend: its nodes must go elsewhere. */
const hopeless: ReadonlySet<FaultCode> = new Set(['no-capacity', 'quota', 'not-found', 'invalid', 'exists']);

const existingRefusedMs = 15_000;

/** Orders it, or says why it cannot be had. */
export const wanted: MachineStage<'wanted'> = async (pass) => {
  const { machine, cloud, world, signal } = pass;
  const pauseMs = pauseLeftMs(pass);
  if (pauseMs > 0) return again(pauseMs, machine.state.why ?? 'it was refused a moment ago');
  const order = {
    token: machine.token,
    owner: world.store.owner,
    domain: machine.domain,
    offer: machine.offer,
    machineType: machine.machineType,
    name: `wombat-${machine.token}`,
    boot: await firstBootOf(pass),
  };
  const created = await answerTo(order, cloud, signal);
  return created.ok ? accepted(pass, created.owned) : refusedBy(pass, created.error);
};

/** A refusal is written down, and a record that changed is looked at again at once: the next order waits all the same. */
function pauseLeftMs({ machine, world }: MachinePass<'wanted'>): number {
  const refused = world.memory.refusals.get(machine.token);
  return refused === undefined ? 0 : refused.lastAt + retryMs - world.clock.monotonic();
}

/** What becomes of one order; that none could be sent is an answer, too. */
async function answerTo(order: Order, cloud: Cloud, signal: AbortSignal): Promise<Created> {
  const none = { token: order.token, ok: false, error: new Fault('unknown', 'the provider did not answer') } as const;
  try {
    const [created = none] = await cloud.create([order], signal);
    return created;
  } catch (error) {
    if (signal.aborted) throw error;
    return { ...none, error };
  }
}

function accepted(pass: MachinePass<'wanted'>, owned: Owned): MachineOutcome {
  pass.world.memory.refusals.delete(pass.machine.token);
  pass.world.offers.accept(pass.machine);
  return becomeMachine(
    pass,
    {
      providerId: owned.id,
      access: owned.access ?? pass.machine.access,
      addresses: owned.addresses.length > 0 ? [...owned.addresses] : pass.machine.addresses,
      state: { phase: 'booting', since: nowOf(pass), hostKey: null },
    },
    { what: 'acquired', words: `${owned.id} at provider ${pass.provider.name}` },
  );
}

/** A machine that exists has room again once somebody has made some, and every look at it says so. */
function lasting({ cloud }: MachinePass<'wanted'>): { forMs?: number } {
  return cloud.traits.machines === 'existing' ? { forMs: existingRefusedMs } : {};
}

function refusedBy(pass: MachinePass<'wanted'>, error: unknown): MachineOutcome {
  const why = wordsOf(error);
  const code = error instanceof Fault ? error.code : pass.cloud.faultOf(error);
  return hopeless.has(code) ? hopelessly(pass, code, why) : forNow(pass, code, why);
}

function hopelessly(pass: MachinePass<'wanted'>, code: FaultCode, why: string): MachineOutcome {
  const what = code === 'quota' ? 'domain' : 'offer';
  pass.world.offers.refuse({ ...placeOf(pass), what, code, why, ...lasting(pass) });
  pass.world.memory.refusals.delete(pass.machine.token);
  return becomeMachine(pass, { state: { phase: 'lost', since: nowOf(pass), why } }, refusal(why));
}

/** Tried again, and after a while also placed elsewhere. */
function forNow(pass: MachinePass<'wanted'>, code: FaultCode, why: string): MachineOutcome {
  const { machine, world, cloud } = pass;
  const what = cloud.traits.machines === 'existing' ? 'offer' : 'domain';
  const [isMarked, isLong] = [machine.state.excludes !== undefined, isRefusedForLong(pass, what, code)];
  if (isMarked || isLong) world.offers.refuse({ ...placeOf(pass), what, code, why });
  const isNews = machine.state.why !== why || machine.doubt !== why || (isLong && !isMarked);
  if (!isNews) return again(retryMs, why);
  const doubt = cloud.traits.machines === 'made' ? { doubt: why } : {};
  if (!isMarked && !isLong) return becomeMachine(pass, { state: { phase: 'wanted', why }, ...doubt }, refusal(why));
  const state = { phase: 'wanted', why, excludes: { what, code } } as const;
  return becomeMachine(pass, { state, ...doubt }, isMarked ? refusal(why) : leftOut(pass, what, why));
}

function isRefusedForLong(pass: MachinePass<'wanted'>, what: 'offer' | 'domain', code: FaultCode): boolean {
  const { machine, world } = pass;
  const { refusals } = world.memory;
  const now = world.clock.monotonic();
  const since = refusals.get(machine.token)?.since ?? now;
  refusals.set(machine.token, { since, lastAt: now });
  const factor = code === 'throttled' ? throttledFactor : 1;
  return now - since >= factor * patienceMs[world.offers.left({ ...placeOf(pass), what })];
}

function placeOf({ machine }: MachinePass<'wanted'>) {
  const { provider, domain, offer } = machine;
  return { provider, domain, offer };
}

function refusal(words: string) {
  return { level: 'error' as const, what: 'refused', words };
}

function leftOut({ machine }: MachinePass<'wanted'>, what: 'offer' | 'domain', why: string) {
  const place = what === 'offer' ? `offer ${machine.offer}` : `domain ${machine.domain}`;
  const words = `${place} of provider ${machine.provider} is left out for ${refusedMs / 60_000} minutes, and its nodes go elsewhere where they can: ${why}`;
  return { level: 'error' as const, what: 'left out', words };
}
