/**
 * What the control plane is told when it starts: arguments and the environment, read once and made into required
 * values. No other file of the server reads `process.env`.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { logLevels } from './base/log.ts';
import { fewestEvents } from './model/event.ts';

const Settings = z.strictObject({
  directory: z.string().min(1),
  host: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65535),
  logLevel: z.enum(logLevels),
  /** a PostgreSQL database instead of the embedded one */
  database: z.string().optional(),
  /** how much of the past is kept */
  keep: z.strictObject({
    eventDays: z.coerce.number().int().min(1),
    events: z.coerce.number().int().min(fewestEvents),
    revisions: z.coerce.number().int().min(2),
  }),
});

/** Where the control plane keeps its store, where it listens, how much it logs, how much of the past it keeps. */
export type Config = z.infer<typeof Settings>;

/**
 * Reads `--directory`, `--host`, `--port`, `--log-level`, `--database`; WOMBAT_DIRECTORY and WOMBAT_LOG_LEVEL stand in for two of them.
 * WOMBAT_KEEP_EVENT_DAYS, WOMBAT_KEEP_EVENTS and WOMBAT_KEEP_REVISIONS say how much of the past is kept.
 */
export function readConfig(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { directory: text, host: text, port: text, 'log-level': text, database: text },
  });
  const settings = Settings.parse({
    directory: values.directory ?? environment['WOMBAT_DIRECTORY'] ?? join(homedir(), '.local', 'share', 'wombat'),
    host: values.host ?? '127.0.0.1',
    port: values.port ?? '0',
    database: values.database,
    logLevel: values['log-level'] ?? environment['WOMBAT_LOG_LEVEL'] ?? 'info',
    keep: {
      eventDays: environment['WOMBAT_KEEP_EVENT_DAYS'] ?? 90,
      events: environment['WOMBAT_KEEP_EVENTS'] ?? 1_000_000,
      revisions: environment['WOMBAT_KEEP_REVISIONS'] ?? 100,
    },
  });
  return { ...settings, directory: resolve(settings.directory) };
}
