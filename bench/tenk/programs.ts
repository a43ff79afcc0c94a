/**
 * The programs of a host, as far as our scripts call them, and with the arguments that they use: anything else is not
 * understood. Text programs (awk, sed, grep) are known by their whole text, so that a script that changes shows.
 */
import { gunzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { absolute, file, folder } from './files.ts';
import type { Entry, FolderEntry } from './files.ts';
import type { SimulatedHost } from './host.ts';
import { Shell } from './shell/shell.ts';
import type { Call } from './shell/shell.ts';
import { NotUnderstood } from './shell/syntax.ts';
import { textPrograms } from './text-programs.ts';

type Program = (host: SimulatedHost, call: Call, inPlace: boolean) => number;

function refuse(name: string, { args }: Call): never {
  throw new NotUnderstood(`${name} ${args.join(' ')}`);
}

function out({ streams }: Call, text: string): number {
  streams.get(1)?.write(text);
  return 0;
}

function complain({ streams }: Call, text: string): number {
  streams.get(2)?.write(`${text}\n`);
  return 1;
}

/** The arguments that are no options, as absolute paths; options must be among those given. */
function pathsOf(name: string, call: Call, options: readonly string[]): string[] {
  const given = call.args.filter((arg) => arg.startsWith('-'));
  if (given.some((option) => !options.includes(option))) refuse(name, call);
  return call.args.filter((arg) => !arg.startsWith('-')).map((arg) => call.shell.path(arg));
}

const mkdir: Program = ({ files }, call) => {
  for (const path of pathsOf('mkdir', call, ['-p'])) {
    const isMade = call.args.includes('-p')
      ? files.makeAll(path)
      : files.find(path) === undefined && files.put(path, folder());
    if (!isMade) return complain(call, `mkdir: cannot create directory ${path}`);
  }
  return 0;
};

const rm: Program = ({ files }, call) => {
  for (const path of pathsOf('rm', call, ['-f', '-rf'])) {
    if (files.find(path, 'keep')?.kind === 'folder' && !call.args.includes('-rf'))
      return complain(call, `rm: ${path} is a directory`);
    if (!files.remove(path) && call.args[0]?.startsWith('-') !== true) return complain(call, `rm: no ${path}`);
  }
  return 0;
};

const rmdir: Program = ({ files }, call) => {
  for (const path of pathsOf('rmdir', call, [])) {
    const entry = files.folderAt(path);
    if (entry === undefined || entry.entries.size > 0) return complain(call, `rmdir: ${path}`);
    files.remove(path);
  }
  return 0;
};

const mv: Program = ({ files }, call) => {
  const [from = '', to = ''] = pathsOf('mv', call, ['-f']);
  const entry = files.find(from, 'keep');
  if (entry === undefined) return complain(call, `mv: no ${from}`);
  const target = files.folderAt(to) === undefined ? to : `${to}/${from.split('/').at(-1) ?? ''}`;
  if (!files.put(target, entry)) return complain(call, `mv: no folder of ${to}`);
  files.remove(from);
  return 0;
};

const cat: Program = ({ files }, call) => {
  const paths = pathsOf('cat', call, []);
  if (paths.length === 0) return out(call, call.streams.get(0)?.rest() ?? '');
  for (const path of paths) {
    call.shell.system.running = call.shell;
    const text = files.text(path);
    if (text === undefined) return complain(call, `cat: ${path}: No such file or directory`);
    out(call, text);
  }
  return 0;
};

/** Modes of folders are not kept: nobody but the one user is there. */
const chmod: Program = ({ files }, call) => {
  const [option, mode, ...names] = call.args;
  if (option !== '-R' || (mode !== 'u+w' && mode !== 'a-w')) refuse('chmod', call);
  return names.every((name) => files.find(call.shell.path(name)) !== undefined)
    ? 0
    : complain(call, 'chmod: not there');
};

/** Archives that were unpacked before: hosts share what nobody writes into. */
const unpacked = new Map<string, FolderEntry>();

const tar: Program = (host, call) => {
  const [how, dash, option, to = '', owner] = call.args;
  if (how !== '-xzf' || dash !== '-' || option !== '-C' || owner !== '--no-same-owner') refuse('tar', call);
  const bytes = Buffer.from(call.streams.get(0)?.rest() ?? '', 'latin1');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const tree = unpacked.get(digest) ?? untar(gunzipSync(bytes));
  unpacked.set(digest, tree);
  const into = host.files.folderAt(call.shell.path(to));
  for (const [name, entry] of tree.entries) into?.entries.set(name, entry);
  return into === undefined ? complain(call, `tar: no ${to}`) : 0;
};

/** Reads folders and files of a ustar archive. */
function untar(bytes: Buffer): FolderEntry {
  const tree = folder();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const text = (from: number, length: number) =>
      bytes.toString('latin1', at + from, at + from + length).split('\0')[0] ?? '';
    const size = parseInt(text(124, 12), 8);
    const content = bytes.toString('latin1', at + 512, at + 512 + size);
    if (text(156, 1) !== '5') place(tree, text(0, 100), file(content, parseInt(text(100, 8), 8)));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return tree;
}

function place(tree: FolderEntry, path: string, entry: Entry): void {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  let at = tree;
  for (const part of parts.slice(0, -1)) {
    const next = at.entries.get(part) ?? folder();
    at.entries.set(part, next);
    if (next.kind === 'folder') at = next;
  }
  at.entries.set(parts.at(-1) ?? '', entry);
}

/** Nobody else is ever in the middle of something: a script runs to its end in one go. */
const flock: Program = (_host, call) => {
  const fd = Number(call.args.at(-1));
  if (!['-w', '-n'].includes(call.args[0] ?? '')) refuse('flock', call);
  return call.streams.get(fd)?.entry === undefined ? complain(call, `flock: ${fd}: Bad file descriptor`) : 0;
};

/** A shell in a process of its own, or in the one that there is. */
const sh: Program = (host, call, inPlace) => {
  const [first = '', ...rest] = call.args;
  const text = first === '-c' ? rest[0] : host.files.text(call.shell.path(first));
  if (text === undefined) return complain(call, `sh: ${first}: No such file`);
  const task = inPlace
    ? { ...call.shell.task, environment: call.environment }
    : host.newTask(call.environment, call.shell.folder);
  const positional = first === '-c' ? rest.slice(2) : rest;
  const inner = new Shell(host, { ...task, folder: call.shell.folder }, call.streams, positional);
  inner.name = first === '-c' ? (rest[1] ?? 'sh') : first;
  return inner.runText(text);
};

/** Runs its arguments as another program, with the environment they say. */
const env: Program = (host, call, inPlace) => {
  if (call.args[0] !== '-i') refuse('env', call);
  const environment = new Map<string, string>();
  let at = 1;
  for (; call.args[at]?.includes('=') === true; at += 1) {
    const [name = '', ...value] = (call.args[at] ?? '').split('=');
    environment.set(name, value.join('='));
  }
  return host.program(call.args[at] ?? '', { ...call, environment, args: call.args.slice(at + 1) }, inPlace);
};

/** A session of its own is a process of its own. */
const setsid: Program = (host, call) => {
  const [name = '', ...args] = call.args;
  return host.program(name, { ...call, args }, false);
};

const timeout: Program = (host, call, inPlace) => {
  const [option, signal, seconds = '', name = '', ...args] = call.args;
  if (option !== '-s' || signal !== 'KILL' || !/^\d+$/.test(seconds)) refuse('timeout', call);
  return host.program(name, { ...call, args }, inPlace);
};

const kill: Program = (host, call) => {
  const [first = '', second] = call.args;
  if (second !== undefined && first !== '-KILL') refuse('kill', call);
  return host.kill(Number(second ?? first)) ? 0 : complain(call, 'kill: no such process');
};

const readlink: Program = ({ files }, call) => {
  const entry = files.find(call.shell.path(call.args[0] ?? ''), 'keep');
  return entry?.kind === 'link' ? out(call, `${entry.target}\n`) : 1;
};

const tail: Program = ({ files }, call) => {
  const [option, lines = '', name] = call.args;
  if (option !== '-n') refuse('tail', call);
  const text = name === undefined ? call.streams.get(0)?.rest() : files.text(call.shell.path(name));
  if (text === undefined) return complain(call, `tail: ${name ?? ''}`);
  const all = text.split('\n');
  const last = all.at(-1) === '' ? all.slice(0, -1) : all;
  const shown = Number(lines) === 0 ? [] : last.slice(-Number(lines));
  return out(call, shown.map((line) => `${line}\n`).join(''));
};

function says(wanted: string, answer: (host: SimulatedHost, call: Call) => string): Program {
  return (host, call) => (call.args.join(' ') === wanted ? out(call, answer(host, call)) : refuse(wanted, call));
}

/** One of several ways to be called. */
function saysOneOf(answers: Readonly<Record<string, (host: SimulatedHost) => string>>): Program {
  return (host, call) => {
    const answer = answers[call.args.join(' ')];
    return answer === undefined ? refuse('this program', call) : out(call, answer(host));
  };
}

const disk = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 80000000 1000000 70000000 2% /\n';

/** The programs by their names. */
export const programs: Readonly<Record<string, Program | undefined>> = {
  ...{ mkdir, rm, rmdir, mv, cat, chmod, tar, flock, sh, env, setsid, timeout, kill, readlink, tail },
  ...textPrograms,
  sleep: () => 0,
  sync: () => 0,
  df: (_host, call) => (call.args[0] === '-Pk' ? out(call, disk) : refuse('df', call)),
  date: says('+%s', () => `${Math.floor(Date.now() / 1000)}\n`),
  nproc: says('', () => '2\n'),
  uname: saysOneOf({ '-s': () => 'Linux\n', '-m': () => 'x86_64\n', '-n': ({ address }) => `host-${address}\n` }),
  getconf: saysOneOf({ _NPROCESSORS_ONLN: () => '2\n', GNU_LIBC_VERSION: () => 'glibc 2.36\n' }),
  ldconfig: says('-p', () =>
    ['libtinfo.so.6', 'libc.so.6', 'libm.so.6'].map((one) => `\t${one} (libc6,x86-64) => /lib/${one}\n`).join(''),
  ),
  ip: says('-o addr', ({ address }) => `2: eth0    inet ${address}/32 scope global eth0\n`),
  id: saysOneOf({ '-u': () => '1000\n', '-un': ({ user }) => `${user}\n` }),
  dirname: (_host, call) => out(call, `${absolute('..', call.args[0] ?? '')}\n`),
  command: (_host, call) => (call.args[0] === '-v' && programs[call.args[1] ?? ''] !== undefined ? 0 : 1),
};
