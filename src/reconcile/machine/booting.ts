/** The machine exists; its shell is awaited, then it is measured and becomes a place for nodes. */
import { Fault, wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import type { MachineFacts } from '../../base/machine-facts.ts';
import { becomeMachine, msSince, nowOf } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const lookMs = 1_000;

/** Ready once it answers; given up when it has not within the cloud's boot time. */
export const booting: MachineStage<'booting'> = async (pass) => {
  const { world, machine, signal } = pass;
  try {
    const host = await world.hosts.of(machine);
    return ready(pass, await host.facts(signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return notYet(pass, error);
  }
};

function ready(pass: MachinePass<'booting'>, facts: MachineFacts): MachineOutcome {
  const { cores, memoryBytes, diskFreeBytes, os, arch, libc } = facts;
  return becomeMachine(
    pass,
    {
      capacity: { cores, memoryBytes, diskFreeBytes },
      platform: { os, arch, libc, libraries: [...facts.libraries] },
      state: { phase: 'ready', since: nowOf(pass) },
    },
    {
      what: 'ready',
      words: `${facts.hostname}: ${os} ${arch}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 20)} MiB`,
    },
  );
}

function notYet(pass: MachinePass<'booting'>, error: unknown): MachineOutcome {
  const why = wordsOf(error);
  const late = msSince(pass, pass.machine.state.since) > pass.cloud.traits.bootMs;
  const refused = error instanceof Fault && error.code === 'denied';
  if (!late && !refused) return again(lookMs, why);
  const words = refused ? why : `it did not answer within ${pass.cloud.traits.bootMs / 1_000} s of its order: ${why}`;
  return becomeMachine(
    pass,
    { state: { phase: 'lost', since: nowOf(pass), why: words } },
    { level: 'error', what: 'lost', words },
  );
}
