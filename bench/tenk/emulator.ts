/**
 * Erlang nodes that an emulator of a simulated host becomes. What they say is said by the protocol (`OwnNode`); whom they
 * see follows from the calls that they are asked to make, from their cookies and from the deaths of others, as in OTP:
 * a node of a full mesh that connects to another brings the two meshes together, a hidden connection is handed on to nobody.
 */
import type { Duplex } from 'node:stream';
import { systemClock } from '../../src/base/clock.ts';
import { ErlangError, OwnNode, asAtom, asList, atom, tuple } from '../../src/erlang/erlang.ts';
import type { OfferedFunction, OfferedFunctions, Term } from '../../src/erlang/erlang.ts';
import type { Emulator, EmulatorStart, SimulatedHost } from './host.ts';

/** What OTP 25 announces, and we can be sent: pass-through. */
const otp25Flags = 0xd_07df_7fbdn & ~0x80_2000n;

/** What a boot file starts. */
interface Booted {
  readonly script: Term;
  readonly applications: Term;
}

const booted = new Map<string, Booted>();

/** All Erlang nodes of one run. */
export class ErlangWorld {
  readonly nodes = new Map<string, SimulatedNode>();
  /** how many were ever started */
  started = 0;

  /** Boots an emulator. Throws with what it would write before it halts. */
  boot(start: EmulatorStart): Emulator {
    const node = new SimulatedNode(this, start);
    if (this.nodes.has(node.fullName)) throw new Error(`the name ${node.fullName} seems to be in use`);
    this.nodes.set(node.fullName, node);
    this.started += 1;
    return node;
  }
}

function valueOf(args: readonly string[], flag: string): string {
  const value = args[args.indexOf(flag) + 1];
  if (!args.includes(flag) || value === undefined) throw new Error(`there is no ${flag}`);
  return value;
}

function kernelParameter(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg, index) => arg === name && args[index - 1] === '-kernel');
  return at < 0 ? undefined : args[at + 1];
}

/** One node. */
export class SimulatedNode implements Emulator {
  readonly fullName: string;
  readonly name: string;
  readonly port: number;
  readonly visible = new Set<SimulatedNode>();
  readonly hidden = new Set<SimulatedNode>();
  readonly #world: ErlangWorld;
  readonly #cookies = new Map<string, string>();
  readonly #cookie: string;
  readonly #connectsAll: boolean;
  readonly #own: OwnNode;
  readonly #streams = new Set<Duplex>();

  constructor(world: ErlangWorld, { host, pid, args, environment, ended }: EmulatorStart) {
    this.#world = world;
    this.fullName = valueOf(args, '-name');
    this.name = this.fullName.split('@')[0] ?? '';
    if (this.fullName !== `${this.name}@${host.address}`) throw new Error(`${this.fullName} is not of this host`);
    const [first, last] = ['inet_dist_listen_min', 'inet_dist_listen_max'].map((one) => kernelParameter(args, one));
    if (first === undefined || first !== last) throw new Error('there is no one port for distribution');
    this.port = Number(first);
    this.#connectsAll = !args.includes('-connect_all');
    const home = environment.get('HOME') ?? '';
    const cookie = host.files.text(`${home}/.erlang.cookie`);
    if (cookie === undefined || cookie === '') throw new Error(`there is no cookie in ${home}`);
    this.#cookie = cookie;
    checkEpmd(host, environment);
    const functions = this.#functions(readBoot(host, valueOf(args, '-boot')), pid, ended);
    const dial = (): Promise<never> => Promise.reject(new Error('simulated nodes do not dial'));
    const identity = { name: this.fullName, cookie, clock: systemClock, dial, flags: otp25Flags };
    this.#own = new OwnNode({ ...identity, functions });
  }

