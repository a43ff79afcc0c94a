/** What the API is handed by main: narrow doors to those who plan and act. It never reaches a cloud or a node itself. */
import type { Adopted, CallAnswer, ExecuteAnswer, NodeAct, ShellPiece, ShellSettings } from '../model/exchange.ts';
import type { Asked, Operation, OperationView } from '../model/operation.ts';
import type { Plan, PlanWish, RebalanceRequest } from '../model/plan.ts';
import type { FindingView as Finding, ProviderCallsView } from '../model/exchange.ts';
import type { Replica } from '../model/replica.ts';
import type { Rotation } from '../model/rotation.ts';
import type { Stray, SweepRequest, SweepView } from '../model/sweep.ts';
import type { Proof } from '../model/topology.ts';

/** Everything that is not reading or writing the store. */
export interface Ports {
  /** Asks the providers what they have now, plans, and keeps the plan. Faults: invalid, not-found, denied, unavailable, conflict. */
  plan(wish: PlanWish, signal: AbortSignal): Promise<Plan>;
  /** Plans moves to where the blueprint's nodes are better off, and keeps the plan. Faults as for `plan`. */
  rebalance(blueprint: string, request: RebalanceRequest, signal: AbortSignal): Promise<Plan>;
  /** Makes the plan's revision current. Faults: conflict when the facts changed since, unsatisfiable or unavailable when not all nodes have a place. */
  adopt(planId: string, asked: Asked): Promise<Adopted>;
  /** Plans and adopts the same blueprint with another number of nodes in one family. */
  scale(blueprint: string, family: string, size: FamilySize, signal: AbortSignal): Promise<Adopted>;
  /** Has the cookies of a blueprint's components replaced, or only that of one family's: records the wish and returns. */
  rotateCookies(blueprint: string, family: string | null): Promise<readonly Rotation[]>;
  /** Has the SSH key of a provider's machines replaced by this one, or by one of ours: records the wish and returns. Faults: not-found, invalid, conflict. */
  rotateKey(provider: string, privateKey: string | null): Promise<Rotation>;
  /** Everything goes, then the blueprint itself. Fault conflict while others link to it, unless it is forced. */
  destroy(blueprint: string, asked: Asked): Promise<Operation>;
  /** Start, stop, restart or terminate one node: records the wish and returns. */
  act(nodeId: string, act: NodeAct, asked: Asked): Promise<Operation>;
  /** An operation with its tasks as they are now. Fault not-found. */
  operation(id: string): Promise<OperationView>;
  /** Takes an operation back for the token of that name; answers the operation that does it. Faults: not-found, conflict (it has ended). */
  cancel(operation: string, by: string): Promise<Operation>;
  /** Proves the cluster now. */
  verify(blueprint: string, signal: AbortSignal): Promise<Proof>;
  checkProvider(name: string, signal: AbortSignal): Promise<readonly Finding[]>;
  /** Runs a command beside a node, in its folder and with its environment. */
  execute(nodeId: string, command: string, signal: AbortSignal): Promise<ExecuteAnswer>;
  /** Makes an Erlang call on a node. */
  call(nodeId: string, call: string, signal: AbortSignal): Promise<CallAnswer>;
  /** Opens a shell on a node. */
  shell(nodeId: string, options: ShellSettings): Promise<ShellSession>;
  /** What a provider was asked since the control plane started. */
  providerCalls(provider: string): ProviderCallsView;
  /** All control planes that share the work, and what each looks after. */
  replicas(): readonly Replica[];
  /** Removes what is ours at a provider and on no record; answers what is left and why, a sentence each. */
  emptyProvider(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Takes a provider's machines and their nodes off the record, asking nobody; answers what may be left. */
  forgetMachines(provider: string, by: string): Promise<readonly string[]>;
  /** Looks at a provider, or at all, for what is ours and on no record. Fault not-found. */
  lookForStrays(provider: string | null, signal: AbortSignal): Promise<SweepView>;
  /** Writes down that exactly these are to go, and returns. Fault not-found for what is no stray (any more). */
  removeStrays(request: SweepRequest, by: string, signal: AbortSignal): Promise<readonly Stray[]>;
  logs(nodeId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  followLog(nodeId: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Says that something in the store changed that the loops should look at. */
  wake(): void;
}

/** How many nodes a family is to have, and who asks for it. */
export interface FamilySize {
  readonly nodes: number;
  readonly asked: Asked;
}

/** A shell that is open. */
export interface ShellSession {
  /** What is to be shown, in order; to be read once. */
  pieces(): AsyncIterable<ShellPiece>;
  type(line: string): void;
  interrupt(): void;
  close(): Promise<void>;
}
