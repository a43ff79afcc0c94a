/** What the shell does itself. */
import type { Shell } from './shell.ts';
import { NotUnderstood } from './syntax.ts';

/** Its status. */
type Builtin = (shell: Shell, args: readonly string[]) => number;

function write(shell: Shell, text: string): number {
  shell.stream(1).write(text);
  return 0;
}

function read(shell: Shell, args: readonly string[]): number {
  if (args[0] !== '-r') throw new NotUnderstood('read without -r');
  const names = args.slice(1);
  const line = shell.stream(0).line();
  let rest = line.replace(/\n$/, '').trim();
  names.forEach((name, at) => {
    const end = at === names.length - 1 ? -1 : rest.search(/[ \t]/);
    shell.variables.set(name, end < 0 ? rest : rest.slice(0, end));
    rest = end < 0 ? '' : rest.slice(end).trimStart();
  });
  return line.endsWith('\n') ? 0 : 1;
}

function printf(shell: Shell, [format = '', ...args]: readonly string[]): number {
  const rest = [...args];
  const once = (): string =>
    format.replace(/%(04X|s|%)|\\(n|t|\\)/g, (_all, directive?: string, escape?: string) => {
      if (escape !== undefined) return escape === 'n' ? '\n' : escape === 't' ? '\t' : '\\';
      if (directive === '%') return '%';
      const arg = rest.shift() ?? '';
      return directive === 's' ? arg : Number(arg).toString(16).toUpperCase().padStart(4, '0');
    });
  if (/%(?!04X|s|%)/.test(format)) throw new NotUnderstood(`printf ${format}`);
  let text = once();
  while (rest.length > 0) text += once();
  return write(shell, text);
}

function cd(shell: Shell, args: readonly string[]): number {
  const path = shell.path(args.at(-1) ?? '');
  if (shell.files.folderAt(path) === undefined) {
    shell.stream(2).write(`sh: cd: can't cd to ${path}\n`);
    return 2;
  }
  shell.folder = path;
  return 0;
}

function set(shell: Shell, args: readonly string[]): number {
  const [first, ...rest] = args;
  if (first === '--') shell.positional = rest;
  else if (first === '-u' || first === '+u') return 0;
  else if (first?.startsWith('-') === true && first !== '-') throw new NotUnderstood(`set ${first}`);
  else shell.positional = args;
  return 0;
}

function exporting(shell: Shell, args: readonly string[]): number {
  for (const arg of args) {
    const at = arg.indexOf('=');
    const name = at < 0 ? arg : arg.slice(0, at);
    if (at >= 0) shell.variables.set(name, arg.slice(at + 1));
    shell.exported.add(name);
  }
  return 0;
}

function sourced(shell: Shell, [path = '']: readonly string[]): number {
  const text = shell.files.text(shell.path(path));
  if (text === undefined) throw new NotUnderstood(`. ${path}: it is not there`);
  return shell.runText(text);
}

function leaving(how: 'exit' | 'return'): Builtin {
  return (shell, [status = String(shell.status)]) => {
    shell.leaving = how;
    shell.status = Number(status);
    return shell.status;
  };
}

function test(shell: Shell, args: readonly string[]): number {
  return holds(shell, args.slice(0, -1)) ? 0 : 1;
}

function holds(shell: Shell, args: readonly string[]): boolean {
  if (args[0] === '!') return !holds(shell, args.slice(1));
  const [left = '', operator, right = ''] = args;
  if (args.length === 1) return left !== '';
  if (args.length === 2) return unary(shell, left, operator ?? '');
  if (args.length !== 3) throw new NotUnderstood(`[ ${args.join(' ')} ]`);
  const [a, b] = [Number(left), Number(right)];
  switch (operator) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '-ef':
      return isSame(shell, left, right);
    case '-lt':
      return a < b;
    case '-gt':
      return a > b;
    case '-ge':
      return a >= b;
    default:
      throw new NotUnderstood(`[ ${args.join(' ')} ]`);
  }
}

function isSame(shell: Shell, left: string, right: string): boolean {
  shell.system.running = shell;
  const one = shell.files.find(shell.path(left));
  return one !== undefined && one === shell.files.find(shell.path(right));
}

function unary(shell: Shell, operator: string, value: string): boolean {
  if (operator === '-n') return value !== '';
  if (operator === '-z') return value === '';
  shell.system.running = shell;
  const entry = shell.files.find(shell.path(value));
  switch (operator) {
    case '-e':
    case '-r':
    case '-w':
      return entry !== undefined;
    case '-d':
      return entry?.kind === 'folder';
    case '-f':
      return entry?.kind === 'file';
    case '-s':
      return entry?.kind === 'file' && entry.content !== '';
    case '-x':
      return entry?.kind === 'file' && (entry.mode & 0o100) !== 0;
    case '-S':
      return false;
    default:
      throw new NotUnderstood(`[ ${operator} ]`);
  }
}

/** By their names. */
export const builtins: Readonly<Record<string, Builtin | undefined>> = {
  ':': () => 0,
  true: () => 0,
  echo: (shell, args) => write(shell, `${args.join(' ')}\n`),
  printf,
  read,
  cd,
  set,
  '[': test,
  export: exporting,
  unset: (shell, names) => {
    for (const name of names) shell.variables.delete(name);
    return 0;
  },
  shift: (shell) => {
    shell.positional = shell.positional.slice(1);
    return 0;
  },
  eval: (shell, args) => shell.runText(args.join(' ')),
  '.': sourced,
  exit: leaving('exit'),
  return: leaving('return'),
  continue: (shell) => {
    shell.leaving = 'continue';
    return 0;
  },
  umask: () => 0,
  // what runs beside has run to its end
  wait: () => 0,
};
