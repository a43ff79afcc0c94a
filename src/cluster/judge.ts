/**
 * The judgement of a cluster (I7), pure: what every member says it sees, against what it should see. Only a node's own
 * view counts. A node that cannot be seen is one fault, not one for each of its edges; edges of which an end is unseen
 * count as not proven. An edge to a node of another blueprint is judged from our end; the other end is in the proof of the
 * other blueprint, which expects it, too.
 */
import { nothingAcross } from '../model/across.ts';
import type { Across } from '../model/across.ts';
import { proofSubject } from '../model/topology.ts';
import type { Edge, Proof, TopologyFault } from '../model/topology.ts';
import type { NodeView, ProofMember } from './cluster.ts';

/** What was learnt of one member: its own view, or in words why there is none. */
export type Sight =
  | { readonly member: ProofMember; readonly seen: true; readonly view: NodeView }
  | { readonly member: ProofMember; readonly seen: false; readonly why: string };

/** A proof before it is dated and filed. */
export type Judgement = Omit<Proof, 'blueprint' | 'at'>;

/** The counts of a judgement. */
type Figures = Pick<
  Judgement,
  'nodesExpected' | 'nodesSeen' | 'edgesExpected' | 'edgesSeen' | 'edgesAcross' | 'extraEdges'
>;

/** A broken mesh of thousands would fill the store with millions of faults: the counts tell the rest. */
const faultsKept = 100;
/** names shown of what a node sees, before `and 12 more` */
const namesShown = 8;

/** A connection that one member has and the topology does not. */
interface Stray {
  readonly from: string;
  readonly to: string;
}

/** Everything the rules look at, indexed once. */
interface Scene {
  readonly sights: readonly Sight[];
  readonly members: ReadonlySet<string>;
  readonly views: ReadonlyMap<string, NodeView>;
  readonly visible: ReadonlyMap<string, ReadonlySet<string>>;
  /** expected edges by their key */
  readonly expected: ReadonlyMap<string, Edge>;
  readonly across: Across;
  readonly strays: readonly Stray[];
}

/** Judges what was seen against the expected edges. The faults stand in order of weight: the first one is the verdict. */
export function judge(sights: readonly Sight[], edges: readonly Edge[], across: Across = nothingAcross): Judgement {
  const scene = sceneOf(sights, edges, across);
  const faults = faultsOf(scene);
  const edgesAcross = across.edges.length + across.hidden.length;
  const within = [...scene.expected.values()].filter(([a, b]) => sees(scene, a, b) && sees(scene, b, a));
  const visible = across.edges.filter(([mine, theirs]) => sees(scene, mine, theirs));
  const hidden = across.hidden.filter((edge) => seesHidden(scene, edge));
  const figures = {
    nodesExpected: sights.length,
    nodesSeen: scene.views.size,
    edgesExpected: scene.expected.size + edgesAcross,
    edgesSeen: within.length + visible.length + hidden.length,
    ...(edgesAcross === 0 ? {} : { edgesAcross }),
    extraEdges: scene.strays.length,
  };
  return {
    subject: proofSubject(sights.map((sight) => sight.member.node)),
    ...figures,
    hidden: [...new Set([...scene.views.values()].flatMap((view) => view.hidden))].sort(),
    ok: faults.length === 0,
    verdict: faults[0]?.words ?? meshWords(figures),
    faults: faults.slice(0, faultsKept),
  };
}

/** What is wrong with one member by its own view alone; null when nothing is. */
export function complaintOf(member: ProofMember, view: NodeView, neighbours: readonly string[]): string | null {
  const [fault] = [...wrongRelease(member, view), ...wrongApplications(member, view)];
  if (fault !== undefined) return fault.words;
  const unseen = neighbours.filter((name) => !view.visible.includes(name));
  if (unseen.length === 0) return null;
  return `${member.node.name} does not see ${namesOf(unseen)} (it sees: ${namesOf(view.visible)})`;
}

function meshWords(figures: Figures): string {
  const nodes = `${figures.nodesSeen}/${figures.nodesExpected} nodes`;
  const across = figures.edgesAcross === undefined ? '' : ` (${figures.edgesAcross} to other blueprints)`;
  return `mesh ${nodes}, ${figures.edgesSeen}/${figures.edgesExpected} edges${across}, ${figures.extraEdges} extra`;
}

