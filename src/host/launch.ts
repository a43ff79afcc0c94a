/**
 * How a node is launched: by its declared commands, or as an OTP release by the release's own erlexec, with an environment
 * and arguments of ours (the `erl` and `start` scripts inside a release name their builder's root, and a cookie in their
 * arguments, so they are not used). Pure: from an order to two shell texts, `env` and `launch`, in which $1 is the node's
 * folder and $2 the release's.
 */
import { quote } from '../base/quote.ts';
import type { NodeOrder } from './host.ts';
import { commandLaunch } from './launch-commands.ts';
import { emulatorVariables, familyVariables } from './launch-environment.ts';
import { stripArguments } from './vm-args.ts';

/** What is written for a node, beside its cookie. */
export interface Launch {
  /** assignments, exported: the node's whole environment but PATH and LANG; read by commands that run beside the node, too */
  readonly environment: string;
  /** what the launched shell does last: becomes the emulator */
  readonly exec: string;
  /** settings of the family that were left out */
  readonly stripped: readonly string[];
}

/** Threads for file work: the emulator's ten suit a machine of its own; nodes here share one. */
const dirtyIoPerCore = 2;

/** The shell texts for an order, and the names of the settings that they leave out. */
export function launchOf(order: NodeOrder): Launch {
  const { commands, config } = order.specification;
  if (commands !== undefined) return commandLaunch(order, commands);
  const own = ownVariables(order);
  const { free, colliding } = familyVariables(order, new Set([...own.keys(), ...fixed]));
  const family = stripArguments(config.vmArgs ?? []);
  const ours = [...rootLines(order), ...[...own].map(([name, value]) => `export ${name}=${value}`)];
  const script = scriptLines(order);
  const lines = [...ours, ...script, ...free, ...(script.length === 0 ? [] : ours), 'export PATH="$BINDIR:$PATH"'];
  return {
    environment: `${lines.join('\n')}\n`,
    exec: `${pristine(order)}exec "$BINDIR/erlexec" ${argumentsOf(order, family.kept).join(' ')}\n`,
    stripped: [...family.taken, ...colliding, ...order.inspection.leftOut.filter((name) => name.startsWith('env '))],
  };
}

/** A mix release writes what its providers said into its configuration: each start begins with what was packed. */
function pristine({ inspection }: NodeOrder): string {
  if (inspection.kind !== 'mix' || inspection.sysConfig === null) return '';
  return `cat "$2"/${quote(inspection.sysConfig)} >"$1/release.config" || exit 1\n`;
}

/**
 * What a mix release sets in its env.sh, which its own start script would read: it may lean on our variables, and may
 * change none of them.
 */
function scriptLines({ inspection }: NodeOrder): readonly string[] {
  if (inspection.kind !== 'mix') return [];
  const script = `"$2"/${quote(`releases/${inspection.version}/env.sh`)}`;
  return ['set +u', 'export RELEASE_COMMAND=start', `[ ! -f ${script} ] || . ${script}`, 'unset RELEASE_COOKIE'];
}

/** Names that are set by other lines than those of `ownVariables`. */
const fixed = new Set(['ROOTDIR', 'BINDIR', 'PATH']);

/**
 * Where the emulator is. A release without one needs the same version on the host, found through its `erl`; a relx release
 * of that sort takes the standard applications from there as well.
 */
function rootLines({ inspection }: NodeOrder): readonly string[] {
  const erts = quote(`erts-${inspection.erts ?? ''}`);
  if (inspection.ertsIncluded) return ['export ROOTDIR="$2"', `export BINDIR="$2"/${erts}/bin`];
  const root = inspection.kind === 'relx' ? '"$host"' : '"$2"';
  return [
    'host=$(readlink -f "$(command -v erl)"); host=${host%/bin/erl}',
    `export ROOTDIR=${root}`,
    `export BINDIR="$host"/${erts}/bin`,
    'unset host',
  ];
}

/**
 * What the emulator and the scripts of relx and mix look for. `HOME` holds the cookie; the crash dump, which holds it as
 * well, goes to the same private place. RELEASE_COOKIE is not set: an environment is no place for it (I8).
 */
