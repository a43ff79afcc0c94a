import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { launchOf } from './launch.ts';
import { orderOf } from '../../test/kit/node-order.ts';
import type { OrderOverrides } from '../../test/kit/node-order.ts';

/** The arguments and environment that a launch comes to, with `printf` in the place of the emulator. */
function launched(more: OrderOverrides = {}): {
  arguments: readonly string[];
  environment: ReadonlyMap<string, string>;
} {
  const { environment, exec } = launchOf(orderOf(more));
  const run = (script: string) =>
    execFileSync('/bin/sh', ['-c', script, 'sh', '/node', '/release'], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
  const words = run(
    `${environment}\n${exec.slice(exec.indexOf('exec ')).replace('exec "$BINDIR/erlexec"', "printf '%s\\0'")}`,
  );
  const lines = run(`${environment}\nexec env -0`).split('\0');
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return { arguments: words.split('\0').slice(0, -1), environment: new Map(pairs) };
}

describe('the arguments', () => {
  test('are the boot file, the configurations, our share, and the name', () => {
    const config = { sysConfig: { ants: { role: 'colony' } }, vmArgs: ['-ants', 'two words', '-setcookie', 'evil'] };
    expect(launched({ placement: { cores: 2 }, specification: { config } }).arguments).toEqual([
      ...['-noinput', '-boot', '/release/releases/1.0.0/start'],
      ...['-config', '/release/releases/1.0.0/sys', '-config', '/node/sys', '-args_file', '/node/vm.args'],
      ...['+S', '2:2', '+SDcpu', '2:2', '+SDio', '4'],
      ...['-ants', 'two words'],
      ...['-name', 'colony-1@127.0.0.1', '-start_epmd', 'false'],
      ...['-kernel', 'inet_dist_listen_min', '24371', '-kernel', 'inet_dist_listen_max', '24371'],
      ...['-kernel', 'inet_dist_use_interface', '{127,0,0,1}'],
    ]);
  });

  test.each(['selected', 'none'] as const)('keep a %s mesh from closing itself', (mesh) => {
    const words = launched({ specification: { mesh } }).arguments.join(' ');
    expect(words).toContain('-connect_all false');
    expect(words).toContain('-kernel prevent_overlapping_partitions false');
  });

  test('leave a full mesh as it is', () => {
    expect(launched().arguments.join(' ')).not.toMatch(/connect_all|prevent_overlapping/);
  });

  test('of a relx release find its libraries, and its template of a configuration filled in', () => {
    const words = launched({ inspection: { kind: 'relx', sysConfig: 'releases/1.0.0/sys.config.src' } }).arguments.join(
      ' ',
    );
    expect(words).toContain('-mode embedded -boot_var ERTS_LIB_DIR /release/lib -config /node/release ');
  });

  test('of a mix release end with the start of Elixir', () => {
    const words = launched({ inspection: { kind: 'mix' } }).arguments.join(' ');
    expect(words).toContain('-boot_var RELEASE_LIB /release/lib -config /node/release ');
    expect(words).toMatch(/ -s elixir start_cli -extra --no-halt$/);
    // what providers wrote at an earlier start is overwritten
    expect(launchOf(orderOf({ inspection: { kind: 'mix' } })).exec).toMatch(
      /^cat "\$2"\/'?releases\/1\.0\.0\/sys\.config'? >"\$1\/release\.config"/,
    );
  });

  test('never hold the cookie, in no kind of release', () => {
    for (const kind of ['systools', 'relx', 'mix'] as const) {
      const all = launched({ inspection: { kind }, cookie: 'canary-8841' });
      expect([...all.arguments, ...all.environment.values()].join(' ')).not.toContain('canary-8841');
      expect(all.arguments).not.toContain('-setcookie');
    }
  });
});

describe('by declared commands', () => {
  const commands = { start: 'printf "%s " "$NODE_NAME" "$NODE_PORT" "$COLOUR"; cd "$HOME"', probe: 'true' };
  const order: OrderOverrides = {
    specification: { commands, config: { env: { COLOUR: 'red green', NODE_PORT: '1', PATH: '/evil' } } },
    inspection: { kind: 'commands', erts: null, boot: null },
    cookie: 'canary-8841',
  };

  test('the start command is what runs, with what it must know and what the family adds', () => {
    const { environment, exec } = launchOf(orderOf(order));
    const script = `${environment}\n${exec}`;
    const said = execFileSync('/bin/sh', ['-c', script, 'sh', '/tmp', '/release'], { encoding: 'utf8' });
    expect(said).toBe('colony-1@127.0.0.1 24371 red green ');
    expect(script).not.toContain('canary-8841');
  });

  test('what is ours stays, and is told', () => {
    expect(launchOf(orderOf(order)).stripped).toEqual(['env NODE_PORT', 'env PATH']);
    const { environment } = launchOf(orderOf(order));
    const all = execFileSync('/bin/sh', ['-c', `${environment}\nenv`, 'sh', '/node', '/release'], { encoding: 'utf8' });
    expect(all.split('\n')).toEqual(expect.arrayContaining(['HOME=/node', 'RELEASE_ROOT=/release', 'NODE_CORES=1']));
  });
});

describe('the environment', () => {
  test('leads to the release and to the node, with what the family adds', () => {
    const { environment } = launched({ specification: { config: { env: { GREETING: "it's me" } } } });
    expect(Object.fromEntries(environment)).toMatchObject({
      HOME: '/node',
      ROOTDIR: '/release',
      BINDIR: '/release/erts-13.1.5/bin',
      EMU: 'beam',
      PROGNAME: 'erl',
      ERL_CRASH_DUMP: '/node/run/erl_crash.dump',
      ERL_EPMD_PORT: '24369',
      RELEASE_TMP: '/node/tmp',
      GREETING: "it's me",
    });
    expect(environment.get('PATH')).toMatch(/^\/release\/erts-13\.1\.5\/bin:/);
  });

  test('keeps what we answer for, and says what was left out', () => {
    const config = { env: { HOME: '/root', PATH: '/evil', OK: '1' }, vmArgs: ['-heart'] };
    const order = { specification: { config } };
    expect(launched(order).environment.get('HOME')).toBe('/node');
    expect(launchOf(orderOf(order)).stripped).toEqual(['-heart', 'env HOME', 'env PATH']);
  });
});
