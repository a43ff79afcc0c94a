/** The room, opened: the kept connections and what is done over them. */
import { boundCall } from './bound-call.ts';
import { checked } from './check.ts';
import { openCookies } from './cookies.ts';
import type { Cookies } from './cookies.ts';
import { askedToStop, declaredView, probed } from './declared.ts';
import { complaintOf } from './judge.ts';
import { Introductions } from './introductions.ts';
import { Links } from './links.ts';
import { NamesInUse, ownNames } from './own-names.ts';
import { raised } from './outcome.ts';
import { prove } from './prove.ts';
import { Sayings } from './sayings.ts';
import { openShell } from './shell/remote-shell.ts';
import type { RemoteShell } from './shell/remote-shell.ts';
import { bindingsOf, runCall, runStep, stepMs } from './step.ts';
import { readView, viewCall } from './view.ts';
import { asAtom, asTuple, connectNode, formatTerm } from '../erlang/erlang.ts';
import type { Answer, Term } from '../erlang/erlang.ts';
import { nothingAcross } from '../model/across.ts';
import type { Across } from '../model/across.ts';
import type { ActionStep } from '../model/bootstrap.ts';
import type { CallAnswer, ShellSettings } from '../model/exchange.ts';
import type { Node } from '../model/node.ts';
import type { Edge, Proof } from '../model/topology.ts';
import type { HealthCheck } from '../model/update.ts';
import type { BoundCall } from './bound-call.ts';
import type {
  Cluster,
  ClusterDependencies,
  ClusterOptions,
  NodeView,
  ProofMember,
  StepContext,
  StepOutcome,
} from './cluster.ts';
import type { StepRunner } from './step.ts';

/** How long a node may take to say something of itself, milliseconds. */
const askMs = 10_000;
const settleMs = 3_000;

/** Longest text of what a call returned, characters. */
const valueMax = 4 * 2 ** 20;

/** Opens the room. Does no I/O: connections are made when they are needed. */
export function openCluster(deps: ClusterDependencies, options: ClusterOptions = {}): Cluster {
  return new LinkedCluster(deps, options);
}

class LinkedCluster implements Cluster {
  readonly #runner: StepRunner;
  readonly #settleMs: number;
  readonly #names: NamesInUse;
  readonly cookies: Cookies;
  readonly #introductions: Introductions;
  readonly #sayings = new Sayings((node, signal) => this.#unread(node, viewCall, signal));

  constructor(deps: ClusterDependencies, options: ClusterOptions) {
    const { names = ownNames, connect = connectNode } = options;
    this.#names = new NamesInUse(names);
    const settings = { names: this.#names, connect };
    this.#runner = { deps, links: new Links(deps, settings) };
    this.cookies = openCookies(deps, this.#runner.links, settings);
    this.#introductions = new Introductions(this.#runner);
    this.#settleMs = options.settleMs ?? settleMs;
  }

  async answers(node: Node, signal?: AbortSignal): Promise<boolean> {
    const { commands } = node.specification;
    if (commands !== undefined) return probed(this.#runner, node, commands, signal);
    const [internal] = asTuple(await this.#ask(node, bootStatus, signal), 2) ?? [];
    return asAtom(internal) === 'started';
  }

  async view(node: Node, signal?: AbortSignal): Promise<NodeView> {
    const { commands } = node.specification;
    if (commands !== undefined) return declaredView(this.#runner, node, commands, signal);
    return readView(node.name, await this.#ask(node, viewCall, signal));
  }

  step(step: ActionStep, context: StepContext, signal?: AbortSignal): Promise<StepOutcome> {
    return runStep(this.#runner, step, context, signal);
  }

  async call(node: Node, text: string, signal?: AbortSignal): Promise<StepOutcome> {
    const call = boundCall(text, bindingsOf({ fresh: node, peer: null }));
    const timeoutMs = Math.max(stepMs, node.specification.stopSeconds * 1000);
    return runCall(this.#runner, { node, call, timeoutMs }, signal);
  }

  async value(node: Node, text: string, signal?: AbortSignal): Promise<CallAnswer> {
    const call = boundCall(text, bindingsOf({ fresh: node, peer: null }));
    try {
      const erlang = await this.#runner.links.to(node, signal);
      const within = { timeoutMs: stepMs, signal };
      return { ok: true, text: formatTerm(await erlang.call(call.module, call.function, call.args, within), valueMax) };
    } catch (error) {
      return { ok: false, text: raised(error, call, node.name).words };
    }
  }

  shell(node: Node, options: ShellSettings): Promise<RemoteShell> {
    return openShell(this.#runner.deps, this.#names, node, options);
  }

  async stop(node: Node, signal?: AbortSignal): Promise<boolean> {
    const { commands } = node.specification;
    if (commands !== undefined) return askedToStop(this.#runner, node, commands, signal);
    await this.#ask(node, stopCall, signal);
    return true;
  }

  prove(
    blueprint: string,
    members: readonly ProofMember[],
    edges: readonly Edge[],
    { across = nothingAcross, signal }: { readonly across?: Across; readonly signal?: AbortSignal } = {},
  ): Promise<Proof> {
    const { clock } = this.#runner.deps;
    return this.#sayings.noting((heard) => {
      const view = async (node: Node, stop?: AbortSignal) => {
        if (node.specification.commands !== undefined) return this.view(node, stop);
        const answer = await this.#unread(node, viewCall, stop);
        heard(node, answer);
        return readView(node.name, answer.term());
      };
      return prove({ view, clock, settleMs: this.#settleMs }, { blueprint, members, edges, across }, signal);
    });
  }

  sayTheSame(proof: Proof, nodes: readonly Node[], signal?: AbortSignal): Promise<boolean> {
    return this.#sayings.areTheSame(proof, nodes, signal);
  }

  introduce(nodes: readonly Node[], peers: readonly Node[], signal?: AbortSignal): Promise<void> {
    return this.#introductions.introduce(nodes, peers, signal);
  }

  part(node: Node, peers: readonly Node[], signal?: AbortSignal): Promise<void> {
    return this.#introductions.part(node, peers, signal);
  }

  async complaint(member: ProofMember, neighbours: readonly string[], signal?: AbortSignal): Promise<string | null> {
    return complaintOf(member, await this.view(member.node, signal), neighbours);
  }

  check(node: Node, check: HealthCheck, signal?: AbortSignal): Promise<StepOutcome> {
    return checked(this.#runner, node, check, signal);
  }

  forget(nodeId: string): void {
    this.#introductions.forget(nodeId);
    this.#runner.links.forget(nodeId);
  }

  close(): Promise<void> {
    this.#runner.links.close();
    return Promise.resolve();
  }

  async #ask(node: Node, { module, function: name, args }: BoundCall, signal?: AbortSignal): Promise<Term> {
    const erlang = await this.#runner.links.to(node, signal);
    return erlang.call(module, name, args, { timeoutMs: askMs, signal });
  }

  async #unread(node: Node, { module, function: name, args }: BoundCall, signal?: AbortSignal): Promise<Answer> {
    const erlang = await this.#runner.links.to(node, signal);
    return erlang.ask(module, name, args, { timeoutMs: askMs, signal });
  }
}

/** `{InternalStatus, ProvidedStatus}`; `started` when the boot script, the release's applications with it, is through. */
const bootStatus: BoundCall = { module: 'init', function: 'get_status', args: [] };
const stopCall: BoundCall = { module: 'init', function: 'stop', args: [] };
