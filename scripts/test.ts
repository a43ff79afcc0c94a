/**
 * Everything that this machine can run: the check, then the suites on real programs. What cannot run here is named with
 * its reason. `--long` adds soaks and exhaustive sweeps.
 *
 * What needs a real OpenStack comes last, so that its lab is up for that alone. A lab that cannot be brought up is no fault of
 * ours: it is told, its suites are left out, and the answer stays what the others said. A lab that stands is seven services
 * and their guests on two cores: what fails on it is run once more, and what fails twice is ours. The conformance suite
 * takes six minutes there and is part of the long run; clusters on it are part of every run.
 *
 * Flows are real nodes, hosts and deadlines on a machine that others use too. A file of them that fails is told, and run once
 * more; one that fails twice fails the run.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startOpenStackLab, stopOpenStackLab } from '../lab/openstack.ts';
import { check } from './check.ts';
import { ensurePackages } from './packages.ts';
import { root, run } from './run.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

/** What came of suites. */
interface Outcome {
  readonly passed: boolean;
  /** absolute paths of the files in which something failed */
  readonly failed: readonly string[];
}

const report = join(root, 'node_modules', '.cache', 'suites.json');
const say = (line: string) => process.stdout.write(`${line}\n`);

async function runSuites(suites: readonly string[], long: boolean, files: readonly string[] = []): Promise<Outcome> {
  rmSync(report, { force: true });
  const projects = suites.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter', 'verbose', '--reporter', 'json', '--outputFile.json', report];
  const env: Record<string, string> = long ? { WOMBAT_TEST_LONG: '1' } : {};
  const { code } = await run('vitest', ['run', ...projects, ...reporters, ...files], { show: true, env });
  const counted = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const skipped = counted.numPendingTests > 0 ? `, ${counted.numPendingTests} skipped` : '';
  process.stdout.write(`\n${counted.numPassedTests} passed, ${counted.numFailedTests} failed${skipped}\n`);
  const failed = counted.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return { passed: code === 0, failed };
}

const flows = join(root, 'test', 'flow');

async function runHere(long: boolean): Promise<boolean> {
  const { passed, failed } = await runSuites(['simulate', 'clouds', 'real', 'flow'], long);
  const again = failed.filter((file) => file.startsWith(flows));
  if (passed || again.length === 0 || again.length < failed.length) return passed;
  say(`failed, and run once more: ${again.map((file) => relative(root, file)).join(', ')}`);
  return (await runSuites(['flow'], long, again)).passed;
}

async function runOnOpenStack(long: boolean): Promise<boolean> {
  const began = performance.now();
  const lab = await startOpenStackLab(say);
  if (!lab.ok) {
    say(`left out what needs an OpenStack: ${lab.why}`);
    return true;
  }
  if (!long) say('left out here: the conformance suite on the real OpenStack (six minutes); npm run test:long has it');
  const files = long ? [] : ['test/flow/openstack.test.ts'];
  const once = async () => (await runSuites(['openstack'], long, files)).passed;
  try {
    if (await once()) return true;
    say('something failed on the OpenStack lab: once more, to tell the lab from us');
    return await once();
  } finally {
    await stopOpenStackLab().catch((error: unknown) => say(`the OpenStack lab did not stop: ${String(error)}`));
    say(`the OpenStack lab and what needs it: ${Math.round((performance.now() - began) / 1_000)} s`);
  }
}

const packages = await ensurePackages(say, true);
if (!packages.ok) say(`left out what needs ${packages.missing.join(', ')}; to have it: ${packages.next}`);
const long = process.argv.includes('--long');
const checked = await check();
const passed = await runHere(long);
const passedThere = await runOnOpenStack(long);
process.exit(checked && passed && passedThere ? 0 : 1);
