/** A command line in memory: what it writes is kept, its clock is fake, its control plane answers what a test scripts. */
import { paintFor } from '../../src/cli/paint.ts';
import { run } from '../../src/cli/run.ts';
import { fakeClock } from './fake-clock.ts';
import { sampleTime } from './records.ts';
import { listing } from '../../src/client/listing.ts';
import type { Client, EventPage, Listing } from '../../src/client/client.ts';
import type { Event } from '../../src/model/event.ts';
import type { Surroundings } from '../../src/cli/run.ts';

/** Some methods of a client, by noun. */
export type ClientParts = {
  readonly [K in keyof Client]?: Client[K] extends (...args: never[]) => unknown ? Client[K] : Partial<Client[K]>;
};

/** A client that answers what is scripted; everything else is a mistake of the test, and says so. */
export function scriptedClient(parts: ClientParts): Client {
  const script = (of: object, path: string): object =>
    new Proxy(of, {
      get(target, key) {
        const found = (target as Record<string | symbol, unknown>)[key];
        if (found !== undefined || key === 'then') return found;
        const name = `${path}${String(key)}`;
        return () => {
          throw new Error(`the test does not script client.${name}`);
        };
      },
    });
  const groups = [
    'providers',
    'domains',
    'releases',
    'secrets',
    'tokens',
    'audit',
    'plans',
    'blueprints',
    'families',
    'nodes',
    'operations',
    'sweep',
    'alarms',
    'topology',
    'events',
  ] as const;
  const scripted = Object.fromEntries(groups.map((group) => [group, script(parts[group] ?? {}, `${group}.`)]));
  // most tests have no brake that holds
  const alarms = { list: () => listing(() => Promise.resolve({ items: [], next: null })), ...parts.alarms };
  return script({ ...parts, ...scripted, alarms }, '') as Client;
}

/** What a run of the command line left. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How the surroundings differ from a quiet pipe with nobody to answer. */
export interface CliOptions {
  readonly width?: number;
  /** answers to questions; there is somebody to ask when given */
  readonly answers?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  readonly directory?: string;
  readonly signal?: AbortSignal;
  /** on a terminal that redraws */
  readonly live?: boolean;
}

/** Runs one command against a client (or against nobody, when connecting fails) and moves the clock until it ends. */
export async function runCli(
  argv: readonly string[],
  client: Client | Error,
  options: CliOptions = {},
): Promise<CliRun> {
  const clock = fakeClock(Date.parse(sampleTime));
  const written = { out: '', err: '' };
  const ended = run({ ...surroundings(written, options, client), clock }, argv);
  let code: number | undefined;
  void ended.then((value) => (code = value));
  for (let turn = 0; turn < 20_000 && code === undefined; turn++) {
    await clock.advance(100);
    if (clock.pending === 0) await realTurn();
  }
  if (code === undefined) throw new Error(`the command does not end; it wrote: ${written.out}${written.err}`);
  return { code, ...written };
}

/** Lets the machine's own input and output happen, which a fake clock cannot hurry. */
function realTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function surroundings(
  written: { out: string; err: string },
  options: CliOptions,
  client: Client | Error,
): Omit<Surroundings, 'clock'> {
  const answers = [...(options.answers ?? [])];
  const width = options.width ?? 80;
  return {
    signal: options.signal ?? new AbortController().signal,
    connect: () => (client instanceof Error ? Promise.reject(client) : Promise.resolve(client)),
    environment: {
      directory: options.directory ?? '/nonexistent',
      url: undefined,
      tokenFile: undefined,
      noColor: true,
      columns: width,
      workingDirectory: options.workingDirectory ?? '/nonexistent',
      variable: (name) => options.variables?.[name],
    },
    terminal: {
      width,
      tableWidth: width,
      live: options.live === true,
      interactive: options.answers !== undefined,
      paint: paintFor(false),
      notePaint: paintFor(false),
      print: (...lines) => void (written.out += lines.map((line) => `${line}\n`).join('')),
      write: (chunk) => void (written.out += new TextDecoder().decode(chunk)),
      note: (...lines) => void (written.err += lines.map((line) => `${line}\n`).join('')),
      draw: (text) => void (written.err += text),
      ask: () => Promise.resolve(answers.shift() ?? ''),
      lines: () => ({ next: () => Promise.resolve(answers.shift() ?? null), close: () => undefined }),
    },
  };
}

/** A list that is one page. */
export function listed<T>(items: readonly T[]): Listing<T> {
  return listing(() => Promise.resolve({ items, next: null }));
}

/** The events of a control plane where nothing has happened since it answers. */
export function noPastEvents(): Listing<Event, EventPage> {
  return listing(() => Promise.resolve({ items: [], next: null, last: 7 }));
}
