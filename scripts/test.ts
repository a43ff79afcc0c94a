/**
 * Everything that this machine can run: the check, then the suites on real programs. What cannot run here is named with
 * its reason. `--long` adds soaks and exhaustive sweeps.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.ts';
import { ensurePackages } from './packages.ts';
import { root, run } from './run.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const report = join(root, 'node_modules', '.cache', 'suites.json');
const suites = ['clouds', 'real', 'flow'];

async function runSuites(long: boolean): Promise<boolean> {
  rmSync(report, { force: true });
  const projects = suites.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter', 'verbose', '--reporter', 'json', '--outputFile.json', report];
  const env: Record<string, string> = long ? { WOMBAT_TEST_LONG: '1' } : {};
  const { code } = await run('vitest', ['run', ...projects, ...reporters], { show: true, env });
  const counted = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const skipped = counted.numPendingTests > 0 ? `, ${counted.numPendingTests} skipped` : '';
  process.stdout.write(`\n${counted.numPassedTests} passed, ${counted.numFailedTests} failed${skipped}\n`);
  return code === 0;
}

const packages = await ensurePackages((line) => process.stdout.write(`${line}\n`), true);
if (!packages.ok)
  process.stdout.write(`left out what needs ${packages.missing.join(', ')}; to have it: ${packages.next}\n`);
const checked = await check();
const passed = await runSuites(process.argv.includes('--long'));
process.exit(checked && passed ? 0 : 1);
