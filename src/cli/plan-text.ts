/** A plan as a person reads it before saying yes: changes by family, machines, warnings, cost, one line to sum up. Pure. */
import { counted, hanging, padded, widthOf } from './text.ts';
import type { Page } from './failure-text.ts';
import { updateRules } from '../model/update.ts';
import type { Plan, Step } from '../model/plan.ts';

type AddStep = Extract<Step, { do: 'add node' }>;
type NodeStep = Extract<Step, { do: 'add node' | 'change node' | 'remove node' }>;

/** What to tell besides the steps themselves. */
export interface PlanDetail {
  /** the reason of every step, and of every offer that was not used */
  readonly why: boolean;
  /** only the reasons of what has this in its name: a node, a family, an offer, a machine's domain */
  readonly about?: string | undefined;
  /** every step, however many there are */
  readonly all: boolean;
  /** the line of the blueprint's file at which something of it stands, where the file is at hand */
  readonly lineOf?: ((path: string) => number | null) | undefined;
}

/** How many of a kind are shown of a family before the rest is counted. */
const shownOfAKind = 8;

/** What a plan would do, counted. */
export interface PlanCounts {
  readonly add: number;
  readonly change: number;
  readonly move: number;
  readonly remove: number;
  readonly acquire: number;
  readonly release: number;
}

/** Counts a plan's steps; a node added in the place of another is one move. */
export function planCounts(plan: Plan): PlanCounts {
  const of = (what: Step['do']) => plan.steps.filter((step) => step.do === what).length;
  const moves = movedFrom(plan).size;
  return {
    add: of('add node') - moves,
    change: of('change node'),
    move: moves,
    remove: plan.steps.filter((step) => step.do === 'remove node' && !movedFrom(plan).has(step.node)).length,
    acquire: of('acquire machine'),
    release: of('release machine'),
  };
}

/** Ids of nodes that are replaced by a node of the plan. */
function movedFrom(plan: Plan): ReadonlySet<string> {
  const adds = plan.steps.filter((step): step is AddStep => step.do === 'add node');
  return new Set(adds.flatMap((step) => (step.replaces === null ? [] : [step.replaces])));
}

/** Whether applying the plan would change anything. */
export function changesAnything(plan: Plan): boolean {
  return plan.steps.length > 0;
}

