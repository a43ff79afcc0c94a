/**
 * Style that can be counted, counted: lengths, parameters, docstrings of exports, calls that only one file may make.
 * There is no list of exceptions.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isPublic } from './check-rooms.ts';
import { parse, sourceFiles } from './source-files.ts';

const root = join(import.meta.dirname, '..');
const functionLines = { hard: 70, median: 10, p90: 35 };
const fileLines = { source: 500, test: 800 };

/** Calls that make time and chance, and the files that may make them (I10). */
const reserved = [
  { text: /\b(Date\.now|setTimeout|setInterval|setImmediate|performance\.now)\b/, only: ['src/base/clock.ts'] },
  { text: /\bMath\.random\b/, only: [] },
  { text: /\bprocess\.env\b/, only: ['src/config.ts', 'src/cli/environment.ts'] },
];

interface Measured {
  readonly file: string;
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

function nameOf(node: ts.FunctionLikeDeclaration): string | undefined {
  if (node.name !== undefined) return node.name.getText();
  const parent = node.parent;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : undefined;
}

function measure(file: string, source: ts.SourceFile): Measured[] {
  const found: Measured[] = [];
  const line = (at: number) => source.getLineAndCharacterOfPosition(at).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const declaration = node;
      const name = nameOf(declaration);
      const lines = line(node.getEnd()) - line(node.getStart()) + 1;
      if (name !== undefined || lines > functionLines.hard) {
        found.push({ file, name: name ?? '(nameless)', lines, parameters: declaration.parameters.length });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function undocumented(file: string, source: ts.SourceFile): string[] {
  const isExported = (node: ts.Statement) =>
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.ExportKeyword);
  return source.statements
    .filter(
      (node) =>
        (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) &&
        isExported(node),
    )
    .filter((node) => !source.text.slice(node.getFullStart(), node.getStart()).includes('/**'))
    .map((node) => `${file}: ${(node as ts.FunctionDeclaration).name?.text ?? ''} is exported without a docstring`);
}

function reservedCalls(file: string, text: string): string[] {
  return reserved
    .filter((rule) => !rule.only.includes(file as never))
    .flatMap((rule) => {
      const hit = rule.text.exec(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
      return hit === null ? [] : [`${file}: ${hit[0]} may stand only in ${rule.only.join(', ') || 'no file'}`];
    });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The lengths of the whole, for people to see where the house stands. */
export interface TidyFigures {
  readonly functions: number;
  readonly median: number;
  readonly p90: number;
  readonly longest: number;
}

/** Everything that is untidy, one line each, and the figures. */
export function tidy(): { faults: string[]; figures: TidyFigures } {
  const files = sourceFiles(root, ['src', 'scripts', 'test', 'bench', 'lab', 'examples']);
  const product = (file: string) => file.startsWith('src/') && !/\.(test|real)\.ts$/.test(file);
  const faults: string[] = [];
  const measured: Measured[] = [];
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const source = parse(join(root, file));
    const lines = text.split('\n').length;
    const isTest = /\.(test|real)\.ts$/.test(file);
    if (lines > (isTest ? fileLines.test : fileLines.source)) faults.push(`${file}: ${lines} lines`);
    if (!isTest) measured.push(...measure(file, source));
    if (product(file)) faults.push(...reservedCalls(file, text));
    if (product(file) && isPublic(file)) faults.push(...undocumented(file, source));
  }
  for (const one of measured) {
    if (one.lines > functionLines.hard)
      faults.push(`${one.file}: ${one.name} has ${one.lines} lines (${functionLines.hard} at most)`);
    if (one.parameters > 4) faults.push(`${one.file}: ${one.name} has ${one.parameters} parameters (4 at most)`);
  }
  const sorted = measured
    .filter((one) => product(one.file))
    .map((one) => one.lines)
    .sort((a, b) => a - b);
  const figures = {
    functions: sorted.length,
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    longest: sorted.at(-1) ?? 0,
  };
  if (figures.median > functionLines.median)
    faults.push(`median function length is ${figures.median} (${functionLines.median} at most)`);
  if (figures.p90 > functionLines.p90)
    faults.push(`90th percentile of function length is ${figures.p90} (${functionLines.p90} at most)`);
  return { faults, figures };
}