/** An edge as a key: the same from both ends. Node names hold no space. */
function keyOf([a, b]: Edge): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function sceneOf(sights: readonly Sight[], edges: readonly Edge[], across: Across): Scene {
  const views = new Map(sights.flatMap((sight) => (sight.seen ? [[sight.member.node.name, sight.view] as const] : [])));
  const expected = new Map(edges.map((edge) => [keyOf(edge), edge]));
  return {
    sights,
    members: new Set(sights.map((sight) => sight.member.node.name)),
    views,
    visible: new Map([...views].map(([name, view]) => [name, new Set(view.visible)])),
    expected,
    across,
    strays: straysOf(views, neighboursBy([...expected.values(), ...across.edges]), across.guests),
  };
}

/** Whom each node may see, by its name: looked up for each connection that is seen, of which a full mesh has many. */
function neighboursBy(edges: readonly Edge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const meet = (one: string, other: string): void => {
    const known = found.get(one);
    if (known === undefined) found.set(one, new Set([other]));
    else known.add(other);
  };
  for (const [one, other] of edges) {
    meet(one, other);
    meet(other, one);
  }
  return found;
}

/** Connections seen from either end that nobody expects, each once. Guests are on their way, and may be seen. */
function straysOf(
  views: ReadonlyMap<string, NodeView>,
  expected: ReadonlyMap<string, ReadonlySet<string>>,
  guests: ReadonlySet<string>,
): Stray[] {
  const found = new Map<string, Stray>();
  for (const [from, view] of views) {
    const neighbours = expected.get(from);
    for (const to of view.visible) {
      if (neighbours?.has(to) === true || guests.has(to)) continue;
      const key = keyOf([from, to]);
      if (!found.has(key)) found.set(key, { from, to });
    }
  }
  return [...found.values()];
}

function sees(scene: Scene, from: string, to: string): boolean {
  return scene.visible.get(from)?.has(to) ?? false;
}

/** Whether a hidden edge is there from our end, and hidden. */
function seesHidden({ views }: Scene, [mine, theirs]: Edge): boolean {
  return views.get(mine)?.hidden.includes(theirs) ?? false;
}

function faultsOf(scene: Scene): TopologyFault[] {
  return [
    ...scene.sights.flatMap(unreachable),
    ...scene.sights.flatMap((sight) => (sight.seen ? otherProcess(sight.member, sight.view) : [])),
    ...[...scene.expected.values()].flatMap((edge) => missingEdge(scene, edge)),
    ...scene.across.edges.flatMap((edge) => missingAcross(scene, edge)),
    ...scene.across.hidden.flatMap((edge) => missingHidden(scene, edge)),
    ...scene.strays.flatMap((stray) => extraEdge(scene, stray)),
    ...extraNodes(scene),
    ...scene.sights.flatMap((sight) => (sight.seen ? wrongRelease(sight.member, sight.view) : [])),
    ...scene.sights.flatMap((sight) => (sight.seen ? wrongApplications(sight.member, sight.view) : [])),
  ];
}

function unreachable(sight: Sight): TopologyFault[] {
  if (sight.seen) return [];
  const { name } = sight.member.node;
  return [{ kind: 'unreachable node', nodes: [name], words: `${name} cannot be seen: ${sight.why}` }];
}

/** An edge is proven when both ends see it. One whose end is unseen is told by that node's own fault. */
function missingEdge(scene: Scene, [a, b]: Edge): TopologyFault[] {
  const stranger = [a, b].find((name) => !scene.members.has(name));
  if (stranger !== undefined) {
    const words = `${a} and ${b} should be connected, but ${stranger} is no member of the cluster`;
    return [{ kind: 'missing edge', nodes: [a, b], words }];
  }
  if (!scene.views.has(a) || !scene.views.has(b)) return [];
  const [blind, back] = [[a, b] as const, [b, a] as const].filter(([from, to]) => !sees(scene, from, to));
  if (blind === undefined) return [];
  return [{ kind: 'missing edge', nodes: [...blind], words: blindWords(scene, blind, back !== undefined) }];
}

