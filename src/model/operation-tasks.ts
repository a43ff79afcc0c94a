/**
 * What an operation is made of: blueprint, machines, nodes by their families, joins, proof, each with its state and the
 * words of whoever does it. Computed from records, from the events since it began, and from what the loops last said;
 * nothing of it is kept while the operation runs. Pure.
 */
import type { BlueprintStatus } from './exchange.ts';
import type { Event } from './event.ts';
import type { Machine } from './machine.ts';
import { incarnationOf, isAsDesired, troubleOf } from './node.ts';
import type { Node } from './node.ts';
import { isAboutNode } from './operation.ts';
import type { Operation } from './operation.ts';
import { isUnderWay } from './rollout.ts';
import type { Rollout } from './rollout.ts';
import { stateOfAll } from './task.ts';
import type { Task, TaskState } from './task.ts';
import type { Run } from './topology.ts';

/** Loops that say why something waits. */
export const sayingLoops = ['blueprint', 'component', 'machine', 'node'] as const;
export type SayingLoop = (typeof sayingLoops)[number];

/** Why a loop did not go on with something when it last looked; null when it did, or nobody remembers. */
export type Why = (loop: SayingLoop, key: string) => string | null;

/** What tasks are computed from. */
export interface OperationScene {
  /** undefined: the blueprint is gone */
  readonly status: BlueprintStatus | undefined;
  readonly rollouts: readonly Rollout[];
  readonly runs: readonly Run[];
  /** the newest of the blueprint, at least those since the operation began as far as they are many */
  readonly events: readonly Event[];
  readonly why: Why;
}

/** The tree of an operation as things are now. */
export function operationTasks(operation: Operation, scene: OperationScene): Task {
  const { status } = scene;
  const tasks = status === undefined ? [] : partsOf(operation, status, scene);
  const { blueprint, node, state, words } = operation;
  const isOver = state !== 'running';
  return {
    name: isAboutNode(operation) ? (node?.name ?? '') : blueprint,
    state: isOver ? (state === 'succeeded' ? 'done' : 'failed') : openState(tasks),
    words: isOver || words !== '' ? words : (status?.words ?? ''),
    since: operation.ended ?? operation.begun,
    tasks,
  };
}

/** What runs is not done before somebody has found it done. */
function openState(tasks: readonly Task[]): TaskState {
  const state = stateOfAll(tasks);
  return state === 'failed' ? 'failed' : 'running';
}

function partsOf(operation: Operation, status: BlueprintStatus, scene: OperationScene): Task[] {
  const look = new Look(operation, status, scene);
  if (isAboutNode(operation)) {
    const node = status.nodes.find(({ id }) => id === operation.node?.id);
    return node === undefined ? [] : [look.node(node)];
  }
  const isEnd = operation.kind === 'destroy';
  const nodes = look.families();
  return [...(isEnd ? [] : [look.plan()]), ...look.machines(), ...nodes, ...(isEnd ? [] : [look.proof()])];
}

/** One look at everything. */
class Look {
  readonly #operation: Operation;
  readonly #status: BlueprintStatus;
  readonly #scene: OperationScene;
  /** what happened since it began */
  readonly #events: readonly Event[];
  /** the last trouble that was told of each node */
  readonly #trouble: ReadonlyMap<string, string>;

