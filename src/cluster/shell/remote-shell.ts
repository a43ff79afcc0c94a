/**
 * A shell on a node, for a person far away: the node's own shell (Erlang's, or IEx) with us as its group leader. We attach
 * hidden, under a name of the fixed pool, by a connection of our own, and take everything with us when we go (I6): the
 * shell is killed, which ends its evaluator and tables, and waited for.
 *
 *   open -> ended      by the person, by the shell itself, or with the connection
 */
import { withDeadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { OwnNode, Pid, asAtom, asList, asTagged, atom, bool, formatTerm, tuple } from '../../erlang/erlang.ts';
import type { ErlangNode, ErlangProcess, Term } from '../../erlang/erlang.ts';
import type { Node } from '../../model/node.ts';
import type { ShellLanguage, ShellPiece, ShellSettings } from '../../model/exchange.ts';
import type { ClusterDependencies } from '../cluster.ts';
import { byEither } from '../links.ts';
import type { Attached, NamesInUse } from '../own-names.ts';
import { IoServer } from './io-request.ts';
import { Mailbox } from '../../base/mailbox.ts';

/** A shell that is open: what it shows comes out, what the person types goes in. */
export interface RemoteShell {
  /** What is to be shown, in order; the last piece is the end. To be read once. */
  pieces(): AsyncIterable<ShellPiece>;
  /** One line, without its end. */
  type(line: string): void;
  /** Ends what is being evaluated. */
  interrupt(): void;
  /** Ends the shell and leaves the node; resolves when nothing of it is left there. */
  close(): Promise<void>;
}

const connectMs = 10_000;
const applyMs = 30_000;
const leaveMs = 5_000;
/** As long as a person may think: the connection's own ticks tell when the node is gone. */
const idleMs = 24 * 3_600_000;

/** Opens a shell. Faults: unavailable, denied (cookie), timeout; invalid when the node has no such shell. */
export async function openShell(
  deps: ClusterDependencies,
  names: NamesInUse,
  node: Node,
  options: ShellSettings,
): Promise<RemoteShell> {
  const cookies = await deps.cookies(node);
  const attached = await byEither(cookies, (cookie) =>
    names.attach(node.id, (name) => attach(deps, node, { name, cookie })),
  );
  if (attached === undefined) throw crowded(node, names);
  const shell = new Shell(deps.clock, attached.own, attached.erlang, options);
  try {
    await shell.begin(options.language);
    return shell;
  } catch (error) {
    await shell.close();
    throw error;
  }
}

/** A node of ours for one shell, connected to the node that it is on. */
interface Seat extends Attached {
  readonly own: OwnNode;
  readonly erlang: ErlangNode;
}

async function attach(
  deps: ClusterDependencies,
  node: Node,
  { name, cookie }: { readonly name: string; readonly cookie: string },
): Promise<Seat> {
  const dial = (_: string, signal: AbortSignal) => deps.dial(node, signal);
  const own = new OwnNode({ name, cookie, clock: deps.clock, dial });
  try {
    const erlang = await own.connect(node.name, { timeoutMs: connectMs });
    return { own, erlang, onClose: (listener) => erlang.onClose(listener) };
  } catch (error) {
    own.close();
    throw error;
  }
}

function crowded(node: Node, names: NamesInUse): Fault {
  return new Fault('conflict', `${names.all.length} shells and control planes are attached to ${node.name} already`, {
    object: `node ${node.name}`,
    next: 'close one of them',
  });
}

class Shell implements RemoteShell {
  readonly #clock: Clock;
  readonly #own: OwnNode;
  readonly #erlang: ErlangNode;
  readonly #process: ErlangProcess;
  readonly #io: IoServer;
  readonly #typed = new Mailbox<string>();
  readonly #shown = new Mailbox<ShellPiece>();
  readonly #gone = Promise.withResolvers<void>();
  #shell: Pid | undefined;
  #entry: Entry = erlangShell;
  #isOver = false;

  constructor(clock: Clock, own: OwnNode, erlang: ErlangNode, { columns, rows }: ShellSettings) {
    this.#clock = clock;
    this.#own = own;
    this.#erlang = erlang;
    this.#process = own.spawn();
    this.#io = new IoServer({
      columns,
      rows,
      print: (text) => this.#shown.put({ kind: 'print', text }),
      line: (prompt) => this.#nextLine(prompt),
      apply: (module, name, args) => erlang.call(module, name, args, { timeoutMs: applyMs }),
    });
    erlang.onClose((why) => this.#cutOff(why));
    void this.#listen();
  }

  /** Starts the node's own shell with us as its group leader. */
  async begin(language: ShellLanguage): Promise<void> {
    this.#entry = language === 'elixir' ? await prepareElixir(this.#erlang) : erlangShell;
    const { module, name, args } = this.#entry;
    const spawn = { module, function: name, args, link: true, monitor: true };
    this.#shell = (await this.#process.spawn(this.#erlang.name, spawn, { timeoutMs: connectMs })).pid;
  }

  async *pieces(): AsyncGenerator<ShellPiece> {
    for (;;) {
      const piece = await this.#shown.take();
      if (piece === null) return;
      yield piece;
    }
  }

  type(line: string): void {
    void this.#typed.put(`${line}\n`);
  }

  interrupt(): void {
    if (this.#shell !== undefined && !this.#isOver) this.#process.exit(this.#shell, atom('interrupt'));
  }

  async close(): Promise<void> {
    await this.#takeDown();
    this.#over('closed');
    this.#own.close();
  }

  /** The shell first, then what was started for it; a node that does not answer any more is left as it is. */
  async #takeDown(): Promise<void> {
    const what = `the end of the shell on ${this.#erlang.name}`;
    try {
      if (this.#shell !== undefined) this.#process.exit(this.#shell, atom('kill'));
      if (this.#shell !== undefined) await withDeadline(this.#clock, { ms: leaveMs, what }, () => this.#gone.promise);
      for (const application of this.#entry.started.toReversed())
        await this.#erlang.call('application', 'stop', [application], { timeoutMs: leaveMs });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }

  #nextLine(prompt: string): Promise<string | null> {
    if (prompt !== '') void this.#shown.put({ kind: 'prompt', text: prompt });
    return this.#typed.take();
  }

  /** Whatever comes to the group leader. */
  async #listen(): Promise<void> {
    while (!this.#isOver) {
      const letter = await this.#process.receive({ timeoutMs: idleMs }).catch(() => null);
      if (letter === null) return;
      if (letter.kind === 'message') this.#serve(letter.message);
      if (letter.kind === 'down') this.#shellEnded(letter.reason);
    }
  }

  /** `{io_request, From, ReplyAs, Request}` is answered by `{io_reply, ReplyAs, Reply}`. */
  #serve(message: Term): void {
    const [from, replyAs, request] = asTagged(message, 'io_request', 4)?.slice(1) ?? [];
    if (!(from instanceof Pid) || replyAs === undefined || request === undefined) return;
    void this.#io.answer(request).then((reply) => {
      if (!this.#isOver) this.#process.send(from, tuple(atom('io_reply'), replyAs, reply));
    });
  }

  /** Nothing of the shell is left to wait for: its node ends what was tied to the connection. */
  #cutOff(why: string): void {
    this.#shell = undefined;
    this.#gone.resolve();
    this.#over(why);
  }

  #shellEnded(reason: Term): void {
    this.#cutOff(
      asAtom(reason) === 'normal' ? 'the shell has ended' : `the shell has ended: ${formatTerm(reason, 200)}`,
    );
  }

  #over(why: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    void this.#shown.put({ kind: 'end', why });
    this.#shown.close();
    this.#typed.close();
  }
}

/** How a shell is started on a node, and which applications were started for it. */
interface Entry {
  readonly module: string;
  readonly name: string;
  readonly args: readonly Term[];
  readonly started: readonly Term[];
}

/** `shell:server(NoControlG, StartSync)`: no line about `^G`, which is no key of ours, and no waiting for a node that runs. */
const erlangShell: Entry = { module: 'shell', name: 'server', args: [bool(true), bool(false)], started: [] };

/** IEx needs its application; a release brings it without starting it. */
async function prepareElixir(erlang: ErlangNode): Promise<Entry> {
  const within = { timeoutMs: applyMs };
  const answer = await erlang.call('application', 'ensure_all_started', [atom('iex')], within);
  const started = asList(asTagged(answer, 'ok', 2)?.[1]);
  if (started === undefined)
    throw new Fault('invalid', `${erlang.name} has no IEx: ${formatTerm(answer, 200)}`, {
      object: `node ${erlang.name}`,
      next: 'ask for the Erlang shell: --language erlang',
    });
  return { module: 'Elixir.IEx.Server', name: 'run', args: [[]], started };
}
