/** The operator's log: one JSON object a line on standard error, by pino. No secret may enter it (I8). */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { wordsOf } from './fault.ts';

/** Where a room writes what an operator may want to read later; `debug` is off unless asked for. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The levels a configuration may ask for. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** A log on standard error from `level` upwards. It never fails: see `LossyLines`. */
export function openLog(level: (typeof logLevels)[number]): Log {
  const lines = new LossyLines((bytes) => writeSync(2, bytes));
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines);
}

/**
 * Lines for a place that may be full or gone for a while: a log on a full disk must neither end the program nor fill its
 * memory. What cannot be written is dropped; how much was, and why, is said as soon as lines can be written again.
 */
export class LossyLines {
  readonly #put: (bytes: Uint8Array) => number;
  #lost = 0;
  #why = '';
  /** a line was begun and not ended */
  #torn = false;

  /** `put` writes bytes and answers how many it took; it may throw. */
  constructor(put: (bytes: Uint8Array) => number) {
    this.#put = put;
  }

  /** Takes one line with its end. */
  write(line: string): void {
    if (this.#lost > 0 && !this.#all(this.#account())) {
      this.#lost += 1;
      return;
    }
    this.#lost = this.#all(line) ? 0 : 1;
  }

  #account(): string {
    const fields = { level: pino.levels.values['warn'], lost: this.#lost, error: this.#why };
    const text = JSON.stringify({ ...fields, msg: 'lines of this log could not be written and are lost' });
    return `${this.#torn ? '\n' : ''}${text}\n`;
  }

  /** False when not all of it could be written. */
  #all(text: string): boolean {
    let rest: Uint8Array = Buffer.from(text);
    try {
      while (rest.length > 0) {
        rest = rest.subarray(this.#put(rest));
        this.#torn = rest.length > 0;
      }
      return true;
    } catch (error) {
      this.#why = wordsOf(error);
      return false;
    }
  }
}

/** A log that keeps nothing. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
