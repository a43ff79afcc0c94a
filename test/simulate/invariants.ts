/**
 * The invariants of the design, one function each, asked at every step that could break one: before a call leaves for a
 * provider or a machine, when a process begins, when a commit is tried. What breaks one is written down with its moment;
 * the run ends there.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Cloud, Order } from '../../src/cloud/cloud.ts';
import { ownNames } from '../../src/cluster/own-names.ts';
import type { NodeOrder } from '../../src/host/host.ts';
import { expectedEdges } from '../../src/model/component.ts';
import type { EventDraft } from '../../src/model/event.ts';
import type { Machine } from '../../src/model/machine.ts';
import { incarnationOf } from '../../src/model/node.ts';
import type { Node, ProcessIdentity } from '../../src/model/node.ts';
import { proofSubject } from '../../src/model/topology.ts';
import { cookieSecretName, formerSecretName } from '../../src/model/secret.ts';
import type { Edge, Proof } from '../../src/model/topology.ts';
import type { Change } from '../../src/store/store.ts';
import type { ProviderWitness } from './cloud-seam.ts';
import type { GuestWitness } from './erlang-seam.ts';
import type { ErlangProcess } from './erlang-world.ts';
import type { HostWitness } from './host-seam.ts';
import type { Ledger } from './ledger.ts';
import type { SimulatedMachine } from './machines.ts';
import type { StoreWitness } from './mortal-store.ts';
import type { Site } from './provider.ts';
import type { Timeline } from './timeline.ts';

/** An invariant that was broken. */
export interface Violation {
  /** `I4`, or what else must hold: `lost intent`, `stuck`, `orphan` */
  readonly of: string;
  /** milliseconds from the beginning */
  readonly at: number;
  readonly words: string;
}

/** What is ours without a record is left alone for so long, milliseconds. */
const graceMs = 30_000;
/** A node that answered within that time is not ended for its silence, milliseconds. */
const silenceMs = 25_000;
const justNowMs = 20_000;
/** What of a node a guest may call: what every node has loaded, and what the blueprint names. */
const allowedCalls: ReadonlySet<string> = new Set([
  ...['init:get_status', 'init:stop', 'lists:zipwith3', 'net_kernel:connect_node'],
  ...['erlang:get_cookie', 'erlang:set_cookie', 'lists:zipwith', 'lists:map'],
  ...['ants_colony:joined', 'ants_colony:join', 'ants_colony:drain', 'ants_master:forget'],
]);

/** What tells a process from all others. */
function incarnation({ bootId, pid, startTime }: ProcessIdentity): string {
  return `${bootId}:${pid}:${startTime}`;
}

interface Seen {
  readonly at: number;
  readonly visible: ReadonlySet<string>;
  readonly digest: string;
}

/** Watches a run. */
export class Invariants implements ProviderWitness, HostWitness, GuestWitness, StoreWitness {
  readonly violations: Violation[] = [];
  readonly #timeline: Timeline;
  readonly #ledger: Ledger;
  readonly #owner: string;
  /** what each process said of itself last */
  readonly #seen = new Map<ErlangProcess, Seen>();
  /** what was said last in each name */
  readonly #newest = new Map<string, Seen>();
  /** when each process was silent last: until now where it still is */
  readonly #silences = new WeakMap<ErlangProcess, { readonly since: number; until: number | null; isHeard: boolean }>();
  readonly #names = new WeakMap<ErlangProcess, Set<string>>();
  /** when each process began, by what tells it from others */
  readonly #births = new Map<string, number>();
  /** the newest generation of each node, and when it was asked for */
  readonly #asked = new Map<string, { readonly generation: number; readonly at: number }>();
  /** The machine of a token as it is. */
  machineOf: (token: string) => SimulatedMachine | undefined = () => undefined;
  /** Where the machine of a token really stands, and since when; null for nowhere. */
  stands: (provider: string, token: string) => { readonly bornAt: number } | null = () => null;

  constructor(timeline: Timeline, ledger: Ledger, owner: string) {
    this.#timeline = timeline;
    this.#ledger = ledger;
    this.#owner = owner;
  }

