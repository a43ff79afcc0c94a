/** What our scripts have awk, sed, grep, find and their like do, each known by the whole of its text. */
import type { SimulatedHost } from './host.ts';
import type { Call } from './shell/shell.ts';
import { NotUnderstood } from './shell/syntax.ts';

type TextProgram = (host: SimulatedHost, call: Call) => number;

/** Lines of standard input, or of the file that is named last. */
function linesOf(host: SimulatedHost, call: Call, path?: string): string[] {
  const text = path === undefined ? (call.streams.get(0)?.rest() ?? '') : (host.files.text(path) ?? '');
  return text.split('\n').filter((line) => line !== '');
}

function out({ streams }: Call, lines: readonly string[]): number {
  streams.get(1)?.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function unknown(name: string, { args }: Call): never {
  throw new NotUnderstood(`${name} ${args.join(' ')}`);
}

/** As /proc/net/tcp writes an address. */
function inProc(address: string): string {
  return Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase();
}

const socketsText =
  '$4 == "0A" { split($2, at, ":"); any = at[1] ~ /^0+$/ if (at[2] == port && (any || at[1] == address || address == "00000000")) print "taken=" $10 if (at[2] != epmd) next print "epmd_seen=1" if (any) print "epmd_any=1" if (at[1] == address) print "epmd_here=1" if (at[1] == "0100007F") print "epmd_loop=1" }';

/** Which sockets are in the way, and where epmd listens: the program of `sockets` in src/host/commands/sockets.ts. */
function sockets(host: SimulatedHost, call: Call): number {
  const [, address = '', , port = '', , epmd = ''] = call.args.map((arg) => arg.split('=').at(-1) ?? '');
  const said: string[] = [];
  for (const one of host.listening) {
    const [where, at] = [inProc(one.address), one.port.toString(16).toUpperCase().padStart(4, '0')];
    const isAny = /^0+$/.test(where);
    if (at === port && (isAny || where === address || address === '00000000')) said.push(`taken=${one.inode}`);
    if (at !== epmd) continue;
    said.push('epmd_seen=1');
    if (isAny) said.push('epmd_any=1');
    if (where === address) said.push('epmd_here=1');
    if (where === '0100007F') said.push('epmd_loop=1');
  }
  return out(call, said);
}

const field = (line: string, at: number): string => line.trim().split(/\s+/)[at - 1] ?? '';

const awkPrograms: Readonly<Record<string, (host: SimulatedHost, call: Call) => string[]>> = {
  'NR == 2 { print $4 }': (host, call) => [field(linesOf(host, call)[1] ?? '', 4)],
  'NR==2{printf "%.0f", $4*1024}': (host, call) => [String(Number(field(linesOf(host, call)[1] ?? '', 4)) * 1024)],
  '/^MemTotal:/{printf "memory=%.0f\\n", $2*1024}': ({ memoryBytes }) => [`memory=${memoryBytes}`],
  '/^MemAvailable:/{printf "free=%.0f\\n", $2*1024}': ({ memoryBytes }) => [`free=${memoryBytes / 2}`],
  '/=>/{print "lib=" $1}': (host, call) => linesOf(host, call).map((line) => `lib=${field(line, 1)}`),
  '/inet/{print "addr=" $4}': (host, call) => linesOf(host, call).map((line) => `addr=${field(line, 4)}`),
  '$4=="0A"{print "port=" $2}': ({ listening }) =>
    listening.map(({ address, port }) => `port=${inProc(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`),
};

const awk: TextProgram = (host, call) => {
  const [first = ''] = call.args;
  if (first === '-v' && (call.args[6] ?? '').trim().replace(/\s+/g, ' ') === socketsText) return sockets(host, call);
  const program = awkPrograms[first];
  return program === undefined ? unknown('awk', call) : out(call, program(host, call));
};

const sed: TextProgram = (host, call) => {
  const [first = '', second] = call.args;
  const [, before] = /^s\/\^\/((?:\d+ )?log=)\/$/.exec(first) ?? [];
  if (before !== undefined)
    return out(
      call,
      linesOf(host, call).map((line) => `${before}${line}`),
    );
  if (first !== '-n' || second !== 's/^name \\([^ ]*\\).*/\\1/p') return unknown('sed', call);
  return out(
    call,
    linesOf(host, call).flatMap((line) => /^name ([^ ]*)/.exec(line)?.[1] ?? []),
  );
};

/** `left` and `stopIdleEpmd` of src/host/commands/end.ts and epmd.ts. */
const grep: TextProgram = (host, call) => {
  const [how = '', what = ''] = call.args;
  if (how === '-c' && what === '^name ') {
    const count = linesOf(host, call).filter((line) => line.startsWith('name ')).length;
    out(call, [String(count)]);
    return count > 0 ? 0 : 1;
  }
  if (how !== '-lzxF' || !what.startsWith('HOME=')) return unknown('grep', call);
  const home = what.slice('HOME='.length);
  const found = [...host.processes.values()].filter(({ environment }) => environment.get('HOME') === home);
  out(
    call,
    found.map(({ pid }) => `/proc/${pid}/environ`),
  );
  return found.length > 0 ? 0 : 1;
};

const findOptions = /^nodes -mindepth 2 -maxdepth 2 -name log -size \+(\d+)k$/;

const find: TextProgram = (host, call) => {
  const kib = findOptions.exec(call.args.join(' '))?.[1];
  if (kib === undefined) return unknown('find', call);
  const nodes = host.files.folderAt(call.shell.path('nodes'))?.entries ?? new Map<string, never>();
  const found = [...nodes.keys()].filter(
    (id) => (host.files.text(call.shell.path(`nodes/${id}/log`))?.length ?? 0) > Number(kib) * 1024,
  );
  return out(
    call,
    found.map((id) => `nodes/${id}/log`),
  );
};

/** By their names. */
export const textPrograms: Readonly<Record<string, TextProgram>> = {
  ...{ awk, sed, grep, find },
  head: (host, call) => {
    const [option, count] = call.args;
    return option === '-n' ? out(call, linesOf(host, call).slice(0, Number(count))) : unknown('head', call);
  },
  sort: (host, call) =>
    call.args.join() === '-u' ? out(call, [...new Set(linesOf(host, call))].sort()) : unknown('sort', call),
  tr: (_host, call) => {
    const [from, to] = call.args;
    const text = call.streams.get(0)?.rest() ?? '';
    if (from === 'A-Z' && to === 'a-z') call.streams.get(1)?.write(text.toLowerCase());
    else if (from === '\\n' && to === ' ') call.streams.get(1)?.write(text.replaceAll('\n', ' '));
    else unknown('tr', call);
    return 0;
  },
};
