/** `wombat up`: starts the control plane as a process of its own. */
import { Command } from 'commander';
import { resolve } from 'node:path';
import { startControlPlane } from '../control-plane.ts';
import { CliFailure } from '../failure.ts';
import { findServer, readEndpoint } from '../find-server.ts';
import { wholeNumber, withExamples } from '../options.ts';
import { databaseAddressFault } from '../../model/database-address.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { ControlPlaneOptions, RunningControlPlane } from '../control-plane.ts';
import type { World } from '../world.ts';

interface UpOptions {
  readonly directory?: string;
  readonly host: string;
  readonly port: number;
  readonly detach?: true;
  readonly database?: string;
}

/** In the foreground it stays attached and forwards Ctrl-C; with `--detach` it returns when the control plane answers. */
export function upCommand(world: World): Command {
  const command = new Command('up')
    .description('start the control plane')
    .option('--directory <path>', 'where it keeps everything (default: WOMBAT_DIRECTORY or ~/.local/share/wombat)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'TCP port to listen on; 0 takes a free one', wholeNumber(0), 4680)
    .option('--database <url>', 'a PostgreSQL database instead of the embedded one: postgres://user@host/name')
    .option('-d, --detach', 'return when it answers, and leave it running');
  withExamples(command, [
    ['wombat up', 'in the foreground; Ctrl-C stops it, and the Erlang nodes run on'],
    ['wombat up --detach', 'in the background'],
    [
      'wombat up --database postgres://wombat@db/wombat',
      'beside others on one database, with which it shares the work',
    ],
    ['wombat up --directory ./state --port 0', 'with a state of its own, on a free port'],
  ]);
  return command.action((options: UpOptions) => {
    const asked = (['host', 'port', 'database'] as const).filter(
      (name) => command.getOptionValueSource(name) === 'cli',
    );
    return up(world, options, asked.length > 0);
  });
}

/** @param isParticular whether it is to listen at, or to keep its state in, a place that the command names */
async function up(world: World, options: UpOptions, isParticular: boolean): Promise<void> {
  const { environment } = world;
  const { directory, host, port, detach, database } = options;
  refuseAddress(database);
  const place = directory === undefined ? environment.directory : resolve(environment.workingDirectory, directory);
  const running = await answering(world, place);
  if (running !== undefined) {
    alreadyThere(world, place, { running, isEnough: detach === true && !isParticular });
    return;
  }
  const wanted: ControlPlaneOptions = { directory: place, host, port, detach: detach === true, database };
  const started = await startControlPlane(world, wanted);
  world.terminal.print(...greeting(world, place, started.endpoint));
  if (detach !== true) await attached(world, started);
}

/** Before anything is started: what starts would have the address among its arguments, too. */
function refuseAddress(database: string | undefined): void {
  const wrong = database === undefined ? null : databaseAddressFault(database);
  if (wrong !== null) throw new CliFailure('invalid', wrong.why, { object: '--database', next: wrong.next });
}

/** The endpoint in a directory when somebody answers at it. */
async function answering(world: World, directory: string): Promise<Endpoint | undefined> {
  const endpoint = await readEndpoint(directory);
  if (endpoint === undefined) return undefined;
  try {
    await findServer({ ...world.environment, directory, url: endpoint.url, tokenFile: undefined }, world.signal);
    return endpoint;
  } catch {
    return undefined;
  }
}

/** Who asks for one in the background, and says nothing of where, has what was asked for. */
function alreadyThere(world: World, directory: string, of: { running: Endpoint; isEnough: boolean }): void {
  if (of.isEnough) {
    world.terminal.print(...greeting(world, directory, of.running));
    return;
  }
  throw new CliFailure(
    'exists',
    `a control plane runs there already, as process ${of.running.pid} at ${of.running.url}`,
    {
      object: directory,
      next: `wombat status, or stop it with: kill ${of.running.pid}`,
    },
  );
}

function greeting({ terminal, environment }: World, directory: string, { url, pid }: Endpoint): string[] {
  const { paint } = terminal;
  const elsewhere = directory === environment.directory ? [] : [`  others   export WOMBAT_DIRECTORY=${directory}`];
  return [
    `${paint.good('✓')} the control plane answers at ${paint.strong(url)}`,
    `  token    ${directory}/token`,
    `  stop     kill ${pid}   (Erlang nodes run on)`,
    ...elsewhere,
    `  next     wombat apply -f FILE`,
  ];
}

/** Stays until the control plane ends; Ctrl-C asks it to end. */
async function attached(world: World, { stop, ended }: RunningControlPlane): Promise<void> {
  world.signal.addEventListener('abort', stop, { once: true });
  if (world.signal.aborted) stop();
  const { code, signal } = await ended;
  if (world.signal.aborted) {
    world.terminal.note('stopped');
    return;
  }
  if (code !== 0)
    throw new CliFailure(
      'unknown',
      `the control plane ended ${signal === null ? `with code ${code}` : `by ${signal}`}`,
    );
}
