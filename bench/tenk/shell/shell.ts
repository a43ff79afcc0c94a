/**
 * A shell that runs to its end in one go: nothing in it waits, since what it starts in a simulated host is there at once.
 * What runs beside (`&`) is run where it stands. `set -e` is not known; `set -u` is always on.
 */
import { absolute, file } from '../files.ts';
import type { Files } from '../files.ts';
import { nowhere, sink, source } from '../streams.ts';
import type { Stream } from '../streams.ts';
import { builtins } from './builtins.ts';
import { asFields, asPattern, asText, matcherOf } from './expand.ts';
import { parse } from './parse.ts';
import { NotUnderstood } from './syntax.ts';
import type { Command, Redirection } from './syntax.ts';

/** A process of the host while it is a shell or a program. */
export interface Task {
  readonly pid: number;
  /** start time, in ticks of its host */
  readonly start: number;
  readonly environment: ReadonlyMap<string, string>;
  folder: string;
}

/** What a program is handed. */
export interface Call {
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly shell: Shell;
  readonly streams: ReadonlyMap<number, Stream>;
}

/** The host under a shell. */
export interface System {
  readonly files: Files;
  /** the file behind an open stream, as /proc/PID/fd shows it */
  running: Shell | null;
  newTask(environment: ReadonlyMap<string, string>, folder: string): Task;
  /** Runs a program, in place of the shell's process where `inPlace`. Throws NotUnderstood for one that it has not. */
  program(name: string, call: Call, inPlace: boolean): number;
  readonly user: string;
}

type Leaving = 'exit' | 'return' | 'continue' | 'break' | null;

const turnsMax = 10_000;

/** One shell. */
export class Shell {
  readonly system: System;
  readonly task: Task;
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  streams: Map<number, Stream>;
  positional: readonly string[];
  name = 'sh';
  folder: string;
  status = 0;
  leaving: Leaving = null;

  constructor(system: System, task: Task, streams: ReadonlyMap<number, Stream>, positional: readonly string[] = []) {
    this.system = system;
    this.task = task;
    this.variables = new Map(task.environment);
    this.exported = new Set(task.environment.keys());
    this.functions = new Map();
    this.streams = new Map(streams);
    this.positional = positional;
    this.folder = task.folder;
  }

  get files(): Files {
    return this.system.files;
  }

  /** Runs shell text; its status. */
  runText(text: string): number {
    return this.run(parse(text));
  }

  path(path: string): string {
    return absolute(path, this.folder);
  }

  stream(fd: number): Stream {
    return this.streams.get(fd) ?? nowhere;
  }

  value(name: string): string | undefined {
    if (name === '$') return String(this.task.pid);
    if (name === '?') return String(this.status);
    if (name === '#') return String(this.positional.length);
    if (/^\d+$/.test(name)) return name === '0' ? this.name : this.positional[Number(name) - 1];
    return name === 'PWD' ? this.folder : this.variables.get(name);
  }

  output(body: Command): string {
    let text = '';
    const inner = this.fork();
    inner.streams.set(
      1,
      sink((more) => void (text += more)),
    );
    this.status = inner.run(body);
    return text.replace(/\n+$/, '');
  }

  /** A copy, whose changes are its own. */
  fork(): Shell {
    const copy = new Shell(this.system, this.task, this.streams, this.positional);
    for (const [name, value] of this.variables) copy.variables.set(name, value);
    for (const name of this.exported) copy.exported.add(name);
    for (const [name, body] of this.functions) copy.functions.set(name, body);
    copy.folder = this.folder;
    copy.name = this.name;
    copy.status = this.status;
    return copy;
  }

  /** Runs a command; its status. */
  run(command: Command): number {
    if (this.leaving !== null) return this.status;
    this.status = this.#dispatch(command);
    return this.status;
  }

