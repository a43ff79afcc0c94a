/** The hard rules as rows of an integer program. */
import { locationLevels } from '../../model/family.ts';
import type { LocationLevel } from '../../model/family.ts';
import { capacityOf } from './program-model.ts';
import type { Column, Program } from './program-model.ts';
import type { Kind } from './problem.ts';

/** The levels at which rules are rows: what is on one host is in the patterns, where columns are these. */
function levelsOf({ form }: Program): readonly LocationLevel[] {
  return form === 'machines' ? locationLevels : locationLevels.filter((level) => level !== 'host');
}

/** Writes all rules. */
export function addRules(program: Program): void {
  addColumns(program);
  addPins(program);
  addLimits(program);
  program.problem.kinds.forEach((kind, index) => addKind(program, kind, index));
  for (const kinds of linkedKinds(program)) addReach(program, kinds);
}

function addColumns(program: Program): void {
  const { text, problem, columns } = program;
  for (const { name, bin, machines, nodes } of columns) {
    const most = nodes.reduce(
      (least, count, kind) =>
        count > 0 ? Math.min(least, Math.floor((problem.kinds[kind]?.count ?? 0) / count)) : least,
      Infinity,
    );
    text.whole(name, Math.min(machines === 1 ? bin.copies : Infinity, most));
  }
  problem.kinds.forEach(({ count }, kind) =>
    text.row(
      program.sum(({ nodes }) => nodes[kind] ?? 0),
      '=',
      count,
    ),
  );
  for (const [bin, own] of Map.groupBy(columns, (column) => column.bin)) addRoom(program, bin, own);
}

/** What the machines of a bin have room for. */
function addRoom(program: Program, bin: Column['bin'], own: readonly Column[]): void {
  const { text, problem, form } = program;
  const { kinds } = problem;
  if (form === 'patterns') {
    if (own.length > 1 && Number.isFinite(bin.copies))
      text.row(
        program.sum(() => 1, own),
        '<=',
        bin.copies,
      );
    return;
  }
  const taking = (each: (column: Column) => number, room: number) =>
    text.row(
      program.sum((column) => (column.machines === 1 ? -room : each(column)), own),
      '<=',
      0,
    );
  if (form === 'alike') {
    taking(() => 1, capacityOf(bin, kinds));
    return;
  }
  for (const [at, room] of bin.room.entries()) {
    const used = ({ nodes }: Column) =>
      nodes.reduce((sum, count, kind) => sum + count * (kinds[kind]?.use[at] ?? 0), 0);
    // as shares of the room: solvers dislike bytes
    if (room > 0) taking((column) => used(column) / room, 1);
  }
}

/** A host to which families are pinned has a node of each. */
function addPins({ text, problem, columns }: Program): void {
  for (const bin of problem.bins)
    for (const family of bin.pinned) {
      const kind = problem.kinds.findIndex(({ need }) => need.family === family);
      if ((bin.here[kind] ?? 0) > 0 || (problem.kinds[kind]?.count ?? 0) === 0) continue;
      const bearing = columns.filter((column) => column.bin === bin && (column.nodes[kind] ?? 0) > 0);
      text.row(new Map(bearing.map(({ name }) => [name, 1])), '>=', 1);
    }
}

function addLimits(program: Program): void {
  const { problem, text } = program;
  for (const { most, perMachine, perNode } of problem.limits) {
    const rates = problem.kinds.map(({ need }) => perNode(need));
    const factor = ({ bin, nodes, machines }: Column) =>
      machines * (bin.here.some((count) => count > 0) ? 0 : perMachine(bin.place)) +
      nodes.reduce((sum, count, kind) => sum + count * (rates[kind] ?? 0), 0);
    text.row(program.sum(factor), '<=', most);
  }
}

/** The rules of one family. Where none of its nodes is to be placed they say nothing but who may not come to it. */
function addKind(program: Program, kind: Kind, index: number): void {
  const levels = levelsOf(program);
  for (const [other, level] of Object.entries(kind.need.rules.apartFrom ?? {}))
    if (levels.includes(level)) addApartFrom(program, index, { other, level });
  if (kind.count > 0) addOwnRules(program, kind, index);
}

