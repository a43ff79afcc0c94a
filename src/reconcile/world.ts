/**
 * What all loops stand on: the store, the doors of the rooms that act, and the few things kept in memory. Nothing here
 * is a promise: whatever is in memory can be lost at any instruction and is found again from store, providers and hosts.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Cluster, ClusterDependencies } from '../cluster/cluster.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Host, HostLogin, HostRoot, KeyChanger } from '../host/host.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import type { Domain } from '../model/domain.ts';
import type { Access, SshAccess } from '../model/machine.ts';
import type { Head } from '../model/head.ts';
import type { ProcessIdentity } from '../model/node.ts';
import type { Facts, Planned, RebalanceRequest } from '../model/plan.ts';
import type { Why } from '../model/operation-tasks.ts';
import type { Provider } from '../model/provider.ts';
import type { Proof } from '../model/topology.ts';
import type { ArtifactStore } from '../release/release.ts';
import type { Store } from '../store/store.ts';
import { Moments } from './elapsed.ts';
import type { Hosts } from './hosts.ts';
import type { Listings } from './listings.ts';
import type { RepairView } from './repair-brake.ts';
import type { Offers } from './offers.ts';
import type { PlanGround } from './plan-ground.ts';
import type { Retention } from './retention.ts';
import type { Shares } from './shares.ts';

/** What the planner is asked. */
export interface PlanQuestion {
  readonly document: BlueprintDocument;
  readonly head: Pick<Head, 'nextOrdinal' | 'destroying' | 'revision'>;
  readonly facts: Facts;
  readonly seed: number;
  readonly rebalance?: RebalanceRequest | undefined;
}

/** The planner behind its worker thread. */
export interface Planner {
  plan(question: PlanQuestion): Promise<Planned>;
  close(): Promise<void>;
}

