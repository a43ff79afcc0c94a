/** A whole simulated world: time, chance, providers, machines, Erlang nodes, the control plane's disk, and who watches. */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { MemoryWorld } from '../../src/cloud/memory/memory.ts';
import { loginKeySecretName } from '../../src/model/secret.ts';
import type { Inspection } from '../../src/model/release.ts';
import { sampleRelease } from '../kit/records.ts';
import { ErlangWorld } from './erlang-world.ts';
import type { Wire } from './host-seam.ts';
import { Invariants } from './invariants.ts';
import { Ledger } from './ledger.ts';
import { MachinePark } from './machines.ts';
import type { SimulatedMachine } from './machines.ts';
import { Disk } from './mortal-store.ts';
import { Site, siteKinds } from './provider.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';

/** The versions of a release that work, by digest. */
export const digests = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`] as const;
/** One that dies while it boots, wherever it is started. */
export const badDigest = `sha256:${'c'.repeat(64)}`;
/** One that runs, and whose application does not. */
export const lameDigest = `sha256:${'d'.repeat(64)}`;
const uploads = [...digests, badDigest, lameDigest];

/** How large a world is. */
export interface WorldSize {
  readonly nodes: number;
  readonly providers: number;
  /** whether there is a second blueprint, linked to the first, at a provider of its own */
  readonly isLinked?: boolean;
}

/** The world of one run. */
export class SimulatedWorld {
  readonly chance: Random;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly erlang: ErlangWorld;
  readonly park: MachinePark;
  readonly sites: readonly Site[];
  /** where those of the first blueprint may be */
  readonly mainSites: readonly Site[];
  /** where the nodes of the second blueprint are; null in a world of one */
  readonly ownSite: Site | null;
  readonly disk: Disk;
  readonly ledger: Ledger;
  readonly invariants: Invariants;
  readonly wire: Wire = { broken: 0, slowMs: 40, isMute: false };
  readonly releases: ReadonlyMap<string, Inspection>;
  readonly size: WorldSize;
  /** longest way to the store, milliseconds: none for a file, some for a server */
  storeSlowMs = 0;
  /** whether the store does not answer at all */
  storeIsAway = false;
  /** networks between machines that are cut: pairs of machine keys reach each other only within a side */
  #sides: ReadonlyMap<string, number> = new Map();

  constructor(seed: number, size: WorldSize) {
    this.chance = seededRandom(seed);
    this.size = size;
    this.timeline = new Timeline(this.chance);
    this.trace = new Trace(this.timeline);
    this.erlang = new ErlangWorld(this.timeline, this.chance, this.trace);
    this.park = new MachinePark(this.timeline, this.erlang, this.chance, this.trace);
    const around = { memory: new MemoryWorld(), park: this.park, chance: this.chance };
    this.mainSites = Array.from({ length: size.providers }, (_, at) => {
      const kind = siteKinds[at % siteKinds.length] ?? 'grid';
      return new Site({ name: `${kind}${at >= siteKinds.length ? at : ''}`, kind }, around);
    });
    this.ownSite = size.isLinked === true ? new Site({ name: 'apiary', kind: 'stack' }, around) : null;
    this.sites = this.ownSite === null ? this.mainSites : [...this.mainSites, this.ownSite];
    this.disk = new Disk(this, this.chance);
    for (const site of this.sites) site.opening = () => this.disk.held.opening(loginKeySecretName(site.name));
    this.ledger = new Ledger(this.timeline);
    this.invariants = new Invariants(this.timeline, this.ledger, this.disk.owner);
    this.releases = new Map(uploads.map((digest, at) => [digest, inspectionOf(at)]));
    this.erlang.doomed.add(badDigest);
    this.erlang.lame.add(lameDigest);
    this.erlang.reaches = (one, other) => this.#sideOf(one) === this.#sideOf(other);
    this.invariants.machineOf = (token) => {
      const { provider = '', providerId = null } = this.ledger.machines.get(token) ?? {};
      return providerId === null
        ? undefined
        : (this.park.get(providerId) ?? this.park.get(`${provider}/${providerId}`));
    };
    this.invariants.stands = (provider, token) => {
      const site = this.site(provider);
      const found = site.standing(this.disk.owner).find((one) => one.token === token);
      return found === undefined ? null : { bornAt: site.bornAt(found.id) };
    };
    this.erlang.onBirth((process) => this.invariants.born(process, this.erlang.alive));
  }

  site(name: string): Site {
    const found = this.sites.find((site) => site.name === name);
    if (found === undefined) throw new Error(`there is no provider ${name}`);
    return found;
  }

  /** The machines that providers made for us and that stand, each with where it stands. */
  get made(): readonly { readonly site: Site; readonly id: string }[] {
    const makers = this.sites.filter(({ kind }) => kind !== 'rack');
    return makers.flatMap((site) => site.standing(this.disk.owner).map(({ id }) => ({ site, id })));
  }

  /** A machine, and with it every node on it, is out of our reach, or in it again. */
  reach(machine: SimulatedMachine, isReachable: boolean): void {
    machine.isReachable = isReachable;
    for (const process of machine.processes) this.invariants.silence(process, !isReachable);
  }

  /** Puts the releases on record, as an upload does. */
  async uploadReleases(): Promise<void> {
    const store = this.disk.store;
    await store.commit(
      uploads.map((digest, at) => ({
        ...{ put: 'release', key: digest, expect: 0 },
        value: sampleRelease({ digest, version: versionOf(at), inspection: inspectionOf(at) }),
      })),
    );
  }

  /** Cuts the network: machines on different sides do not reach each other any more. None: it is whole again. */
  divide(sides: ReadonlyMap<string, number>): void {
    this.#sides = sides;
    this.erlang.cutUnreachable();
  }

  /** A line went to the control plane's log. */
  logged(line: string): void {
    this.invariants.secretsStay('the log', line);
  }

  #sideOf(machine: string): number {
    return this.#sides.get(machine) ?? 0;
  }
}

function versionOf(at: number): string {
  return `1.${at}.0`;
}

function inspectionOf(at: number): Inspection {
  const { inspection } = sampleRelease();
  const version = versionOf(at);
  return { ...inspection, version, applications: [{ name: 'ants', version, start: 'permanent' }] };
}
