/** What the API is handed by main: narrow doors to those who plan and act. It never reaches a cloud or a node itself. */
import type { FindingView as Finding } from '../model/exchange.ts';
import type { Adopted, NodeAct } from '../model/exchange.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Plan, RebalanceRequest } from '../model/plan.ts';
import type { Proof } from '../model/topology.ts';

/** Everything that is not reading or writing the store. */
export interface Ports {
  /** Asks the providers what they have now, plans, and keeps the plan. Faults: invalid, not-found, denied, unavailable. */
  plan(document: BlueprintDocument, cause: string, signal: AbortSignal): Promise<Plan>;
  /** Plans moves to where the blueprint's nodes are better off, and keeps the plan. Faults as for `plan`. */
  rebalance(blueprint: string, request: RebalanceRequest, signal: AbortSignal): Promise<Plan>;
  /** Makes the plan's revision current. Faults: conflict when the facts changed since, unsatisfiable or unavailable when not all nodes have a place. */
  adopt(planId: string): Promise<Adopted>;
  /** Plans and adopts the same blueprint with another number of nodes in one family. */
  scale(blueprint: string, family: string, nodes: number, signal: AbortSignal): Promise<Adopted>;
  /** Everything goes, then the blueprint itself. */
  destroy(blueprint: string): Promise<void>;
  /** Start, stop, restart or terminate one node: records the wish and returns. */
  act(nodeId: string, act: NodeAct): Promise<void>;
  /** Proves the cluster now. */
  verify(blueprint: string, signal: AbortSignal): Promise<Proof>;
  checkProvider(name: string, signal: AbortSignal): Promise<readonly Finding[]>;
  logs(nodeId: string, lines: number, signal: AbortSignal): Promise<readonly string[]>;
  followLog(nodeId: string, lines: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Says that something in the store changed that the loops should look at. */
  wake(): void;
}
