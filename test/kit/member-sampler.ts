/**
 * Counts the members of a cluster from outside the control plane: a hidden Erlang node of its own asks, every tenth of a
 * second, every node that epmd knows for whom it sees. A member is a node that answers; of a cluster in pieces only the
 * largest piece counts.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cookieFilesBelow } from './cookies.ts';

/** Asks all nodes of a family together; what is asked later does not wait for what was asked before. */
const program = `
  [Family] = init:get_plain_arguments(),
  Known = fun() -> case erl_epmd:names({127,0,0,1}) of
    {ok, All} -> [list_to_atom(N ++ "@127.0.0.1") || {N, _} <- All, lists:prefix(Family ++ "-", N)]; _ -> [] end end,
  Ask = fun(Node, To) -> To ! {Node, catch erpc:call(Node, erlang, nodes, [], 3000)} end,
  Sample = fun() ->
    Self = self(), Nodes = Known(),
    [spawn(fun() -> Ask(N, Self) end) || N <- Nodes],
    Answers = [receive {N, Answer} -> {N, Answer} end || N <- Nodes],
    Views = [{N, V} || {N, V} <- Answers, is_list(V)],
    Live = [N || {N, _} <- Views],
    Sizes = [length([X || X <- Live, X =:= N orelse lists:member(X, V)]) || {N, V} <- Views],
    io:format("~w~n", [lists:max([0 | Sizes])]) end,
  Loop = fun Loop() -> spawn(Sample), timer:sleep(100), Loop() end, Loop().`;

/** A count that goes on until it is stopped. */
export class MemberSampler {
  readonly counts: number[] = [];
  readonly #child: ChildProcess;
  readonly #home: string;

  /** Begins to count the nodes of a family that run on this machine out of `directory`. */
  constructor(directory: string, family: string, epmdPort: number) {
    const [theirs] = cookieFilesBelow(directory);
    if (theirs === undefined) throw new Error(`there is no cookie below ${directory}`);
    this.#home = mkdtempSync(join(tmpdir(), 'wombat-sampler-'));
    const cookie = join(this.#home, '.erlang.cookie');
    writeFileSync(cookie, readFileSync(theirs));
    chmodSync(cookie, 0o400);
    const name = ['-hidden', '-name', `sampler-${process.pid}@127.0.0.1`, '-start_epmd', 'false'];
    const args = [...name, '-connect_all', 'false', '-noshell', '-noinput', '-eval', program, '-extra', family];
    const env = { ...process.env, HOME: this.#home, ERL_EPMD_PORT: String(epmdPort) };
    this.#child = spawn('erl', args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.#child.stdout !== null)
      createInterface({ input: this.#child.stdout }).on('line', (line) => this.counts.push(Number(line)));
  }

  /** The fewest since the last call, of how many samples. */
  take(): { readonly fewest: number; readonly samples: number } {
    const counts = this.counts.splice(0);
    return { fewest: Math.min(...counts), samples: counts.length };
  }

  stop(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#home, { recursive: true, force: true });
  }
}
