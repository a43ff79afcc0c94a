/** What is on record, as the observer of a simulation knows it: every commit that was made, applied to plain maps. */
import { acrossOf, nothingAcross } from '../../src/model/across.ts';
import type { Across, Linked } from '../../src/model/across.ts';
import type { BlueprintDocument } from '../../src/model/blueprint.ts';
import type { Head } from '../../src/model/head.ts';
import { LinkMap } from '../../src/model/link.ts';
import type { Machine } from '../../src/model/machine.ts';
import type { Node } from '../../src/model/node.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Run } from '../../src/model/topology.ts';
import type { Change, Kind } from '../../src/store/store.ts';
import type { Timeline } from './timeline.ts';

/** The records that invariants look at. */
export class Ledger {
  readonly #timeline: Timeline;
  #linked: { readonly documents: readonly BlueprintDocument[]; readonly map: LinkMap } = {
    documents: [],
    map: new LinkMap([]),
  };
  readonly machines = new Map<string, Machine>();
  readonly nodes = new Map<string, Node>();
  readonly heads = new Map<string, Head>();
  readonly documents = new Map<string, BlueprintDocument>();
  readonly runs = new Map<string, Run>();
  readonly operations = new Map<string, Operation>();
  /** when records of machines and nodes were removed, by key, milliseconds */
  readonly gone = new Map<string, number>();
  /** values that nobody may ever see, by name */
  readonly secrets = new Map<string, string>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** A commit was made. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change) this.#mapOf(change.put)?.set(change.key, documented(change));
      else {
        this.#mapOf(change.remove)?.delete(change.key);
        if (change.remove === 'machine' || change.remove === 'node') this.gone.set(change.key, this.#timeline.now);
      }
    }
  }

  /** The nodes of a blueprint that should run. */
  wanted(blueprint: string): readonly Node[] {
    return [...this.nodes.values()].filter((node) => node.blueprint === blueprint && node.desired === 'running');
  }

  /** The bootstrap runs of a blueprint. */
  runsOf(blueprint: string): readonly Run[] {
    return [...this.runs.values()].filter((run) => run.blueprint === blueprint);
  }

  /** The edges that the nodes of a blueprint must have to those of another that it is linked with. */
  across(document: BlueprintDocument): Across {
    if (this.heads.size < 2) return nothingAcross;
    const map = this.links();
    const near = new Set(map.nearby(document.name));
    const isNear = ({ blueprint }: Node | Run) => near.has(blueprint);
    const linked: Linked = {
      ...{ map, destroying: new Set() },
      nodes: [...this.nodes.values()].filter(isNear),
      runs: [...this.runs.values()].filter(isNear),
    };
    return acrossOf(document, this.wanted(document.name), this.runsOf(document.name), linked);
  }

  /** How the present documents hang together. */
  links(): LinkMap {
    const documents = [...this.heads.keys()].flatMap((name) => this.documentOf(name) ?? []);
    const known = this.#linked;
    const isSame =
      documents.length === known.documents.length && documents.every((one, at) => one === known.documents[at]);
    if (!isSame) this.#linked = { documents, map: new LinkMap(documents) };
    return this.#linked.map;
  }

  /** The machines of a provider. */
  machinesOf(provider: string): readonly Machine[] {
    return [...this.machines.values()].filter((machine) => machine.provider === provider);
  }

  /** The document that a blueprint is at. */
  documentOf(blueprint: string): BlueprintDocument | undefined {
    const head = this.heads.get(blueprint);
    return head === undefined ? undefined : this.documents.get(`${blueprint}@${head.revision}`);
  }

  #mapOf(kind: Kind): Map<string, unknown> | null {
    switch (kind) {
      case 'machine':
        return this.machines;
      case 'node':
        return this.nodes;
      case 'blueprint':
        return this.heads;
      case 'revision':
        return this.documents;
      case 'run':
        return this.runs;
      case 'operation':
        return this.operations;
      default:
        return null;
    }
  }
}

function documented(change: Extract<Change, { put: Kind }>): unknown {
  return change.put === 'revision' ? change.value.document : change.value;
}