function ownVariables({ name, specification, inspection }: NodeOrder): ReadonlyMap<string, string> {
  const { name: releaseName, version } = inspection;
  return new Map<string, string>([
    ['HOME', '"$1"'],
    ['EMU', 'beam'],
    ['PROGNAME', 'erl'],
    ...emulatorVariables(specification),
    ['RELEASE_ROOT', '"$2"'],
    ['RELEASE_ROOT_DIR', '"$2"'],
    ['RELEASE_NAME', quote(releaseName)],
    ['RELEASE_VSN', quote(version)],
    ['REL_NAME', quote(releaseName)],
    ['REL_VSN', quote(version)],
    ['RELEASE_NODE', quote(name)],
    ['RELEASE_DISTRIBUTION', 'name'],
    ['RELEASE_MODE', 'embedded'],
    ['RELEASE_TMP', '"$1/tmp"'],
    ['RELEASE_SYS_CONFIG', '"$1/release"'],
    ['RELEASE_VM_ARGS', '"$1/vm.args"'],
    ['RELX_OUT_FILE_PATH', '"$1/tmp"'],
    ['RELDIR', '"$1/releases"'],
  ]);
}

/**
 * The emulator's arguments, as words of a shell script. Later ones win: the release's vm.args, our share of the machine,
 * the family's wishes, and last what makes the node reachable under its name.
 */
function argumentsOf(order: NodeOrder, familyArguments: readonly string[]): readonly string[] {
  return [
    '-noinput',
    '-boot',
    `"$2"/${quote(order.inspection.boot ?? '')}`,
    ...libraryVariables(order),
    ...configurations(order),
    ...(order.inspection.vmArgs === null ? [] : ['-args_file', '"$1/vm.args"']),
    ...schedulers(order.placement.cores),
    ...familyArguments.map(quote),
    ...distribution(order),
    ...(order.inspection.kind === 'mix' ? ['-s', 'elixir', 'start_cli', '-extra', '--no-halt'] : []),
  ];
}

/** Variables in the boot files of relx (ERTS_LIB_DIR) and mix (RELEASE_LIB), and their mode of loading code. */
function libraryVariables({ inspection }: NodeOrder): readonly string[] {
  if (inspection.kind === 'systools') return [];
  if (inspection.kind === 'mix') return ['-mode', 'embedded', '-boot_var', 'RELEASE_LIB', '"$2/lib"'];
  return ['-mode', 'embedded', '-boot_var', 'ERTS_LIB_DIR', '"$ROOTDIR/lib"'];
}

/** The release's configuration first, the family's over it: of two files the later wins, parameter by parameter. */
function configurations(order: NodeOrder): readonly string[] {
  const { sysConfig } = order.inspection;
  const release = needsOwnCopy(order) ? '"$1/release"' : `"$2"/${quote((sysConfig ?? '').replace(/\.config$/, ''))}`;
  return [
    ...(sysConfig === null ? [] : ['-config', release]),
    ...(hasSystemConfig(order) ? ['-config', '"$1/sys"'] : []),
  ];
}

/** Whether the family has settings of its own. */
export function hasSystemConfig({ specification }: NodeOrder): boolean {
  return Object.keys(specification.config.sysConfig ?? {}).length > 0;
}

/** A mix release writes into its configuration when it boots (Config.Provider); a template of relx is to be filled in. */
export function needsOwnCopy({ inspection }: NodeOrder): boolean {
  if (inspection.sysConfig === null) return false;
  return inspection.kind === 'mix' || inspection.sysConfig.endsWith('.src');
}

function schedulers(cores: number): readonly string[] {
  const both = `${cores}:${cores}`;
  return ['+S', both, '+SDcpu', both, '+SDio', String(Math.min(10, cores * dirtyIoPerCore))];
}

/**
 * The one planned port, the one address, and our epmd. Nodes that are not to form a full mesh must neither connect through
 * others nor cut those off that they do not see (prevent_overlapping_partitions, kernel(6)).
 */
function distribution({ name, placement, specification }: NodeOrder): readonly string[] {
  const listen = `{${placement.listen.split('.').join(',')}}`;
  const whole = specification.mesh === 'full';
  return [
    ...['-name', quote(name), '-start_epmd', 'false'],
    ...kernel('inet_dist_listen_min', String(placement.port)),
    ...kernel('inet_dist_listen_max', String(placement.port)),
    ...kernel('inet_dist_use_interface', quote(listen)),
    ...(whole ? [] : ['-connect_all', 'false', ...kernel('prevent_overlapping_partitions', 'false')]),
  ];
}

function kernel(parameter: string, value: string): readonly string[] {
  return ['-kernel', parameter, value];
}