function addOwnRules(program: Program, kind: Kind, index: number): void {
  const { together, near } = kind.need.rules;
  const levels = levelsOf(program);
  for (const level of levels) addBounds(program, kind, index, level);
  if (together !== undefined && levels.includes(together)) addTogether(program, kind, index, together);
  if (near !== undefined && levels.includes(near.within))
    addNear(program, index, { other: near.family, level: near.within });
  if (levels.includes('host')) return;
  if (together === 'host') addTogetherOnHost(program, index);
  addLeastHosts(program, kind, index);
}

/** Nodes of the kind at a place, without those that stay. */
function nodesAt(program: Program, kind: number, columns: readonly Column[]): Map<string, number> {
  return program.sum(({ nodes }) => nodes[kind] ?? 0, columns);
}

/** At most so many at each place of a level; at so many places at least. */
function addBounds(program: Program, { need: { rules } }: Kind, index: number, level: LocationLevel): void {
  const most =
    rules.apart !== undefined && locationLevels.indexOf(rules.apart) >= locationLevels.indexOf(level)
      ? 1
      : rules.most?.[level];
  const least = rules.least?.[level];
  if (most === undefined && least === undefined) return;
  const used = new Map<string, number>();
  let there = 0;
  for (const [location, columns] of program.at(level)) {
    const here = program.here(index, level, location);
    const nodes = nodesAt(program, index, columns);
    if (most !== undefined) program.text.row(nodes, '<=', Math.max(0, most - here));
    if (least === undefined) continue;
    if (here > 0) there += 1;
    else {
      const flag = program.text.binary(program.name('l'));
      used.set(flag, 1);
      program.text.row(
        new Map([[flag, 1], ...[...nodes].map(([name, factor]): [string, number] => [name, -factor])]),
        '<=',
        0,
      );
    }
  }
  if (least !== undefined) program.text.row(used, '>=', least - there);
}

function addLeastHosts(program: Program, { need: { rules } }: Kind, index: number): void {
  const least = rules.least?.host;
  if (least === undefined) return;
  const there = program.problem.bins.filter((bin) => (bin.here[index] ?? 0) > 0).length;
  const hosts = program.sum(({ nodes, bin }) => ((nodes[index] ?? 0) > 0 && (bin.here[index] ?? 0) === 0 ? 1 : 0));
  program.text.row(hosts, '>=', least - there);
}

function addTogether(program: Program, { count }: Kind, index: number, level: LocationLevel): void {
  const flags = new Map<string, number>();
  const staying = [...program.at(level).keys()].filter((location) => program.here(index, level, location) > 0);
  for (const [location, columns] of program.at(level)) {
    const flag = program.text.binary(program.name('t'));
    flags.set(flag, 1);
    program.text.row(new Map([...nodesAt(program, index, columns), [flag, -count]]), '<=', 0);
    if (staying.length > 0 && !staying.includes(location)) program.text.row(new Map([[flag, 1]]), '=', 0);
  }
  program.text.row(flags, '<=', 1);
}

/** Patterns have the whole family or nothing of it; where some stay, the rest comes to them. */
function addTogetherOnHost(program: Program, index: number): void {
  const staying = program.problem.bins.filter((bin) => (bin.here[index] ?? 0) > 0);
  if (staying.length === 0) return;
  const elsewhere = program.columns.filter(({ bin }) => !staying.includes(bin));
  program.text.row(nodesAt(program, index, elsewhere), '<=', 0);
}

interface Relation {
  readonly other: string;
  readonly level: LocationLevel;
}

function addNear(program: Program, index: number, { other, level }: Relation): void {
  const { kinds } = program.problem;
  const target = kinds.findIndex(({ need }) => need.family === other);
  const count = kinds[index]?.count ?? 0;
  for (const [location, columns] of program.at(level)) {
    if (program.here(target, level, location) > 0) continue;
    const flag = program.text.binary(program.name('n'));
    program.text.row(new Map([...nodesAt(program, index, columns), [flag, -count]]), '<=', 0);
    const negative = [...nodesAt(program, target, columns)].map(([name, factor]): [string, number] => [name, -factor]);
    program.text.row(new Map([[flag, 1], ...negative]), '<=', 0);
  }
}