  /** Somebody dials its port. */
  accept(stream: Duplex): void {
    this.#streams.add(stream);
    stream.on('close', () => this.#streams.delete(stream));
    this.#own.accept(stream, { timeoutMs: 10_000 }).catch(() => stream.destroy());
  }

  end(): void {
    this.#world.nodes.delete(this.fullName);
    for (const peer of this.visible) peer.visible.delete(this);
    for (const peer of this.hidden) peer.hidden.delete(this);
    this.#own.close();
    for (const stream of this.#streams) stream.end();
  }

  #functions(boot: Booted, pid: number, ended: () => void): OfferedFunctions {
    const functions: Record<string, OfferedFunction> = {
      'erlang:node/0': () => atom(this.fullName),
      'erlang:nodes/1': ([which]) => names(asAtom(which) === 'hidden' ? this.hidden : this.visible),
      'init:get_status/0': () => tuple(atom('started'), atom('started')),
      'init:script_id/0': () => boot.script,
      'application:which_applications/0': () => boot.applications,
      'os:getpid/0': () => charsOf(String(pid)),
      'net_kernel:connect_node/1': ([peer]) => atom(String(this.#connect(asAtom(peer) ?? '', 'visible'))),
      'net_kernel:hidden_connect_node/1': ([peer]) => atom(String(this.#connect(asAtom(peer) ?? '', 'hidden'))),
      'init:stop/0': () => {
        setImmediate(ended);
        return atom('ok');
      },
    };
    functions['lists:zipwith3/4'] = async ([, modules, called, args], caller) =>
      Promise.all(
        (asList(modules) ?? []).map(async (module, at) => {
          const given = asList((asList(args) ?? [])[at]) ?? [];
          const name = `${asAtom(module) ?? ''}:${asAtom((asList(called) ?? [])[at]) ?? ''}/${given.length}`;
          const found = functions[name];
          if (found === undefined) throw new ErlangError('error', atom('undef'));
          return found(given, caller);
        }),
      );
    functions['lists:zipwith/3'] = ([, peers, cookies]) => this.#setCookies(asList(peers) ?? [], asList(cookies) ?? []);
    functions['lists:map/2'] = ([, peers]) => (asList(peers) ?? []).map((peer) => this.#disconnect(asAtom(peer) ?? ''));
    return functions;
  }

  #setCookies(peers: readonly Term[], cookies: readonly Term[]): Term {
    return peers.map((peer, at) => {
      this.#cookies.set(asAtom(peer) ?? '', asAtom(cookies[at]) ?? '');
      return atom('true');
    });
  }

  #disconnect(name: string): Term {
    const peer = this.#world.nodes.get(name);
    if (peer === undefined) return atom('ignored');
    for (const [one, other] of [
      [this, peer],
      [peer, this],
    ] as const) {
      one.visible.delete(other);
      one.hidden.delete(other);
    }
    return atom('true');
  }

  #cookieFor(peer: SimulatedNode): string {
    return this.#cookies.get(peer.fullName) ?? this.#cookie;
  }

  /** A handshake has one cookie: that which the one who dials has for the other, and the other for all it was told nothing of. */
  #connect(name: string, how: 'visible' | 'hidden'): boolean {
    const peer = this.#world.nodes.get(name);
    if (peer === undefined || peer === this) return peer === this;
    if (this.visible.has(peer) || this.hidden.has(peer)) return true;
    if (this.#cookieFor(peer) !== peer.#cookieFor(this)) return false;
    if (how === 'hidden') {
      this.hidden.add(peer);
      peer.hidden.add(this);
      return true;
    }
    for (const one of this.#mesh()) for (const other of peer.#mesh()) one.#meet(other);
    return true;
  }

  #mesh(): readonly SimulatedNode[] {
    return this.#connectsAll ? [this, ...this.visible] : [this];
  }

  #meet(other: SimulatedNode): void {
    if (this === other || this.#cookieFor(other) !== other.#cookieFor(this)) return;
    this.visible.add(other);
    other.visible.add(this);
  }
}

/** Text as Erlang's strings are. */
function charsOf(text = ''): Term {
  return [...Buffer.from(text)];
}

function names(nodes: ReadonlySet<SimulatedNode>): Term {
  return [...nodes].map(({ fullName }) => atom(fullName));
}

/** An emulator that is told not to start epmd finds one that serves its address, or halts. */
function checkEpmd({ epmd, address }: SimulatedHost, environment: ReadonlyMap<string, string>): void {
  const serves =
    epmd !== null && String(epmd.port) === environment.get('ERL_EPMD_PORT') && epmd.addresses.includes(address);
  if (!serves) throw new Error('Protocol inet_tcp: register/listen error: econnrefused');
}

/** Release and applications by the `.rel` file beside the boot file. */
function readBoot(host: SimulatedHost, boot: string): Booted {
  if (host.files.text(`${boot}.boot`) === undefined) throw new Error(`cannot get bootfile ${boot}.boot`);
  const folder = boot.slice(0, boot.lastIndexOf('/'));
  const name = [...(host.files.folderAt(folder)?.entries.keys() ?? [])].find((one) => one.endsWith('.rel'));
  const text = host.files.text(`${folder}/${name ?? ''}`) ?? '';
  const known = booted.get(text) ?? bootedBy(text);
  booted.set(text, known);
  return known;
}

function bootedBy(text: string): Booted {
  const [, name = '', version = ''] = /\{release,\{"([^"]+)","([^"]+)"\}/.exec(text) ?? [];
  const applications = [...text.matchAll(/\{([a-z_]+),"([^"]+)"(,load|,none)?/g)].filter(([, one]) => one !== 'erts');
  const started = applications.filter(([, , , how]) => how === undefined);
  return {
    script: tuple(charsOf(name), charsOf(version)),
    applications: started.map(([, one = '', vsn]) => tuple(atom(one), [], charsOf(vsn))),
  };
}
