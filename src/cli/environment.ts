/** The environment of the person at the command line: the one reader of `process.env` in this room. */
import { fewArenas } from '../base/memory-arenas.ts';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the command line takes from its surroundings. */
export interface Environment {
  /** where the control plane of this account keeps its things; WOMBAT_DIRECTORY or ~/.local/share/wombat */
  readonly directory: string;
  /** WOMBAT_URL: a control plane elsewhere */
  readonly url: string | undefined;
  /** WOMBAT_TOKEN_FILE: the file that holds its token; never the token itself (I8) */
  readonly tokenFile: string | undefined;
  /** NO_COLOR is set (https://no-color.org), or the terminal is a dumb one */
  readonly noColor: boolean;
  /** COLUMNS: width to use where standard output is no terminal */
  readonly columns: number | undefined;
  readonly workingDirectory: string;
  /** The value behind `secret://env/NAME`; undefined when the variable is not set. */
  variable(name: string): string | undefined;
}

/** Reads the environment once. */
export function readEnvironment(): Environment {
  const { env } = process;
  const columns = Number(env['COLUMNS']);
  return {
    directory: given(env['WOMBAT_DIRECTORY']) ?? join(dataHome(), 'wombat'),
    url: given(env['WOMBAT_URL']),
    tokenFile: given(env['WOMBAT_TOKEN_FILE']),
    noColor: given(env['NO_COLOR']) !== undefined || env['TERM'] === 'dumb',
    columns: Number.isInteger(columns) && columns > 0 ? columns : undefined,
    workingDirectory: process.cwd(),
    variable: (name) => env[name],
  };
}

/** XDG Base Directory Specification: XDG_DATA_HOME, or ~/.local/share. */
function dataHome(): string {
  return given(process.env['XDG_DATA_HOME']) ?? join(homedir(), '.local', 'share');
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

/** What a control plane that we start finds in its environment: what we found in ours, and few arenas of memory where it says nothing of them. */
export function forControlPlane(): NodeJS.ProcessEnv {
  return { ...fewArenas, ...process.env };
}