function addApartFrom(program: Program, index: number, { other, level }: Relation): void {
  const { kinds } = program.problem;
  const foe = kinds.findIndex(({ need }) => need.family === other);
  if (foe < 0) return;
  const [mine, theirs] = [kinds[index]?.count ?? 0, kinds[foe]?.count ?? 0];
  for (const [location, columns] of program.at(level)) {
    const flag = program.text.binary(program.name('a'));
    program.text.row(new Map([...nodesAt(program, index, columns), [flag, -mine]]), '<=', 0);
    program.text.row(new Map([...nodesAt(program, foe, columns), [flag, theirs]]), '<=', theirs);
    if (program.here(index, level, location) > 0) program.text.row(new Map([[flag, 1]]), '=', 1);
    if (program.here(foe, level, location) > 0) program.text.row(new Map([[flag, 1]]), '=', 0);
  }
}

/** The kinds of each component of linked families. */
function linkedKinds({ problem: { kinds } }: Program): number[][] {
  return [...Map.groupBy(kinds.keys(), (kind) => kinds[kind]?.need.component.name).values()];
}

/** Linked nodes are in domains that reach each other, or all on the one machine that nobody else can dial. */
function addReach(program: Program, kinds: readonly number[]): void {
  addSevered(program, kinds);
  const { bins } = program.problem;
  const total = kinds.reduce((sum, kind) => sum + (program.problem.kinds[kind]?.count ?? 0), 0);
  const linked = ({ nodes }: Column) => kinds.reduce((sum, kind) => sum + (nodes[kind] ?? 0), 0);
  const stays = (bin: Column['bin']) => kinds.some((kind) => (bin.here[kind] ?? 0) > 0);
  for (const bin of bins.filter((one) => one.isolated)) {
    const flag = program.text.binary(program.name('i'));
    const [inside, outside] = [true, false].map((own) =>
      program.columns.filter((column) => (column.bin === bin) === own),
    );
    program.text.row(new Map([...program.sum(linked, inside), [flag, -total]]), '<=', 0);
    program.text.row(new Map([...program.sum(linked, outside), [flag, total]]), '<=', total);
    // all of them on one machine of it
    if (program.form === 'patterns' && bin.copies > 1)
      program.text.row(
        program.sum((column) => (linked(column) > 0 ? 1 : 0), inside),
        '<=',
        1,
      );
    if (bins.some((other) => other !== bin && stays(other))) program.text.row(new Map([[flag, 1]]), '=', 0);
    if (stays(bin)) program.text.row(new Map([[flag, 1]]), '=', 1);
  }
}

function addSevered(program: Program, kinds: readonly number[]): void {
  const { severed, bins } = program.problem;
  const names = new Set(severed.flat());
  const flags = new Map<string, string>();
  const linked = ({ nodes }: Column) => kinds.reduce((sum, kind) => sum + (nodes[kind] ?? 0), 0);
  const total = kinds.reduce((sum, kind) => sum + (program.problem.kinds[kind]?.count ?? 0), 0);
  for (const name of names) {
    const flag = program.text.binary(program.name('d'));
    flags.set(name, flag);
    const columns = program.columns.filter(({ bin }) => bin.domain === name);
    program.text.row(new Map([...program.sum(linked, columns), [flag, -total]]), '<=', 0);
    if (bins.some((bin) => bin.domain === name && kinds.some((kind) => (bin.here[kind] ?? 0) > 0)))
      program.text.row(new Map([[flag, 1]]), '=', 1);
  }
  for (const [one, other] of severed)
    program.text.row(
      new Map([
        [flags.get(one) ?? '', 1],
        [flags.get(other) ?? '', 1],
      ]),
      '<=',
      1,
    );
}
