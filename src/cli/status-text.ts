/**
 * A blueprint as it stands: problems first, then families, then nodes with the healthy ones that are alike in one line,
 * then the proof. Pure.
 */
import { age } from './quantity.ts';
import { counted, hanging, ranges } from './text.ts';
import { failedNodeLines, nodeHealth, nodeWhy, shortName } from './node-text.ts';
import { nextLines } from './failure-text.ts';
import { phasesText } from './phases-text.ts';
import { verdictLines } from './proof-text.ts';
import { tableLines } from './table.ts';
import { rolloutWords } from '../model/rollout-view.ts';
import type { BlueprintStatus, FamilyView, LinkView } from '../model/exchange.ts';
import { refusedForLong } from '../model/machine.ts';
import type { Machine } from '../model/machine.ts';
import type { Node } from '../model/node.ts';
import type { Column, Layout } from './table.ts';
import type { Page } from './failure-text.ts';
import type { Paint } from './paint.ts';

/** How a status is to be shown. */
export interface StatusPage extends Page {
  /** columns for tables; infinite in a pipe */
  readonly tableWidth: number;
  readonly nowMs: number;
  /** every node on a line of its own */
  readonly wide: boolean;
}

/** Nodes that are alike: same family, phase, domain and release. */
export interface NodeGroup {
  readonly family: string;
  readonly phase: string;
  readonly domain: string;
  readonly digest: string;
  readonly nodes: readonly Node[];
}