  /** Something that must hold does not. */
  report(of: string, words: string): void {
    this.violations.push({ of, at: this.#timeline.now, words });
  }

  #require(holds: boolean, of: string, words: () => string): void {
    if (!holds) this.report(of, words());
  }

  ordered(site: Site, orders: readonly Order[]): void {
    for (const order of orders) this.#intentBeforeOrder(site, order);
  }

  starting(order: NodeOrder): void {
    this.#intentBeforeStart(order);
  }

  /** I1: a machine is on record, at that provider, before the provider is asked for it. */
  #intentBeforeOrder(site: Site, { token, domain, owner, offer }: Order): void {
    const record = this.#ledger.machines.get(token);
    const isSo = record?.provider === site.name && record.domain === domain && record.offer === offer;
    this.#require(
      isSo && owner === this.#owner,
      'I1',
      () => `${site.name} is asked for ${token}, which is not on record so`,
    );
  }

  /** I1: a node is on record, wanted and about to be started, before its machine is asked to start it. */
  #intentBeforeStart({ id, name, specification, placement }: NodeOrder): void {
    const node = this.#ledger.nodes.get(id);
    const isSo =
      node?.name === name &&
      isDeepStrictEqual(node.placement, placement) &&
      (isDeepStrictEqual(node.specification, specification) || node.desired !== 'running' || node.generation > 1);
    this.#require(isSo, 'I1', () => `node ${id} (${name}) is started, and not on record so`);
  }

  /** I2: no process begins while another of the same node, or of the same name, lives. */
  born(process: ErlangProcess, alive: readonly ErlangProcess[]): void {
    this.#births.set(incarnation(process.identity), this.#timeline.now);
    const twin = alive.find((other) => other !== process && (other.id === process.id || other.name === process.name));
    this.#require(twin === undefined, 'I2', () => {
      const there = `${twin?.id ?? ''} lives on ${twin?.machine ?? ''} as pid ${twin?.identity.pid ?? 0}`;
      return `${process.name} (${process.id}) begins on ${process.machine}, and ${there}`;
    });
  }

  /** I4: nothing is ended at a provider but what is ours, and is on record to be ended or was on none for a grace time. */
  endingOwned(site: Site, owned: Parameters<Cloud['destroy']>[0]): void {
    const { id, token, kind, owner } = owned;
    this.#require(owner === this.#owner, 'I4', () => `${id} of ${owner} is ended at ${site.name}`);
    if (kind === 'beside') {
      this.#endingBeside(site, id);
      return;
    }
    const record = token === null ? undefined : this.#ledger.machines.get(token);
    if (record === undefined) {
      this.#require(
        this.#isDue(token ?? id, site.bornAt(id)),
        'I4',
        () => `${id} is ended before its grace time is over`,
      );
      return;
    }
    const isTwin = record.providerId !== null && record.providerId !== id;
    if (isTwin) return;
    this.#endsEmpty(record);
    const { phase } = record.state;
    this.#require(phase === 'destroying', 'I4', () => `${id} is ended, and its record ${token ?? ''} is ${phase}`);
  }

  /** I3: a machine is ended when no node of it is on record any more: each of them has its own end. */
  #endsEmpty({ token }: Machine): void {
    const left = [...this.#ledger.nodes.values()].filter(({ placement }) => placement.machine === token);
    this.#require(left.length === 0, 'I3', () => `${token} is ended, and ${left[0]?.name ?? ''} is on record there`);
  }

  /** I3: the record of a machine goes when it stands no more, or its giving up is told. One that has just come is for the sweep. */
  #recordOutlives(token: string, events: readonly EventDraft[]): void {
    const record = this.#ledger.machines.get(token);
    const standing = record === undefined ? null : this.stands(record.provider, token);
    if (standing === null || events.some(({ what }) => what === 'abandoned')) return;
    const isNew = this.#timeline.now - standing.bornAt < graceMs;
    this.#require(isNew, 'I3', () => `${token} is forgotten, and stands at ${record?.provider ?? ''}`);
  }

  /** I3: the record of a node goes when nothing of it is left on its machine, or what is left is told. */
  #nothingIsLeft(id: string, events: readonly EventDraft[]): void {
    const isTold = events.some(({ words }) => words !== 'nothing of it is left');
    const machine = isTold ? undefined : this.machineOf(this.#ledger.nodes.get(id)?.placement.machine ?? '');
    this.#require(
      machine?.folders.has(id) !== true,
      'I3',
      () => `${id} is forgotten, and its folder is on ${machine?.key ?? ''}`,
    );
  }

  /** I9: what is told is true: a node that went with its host has not died by itself. */
  #diedByItself(name: string): void {
    const node = [...this.#ledger.nodes.values()].find((one) => one.name === name);
    const process = node !== undefined && 'process' in node.state ? node.state.process : null;
    const bootId = this.machineOf(node?.placement.machine ?? '')?.bootId;
    const isSo = process === null || bootId === undefined || process.bootId === bootId;
    this.#require(isSo, 'I9', () => `${name} is told to have died, and its host was booted anew`);
  }

  /** I9: what is told is true: a machine that is called deleted does not stand. */
  #toldTruly({ token, provider, state }: Machine): void {
    const isAccused = state.phase === 'lost' && state.why.includes('it was deleted, and not by us');
    this.#require(
      !isAccused || this.stands(provider, token) === null,
      'I9',
      () => `${token} is called deleted, and stands`,
    );
  }

  /** I1: what is wanted stopped or gone does not set out to run. */
  #staysDown({ id, name, desired, state: { phase } }: Node): void {
    const before = this.#ledger.nodes.get(id);
    const setsOut = phase === 'installing' || phase === 'starting';
    const isSo = !setsOut || desired === 'running' || before?.desired === 'running' || before?.state.phase === phase;
    this.#require(isSo, 'I1', () => `${name} is wanted ${desired}, and is ${phase}`);
  }

  /** No lost intents: what was asked for since a node was read is not written over. */
  #staysWanted({ id, name, generation }: Node): void {
    const asked = this.#ledger.nodes.get(id)?.generation ?? 0;
    const words = () => `generation ${asked} of ${name} was asked for, and is written over by ${generation}`;
    this.#require(generation >= asked, 'lost intent', words);
  }

  /** No lost intents: what is on record as started as it was asked for last began after that, and is no former process. */
  #startedSince({ id, name, generation, startedGeneration, state }: Node): void {
    const known = this.#asked.get(id);
    // what is taken back is what it was
    const isBack = known !== undefined && generation < known.generation;
    if (known?.generation !== generation)
      this.#asked.set(id, { generation, at: isBack ? -Infinity : this.#timeline.now });
    const process = 'process' in state ? state.process : null;
    if (known?.generation !== generation || startedGeneration !== generation || process === null) return;
    const bornAt = this.#births.get(incarnation(process)) ?? Infinity;
    const words = () => `${name} is on record as started again, and ${process.pid} is who it was before`;
    this.#require(bornAt >= known.at, 'lost intent', words);
  }

  #endingBeside(site: Site, id: string): void {
    // the pair of a key that opens none on record serves nobody: the provider was forgotten, and registered anew
    if (id.startsWith('key ') && !site.isOpenedBy(id, this.#owner, this.#ledger.machines)) return;
    const users = [...this.#ledger.machines.values()].filter(
      ({ provider, state }) => provider === site.name && state.phase !== 'destroying' && state.phase !== 'lost',
    );
    this.#require(
      users.length === 0,
      'I4',
      () => `${id} is removed at ${site.name}, where ${users.length} machines are`,
    );
  }

  #isDue(key: string, bornAt: number): boolean {
    const since = Math.max(this.#ledger.gone.get(key) ?? 0, bornAt);
    const isLastLook = [...this.#ledger.heads.values()].some(({ destroying }) => destroying);
    return isLastLook || this.#timeline.now - since >= graceMs;
  }

  endingNode(machine: SimulatedMachine | undefined, id: string): void {
    const process = machine?.folders.get(id)?.process ?? null;
    if (process === null || process.phase === 'dead') return;
    this.#mayEnd(process, machine);
  }

  /** No moment in which we cannot enter what is ours: while a key is replaced one of the two opens it. */
  shutOut({ key }: SimulatedMachine, keySecret: string): void {
    this.report('shut out', `${key} lets in neither ${keySecret} nor what it was before`);
  }

  stopping(process: ErlangProcess): void {
    this.#mayEnd(process, undefined);
  }

  /**
   * I5, and I4 for nodes: a process is ended only where its record wants it to end, where it has been silent for long, or
   * where it is on no record: for a grace time, or on a machine that is being given back.
   */
  #mayEnd(process: ErlangProcess, machine: SimulatedMachine | undefined): void {
    const node = this.#ledger.nodes.get(process.id);
    if (node === undefined) {
      const isGivenBack = machine === undefined || !this.#isInUse(machine);
      const isDue = isGivenBack || this.#isDue(process.id, 0);
      this.#require(isDue, 'I4', () => `${process.name} is ended before its grace time is over`);
      return;
    }
    const { phase } = node.state;
    const runs = phase === 'running' || phase === 'started';
    if (!runs || node.desired !== 'running' || node.generation > node.startedGeneration) return;
    this.#require(
      this.#silentMs(process) >= silenceMs,
      'I5',
      () => `${process.name} is ended, which runs as it should`,
    );
  }

  #isInUse(machine: SimulatedMachine): boolean {
    return [...this.#ledger.machines.values()].some(
      ({ providerId, provider, state }) =>
        (machine.key === providerId || machine.key === `${provider}/${providerId ?? ''}`) &&
        state.phase !== 'destroying',
    );
  }

  /**
   * From now on, or no more, a process does not answer. Where it fell silent again before it had answered anything of ours, it
   * is one silence: more cannot be known of it.
   */
  silence(process: ErlangProcess, isSilent: boolean): void {
    const known = this.#silences.get(process);
    if (isSilent && known?.until !== null) {
      const since = known?.isHeard === false ? known.since : this.#timeline.now;
      this.#silences.set(process, { since, until: null, isHeard: false });
    }
    if (!isSilent && known?.until === null) known.until = this.#timeline.now;
  }

  /** A process has answered something of ours. */
  answered(process: ErlangProcess): void {
    const known = this.#silences.get(process);
    if (known !== undefined && known.until !== null) known.isHeard = true;
  }

  /** How long it has been silent, or was until a moment ago: what is decided takes its time to be done. */
  #silentMs(process: ErlangProcess): number {
    const { since, until } = this.#silences.get(process) ?? { since: Infinity, until: null };
    const now = this.#timeline.now;
    if (until === null) return now - since;
    return now - until < justNowMs ? until - since : 0;
  }

  /** I6: we go by a few fixed names, and a node never learns more of them than these. */
  attached(process: ErlangProcess, self: string): void {
    const known = this.#names.get(process) ?? new Set();
    this.#names.set(process, known.add(self));
    const isOurs = (ownNames as readonly string[]).includes(self);
    this.#require(isOurs && known.size <= ownNames.length, 'I6', () => `${process.name} is attached to as ${self}`);
  }

  /** I6: nothing is called at a node but what it has loaded already. */
  called(process: ErlangProcess, call: string): void {
    this.#require(allowedCalls.has(call), 'I6', () => `${call} is called on ${process.name}`);
  }

  /** I6: nothing is changed at nodes that others link to: who links speaks the other's cookie. */
  introduced({ id, name }: ErlangProcess): void {
    const links = this.#ledger.links();
    const { blueprint = '' } = this.#ledger.nodes.get(id) ?? {};
    const isOnlyLinkedTo = links.linksTo(blueprint).length > 0 && links.linksFrom(blueprint).length === 0;
    this.#require(!isOnlyLinkedTo, 'I6', () => `${name} is told cookies, and its blueprint links to nobody`);
  }

  viewed(process: ErlangProcess): void {
    const visible = new Set([...process.visible].map(({ name }) => name));
    const seen = { at: this.#timeline.now, visible, digest: process.digest };
    this.#seen.set(process, seen);
    this.#newest.set(process.name, seen);
  }

  committing(changes: readonly Change[], events: readonly EventDraft[]): void {
    for (const change of changes) {
      if (!('put' in change)) {
        if (change.remove === 'machine') this.#recordOutlives(change.key, events);
        if (change.remove === 'node') this.#nothingIsLeft(change.key, events);
        continue;
      }
      if (change.put === 'machine') this.#toldTruly(change.value);
      if (change.put === 'node') this.#staysDown(change.value);
      if (change.put === 'proof') this.#provenNotAssumed(change.value);
      this.#reasonForState(change);
    }
    for (const event of events) this.#reasonForEvent(event);
    for (const { what, object } of events) if (what === 'died') this.#diedByItself(object);
  }

  committed(changes: readonly Change[]): void {
    for (const change of changes) {
      if (!('put' in change) || change.put !== 'node') continue;
      this.#staysWanted(change.value);
      this.#startedSince(change.value);
    }
    this.#ledger.apply(changes);
  }

  /** What a store acknowledges is done, all of it; what it refuses is not. */
  broken(words: string): void {
    this.report('lost write', words);
  }

  sealed(name: string, value: string): void {
    this.#ledger.secrets.set(name, value);
  }

  /** I7: what a cookie was is forgotten when all of its component have said that they see each other by the new one. */
  forgetting(name: string): void {
    const nodes = [...this.#ledger.nodes.values()].filter(
      ({ blueprint, specification }) => formerSecretName(cookieSecretName(blueprint, specification.component)) === name,
    );
    const blueprint = nodes[0]?.blueprint ?? '';
    const document = this.#ledger.documentOf(blueprint);
    if (document === undefined || this.#ledger.heads.get(blueprint)?.destroying === true) return;
    const running = nodes.filter(({ desired, state }) => desired === 'running' && state.phase === 'running');
    const views = this.#viewsOf(running);
    const unseen = ([one, other]: Edge) => {
      const [its, theirs] = [views.get(one), views.get(other)];
      return its !== undefined && theirs !== undefined && !(its.has(other) && theirs.has(one));
    };
    const missing = expectedEdges(document, running, this.#ledger.runsOf(blueprint)).find(unseen);
    const words = () => `${name} is forgotten, and ${missing?.join(' and ') ?? ''} do not see each other`;
    this.#require(missing === undefined, 'I7', words);
  }

  /** Whom those see that have said so a moment ago, by their names. */
  #viewsOf(nodes: readonly Node[]): ReadonlyMap<string, ReadonlySet<string>> {
    const views = new Map<string, ReadonlySet<string>>();
    const ids = new Map(nodes.map((node) => [incarnationOf(node), node.name]));
    for (const [{ identity }, { at, visible }] of this.#seen) {
      const name = ids.get(incarnation(identity));
      if (name !== undefined && this.#timeline.now - at < justNowMs) views.set(name, visible);
    }
    return views;
  }

  /** I7: what is recorded as proven is what every node said of itself, each process of each node that should run. */
  #provenNotAssumed({ ok, subject, blueprint, at }: Proof): void {
    const document = this.#ledger.documentOf(blueprint);
    if (!ok || document === undefined) return;
    const wanted = this.#ledger.wanted(blueprint);
    const across = this.#ledger.across(document);
    if (subject !== proofSubject(wanted, across.subject)) return;
    const sights = new Map<string, Seen>();
    for (const [process, seen] of this.#seen) {
      sights.set(incarnation(process.identity), seen);
    }
    for (const node of wanted) {
      const seen = sights.get(incarnationOf(node) ?? '');
      const newest = this.#newest.get(node.name);
      const other = newest === undefined || newest === seen ? null : node.name;
      this.#require(other === null, 'I7', () => `${blueprint} is proven, and another process speaks as ${node.name}`);
      const isSo = seen?.digest === node.specification.digest && this.#timeline.now - seen.at < 60_000;
      this.#require(isSo, 'I7', () => `${blueprint} is proven at ${at}, and ${node.name} has not said so`);
    }
    const seenBy = (name: string) =>
      wanted.filter((node) => node.name === name).map((node) => sights.get(incarnationOf(node) ?? ''))[0]?.visible;
    const edges = expectedEdges(document, wanted, this.#ledger.runsOf(blueprint));
    const unseen = across.edges.find(([mine, theirs]) => seenBy(mine)?.has(theirs) !== true);
    const words = () =>
      `${blueprint} is proven, and ${unseen?.[0] ?? ''} does not see ${unseen?.[1] ?? ''} of another blueprint`;
    this.#require(unseen === undefined, 'I7', words);
    const missing = edges.find(([one, other]) => seenBy(one)?.has(other) !== true || seenBy(other)?.has(one) !== true);
    this.#require(
      missing === undefined,
      'I7',
      () => `${blueprint} is proven, and ${missing?.join(' and ') ?? ''} do not see each other`,
    );
  }

  /** I8: no value that was sealed stands in a text that somebody may read. */
  secretsStay(where: string, text: string): void {
    for (const [name, value] of this.#ledger.secrets) {
      const telling = value.includes('\n') ? (value.split('\n')[2] ?? value) : value;
      this.#require(!text.includes(telling), 'I8', () => `the value of ${name} stands in ${where}`);
    }
  }

  /** I9: what happened is told with its cause. */
  #reasonForEvent({ what, words, object }: EventDraft): void {
    this.#require(
      what !== '' && words !== '' && object !== '',
      'I9',
      () => `an event of ${object} says nothing: ${what}`,
    );
  }

  /** I9: whoever waits, failed or is lost says why. */
  #reasonForState(change: Extract<Change, { put: string }>): void {
    const state = 'state' in change.value ? change.value.state : undefined;
    const isMute = typeof state === 'object' && 'why' in state && state.why === '';
    const stuck = change.put === 'blueprint' ? change.value.stuck : null;
    this.#require(!isMute && stuck?.why !== '', 'I9', () => `${change.put} ${change.key} does not say why`);
  }
}
