/**
 * Quantities: numbers with a unit, read into the base unit of their dimension.
 *
 *   size       K M G T P, each optionally followed by B or iB   bytes, powers of 1024
 *   frequency  Hz kHz MHz GHz                                   hertz
 *   rate       bps kbps Mbps Gbps                               bits a second
 *   time       ms s min h                                       seconds
 *   length     m km                                             metres
 *   share      %                                                parts of one
 */
export const dimensions = ['size', 'frequency', 'rate', 'time', 'length', 'share'] as const;
export type Dimension = (typeof dimensions)[number];

/** A number in the base unit of its dimension, as the head of this file says. */
export interface Quantity {
  readonly value: number;
  readonly dimension: Dimension;
}

type Unit = readonly [Dimension, number];

const sizes = ['K', 'M', 'G', 'T', 'P'].flatMap((letter, at) =>
  ['', 'B', 'iB'].map((tail): [string, Unit] => [`${letter}${tail}`, ['size', 1024 ** (at + 1)]]),
);

const units: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...sizes,
  ['Hz', ['frequency', 1]],
  ['kHz', ['frequency', 1e3]],
  ['MHz', ['frequency', 1e6]],
  ['GHz', ['frequency', 1e9]],
  ['bps', ['rate', 1]],
  ['kbps', ['rate', 1e3]],
  ['Mbps', ['rate', 1e6]],
  ['Gbps', ['rate', 1e9]],
  ['ms', ['time', 0.001]],
  ['s', ['time', 1]],
  ['min', ['time', 60]],
  ['h', ['time', 3600]],
  ['m', ['length', 1]],
  ['km', ['length', 1000]],
  ['%', ['share', 0.01]],
]);

const pattern = /^(\d+(?:\.\d+)?)([A-Za-z%]+)$/;

/** The quantity that a word stands for; undefined when it is none. Sizes are whole bytes. */
export function parseQuantity(word: string): Quantity | undefined {
  const [, count, name = ''] = pattern.exec(word.trim()) ?? [];
  const unit = units.get(name);
  if (count === undefined || unit === undefined) return undefined;
  const [dimension, factor] = unit;
  const value = Number(count) * factor;
  return { dimension, value: dimension === 'size' ? Math.round(value) : value };
}

/** The bytes of a size such as `512M` or `1.5GiB`; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const quantity = parseQuantity(text);
  return quantity?.dimension === 'size' ? quantity.value : undefined;
}
