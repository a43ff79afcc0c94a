/**
 * Everything that this machine can run: the check, then the suites on real programs. What cannot run here is named with
 * its reason. `--long` adds soaks and exhaustive sweeps.
 *
 * What needs a real OpenStack comes last, so that its lab is up for that alone. A lab that cannot be brought up is no fault of
 * ours: it is told, its suites are left out, and the answer stays what the others said. A lab that stands is seven services
 * and their guests on two cores: what fails on it is run once more, and what fails twice is ours. The conformance suite
 * takes six minutes there and is part of the long run; clusters on it are part of every run.
 *
 * What runs real nodes, hosts and deadlines does so on a machine that others use too. A file of these that fails is told, and
 * run once more; one that fails twice fails the run. They wait more than they work: the simulation and the clouds are run
 * beside them; in the long run one after the other.
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

const say = (line: string) => process.stdout.write(`${line}\n`);

async function runSuites(suites: readonly string[], long: boolean, files: readonly string[] = []): Promise<Outcome> {
  const report = join(root, 'node_modules', '.cache', `suites-${suites.join('-')}.json`);
  rmSync(report, { force: true });
  const projects = suites.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter', 'verbose', '--reporter', 'json', '--outputFile.json', report];
  const env: Record<string, string> = long ? { WOMBAT_TEST_LONG: '1' } : {};
  const { code } = await run('vitest', ['run', ...projects, ...reporters, ...files], { show: true, env });
  const counted = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const skipped = counted.numPendingTests > 0 ? `, ${counted.numPendingTests} skipped` : '';
  say(`\n${suites.join(', ')}: ${counted.numPassedTests} passed, ${counted.numFailedTests} failed${skipped}`);
  const failed = counted.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  return { passed: code === 0, failed };
}

async function runHere(long: boolean): Promise<boolean> {
  const simulated = runSuites(['simulate', 'clouds'], long);
  if (long) await simulated;
  const real = await runReal(long);
  return (await simulated).passed && real;
}

async function runReal(long: boolean): Promise<boolean> {
  const { passed, failed } = await runSuites(['real', 'flow'], long);
  if (passed || failed.length === 0) return passed;
  say(`failed, and run once more: ${failed.map((file) => relative(root, file)).join(', ')}`);
  return (await runSuites(['real', 'flow'], long, failed)).passed;
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
