/**
 * The floor: a shell loop that unpacks the release once, starts so many nodes of it with the flags that we use, as many
 * at a time as we do, and connects each to the first one. It proves nothing and remembers nothing.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { antsArchive } from '../test/kit/deployment.ts';

const epmdPort = 24384;
const firstPort = 24900;

/** Starts node $1 and connects it to the first one; the next start takes its place when it has answered. */
const oneNode = `
port=$((${firstPort} + $1))
setsid "$BINDIR/erlexec" -noinput -boot "$ROOTDIR/$BOOT" -config "$ROOTDIR/$SYS" -args_file "$ROOTDIR/$VMARGS" \\
  +S 1:1 +SDcpu 1:1 +SDio 2 \\
  -start_epmd false -name "bench-$1@127.0.0.1" -kernel inet_dist_listen_min $port inet_dist_listen_max $port \\
  -kernel inet_dist_use_interface '{127,0,0,1}' >"$WORK/$1.log" 2>&1 </dev/null &
echo $! >"$WORK/$1.pid"
until erl_call -c benchcookie -n "bench-$1@127.0.0.1" -a "net_kernel connect_node ['bench-1@127.0.0.1']" >/dev/null 2>&1; do sleep 0.1; done
`;

const loop = (nodes: number, atOnce: number) => `
set -eu
tar xzf "$ARCHIVE" -C "$WORK"
cd "$WORK"
export ROOTDIR="$WORK" BINDIR="$(echo "$WORK"/erts-*/bin)" BOOT="$(echo releases/*/start.boot | sed 's/.boot$//')"
export SYS="$(echo releases/*/sys.config | sed 's/.config$//')" VMARGS="$(echo releases/*/vm.args)"
export EMU=beam PROGNAME=erl HOME="$WORK" ERL_EPMD_PORT=${epmdPort} ERL_CRASH_DUMP=/dev/null
printf benchcookie >.erlang.cookie; chmod 400 .erlang.cookie
"$BINDIR/epmd" -port ${epmdPort} -address 127.0.0.1 & echo $! >epmd.pid
seq 1 ${nodes} | xargs -P ${atOnce} -n 1 sh "$WORK/one.sh"
`;

/** Seconds that the loop takes; its nodes are ended and its folder removed outside of what is measured. */
export async function shellLoop(nodes: number): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'wombat-loop-'));
  const archive = await antsArchive();
  writeFileSync(join(work, 'one.sh'), oneNode);
  writeFileSync(join(work, 'loop.sh'), loop(nodes, Math.max(2, availableParallelism() * 2)));
  try {
    const started = performance.now();
    await finished(join(work, 'loop.sh'), { WORK: work, ARCHIVE: archive });
    return (performance.now() - started) / 1_000;
  } finally {
    await promisify(execFile)('sh', [
      '-c',
      `for p in "${work}"/*.pid; do kill -9 $(cat "$p") 2>/dev/null || true; done`,
    ]);
    rmSync(work, { recursive: true, force: true });
  }
}

function finished(file: string, env: Record<string, string>): Promise<void> {
  const all = { PATH: process.env['PATH'] ?? '', ...env };
  const child = spawn('sh', [file], { env: all, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the shell loop ended with ${code}`))));
  });
}