/** The whole status. */
export function statusLines(status: BlueprintStatus, page: StatusPage): string[] {
  const blocks = [
    headLines(status, page),
    problemLines(status, page),
    familyLines(status, page),
    rolloutLines(status, page),
    nodeLines(status, page),
    linkLines(status.links ?? [], page),
    provenLines(status, page),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

/** Links between blueprints: what is linked how, and what it waits for. */
export function linkLines(
  links: readonly LinkView[],
  page: Pick<StatusPage, 'tableWidth' | 'paint' | 'wide'>,
): string[] {
  return links.length === 0 ? [] : tableLines(links, linkColumns, layoutOf(page));
}

const linkColumns: readonly Column<LinkView>[] = [
  { title: 'LINK', cell: ({ from }) => from },
  { title: 'TO', cell: ({ to }) => to },
  { title: 'CONNECTIONS', cell: ({ kind }) => kind },
  {
    title: 'WAITS',
    cell: ({ waits }) => waits ?? '',
    paint: (paint, text) => paint.warn(text),
    flexible: true,
  },
];

/** The word for a state in its colour. */
export function stateWord(state: BlueprintStatus['state'], paint: Paint): string {
  if (state === 'converged') return paint.good(state);
  return state === 'failing' || state === 'stuck' ? paint.bad(state) : paint.warn(state);
}

function headLines({ head, state, words, machines, proof }: BlueprintStatus, { paint, width }: StatusPage): string[] {
  const where = `revision ${head.revision}, ${counted(machines.length, 'machine')}`;
  const line = `${paint.strong(head.name)}  ${stateWord(state, paint)}  ${paint.dim(where)}`;
  return words === '' || words === proof?.verdict ? [line] : [line, ...hanging('  ', words, width)];
}

function problemLines(status: BlueprintStatus, page: StatusPage): string[] {
  const failed = status.nodes.filter((node) => nodeHealth(node) === 'bad');
  const blocks = [
    ...stuckLines(status, page),
    ...status.machines.flatMap((machine) => machineProblem(machine, page)),
    ...failed.flatMap((node) => failedNodeLines(node, page, page.nowMs)),
    ...wrongEdges(status, page),
  ];
  if (blocks.length === 0) return [];
  const next = failed[0] === undefined ? `wombat events -b ${status.head.name}` : logCommand(failed[0]);
  return [page.paint.bad('PROBLEMS'), ...blocks, ...nextLines(next, page)];
}

function logCommand(node: Node): string {
  return `wombat node logs ${shortName(node)} -b ${node.blueprint}`;
}

function stuckLines({ head }: BlueprintStatus, page: StatusPage): string[] {
  return head.stuck === null
    ? []
    : hanging(`${page.paint.bad('✗')} `, `${head.stuck.code}: ${head.stuck.why}`, page.width);
}

function machineProblem(machine: Machine, page: StatusPage): string[] {
  const { state } = machine;
  const refused = refusedForLong(machine);
  if (refused !== null) {
    const words = `${refused.code}: ${refused.why}; it goes on being tried, and is left out of new plans`;
    return [
      `${page.paint.bad('✗')} ${page.paint.strong(nameOf(machine))}  machine not to be had`,
      ...hanging('    ', words, page.width),
    ];
  }
  if (state.phase !== 'unreachable' && state.phase !== 'lost') return warningLines(machine, page);
  const since = age(state.since, page.nowMs);
  const name = nameOf(machine);
  const head = `${page.paint.bad('✗')} ${page.paint.strong(name)}  machine ${state.phase} ${since}`;
  return [head, ...hanging('    ', state.why, page.width)];
}

/** What works and is not as it should be. */
function warningLines(machine: Machine, { paint, width }: StatusPage): string[] {
  const head = `${paint.warn('!')} ${paint.strong(nameOf(machine))}  `;
  return (machine.warnings ?? []).flatMap(({ words }) => hanging(head, words, width));
}

function nameOf({ domain, offer }: Machine): string {
  return offer.startsWith(`${domain}/`) ? offer : `${domain}/${offer}`;
}

function wrongEdges({ proof }: BlueprintStatus, page: StatusPage): string[] {
  if (proof === null || proof.ok) return [];
  return proof.faults
    .slice(0, 5)
    .flatMap(({ kind, words }) => hanging(`${page.paint.bad('✗')} `, `${kind}: ${words}`, page.width));
}

const familyColumns: readonly Column<FamilyView>[] = [
  { title: 'FAMILY', cell: (family) => family.name },
  { title: 'WANTED', cell: (family) => String(family.wanted), align: 'right' },
  {
    title: 'RUNNING',
    cell: (family) => String(family.running),
    align: 'right',
    paint: (paint, text, family) => (family.running === family.wanted ? paint.good(text) : paint.warn(text)),
  },
  { title: 'PHASES', cell: phasesText, flexible: true },
];

/** Versions on their way, those that were taken back, and those that are kept out. */
function rolloutLines({ rollouts, quarantine }: BlueprintStatus, page: StatusPage): string[] {
  const { paint, width, nowMs } = page;
  const told = rollouts
    .filter(({ state }) => state !== 'done')
    .map((view) => `${view.family}: ${rolloutWords(view, nowMs)}`);
  const isTold = (why: string) => rollouts.some((view) => view.state !== 'done' && view.why === why);
  const kept = quarantine.map(({ family, release, revision, why }) => {
    return `${family}: in quarantine: ${release} as of revision ${revision}${isTold(why) ? '' : `: ${why}`}`;
  });
  return [...told, ...kept].flatMap((line) => hanging(`${paint.warn('~')} `, line, width));
}

function layoutOf({ tableWidth, paint, wide }: Pick<StatusPage, 'tableWidth' | 'paint' | 'wide'>): Layout {
  return { width: tableWidth, paint, wide };
}

function familyLines({ families }: BlueprintStatus, page: StatusPage): string[] {
  return families.length === 0 ? [] : tableLines(families, familyColumns, layoutOf(page));
}

function nodeLines(status: BlueprintStatus, page: StatusPage): string[] {
  if (status.nodes.length === 0) return [];
  const healthy = status.nodes.filter((node) => nodeHealth(node) === 'good');
  const others = status.nodes.filter((node) => nodeHealth(node) === 'busy');
  const alone = (page.wide ? status.nodes : others).map((node) => groupOf([node]));
  const groups = page.wide ? alone : [...alone, ...grouped(healthy)];
  return groups.length === 0 ? [] : tableLines(groups, groupColumns(status, page), layoutOf(page));
}

function groupOf(nodes: readonly [Node, ...Node[]]): NodeGroup {
  const [first] = nodes;
  const { family, state, placement, specification } = first;
  return { family, phase: state.phase, domain: placement.domain, digest: specification.digest, nodes };
}

/** Puts nodes that are alike together, in order of family and domain. */
export function grouped(nodes: readonly Node[]): NodeGroup[] {
  const alike = Map.groupBy(nodes, (node) =>
    [node.family, node.state.phase, node.placement.domain, node.specification.digest].join(' '),
  );
  const groups = [...alike.values()].map((members) => groupOf(members as [Node, ...Node[]]));
  return groups.sort((a, b) => a.family.localeCompare(b.family) || a.domain.localeCompare(b.domain));
}

function groupColumns(status: BlueprintStatus, page: StatusPage): Column<NodeGroup>[] {
  return [
    { title: 'NODE', cell: nodesText },
    { title: 'COUNT', cell: (group) => String(group.nodes.length), align: 'right' },
    { title: 'PHASE', cell: (group) => group.phase, paint: paintPhase },
    { title: 'DOMAIN', cell: (group) => group.domain },
    { title: 'HOSTS', cell: (group) => hostsText(group), flexible: true },
    { title: 'RELEASE', cell: (group) => releaseText(group, status), wide: true },
    { title: 'WHY', cell: (group) => whyText(group, page.nowMs), flexible: true },
  ];
}

function nodesText({ family, nodes }: NodeGroup): string {
  const [only] = nodes;
  if (nodes.length === 1 && only !== undefined) return only.name;
  return `${family}-{${fewRanges(ranges(nodes.map((node) => node.ordinal)))}}`;
}

/** Ranges with holes everywhere would be endless: the first few say enough, `-o wide` says all. */
function fewRanges(text: string): string {
  if (text.length <= longestRanges) return text;
  return `${text.slice(0, text.lastIndexOf(',', longestRanges))},…`;
}

const longestRanges = 24;

function paintPhase(paint: Paint, text: string, { nodes }: NodeGroup): string {
  const health = nodes[0] === undefined ? 'busy' : nodeHealth(nodes[0]);
  return health === 'good' ? paint.good(text) : health === 'busy' ? paint.warn(text) : paint.bad(text);
}

function hostsText({ nodes }: NodeGroup): string {
  if (nodes.length === 1) return '';
  const hosts = [...new Set(nodes.map((node) => node.placement.advertised))];
  return hosts.length === 1 ? (hosts[0] ?? '') : counted(hosts.length, 'host');
}

function releaseText({ nodes, digest }: NodeGroup, { nodes: all }: BlueprintStatus): string {
  const release = nodes[0]?.specification.release ?? '';
  const same = all.filter((node) => node.specification.release === release);
  return same.every((node) => node.specification.digest === digest) ? release : `${release} ${digest.slice(7, 15)}`;
}

function whyText({ nodes }: NodeGroup, nowMs: number): string {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined ? nodeWhy(only, nowMs) : '';
}

function provenLines({ proof, state }: BlueprintStatus, page: StatusPage): string[] {
  if (proof === null) return state === 'destroying' ? [] : [page.paint.dim('not proven yet')];
  return verdictLines(proof, page);
}

/** What a blueprint that is being destroyed still has, with what each thing waits for. */
export function leftLines({ nodes, machines }: BlueprintStatus, page: StatusPage): string[] {
  const ofNodes = nodes.map((node) => [`node ${node.name}`, node.state.phase, nodeWhy(node, page.nowMs)] as const);
  const ofMachines = machines.map(({ offer, token, state }) => {
    return [`machine ${offer} (${token})`, state.phase, 'why' in state ? state.why : ''] as const;
  });
  return [...ofNodes, ...ofMachines].flatMap(([what, phase, why]) =>
    hanging('  ', `${what}: ${phase}${why === '' ? '' : `: ${why}`}`, page.width),
  );
}