/** The plan from its heading to its sum. */
export function planLines(plan: Plan, page: Page, detail: PlanDetail): string[] {
  const { paint } = page;
  if (detail.about !== undefined) return aboutLines(plan, page, detail.about);
  const heading = `${paint.strong(plan.blueprint)}  revision ${plan.revision}  ${paint.dim(`plan ${plan.id}`)}`;
  const blocks = [
    [heading],
    ...families(plan).map((family) => familyLines(plan, family, page, detail)),
    machineLines(plan, page, detail),
    detail.why ? rejectionLines(plan, page) : [],
    gainLines(plan, page),
    shortageLines(plan, page),
    conflictLines(plan, page, detail),
    warningLines(plan, page),
    [...costLine(plan), ...certaintyLine(plan), summaryLine(plan, page)],
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function families(plan: Plan): string[] {
  const found = plan.steps.flatMap((step) => ('family' in step ? [step.family] : []));
  return [...new Set([...Object.keys(plan.document.families), ...found])].filter((name) => found.includes(name));
}

function familyLines(plan: Plan, family: string, page: Page, detail: PlanDetail): string[] {
  const moved = movedFrom(plan);
  const steps = plan.steps.filter((step): step is NodeStep => 'family' in step && step.family === family);
  const shown = steps.filter((step) => !(step.do === 'remove node' && moved.has(step.node)));
  const kinds = [
    ofKind(shown, (step) => step.do === 'add node' && step.replaces === null),
    ofKind(shown, (step) => step.do === 'add node' && step.replaces !== null),
    ofKind(shown, (step) => step.do === 'change node'),
    ofKind(shown, (step) => step.do === 'remove node'),
  ];
  const names = new Map(steps.flatMap((step) => (step.do === 'remove node' ? [[step.node, step.name] as const] : [])));
  const nodes = plan.document.families[family]?.nodes;
  const wanted = nodes === undefined ? 'no longer wanted' : `${counted(nodes, 'node')} wanted`;
  const pace = steps.some((step) => step.do === 'change node') ? paceWords(plan, family) : '';
  return [
    `${page.paint.strong(family)}  ${page.paint.dim(`${wanted}${pace}`)}`,
    ...kinds.flatMap((kind) => stepLines(kind, page, detail, names)),
  ];
}

/** How those that run are changed. */
function paceWords({ document }: Plan, family: string): string {
  const definition = document.families[family];
  if (definition === undefined) return '';
  const { parallel, minRunning } = updateRules(definition.update, definition.nodes);
  const pace = parallel === 1 ? 'one' : String(parallel);
  return `; changed ${pace} at a time, at least ${minRunning} running`;
}

function ofKind(steps: readonly NodeStep[], is: (step: NodeStep) => boolean): NodeStep[] {
  return steps.filter(is);
}

function stepLines(
  steps: readonly NodeStep[],
  page: Page,
  detail: PlanDetail,
  names: ReadonlyMap<string, string>,
): string[] {
  const shown = detail.all || steps.length <= shownOfAKind + 1 ? steps : steps.slice(0, shownOfAKind);
  const nameWidth = widest(shown.map((step) => step.name));
  const domainWidth = widest(shown.map((step) => ('placement' in step ? step.placement.domain : '')));
  const lines = shown.flatMap((step) => [
    `  ${sign(step, page)} ${padded(step.name, nameWidth)}  ${page.paint.dim(where(step, domainWidth, names))}`.trimEnd(),
    ...(detail.why ? reason(step.why, page) : []),
  ]);
  const rest = steps.length - shown.length;
  return rest === 0 ? lines : [...lines, page.paint.dim(`    … and ${rest} more like these (all: -o wide)`)];
}

function sign(step: NodeStep, page: Page): string {
  if (step.do === 'remove node') return page.paint.bad('-');
  if (step.do === 'change node') return page.paint.warn('~');
  return step.replaces === null ? page.paint.good('+') : page.paint.warn('>');
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0);
}

function where(step: NodeStep, domainWidth: number, names: ReadonlyMap<string, string>): string {
  if (step.do === 'remove node') return '';
  if (step.do === 'change node') return step.why;
  const { domain, port, cores } = step.placement;
  const moved = step.replaces === null ? '' : `  in place of ${names.get(step.replaces) ?? step.replaces}`;
  return `${padded(domain, domainWidth)}  port ${port}  ${counted(cores, 'core')}${moved}`;
}

function reason(why: string, page: Page): string[] {
  return hanging('      ', why, page.width).map((line) => page.paint.dim(line));
}

function machineLines(plan: Plan, page: Page, detail: PlanDetail): string[] {
  const steps = plan.steps.filter((step) => step.do === 'acquire machine' || step.do === 'release machine');
  if (steps.length === 0) return [];
  const lines = steps.flatMap((step) => {
    const mark = step.do === 'acquire machine' ? page.paint.good('+') : page.paint.bad('-');
    const name = step.do === 'acquire machine' ? step.offer : `${step.domain}/${step.token}`;
    return [`  ${mark} ${name}`, ...(detail.why ? reason(step.why, page) : [])];
  });
  return [page.paint.strong('machines'), ...shortened(lines, detail.all || detail.why, page)];
}

function shortened(lines: readonly string[], all: boolean, page: Page): string[] {
  if (all || lines.length <= shownOfAKind + 1) return [...lines];
  const rest = lines.length - shownOfAKind;
  return [...lines.slice(0, shownOfAKind), page.paint.dim(`    … and ${rest} more (all: -o wide)`)];
}

/** What a plan that rebalances is worth. */
function gainLines({ report: { gain = [] } }: Plan, page: Page): string[] {
  if (gain.length === 0) return [];
  const lines = gain.flatMap(({ what, before, after }) => hanging('  ', `${what}: ${before} -> ${after}`, page.width));
  return [page.paint.strong('gain'), ...lines];
}

function rejectionLines(plan: Plan, page: Page): string[] {
  if (plan.report.rejections.length === 0) return [];
  const lines = plan.report.rejections.flatMap(({ family, offer, why }) =>
    hanging('  ', `${family}: ${offer}: ${why}`, page.width).map((line) => page.paint.dim(line)),
  );
  return [page.paint.strong('not used'), ...lines];
}

function shortageLines(plan: Plan, page: Page): string[] {
  return plan.report.shortages.flatMap((shortage) => [
    `${page.paint.bad('no place')}  ${page.paint.strong(shortage.family)}: ${shortage.placed} of ${counted(shortage.wanted, 'node')} placed`,
    ...shortage.why.flatMap((why) => hanging('  ', why, page.width)),
  ]);
}

/** What in the blueprint cannot hold together, each with its line. */
function conflictLines({ report: { conflict } }: Plan, page: Page, { lineOf }: PlanDetail): string[] {
  if (conflict === undefined || conflict.members.length === 0) return [];
  const where = (path: string) => {
    const line = lineOf?.(path) ?? null;
    return line === null ? path : `line ${line}, ${path}`;
  };
  return [
    page.paint.strong('these cannot hold together'),
    ...conflict.members.flatMap(({ path, words }) => hanging('  ', `${words} (${where(path)})`, page.width)),
    ...(conflict.relax === null ? [] : hanging('  ', conflict.relax, page.width)),
  ];
}

/** The reasons that have to do with one node, family, offer or domain. */
function aboutLines(plan: Plan, page: Page, about: string): string[] {
  const isMeant = (...names: readonly string[]) =>
    names.some((name) => name === about || name.split(/[@/]/).includes(about));
  const steps = plan.steps.filter((step) => {
    if (step.do === 'add node') return isMeant(step.name, step.family, step.placement.domain, step.node);
    return 'name' in step ? isMeant(step.name, step.family, step.node) : isMeant(step.domain, step.token);
  });
  const rejections = plan.report.rejections.filter(({ offer, family }) => isMeant(offer, family));
  const shortages = plan.report.shortages.filter(({ family }) => isMeant(family));
  const lines = [
    ...steps.flatMap((step) =>
      hanging('  ', `${step.do} ${'name' in step ? step.name : step.domain}: ${step.why}`, page.width),
    ),
    ...rejections.flatMap(({ family, offer, why }) => hanging('  ', `${offer} not for ${family}: ${why}`, page.width)),
    ...leftOut(plan, about, isMeant, new Set(rejections.map(({ offer }) => offer))).flatMap((words) =>
      hanging('  ', words, page.width),
    ),
    ...shortages.flatMap(({ why }) => why.flatMap((words) => hanging('  ', `no place: ${words}`, page.width))),
  ];
  const nothing = '  the plan does nothing with a node, family, offer or domain of that name';
  return [page.paint.strong(about), ...(lines.length === 0 ? [nothing] : lines)];
}

/** What the plan had to do without there, also where nobody was to be placed: offers, and the domain's whole provider. */
function leftOut(
  { report, document }: Plan,
  about: string,
  isMeant: (name: string) => boolean,
  told: ReadonlySet<string>,
): string[] {
  const provider = document.domains?.[about]?.provider ?? about;
  return report.warnings.filter((words) => {
    const [name = '', rest] = words.split(' is left out: ');
    if (rest === undefined) return false;
    return name === `provider ${provider}` || (isMeant(name) && !told.has(name));
  });
}

function certaintyLine({ report: { placement } }: Plan): string[] {
  if (placement === undefined) return [];
  if (placement.proved) return ['No placement is better: proved.'];
  const gap = placement.gap === null ? 'by how much nobody knows' : `by ${(100 * placement.gap).toFixed(1)} % at most`;
  const why =
    placement.ended === 'deadline'
      ? 'the deadline of last resort was over'
      : 'the work that is done for a plan is over';
  return [`Another placement may be better, ${gap}: ${why}.`];
}

function warningLines(plan: Plan, page: Page): string[] {
  return plan.report.warnings.flatMap((warning) => hanging(`${page.paint.warn('warning:')} `, warning, page.width));
}

function costLine({ costBefore, costAfter }: Plan): string[] {
  if (costAfter === null) return [];
  const before = costBefore === null ? 'unknown' : costBefore.toFixed(4);
  return [`Cost: ${before} -> ${costAfter.toFixed(4)} an hour.`];
}

function summaryLine(plan: Plan, page: Page): string {
  const missing = plan.report.shortages.reduce((sum, { wanted, placed }) => sum + wanted - placed, 0);
  if (missing > 0) return page.paint.bad(`Plan: not possible: ${counted(missing, 'node')} without a place.`);
  if (!changesAnything(plan)) return 'Plan: no changes.';
  const counts = planCounts(plan);
  const nodes = `${counts.add} to add, ${counts.change} to change, ${counts.move} to move, ${counts.remove} to remove`;
  const machines = [
    ...(counts.acquire > 0 ? [`${counted(counts.acquire, 'machine')} acquired`] : []),
    ...(counts.release > 0 ? [`${counted(counts.release, 'machine')} released`] : []),
  ];
  return page.paint.strong(`Plan: ${[nodes, ...machines].join('; ')}.`);
}
