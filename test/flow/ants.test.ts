/** The example by itself, without us: its pure modules, and its release on real nodes that join by its own calls. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildAnts } from '../../examples/ants/build.ts';
import { freePort } from '../kit/sockets.ts';

const run = promisify(execFile);
const example = join(import.meta.dirname, '../../examples/ants');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ants-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the pure modules', async () => {
  const sources = (await readdir(join(example, 'src'))).filter((name) => name.endsWith('.erl'));
  const paths = [...sources.map((name) => join(example, 'src', name)), join(example, 'test', 'ants_tests.erl')];
  const { stdout: warnings } = await run('erlc', ['-Werror', '-o', folder, ...paths]);
  expect(warnings).toBe('');
  const { stdout } = await run('erl', ['-noinput', '-pa', folder, '-eval', 'ants_tests:run(), halt(0).']);
  expect(stdout.trim().split('\n')).toHaveLength(6);
});

test('the same sources make the same bytes, and another version another release', async () => {
  const first = await readFile(await buildAnts({ folder: join(folder, 'a'), version: '1.1.0' }));
  const second = await readFile(await buildAnts({ folder: join(folder, 'b'), version: '1.1.0' }));
  expect(first.equals(second)).toBe(true);
  expect(await readdir(join(folder, 'a'))).toEqual(['ants-1.1.0.tar.gz']);
  await expect(buildAnts({ folder, version: '../x' })).rejects.toThrow('three numbers');
});

describe('the release on nodes', () => {
  const master = 'master-1@127.0.0.1';
  const colonies = ['colony-1@127.0.0.1', 'colony-2@127.0.0.1'] as const;
  const children = new Map<string, ChildProcess>();
  let root: string;
  let bin: string;
  let epmdPort: number;

  const environment = (home: string) => ({
    HOME: home,
    PATH: '/usr/bin:/bin',
    ROOTDIR: root,
    BINDIR: bin,
    EMU: 'beam',
    PROGNAME: 'erl',
    ERL_EPMD_PORT: String(epmdPort),
  });

  async function homeOf(name: string): Promise<string> {
    const home = join(folder, name);
    await mkdir(home, { recursive: true });
    const cookie = join(home, '.erlang.cookie');
    await writeFile(cookie, 'antsinatest', { flag: 'wx' }).then(
      () => chmod(cookie, 0o400),
      () => undefined,
    );
    return home;
  }

  async function start(name: string, role: string): Promise<void> {
    const home = await homeOf(name);
    await writeFile(join(home, 'role.config'), `[{ants,[{role,${role}}]}].\n`);
    const boot = join(root, 'releases/1.0.0');
    const flags = ['-noinput', '-boot', join(boot, 'start'), '-config', join(boot, 'sys'), '-config', 'role'];
    const own = ['-args_file', join(boot, 'vm.args'), '-name', name, '-start_epmd', 'false'];
    const options = { cwd: home, env: environment(home), stdio: 'ignore' } as const;
    children.set(name, spawn(join(bin, 'erlexec'), [...flags, ...own], options));
    const answers = async () => expect(await ask(`net_adm:ping('${name}')`)).toBe('pong');
    await vi.waitFor(answers, { timeout: 20_000, interval: 300 });
  }

  /** The value of an Erlang expression, as a hidden node of its own sees it. */
  async function ask(expression: string): Promise<string> {
    const home = await homeOf('asking');
    const code = `io:format("~w", [${expression}]), halt(0).`;
    const flags = ['-noinput', '-hidden', '-name', 'asking@127.0.0.1', '-start_epmd', 'false', '-eval', code];
    const { HOME, PATH, ERL_EPMD_PORT } = environment(home);
    return (await run('erl', flags, { cwd: home, env: { HOME, PATH, ERL_EPMD_PORT } })).stdout;
  }

  const rpc = (node: string, fn: string, args = '') => {
    const [module = '', name = ''] = fn.split(':');
    return ask(`rpc:call('${node}', ${module}, ${name}, [${args}])`);
  };
  const reported = (key: string) => ask(`maps:get(${key}, rpc:call('${master}', ants_master, report, []))`);

  async function kill(name: string): Promise<void> {
    const child = children.get(name);
    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  beforeAll(async () => {
    root = join(folder, 'root');
    await mkdir(root);
    await run('tar', ['-xzf', await buildAnts({ folder, version: '1.0.0' }), '-C', root]);
    const erts = (await readdir(root)).find((name) => name.startsWith('erts-')) ?? '';
    bin = join(root, erts, 'bin');
    epmdPort = await freePort();
    children.set(
      'epmd',
      spawn(join(bin, 'epmd'), ['-port', String(epmdPort), '-address', '127.0.0.1'], { stdio: 'ignore' }),
    );
    await start(master, 'master');
    for (const name of colonies) await start(name, 'colony');
  });

  afterAll(async () => {
    for (const name of children.keys()) await kill(name);
  });

  test('colonies join, once and again, and find the optimum', async () => {
    for (const colony of colonies) {
      expect(await rpc(colony, 'ants_colony:joined', `'${master}'`)).toBe('false');
      expect(await rpc(colony, 'ants_colony:join', `'${master}'`)).toBe('ok');
      expect(await rpc(colony, 'ants_colony:join', `'${master}'`)).toBe('ok');
      expect(await rpc(colony, 'ants_colony:joined', `'${master}'`)).toBe('true');
    }
    expect(await reported('colonies')).toBe(`['${colonies.join("','")}']`);
    await expect.poll(() => reported('optimal'), { timeout: 60_000, interval: 500 }).toBe('true');
    expect(await reported('gap_percent')).toBe('0.0');
  });

  test('a lost colony is noticed, and can come back', async () => {
    await kill(colonies[1]);
    await expect.poll(() => reported('colonies'), { timeout: 20_000, interval: 300 }).toBe(`['${colonies[0]}']`);
    await start(colonies[1], 'colony');
    expect(await rpc(colonies[1], 'ants_colony:join', `'${master}'`)).toBe('ok');
    expect(await reported('colonies')).toContain(colonies[1]);
  });

  test('a master that comes back is joined again by those who see it', async () => {
    await kill(master);
    await start(master, 'master');
    expect(await rpc(colonies[0], 'net_kernel:connect_node', `'${master}'`)).toBe('true');
    await expect.poll(() => reported('colonies'), { timeout: 20_000, interval: 300 }).toContain(colonies[0]);
  });

  test('a drained colony has left, and forgetting it again is no error', async () => {
    expect(await rpc(colonies[0], 'ants_colony:join', `'${master}'`)).toBe('ok');
    expect(await rpc(colonies[0], 'ants_colony:drain')).toBe('ok');
    expect(await rpc(colonies[0], 'ants_colony:joined', `'${master}'`)).toBe('false');
    expect(await rpc(master, 'ants_master:forget', `'${colonies[0]}'`)).toBe('ok');
    expect(await reported('colonies')).not.toContain(colonies[0]);
  });

  test('a join that cannot be says why', async () => {
    expect(await rpc(colonies[0], 'ants_colony:join', `'nobody@127.0.0.1'`)).toContain(`{error,{'nobody@127.0.0.1',`);
    expect(await rpc(master, 'ants_colony:join', `'${master}'`)).toBe(`{error,{'${master}',not_a_colony}}`);
    expect(await rpc(colonies[1], 'ants_colony:join', `'${colonies[0]}'`)).toBe(`{error,{'${colonies[0]}',noproc}}`);
  });
});
