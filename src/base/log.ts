/** The operator's log: one JSON object a line on standard error, by pino. No secret may enter it (I8). */
import { pino } from 'pino';

/** Where a room writes what an operator may want to read later; `debug` is off unless asked for. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The levels a configuration may ask for. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** A log on standard error from `level` upwards. */
export function openLog(level: (typeof logLevels)[number]): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
}

/** A log that keeps nothing. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