  #dispatch(command: Command): number {
    switch (command.kind) {
      case 'simple':
        return this.#simple(command);
      case 'list':
        for (const one of command.commands) this.run(one);
        return this.status;
      case 'and':
        return this.run(command.left) === 0 ? this.run(command.right) : this.status;
      case 'or':
        return this.run(command.left) === 0 ? 0 : this.run(command.right);
      case 'not':
        return this.run(command.body) === 0 ? 1 : 0;
      case 'pipe':
        return this.#pipe(command.commands);
      case 'subshell':
        return this.fork().run(command.body);
      case 'if':
        return this.#if(command);
      case 'while':
        return this.#while(command);
      case 'for':
        return this.#for(command);
      case 'case':
        return this.#case(command);
      case 'function':
        this.functions.set(command.name, command.body);
        return 0;
      case 'redirected':
        return this.#redirected(command.redirections, () => this.run(command.body));
    }
  }

  #pipe(commands: readonly Command[]): number {
    let input = this.stream(0);
    let status = 0;
    commands.forEach((command, at) => {
      let text = '';
      const part = this.fork();
      part.streams.set(0, input);
      if (at < commands.length - 1)
        part.streams.set(
          1,
          sink((more) => void (text += more)),
        );
      status = part.run(command);
      input = source(text);
    });
    return status;
  }

  #if({ arms, otherwise }: Extract<Command, { kind: 'if' }>): number {
    for (const [condition, body] of arms) {
      if (this.run(condition) === 0) return this.run(body);
      if (this.leaving !== null) return this.status;
    }
    return otherwise === null ? 0 : this.run(otherwise);
  }

  #while({ until, condition, body }: Extract<Command, { kind: 'while' }>): number {
    let status = 0;
    for (let turn = 0; (this.run(condition) === 0) !== until; turn += 1) {
      if (turn === turnsMax) throw new NotUnderstood('a loop without an end');
      status = this.run(body);
      if (this.#leavesLoop()) return this.status;
    }
    return this.leaving === null ? status : this.status;
  }

  #for({ name, words, body }: Extract<Command, { kind: 'for' }>): number {
    let status = 0;
    for (const value of words === null ? this.positional : asFields(words, this)) {
      this.variables.set(name, value);
      status = this.run(body);
      if (this.#leavesLoop()) return this.status;
    }
    return status;
  }

  #leavesLoop(): boolean {
    if (this.leaving === 'continue') this.leaving = null;
    return this.leaving !== null;
  }

  #case({ word, arms }: Extract<Command, { kind: 'case' }>): number {
    const text = asText(word, this);
    for (const [patterns, body] of arms) {
      if (patterns.some((pattern) => matcherOf(asPattern(pattern, this)).test(text))) return this.run(body);
    }
    return 0;
  }

  #simple({ assignments, words, redirections }: Extract<Command, { kind: 'simple' }>): number {
    const args = asFields(words, this);
    const [name, ...rest] = args;
    if (name === undefined) {
      let status = 0;
      for (const [variable, word] of assignments) {
        this.status = 0;
        this.variables.set(variable, asText(word, this));
        status = this.status;
      }
      return redirections.length === 0 ? status : this.#redirected(redirections, () => status);
    }
    if (name === 'exec') return this.#exec(rest, redirections);
    return redirections.length === 0
      ? this.call(name, rest, this.#withAssignments(assignments))
      : this.#redirected(redirections, () => this.call(name, rest, this.#withAssignments(assignments)));
  }

  #withAssignments(assignments: Extract<Command, { kind: 'simple' }>['assignments']): ReadonlyMap<string, string> {
    return new Map(assignments.map(([name, word]) => [name, asText(word, this)] as const));
  }

  /** Calls a function, what the shell itself can do, or a program. */
  call(name: string, args: readonly string[], assigned: ReadonlyMap<string, string> = new Map()): number {
    const body = this.functions.get(name);
    if (body !== undefined) return this.#function(body, args);
    const builtin = builtins[name];
    if (builtin !== undefined) return builtin(this, args);
    return this.#program(name, args, { assigned, inPlace: false });
  }

  #function(body: Command, args: readonly string[]): number {
    const before = this.positional;
    this.positional = args;
    const status = this.run(body);
    this.positional = before;
    if (this.leaving === 'return') this.leaving = null;
    return status;
  }

  #program(
    name: string,
    args: readonly string[],
    { assigned, inPlace }: { readonly assigned: ReadonlyMap<string, string>; readonly inPlace: boolean },
  ): number {
    const environment = new Map([...this.exported].map((one) => [one, this.variables.get(one) ?? ''] as const));
    for (const [variable, value] of assigned) environment.set(variable, value);
    this.system.running = this;
    return this.system.program(name, { args, environment, shell: this, streams: this.streams }, inPlace);
  }

  #exec(args: readonly string[], redirections: readonly Redirection[]): number {
    const [name, ...rest] = args;
    if (name === undefined) return this.#redirect(redirections) ? 0 : this.#leave(2);
    return this.#redirected(redirections, () =>
      this.#leave(this.#program(name, rest, { assigned: new Map(), inPlace: true })),
    );
  }

  #leave(status: number): number {
    this.leaving = 'exit';
    this.status = status;
    return status;
  }

  #redirected(redirections: readonly Redirection[], act: () => number): number {
    const before = this.streams;
    this.streams = new Map(before);
    try {
      return this.#redirect(redirections) ? act() : 1;
    } finally {
      this.streams = before;
    }
  }

  /** False, and told, where a file cannot be opened. */
  #redirect(redirections: readonly Redirection[]): boolean {
    for (const { fd, operator, target } of redirections) {
      const isInput = operator.startsWith('<');
      const to = fd < 0 ? (isInput ? 0 : 1) : fd;
      const text = asText(target, this);
      if (operator === '<<') this.streams.set(to, source(text));
      else if (operator.endsWith('&')) this.#copy(to, text);
      else {
        const opened = this.open(text, operator);
        if (opened === undefined) {
          this.stream(2).write(`sh: cannot open ${text}\n`);
          return false;
        }
        this.streams.set(to, opened);
      }
    }
    return true;
  }

  #copy(fd: number, from: string): void {
    if (from === '-') this.streams.delete(fd);
    else this.streams.set(fd, this.stream(Number(from)));
  }

  /** Opens a file. */
  open(name: string, operator: string): Stream | undefined {
    if (name === '/dev/null') return nowhere;
    const path = this.path(name);
    this.system.running = this;
    const known = this.files.find(path);
    if (operator === '<') return known?.kind === 'file' ? source(known.content, known) : undefined;
    const entry = known ?? file('');
    if (entry.kind !== 'file' || (known === undefined && !this.files.put(path, entry))) return undefined;
    if (operator === '>') entry.content = '';
    return sink((text) => void (entry.content += text), entry);
  }
}