/** Doors that main opens and the loops use. */
export interface ReconcileDependencies {
  readonly store: Store;
  readonly artifacts: ArtifactStore;
  readonly planner: Planner;
  /** An adapter for that provider with these domains, wrapped; does no I/O. */
  openCloud(provider: Provider, domains: readonly Domain[]): Cloud;
  /** A host behind that access; connects when first used. */
  openHost(access: Access): Promise<Host>;
  /** The account behind that access, entered by that key only; keys are changed by itself or by root's program there. */
  openLogin(access: SshAccess, privateKey: string, by: KeyChanger): HostLogin;
  /** Root's acts behind that access: where first boot prepared the machine by its own door, else by root or sudo. */
  openHostRoot(access: Access, prepared: boolean): Promise<HostRoot>;
  /** The cluster room, given what it needs from the loops. */
  openCluster(needs: ClusterNeeds): Cluster;
  /** which keys are ours, where several control planes share the work; absent where one is alone */
  readonly shares?: Shares | undefined;
  /** how much of the past is kept; absent: all of it */
  readonly keep?: Retention | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What the cluster room is handed; see `ClusterDependencies` there. */
export type ClusterNeeds = Pick<ClusterDependencies, 'dial' | 'run' | 'cookies' | 'lost'>;

/** Has loops look at a key soon. */
export interface Wake {
  provider(name: string): void;
  blueprint(name: string): void;
  component(blueprint: string): void;
  machine(token: string): void;
  node(id: string): void;
  /** what the operations of a blueprint have come to */
  operation(blueprint: string): void;
}

/** A cluster that was proven well, and everything that this rests on besides what its nodes say. */
export interface Proven {
  /** what its scene was read from, and the releases */
  readonly sources: readonly unknown[];
  /** as the cluster room answered it */
  readonly proof: Proof;
  /** of its record */
  readonly version: number;
  /** when its nodes began to be asked, monotonic milliseconds: each of them has answered since */
  readonly at: number;
}

/** What is remembered between passes and may be forgotten at any time: it only makes us more patient or polite. */
export interface Memory {
  /** when a node that lives was first found silent, by node id, monotonic milliseconds */
  readonly silentSince: Map<string, number>;
  /** stops that were asked for, by node id and moment */
  readonly stopsAsked: Set<string>;
  /** when the running nodes of a blueprint were last looked at while others arrived, monotonic milliseconds */
  readonly settledAt: Map<string, number>;
  /** blueprints as they were last proven well, by their name */
  readonly proven: Map<string, Proven>;
  /** recorded moments and when they were met, by what they are of */
  readonly moments: Moments;
  /** what was told of machines and need not be told again, by machine and what */
  readonly told: Set<string>;
  /**
   * the process that is known to be the node's, by node id: seen by its start or on its host. Not known any more once its
   * connection is lost: what answers then may be another one, which a boot of the host has started
   */
  readonly seen: Map<string, ProcessIdentity>;
  /** when a node's connection was lost last, by node id, monotonic milliseconds */
  readonly lostAt: Map<string, number>;
  /** how long the last starts of a release took until the first answer, by machine and digest, milliseconds */
  readonly bootMs: Map<string, number>;
  /** since when a machine is missing from its provider's complete listings, by token, monotonic milliseconds */
  readonly unlisted: Map<string, number>;
  /** since when every order of a machine was refused, and when the last one was, by token, monotonic milliseconds */
  readonly refusals: Map<string, { readonly since: number; readonly lastAt: number }>;
  /** when a machine's provider was last asked to end it, by token, monotonic milliseconds */
  readonly endAsked: Map<string, number>;
  /** firewalls as they were last set, by provider or machine token; monotonic milliseconds */
  readonly firewalls: Map<string, { readonly wanted: string; readonly at: number }>;
  /** key pairs that are being made, by name of their secret */
  readonly making: Map<string, Promise<void>>;
  /**
   * blueprints whose current revision is being planned, or is planned to its end: all that it asks for is on record as
   * something to do. Whoever wakes a blueprint's loop has something new for it
   */
  readonly planned: Map<string, { readonly revision: number; over: boolean }>;
  /** what the last plan of a blueprint rested on that found nothing to do, by its name */
  readonly idleOn: Map<string, PlanGround>;
  /** since when this process has looked after a rollout, by its key and version; monotonic milliseconds */
  readonly rollouts: Map<string, number>;
  /** when a node of a rollout was last seen to wait for a machine, by node id; monotonic milliseconds */
  readonly waiting: Map<string, number>;
  /** when repairs at a provider were held last, monotonic milliseconds */
  readonly repairHeldAt: Map<string, number>;
  /** what seemed dead at a place a moment ago, by the place; monotonic milliseconds */
  readonly repairViews: Map<string, { readonly at: number; readonly view: Promise<RepairView> }>;
  /** when something of ours was last seen without a record, by the key of its record, monotonic milliseconds */
  readonly strays: Map<string, number>;
}

/** Nothing is remembered yet. */
export function emptyMemory(): Memory {
  return {
    silentSince: new Map(),
    stopsAsked: new Set(),
    settledAt: new Map(),
    proven: new Map(),
    moments: new Moments(),
    told: new Set(),
    seen: new Map(),
    lostAt: new Map(),
    bootMs: new Map(),
    unlisted: new Map(),
    refusals: new Map(),
    endAsked: new Map(),
    firewalls: new Map(),
    making: new Map(),
    planned: new Map(),
    idleOn: new Map(),
    rollouts: new Map(),
    waiting: new Map(),
    repairHeldAt: new Map(),
    repairViews: new Map(),
    strays: new Map(),
  };
}

/** Forgets everything but what is being made just now. */
export function forgetAll(memory: Memory): void {
  const { making: _, ...all } = memory;
  for (const remembered of Object.values(all)) remembered.clear();
}

/** The context of every pass. */
export interface World extends Omit<ReconcileDependencies, 'openCluster' | 'openHost' | 'openCloud'> {
  readonly hosts: Hosts;
  readonly offers: Offers;
  readonly listings: Listings;
  readonly cluster: Cluster;
  readonly wake: Wake;
  readonly why: Why;
  readonly memory: Memory;
}
