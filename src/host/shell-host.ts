/** Host over a Shell: sends the commands, reads the answers, turns failures into faults that say what to do. */
import type { Duplex } from 'node:stream';
import { Fault } from '../base/fault.ts';
import { machineFactsScript, parseMachineFacts } from '../base/machine-facts.ts';
import type { MachineFacts } from '../base/machine-facts.ts';
import type { Command, Finished, Shell } from '../base/shell.ts';
import { putCookie } from './commands/cookie.ts';
import { endNode, leaveHost, parseBusy, parseEnded, removeNode } from './commands/end.ts';
import { executeBeside, noNodeHere } from './commands/execute.ts';
import { followLog, lastLines, noSuchNode } from './commands/log.ts';
import { hasRelease, installRelease, parseRemoved, removeRelease } from './commands/release.ts';
import { answerOf, parseStarted, startNode, startNodes } from './commands/start.ts';
import { hostState, parseHostState } from './commands/state.ts';
import type { Host, HostOptions, HostState, InstallOptions, NodeOrder, Started } from './host.ts';
import { layoutOf } from './layout.ts';
import type { Layout } from './layout.ts';
import { Starts } from './starts.ts';

/** A host behind a shell; does no I/O until it is asked something. */
export function openHost(shell: Shell, options: HostOptions): Host {
  return new ShellHost(shell, options);
}

class ShellHost implements Host {
  readonly where: string;
  readonly #shell: Shell;
  readonly #directory: string;
  readonly #layout: Layout;
  readonly #starts = new Starts({
    alone: (order, signal) => this.#startAlone(order, signal),
    together: (orders, signal) => this.#startTogether(orders, signal),
  });

  constructor(shell: Shell, options: HostOptions) {
    this.#shell = shell;
    this.where = shell.where;
    this.#directory = options.directory;
    this.#layout = layoutOf(options.directory, options.owner);
  }

  async facts(signal?: AbortSignal): Promise<MachineFacts> {
    const script = machineFactsScript(this.#directory);
    return parseMachineFacts(await this.#output({ script, timeoutMs: 30_000, what: 'measure the machine' }, signal));
  }

  async state(signal?: AbortSignal): Promise<HostState> {
    return parseHostState(await this.#output(hostState(this.#layout), signal));
  }

  async hasRelease(digest: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#shell.run(hasRelease(this.#layout, digest), signal)).code === 0;
  }

  async installRelease(digest: string, archive: AsyncIterable<Uint8Array>, how: InstallOptions = {}): Promise<void> {
    const { unpackedBytes, signal } = how;
    await this.#output(installRelease(this.#layout, { digest, unpackedBytes }, archive), signal);
  }

  start(order: NodeOrder, signal?: AbortSignal): Promise<Started> {
    return this.#starts.add(order, signal);
  }

  async putCookie(id: string, cookie: string, signal?: AbortSignal): Promise<void> {
    await this.#output(putCookie(this.#layout, id, cookie), signal);
  }

  async end(id: string, graceMs: number, signal?: AbortSignal): Promise<boolean> {
    return parseEnded(await this.#output(endNode(this.#layout, id, graceMs), signal));
  }

  async removeNode(id: string, signal?: AbortSignal): Promise<void> {
    const busy = parseBusy(await this.#output(removeNode(this.#layout, id), signal));
    if (busy !== null) throw new Fault('conflict', `node ${id} still runs on ${this.where} (${busy})`, { object: id });
  }

  async removeRelease(digest: string, signal?: AbortSignal): Promise<void> {
    const user = parseRemoved(await this.#output(removeRelease(this.#layout, digest), signal));
    if (user === null) return;
    throw new Fault('conflict', `release ${digest} is used by node ${user} on ${this.where}`, { object: digest });
  }

  async leave(signal?: AbortSignal): Promise<void> {
    await this.#output(leaveHost(this.#layout), signal);
  }

  async logs(id: string, lines: number, signal?: AbortSignal): Promise<readonly string[]> {
    const text = await this.#output(lastLines(this.#layout, id, lines), signal);
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  }

  async *followLog(id: string, lines: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    // Asked first, because a node that is not there is to be said at once.
    await this.#output(lastLines(this.#layout, id, 0), signal);
    yield* this.#shell.follow(followLog(this.#layout, id, lines), signal);
  }

  async execute(
    id: string,
    command: string,
    variables: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<{ code: number; output: string }> {
    const beside = executeBeside(this.#layout, { id, command, variables });
    const { code, stdout, stderr } = await this.#shell.run(beside, signal);
    if (stderr.startsWith(noNodeHere)) throw absentFault(this.where, beside);
    return { code, output: stdout };
  }

  dial(address: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return this.#shell.dial(address, port, signal);
  }

  close(): Promise<void> {
    return this.#shell.close();
  }

  async #startAlone(order: NodeOrder, signal?: AbortSignal): Promise<Started> {
    return parseStarted(order, await this.#output(startNode(this.#layout, order), signal));
  }

  /** What went wrong with some is not told by the status or the words of the whole: these are asked for alone. */
  async #startTogether(orders: readonly NodeOrder[], signal: AbortSignal): Promise<(Started | null)[]> {
    const { stdout } = await this.#shell.run(startNodes(this.#layout, orders), signal);
    return orders.map((order, at) => {
      const answer = answerOf(at, stdout);
      return /^(refused|running|started)=/m.test(answer) ? parseStarted(order, answer) : null;
    });
  }

  /** Runs one of our scripts, which must end well. */
  async #output(command: Command, signal?: AbortSignal): Promise<string> {
    const finished = await this.#shell.run(command, signal);
    if (finished.code !== 0) throw scriptFault(this.where, command, finished);
    return finished.stdout;
  }
}

const linesTold = 4;

/** What the words of common tools mean. */
const meanings = [
  {
    words: /no space left|disk quota exceeded/i,
    code: 'no-capacity',
    next: 'make room on the host, or place the node elsewhere',
  },
  {
    words: /permission denied|read-only file system|operation not permitted/i,
    code: 'denied',
    next: "give the host's user a directory of its own (`directory` of the provider)",
  },
  {
    words: /(flock|setsid|tar|awk|gzip)[^\n]*not found/i,
    code: 'unavailable',
    next: 'install util-linux, tar, gzip and awk on the host',
  },
  {
    words: /not in gzip format|unexpected (EOF|end of file)/i,
    code: 'unavailable',
    next: 'the archive did not arrive whole: try again',
  },
] as const;

function scriptFault(where: string, command: Command, { code, stderr }: Finished): Fault {
  if (code === noSuchNode) return absentFault(where, command);
  const meaning = meanings.find(({ words }) => words.test(stderr));
  const how = meaning?.code === 'no-capacity' ? 'found its disk full' : `failed with status ${code}`;
  return new Fault(meaning?.code ?? 'unknown', `${command.what} on ${where} ${how}`, {
    object: `host ${where}`,
    words: lastOf(stderr.trim()),
    next: meaning?.next,
  });
}

/** tar tells of every file that it could not write: the last words are the ones that sum up. */
function lastOf(words: string): string {
  return words.split('\n').slice(-linesTold).join('\n').slice(-1000);
}

function absentFault(where: string, command: Command): Fault {
  return new Fault('not-found', `${command.what}: it is not on ${where}`, { object: `host ${where}` });
}