/** An edge to another blueprint's node, judged from our end. */
function missingAcross(scene: Scene, edge: Edge): TopologyFault[] {
  const [mine, theirs] = edge;
  if (!scene.views.has(mine) || sees(scene, mine, theirs)) return [];
  return [{ kind: 'missing edge', nodes: [mine, theirs], words: blindWords(scene, edge, false) }];
}

function missingHidden(scene: Scene, edge: Edge): TopologyFault[] {
  const [mine, theirs] = edge;
  const view = scene.views.get(mine);
  if (view === undefined || seesHidden(scene, edge)) return [];
  const words = sees(scene, mine, theirs)
    ? `${mine} sees ${theirs}, but not as a hidden node`
    : `${mine} is not connected to ${theirs}, not even hidden`;
  return [{ kind: 'missing edge', nodes: [mine, theirs], words }];
}

function blindWords(scene: Scene, [from, to]: readonly [string, string], mutual: boolean): string {
  const view = scene.views.get(from);
  const hidden = view?.hidden.includes(to) === true ? ' but as a hidden node' : '';
  const both = mutual ? `, nor ${to} it` : '';
  return `${from} does not see ${to}${hidden}${both} (it sees: ${namesOf(view?.visible ?? [])})`;
}

function extraEdge(scene: Scene, { from, to }: Stray): TopologyFault[] {
  if (!scene.members.has(to)) return [];
  return [
    { kind: 'extra edge', nodes: [from, to], words: `${from} sees ${to}, which the topology does not connect to it` },
  ];
}

/** Visible nodes that are no members: one fault for each, naming the first member that sees it. */
function extraNodes(scene: Scene): TopologyFault[] {
  const seenBy = new Map<string, string[]>();
  const told = new Set(scene.across.hidden.map(([mine, theirs]) => `${mine} ${theirs}`));
  for (const { from, to } of scene.strays) {
    if (!scene.members.has(to) && !told.has(`${from} ${to}`)) seenBy.set(to, [...(seenBy.get(to) ?? []), from]);
  }
  return [...seenBy].map(([name, [first = '', ...rest]]) => {
    const who = rest.length === 0 ? `${first} sees` : `${first} and ${rest.length} more see`;
    const words = `${who} ${name}, which is no member of the cluster`;
    return { kind: 'extra node', nodes: [first, name], words };
  });
}

/** A node of that name answers, but it is not the process that is on record: its host was booted anew, say. */
function otherProcess({ node: { name, state } }: ProofMember, { pid }: NodeView): TopologyFault[] {
  const recorded = 'process' in state ? state.process : null;
  if (recorded === null || pid === null || pid === recorded.pid) return [];
  const words = `${name} answers as pid ${pid}, and pid ${recorded.pid} is the one that was started`;
  return [{ kind: 'another process', nodes: [name], words }];
}

function wrongRelease({ node, inspection }: ProofMember, view: NodeView): TopologyFault[] {
  if (view.release === null) return [];
  const [name, version] = view.release;
  if ((name === null || name === inspection.name) && version === inspection.version) return [];
  const words = `${node.name} runs release ${name ?? inspection.name} ${version}, not ${inspection.name} ${inspection.version}`;
  return [{ kind: 'wrong release', nodes: [node.name], words }];
}

/** What the release starts must run, in its version: `load` and `none` start nothing, kernel and stdlib always run. */
function wrongApplications({ node, inspection }: ProofMember, { applications }: NodeView): TopologyFault[] {
  if (applications === null) return [];
  const started = inspection.applications.filter((one) => one.start !== 'load' && one.start !== 'none');
  const known = new Set(started.map((one) => one.name));
  const always = ['kernel', 'stdlib'].filter((name) => !known.has(name)).map((name) => ({ name, version: null }));
  const wrong = [...always, ...started].flatMap(({ name, version }) => {
    const running = applications.get(name);
    if (running === undefined) return [name];
    return version === null || running === version ? [] : [`${name} ${version} (but ${running})`];
  });
  if (wrong.length === 0) return [];
  const words = `${node.name} does not run ${namesOf(wrong)} of ${inspection.name} ${inspection.version}`;
  return [{ kind: 'application not running', nodes: [node.name], words }];
}

function namesOf(names: readonly string[]): string {
  if (names.length === 0) return 'nobody';
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return `${[...names].sort().slice(0, namesShown).join(', ')}${more}`;
}
