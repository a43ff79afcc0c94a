/** A blueprint's nodes and runs as one pass sees them, kept in step with what the pass itself writes; others' as they were. */
import { acrossOf } from '../model/across.ts';
import type { Across, Linked } from '../model/across.ts';
import type { BlueprintDocument } from '../model/blueprint.ts';
import { familyOf, referenceTo } from '../model/link.ts';
import type { FamilyOf } from '../model/link.ts';
import type { Node } from '../model/node.ts';
import type { Run } from '../model/topology.ts';
import { linkedWith } from '../store/store.ts';
import type { Change, Store, Versioned } from '../store/store.ts';
import type { EventDraft } from '../model/event.ts';

/** Nodes by id, and runs by the nodes they were made between. */
export class Scene {
  readonly document: BlueprintDocument;
  /** what is on record of the blueprints that hang together with this one */
  readonly linked: Linked;
  readonly #store: Store;
  readonly #members = new Map<string, Versioned<Node>>();
  readonly #runs = new Map<string, Run[]>();
  /** what it was read from, as the store answered it; null once it was written to */
  #sources: readonly unknown[] | null = null;
  /** readings of the members, made when they are asked for */
  #nodes: readonly Node[] | null = null;
  readonly #families = new Map<string, readonly Node[]>();
  #others: ReadonlyMap<string, readonly Node[]> | null = null;

  private constructor(store: Store, document: BlueprintDocument, linked: Linked) {
    this.#store = store;
    this.document = document;
    this.linked = linked;
  }

  /** Reads the nodes and runs of a blueprint. */
  static async read(store: Store, document: BlueprintDocument): Promise<Scene> {
    const linked = await linkedWith(store, document.name);
    const scene = new Scene(store, document, linked);
    const nodes = await store.list('node', { blueprint: document.name });
    const runs = await store.list('run', { blueprint: document.name });
    for (const record of nodes) scene.#members.set(record.key, record);
    for (const { value } of runs) scene.#enter(value);
    scene.#sources = [document, linked, nodes, runs];
    return scene;
  }

  /**
   * What it was read from: the very same parts are the very same scene, whatever follows from it. Null once it was written to.
   * A store that does not keep its lists answers other ones each time, which tells nothing.
   */
  get sources(): readonly unknown[] | null {
    return this.#sources;
  }

  get nodes(): readonly Node[] {
    this.#nodes ??= [...this.#members.values()].map((member) => member.value);
    return this.#nodes;
  }

  /** The nodes of a family, of this blueprint or of one that it is linked with. */
  family(of: FamilyOf): readonly Node[] {
    if (of.blueprint !== this.document.name) {
      this.#others ??= Map.groupBy(this.linked.nodes, referenceTo);
      return this.#others.get(referenceTo(of)) ?? [];
    }
    const known = this.#families.get(of.family) ?? this.nodes.filter(({ family }) => family === of.family);
    this.#families.set(of.family, known);
    return known;
  }

  node(id: string): Node | undefined {
    return this.#members.get(id)?.value;
  }

  /** Runs that the node took part in, on either side. */
  runsOf(id: string): readonly Run[] {
    return this.#runs.get(id) ?? [];
  }

  get runs(): readonly Run[] {
    return [...new Set([...this.#runs.values()].flat())];
  }

  /** The edges that these nodes must have to nodes of other blueprints. */
  across(nodes: readonly Node[]): Across {
    return acrossOf(this.document, nodes, this.runs, this.linked);
  }

  /** Runs that tell of a node of the blueprint that is no more: it went while it was joined, before that was on record. */
  get outlived(): readonly Run[] {
    const ofOthers = [...this.#runs].flatMap(([id, runs]) =>
      this.#members.has(id) ? [] : runs.filter(({ node, strategy }) => node === id || familyOf(strategy) === undefined),
    );
    return [...new Set(ofOthers)];
  }

  /** Takes runs off the record that no longer say anything. */
  async drop(runs: readonly Run[], events: readonly EventDraft[]): Promise<void> {
    this.#sources = null;
    await this.#store.commit(
      runs.map(({ id }) => ({ remove: 'run', key: id, expect: null })),
      events,
    );
    for (const run of runs) this.#forget(run);
  }

  /** Writes a node's change with the runs that led to it. Fault conflict when somebody else wrote it meanwhile. */
  async write(node: Node, runs: readonly Run[], events: readonly EventDraft[]): Promise<void> {
    this.#sources = null;
    const version = this.#members.get(node.id)?.version ?? 0;
    const changes: Change[] = runs.map((run) => ({ put: 'run', key: run.id, value: run, expect: 0 }));
    const outdated = runs.flatMap((run) => this.#supersededBy(run));
    changes.push(...outdated.map((run): Change => ({ remove: 'run', key: run.id, expect: null })));
    await this.#store.commit([{ put: 'node', key: node.id, value: node, expect: version }, ...changes], events);
    this.#nodes = null;
    this.#families.delete(node.family);
    this.#members.set(node.id, { key: node.id, version: version + 1, value: node });
    for (const run of outdated) this.#forget(run);
    for (const run of runs) this.#remember(run);
  }

  /** Earlier runs of the same strategy between the same two: what counts is how it ended last. */
  #supersededBy(run: Run): Run[] {
    return this.runsOf(run.node).filter(
      (one) => one.node === run.node && one.peer === run.peer && one.strategy === run.strategy && one.step === run.step,
    );
  }

  #forget(run: Run): void {
    for (const id of run.peer === null ? [run.node] : [run.node, run.peer]) {
      this.#runs.set(
        id,
        this.runsOf(id).filter((one) => one.id !== run.id),
      );
    }
  }

  /** While it is being read: nobody holds the lists yet. */
  #enter(run: Run): void {
    for (const id of run.peer === null ? [run.node] : [run.node, run.peer]) {
      const known = this.#runs.get(id);
      if (known === undefined) this.#runs.set(id, [run]);
      else known.push(run);
    }
  }

  #remember(run: Run): void {
    for (const id of run.peer === null ? [run.node] : [run.node, run.peer]) {
      this.#runs.set(id, [...(this.#runs.get(id) ?? []), run]);
    }
  }
}
