/** A stage of a machine's life: handed the record, it answers what the machine becomes or when to look again. */
import { timestamp } from '../../base/clock.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { Cloud } from '../../cloud/cloud.ts';
import type { Domain } from '../../model/domain.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Machine, MachinePhase } from '../../model/machine.ts';
import type { Provider } from '../../model/provider.ts';
import type { Change } from '../../store/store.ts';
import { elapsedSince } from '../elapsed.ts';
import type { World } from '../world.ts';

/** A machine in one of its phases. */
export type MachineIn<P extends MachinePhase['phase']> = Machine & {
  readonly state: Extract<MachinePhase, { phase: P }>;
};

/** The machine changes: written, told, and looked at again at once. */
export interface BecomeMachine {
  readonly outcome: 'become';
  readonly machine: Machine;
  readonly event: EventDraft | null;
}
/** The record is to be deleted: nothing of the machine is left. */
export interface VanishMachine {
  readonly outcome: 'vanish';
  readonly event: EventDraft;
  /** what is written with its end */
  readonly also?: readonly Change[];
}
export type MachineOutcome = Outcome | BecomeMachine | VanishMachine;

/** What a stage is handed. */
export interface AnyMachinePass {
  readonly world: World;
  readonly machine: Machine;
  readonly provider: Provider;
  readonly domain: Domain;
  readonly cloud: Cloud;
  readonly signal: AbortSignal;
}
/** The same for a machine that is known to be in one of these phases. */
export interface MachinePass<P extends MachinePhase['phase']> extends AnyMachinePass {
  readonly machine: MachineIn<P>;
}
export type MachineStage<P extends MachinePhase['phase']> = (
  pass: MachinePass<P>,
) => Promise<MachineOutcome> | MachineOutcome;

interface Told {
  readonly what: string;
  readonly words: string;
  readonly level?: EventDraft['level'];
}

/** The machine in another phase. */
export function becomeMachine(pass: AnyMachinePass, change: Partial<Machine>, told?: Told): BecomeMachine {
  const machine = { ...pass.machine, ...change };
  return { outcome: 'become', machine, event: told === undefined ? null : machineEvent(pass.machine, told) };
}

/** An event about a machine. */
export function machineEvent(machine: Machine, told: Told): EventDraft {
  return {
    level: told.level ?? 'info',
    kind: 'machine',
    object: machine.offer,
    blueprint: null,
    what: told.what,
    words: told.words,
  };
}

/** The present moment as the store writes it. */
export function nowOf(pass: AnyMachinePass): string {
  return timestamp(pass.world.clock);
}

/** Milliseconds since the machine came to be in its state, whatever became of the clock. */
export function msSince(pass: AnyMachinePass, since: string): number {
  return elapsedSince(pass.world, pass.machine.token, since);
}