  constructor(operation: Operation, status: BlueprintStatus, scene: OperationScene) {
    this.#operation = operation;
    this.#status = status;
    this.#scene = scene;
    this.#events = scene.events.filter(({ at }) => at >= operation.begun);
    this.#trouble = new Map(
      this.#events.flatMap(({ object, level, what, words }) =>
        level === 'info' ? [] : [[object, `${what}: ${words}`] as const],
      ),
    );
  }

  plan(): Task {
    const { head } = this.#status;
    const { revision, begun } = this.#operation;
    const name = `plan of revision ${revision}`;
    if (head.stuck !== null) return { name, state: 'failed', words: head.stuck.why, since: null, tasks: [] };
    const why = this.#scene.why('blueprint', head.name);
    return { name, state: why === null ? 'done' : 'running', words: why ?? '', since: begun, tasks: [] };
  }

  machines(): Task[] {
    const tasks = this.#status.machines.map((machine) => this.#machine(machine));
    if (tasks.length === 0) return [];
    const ready = this.#status.machines.filter(({ state }) => state.phase === 'ready').length;
    const leaving = this.#status.machines.filter(({ state }) => state.phase === 'destroying').length;
    const words = `${ready} of ${tasks.length - leaving} ready${leaving === 0 ? '' : `, ${leaving} given back`}`;
    return [{ name: 'machines', state: stateOfAll(tasks), words, since: null, tasks }];
  }

  #machine({ offer, token, state }: Machine): Task {
    const states: Readonly<Record<Machine['state']['phase'], TaskState>> = {
      wanted: 'running',
      booting: 'running',
      ready: 'done',
      unreachable: 'failed',
      lost: 'failed',
      destroying: 'running',
    };
    const own = 'why' in state ? state.why : null;
    const said = state.phase === 'ready' ? null : this.#scene.why('machine', token);
    return {
      name: offer,
      state: states[state.phase],
      words: joined(state.phase, own ?? said),
      since: 'since' in state ? state.since : null,
      tasks: [],
    };
  }

  families(): Task[] {
    const byFamily = Map.groupBy(this.#status.nodes, ({ family }) => family);
    const gone = Map.groupBy(this.#gone(), ({ name }) => /^(.+?)-\d+@/.exec(name)?.[1] ?? '');
    const names = new Set([...this.#status.families.map(({ name }) => name), ...byFamily.keys(), ...gone.keys()]);
    return [...names].map((name) => this.#family(name, byFamily.get(name) ?? [], gone.get(name) ?? []));
  }

  #family(name: string, nodes: readonly Node[], gone: readonly Task[]): Task {
    const view = this.#status.families.find((family) => family.name === name);
    const wanted = this.#operation.kind === 'destroy' ? 0 : (view?.wanted ?? 0);
    const running = nodes.filter(({ state }) => state.phase === 'running').length;
    const all = nodes.map((node) => ({ node, task: this.node(node) })).sort((a, b) => a.node.ordinal - b.node.ordinal);
    const concerned = all.filter(({ node, task }) => task.state !== 'done' || this.#isNews(node));
    const rest = all.length - concerned.length;
    const untouched: Task[] =
      rest === 0 ? [] : [{ name: counted(rest), state: 'done', words: 'as before', since: null, tasks: [] }];
    const tasks = [...untouched, ...concerned.map(({ task }) => task), ...gone];
    const lacking = wanted > nodes.length ? ('waiting' as const) : ('done' as const);
    return {
      name,
      state: stateOfAll([...tasks, { state: lacking }]),
      words: `${running} of ${wanted} running`,
      since: null,
      tasks,
    };
  }

  /** Whether it came into its phase since the operation began. */
  #isNews({ state, createdAt }: Node): boolean {
    return ('since' in state ? state.since : createdAt) >= this.#operation.begun;
  }

  node(node: Node): Task {
    const { state, failures } = node;
    const gate = this.#gateOf(node);
    const isSettled = node.desired !== 'removed' && isAsDesired(node) && gate === null;
    const trouble = troubleOf(node);
    const last = state.phase === 'failed' ? state.log.at(-1) : undefined;
    const own = 'why' in state ? state.why : this.#scene.why('node', node.id);
    const often = trouble !== null && failures > 1 ? `failed ${failures} times` : null;
    const wrote = last === undefined ? null : `it wrote last: ${last}`;
    const told = isSettled || trouble !== null ? null : (this.#trouble.get(node.name) ?? null);
    const words = isSettled ? [state.phase] : [joined(state.phase, own), gate, often, wrote, told];
    return {
      name: node.name,
      state: trouble !== null ? 'failed' : isSettled ? 'done' : state.phase === 'waiting' ? 'waiting' : 'running',
      words: words.filter((one) => one !== null).join('; '),
      since: 'since' in state ? state.since : node.createdAt,
      tasks: this.#joins(node),
    };
  }

  /** Before which gate of a rollout a changed node stands; null where it has passed all. */
  #gateOf({ id, family }: Node): string | null {
    const rollout = this.#scene.rollouts.find((one) => one.family === family && isUnderWay(one));
    const progress = rollout?.nodes[id];
    if (progress === undefined || progress.gate === null) return null;
    return `before its gate "${progress.gate}"${progress.words === '' ? '' : `: ${progress.words}`}`;
  }

  /** What was done for the present process of the node, in order. */
  #joins(node: Node): Task[] {
    const incarnation = incarnationOf(node);
    const own = this.#scene.runs.filter((run) => run.node === node.id && run.incarnation === incarnation);
    return own
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map(({ step, peerName, outcome, words, at }) => ({
        name: `${step === 'none' ? 'bootstrap' : step}${peerName === null ? '' : ` ${peerName}`}`,
        state: outcome === 'failed' ? 'failed' : 'done',
        words,
        since: at,
        tasks: [],
      }));
  }

  /** Nodes of which no record is left. */
  #gone(): Task[] {
    const there = new Set(this.#status.nodes.map(({ name }) => name));
    const removed = this.#events.filter(({ kind, what, object }) => {
      return kind === 'node' && what === 'removed' && !there.has(object);
    });
    return removed.map(({ object, words, at }) => ({
      name: object,
      state: 'done',
      words: `removed: ${words}`,
      since: at,
      tasks: [],
    }));
  }

  proof(): Task {
    const { proof, proofOutdated, nodes, head } = this.#status;
    const wanted = nodes.filter(({ desired }) => desired === 'running');
    if (proof === null || proofOutdated === true) {
      const why = this.#scene.why('component', head.name);
      const words = why ?? (wanted.length === 0 ? 'no node is to run' : 'once every node runs');
      return { name: 'proof', state: wanted.length === 0 ? 'done' : 'waiting', words, since: null, tasks: [] };
    }
    const { ok, verdict, at, faults } = proof;
    const tasks = faults.map(({ kind, words }): Task => ({ name: kind, state: 'failed', words, since: at, tasks: [] }));
    return { name: 'proof', state: ok ? 'done' : 'failed', words: verdict, since: at, tasks };
  }
}

function joined(phase: string, why: string | null): string {
  return why === null || why === '' ? phase : `${phase}: ${why}`;
}

function counted(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
