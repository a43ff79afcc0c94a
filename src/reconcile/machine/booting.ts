/**
 * The machine exists; its shell is awaited, then it is measured and becomes a place for nodes.
 *
 * One that is made for us has no address at first: its provider is asked, in one listing for all that boot there. What it
 * shows first is a host key that serves once. It is then told to make its own, which is recorded here before the machine
 * shows it: whenever we die, the key that is on record or the first one opens the door.
 */
import { Fault, wordsOf } from '../../base/fault.ts';
import { again } from '../../base/outcome.ts';
import type { MachineFacts } from '../../base/machine-facts.ts';
import type { Machine, SshAccess } from '../../model/machine.ts';
import { forgetFirstBoot, isPrepared } from './first-boot.ts';
import { sighted } from './sighting.ts';
import { becomeMachine, msSince, nowOf } from './stage.ts';
import type { MachineOutcome, MachinePass, MachineStage } from './stage.ts';

const lookMs = 1_000;

/** Ready once it answers; given up when it has not within the boot time of its domain. */
export const booting: MachineStage<'booting'> = async (pass) => {
  const { machine, signal } = pass;
  try {
    const news = await sighted(pass);
    if (news !== null) return news;
    const { access } = machine;
    if (access?.method === 'ssh' && isPrepared(pass)) return await enter(pass, access);
    const facts = await factsOf(pass, machine);
    await forgetFirstBoot(pass.world, machine.token);
    return ready(pass, machine, facts);
  } catch (error) {
    if (signal.aborted) throw error;
    return notYet(pass, error);
  }
};

/** A machine that we prepared: by the key of its own where that is on record, else by the one that serves once. */
async function enter(pass: MachinePass<'booting'>, access: SshAccess): Promise<MachineOutcome> {
  const { state } = pass.machine;
  if (state.hostKey === null) {
    const hostKey = await asRoot(pass, access, (root) => root.newHostKey(pass.signal));
    return becomeMachine(pass, { state: { ...state, hostKey } });
  }
  const own = { ...pass.machine, access: { ...access, hostKey: state.hostKey } };
  const facts = await factsOf(pass, own).catch(async (error: unknown) => {
    if (pass.signal.aborted) throw error;
    // the switch was not made yet, or nobody answers at all: then this says so
    await asRoot(pass, access, (root) => root.useHostKey(pass.signal));
    return null;
  });
  if (facts === null) return again(lookMs / 4, 'its host key is being changed');
  // From here on the first key opens nothing any more, whether what follows is recorded or not.
  await forgetFirstBoot(pass.world, own.token);
  return ready(pass, own, facts);
}

async function asRoot<T>(
  { world }: MachinePass<'booting'>,
  access: SshAccess,
  act: (root: Awaited<ReturnType<typeof world.openHostRoot>>) => Promise<T>,
): Promise<T> {
  const root = await world.openHostRoot(access, true);
  try {
    return await act(root);
  } finally {
    await root.close();
  }
}

async function factsOf({ world, signal }: MachinePass<'booting'>, machine: Machine): Promise<MachineFacts> {
  return await (await world.hosts.of(machine)).facts(signal);
}

function ready(pass: MachinePass<'booting'>, { access }: Machine, facts: MachineFacts): MachineOutcome {
  const { cores, memoryBytes, diskFreeBytes, os, arch, libc } = facts;
  return becomeMachine(
    pass,
    {
      access,
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
  const { domain, cloud, machine } = pass;
  const why = wordsOf(error);
  const seconds = domain.definition.bootSeconds ?? cloud.traits.bootMs / 1_000;
  const late = msSince(pass, machine.state.since) > seconds * 1_000;
  // While a machine boots that we prepare, it shows its image's host key and lets nobody in: that passes.
  const refused = error instanceof Fault && error.code === 'denied' && !isPrepared(pass);
  if (!late && !refused) return again(lookMs, why);
  const words = refused ? why : `it did not answer within ${seconds} s of its order: ${why}`;
  return becomeMachine(
    pass,
    { state: { phase: 'lost', since: nowOf(pass), why: words } },
    { level: 'error', what: 'lost', words },
  );
}
