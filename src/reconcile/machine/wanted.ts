/**
 * The machine is ordered. The order was on record before (I1) and its token decides identity (I2), so that an answer
 * that got lost, or a crash of ours, makes no second machine. A provider that has none gives the nodes back to the plan.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import type { FaultCode } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import type { Owned } from '../../cloud/cloud.ts';
import { firstBootOf } from './first-boot.ts';
import { becomeMachine, nowOf } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const retryMs = 5_000;
/** Faults that another order at the same place cannot mend: its nodes must go elsewhere. */
const hopeless: ReadonlySet<FaultCode> = new Set(['no-capacity', 'quota', 'not-found', 'invalid', 'exists']);

const existingRefusedMs = 15_000;

/** Orders it, or says why it cannot be had. */
export const wanted: MachineStage<'wanted'> = async (pass) => {
  const { machine, cloud, world, signal } = pass;
  const order = {
    token: machine.token,
    owner: world.store.owner,
    domain: machine.domain,
    offer: machine.offer,
    machineType: machine.machineType,
    name: `wombat-${machine.token}`,
    boot: await firstBootOf(pass),
  };
  const [created] = await cloud.create([order], signal);
  if (created === undefined) return refusedBy(pass, new Fault('unknown', 'the provider did not answer the order'));
  return created.ok ? accepted(pass, created.owned) : refusedBy(pass, created.error);
};

function accepted(pass: MachinePass<'wanted'>, owned: Owned): MachineOutcome {
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
  const told = { level: 'error' as const, what: 'refused', words: why };
  if (code === 'no-capacity' || code === 'quota')
    pass.world.offers.refuse({ offer: pass.machine.offer, domain: pass.machine.domain, code, why, ...lasting(pass) });
  if (hopeless.has(code)) return becomeMachine(pass, { state: { phase: 'lost', since: nowOf(pass), why } }, told);
  if (pass.machine.state.why === why) return again(retryMs, why);
  return becomeMachine(pass, { state: { phase: 'wanted', why } }, told);
}
