/** Paths into a document, and faults that know where they stand before anybody knows the lines. */
import type { InputFault } from './problem.ts';

/** Keys and list positions from the root. */
export type DocumentPath = readonly (string | number)[];

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where at a path: at its key, or so many characters into its value. */
export type Spot = 'key' | number;

/** Finds a path's place in the text that it came from; the nearest thing above it when it is not there. */
export type Locate = (path: DocumentPath, spot?: Spot) => Place | null;

/** For documents that have no text. */
export const nowhere: Locate = () => null;

/** A fault at a path. */
export interface Finding {
  readonly path: DocumentPath;
  readonly spot: Spot;
  readonly message: string;
  readonly hint: string | null;
}

/** A finding at the value of a path. */
export function at(path: DocumentPath, message: string, hint: string | null = null): Finding {
  return { path, spot: 0, message, hint };
}

/** A finding at the key of a path. */
export function atKey(path: DocumentPath, message: string, hint: string | null): Finding {
  return { path, spot: 'key', message, hint };
}

/** `families.colony.demands[1]` */
export function pathText(path: DocumentPath): string {
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');
}

/** The path that `pathText` wrote. */
export function parsePath(text: string): DocumentPath {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, position]) =>
    position === undefined ? key : Number(position),
  );
}

/** What `path` leads to in plain data; undefined when it leads nowhere. */
export function valueAt(data: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<string | number, unknown>)[key];
  }, data);
}

/** Findings as faults with their places, in the order of the text. */
export function placed(findings: readonly Finding[], locate: Locate): InputFault[] {
  const faults = findings.map(({ path, spot, message, hint }) => {
    const place = locate(path, spot);
    return { path: pathText(path), line: place?.line ?? null, column: place?.column ?? null, message, hint };
  });
  return faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
