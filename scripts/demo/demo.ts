/**
 * The whole way on real Erlang nodes, as a user would go it: build a release, start the control plane, weigh placements,
 * plan, apply, prove, scale, lose a node, lose the control plane, destroy. Ends with one line: `demo ok: …`,
 * `demo partial: …`, or what failed.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from '../../src/model/node.ts';
import type { BlueprintStatus } from '../../src/model/exchange.ts';
import type { Proof } from '../../src/model/topology.ts';
import { ensurePackages } from '../packages.ts';
import { Display } from './display.ts';
import { leftovers } from './leftovers.ts';
import { weighPlacements } from './placement.ts';
import { Stage } from './stage.ts';

const display = new Display();

/** The figures of the closing line. */
interface Figures {
  nodes: number;
  edges: string;
  hosts: number;
  providers: number;
}

async function prepare(stage: Stage): Promise<string> {
  await display.step('Look for Erlang (to build the example), OpenSSH and iproute2', async () => {
    const packages = await ensurePackages((line) => display.show(line));
    if (!packages.ok) throw new Error(`${packages.missing.join(', ')} missing; run: ${packages.next}`);
  });
  await display.step('Build the ants release from Erlang source', () => stage.buildRelease());
  const hosts = () => (stage.withoutLab === undefined ? 'ok' : 'none');
  await display.step('Start three SSH hosts without Erlang', () => stage.startHosts(), hosts);
  if (stage.withoutLab !== undefined) display.show(`left out: ${stage.withoutLab}`);
  return stage.writeBlueprint();
}

async function deploy(stage: Stage, blueprint: string): Promise<Figures> {
  await display.step('Start the control plane', () => stage.expect(0, 'up', '--detach'));
  await display.step('Validate the blueprint', () => stage.expect(0, 'validate', '-f', blueprint));
  await weighPlacements(stage, display);
  const plan = await display.step('Plan it: upload the release, ask the providers', () =>
    stage.expect(2, 'plan', '-f', blueprint, '--why'),
  );
  display.show(plan);
  const applied = await display.step('Apply it and wait for the proof', () =>
    stage.expect(0, 'apply', '-f', blueprint, '-y'),
  );
  display.show(applied.trimEnd().split('\n').slice(-1).join(''));
  display.show(await stage.expect(0, 'status', 'ants'));
  return figures(stage);
}

async function figures(stage: Stage): Promise<Figures> {
  const nodes = await stage.nodes();
  const proof = JSON.parse(await stage.expect(0, 'topology', 'verify', 'ants', '-o', 'json')) as Proof;
  if (!proof.ok) throw new Error(proof.verdict);
  return {
    nodes: proof.nodesSeen,
    edges: `${proof.edgesSeen}/${proof.edgesExpected}`,
    hosts: new Set(nodes.map((node) => node.placement.machine)).size,
    providers: new Set(nodes.map((node) => node.placement.provider)).size,
  };
}

async function scale(stage: Stage): Promise<void> {
  await display.step('Scale the colony up to 8', () => stage.expect(0, 'family', 'scale', 'ants/colony', '8'));
  await display.step('Scale it down to 6', () => stage.expect(0, 'family', 'scale', 'ants/colony', '6'));
}

/** The process of a node, as this machine numbers it: hosts of the lab are namespaces here. */
function pidOf(node: Node): number {
  const pid = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readFileSync(join('/proc', entry, 'cmdline'), 'utf8')
        .split('\0')
        .includes(node.name);
    } catch {
      return false;
    }
  });
  if (pid === undefined) throw new Error(`no process runs as ${node.name}`);
  return Number(pid);
}

async function heal(stage: Stage): Promise<void> {
  const victim = (await stage.nodes()).find((node) => node.family === 'colony') as Node;
  await display.step(`Kill ${victim.name} and see it healed`, async () => {
    const before = pidOf(victim);
    process.kill(before, 'SIGKILL');
    await untilProved(stage, () => pidOf(victim) !== before);
  });
  const told = (await stage.expect(0, 'events', '-b', 'ants', '-n', '30'))
    .split('\n')
    .filter((line) => line.includes(victim.name));
  display.show(lastLines(told.join('\n'), 4));
  await display.step(`Stop ${victim.name}`, () => stage.expect(0, 'node', 'stop', victim.name));
  await display.step(`Start it again`, () => stage.expect(0, 'node', 'start', victim.name));
  const master = (await stage.nodes()).find((node) => node.family === 'master') as Node;
  const log = await display.step(`Read the log of ${master.name}`, () => untilOptimum(stage, master));
  display.show(
    lastLines(
      log
        .split('\n')
        .filter((line) => /best tour/.test(line))
        .join('\n'),
      2,
    ),
  );
}

/** The last lines of a text. */
function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Looks until the cluster is proven and `also` holds. */
async function untilProved(stage: Stage, also: () => boolean): Promise<void> {
  await until(30, 'the cluster to be proven again', async () => {
    if (!holds(also)) return false;
    const status = JSON.parse(await stage.expect(0, 'status', 'ants', '-o', 'json')) as BlueprintStatus;
    return status.state === 'converged';
  });
}

function holds(condition: () => boolean): boolean {
  try {
    return condition();
  } catch {
    return false;
  }
}

async function untilOptimum(stage: Stage, master: Node): Promise<string> {
  let log = '';
  await until(40, 'the ants to find the best tour', async () => {
    log = await stage.expect(0, 'node', 'logs', master.name, '-n', '200');
    return log.includes('(0.000 % over it)');
  });
  return log;
}

async function until(seconds: number, what: string, holdsNow: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    if (await holdsNow()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

async function crash(stage: Stage): Promise<void> {
  await display.step('kill -9 the control plane in the middle of a scale-up to 9', async () => {
    await stage.expect(0, 'family', 'scale', 'ants/colony', '9', '--no-wait');
    await new Promise((resolve) => setTimeout(resolve, 700));
    process.kill(controlPlanePid(stage), 'SIGKILL');
  });
  await display.step('Start it again: it finishes what it had begun', async () => {
    await stage.expect(0, 'up', '--detach');
    await untilProved(stage, () => true);
    const { length } = (await stage.nodes()).filter((node) => node.family === 'colony');
    if (length !== 9) throw new Error(`${length} colony nodes instead of 9`);
  });
  display.show(await stage.expect(0, 'status', 'ants'));
}

function controlPlanePid(stage: Stage): number {
  return (JSON.parse(readFileSync(join(stage.directory, 'endpoint.json'), 'utf8')) as { pid: number }).pid;
}

async function destroy(stage: Stage): Promise<void> {
  await display.step('Destroy everything', () => stage.expect(0, 'destroy', 'ants', '-y'));
  await display.step('Look for what is left: processes, directories, records', async () => {
    const found = await leftovers(stage);
    if (found.length > 0) throw new Error(`left behind:\n${found.join('\n')}`);
  });
}

function closingLine(stage: Stage, { nodes, edges, hosts, providers }: Figures): string {
  const seen = `nodes=${nodes} edges=${edges} hosts=${hosts} providers=${providers} seconds=${display.seconds}`;
  return stage.withoutLab === undefined
    ? `demo ok: ${seen}`
    : `demo partial: ${seen} (no SSH hosts: ${stage.withoutLab})`;
}

function stopControlPlane(stage: Stage): void {
  try {
    process.kill(controlPlanePid(stage), 'SIGTERM');
  } catch {
    // it was never started, or is gone already
  }
}

async function main(): Promise<number> {
  const stage = new Stage();
  process.once('SIGINT', () => {
    stopControlPlane(stage);
    void stage.clear().then(() => process.exit(130));
  });
  try {
    const blueprint = await prepare(stage);
    const seen = await deploy(stage, blueprint);
    await scale(stage);
    await heal(stage);
    await crash(stage);
    await destroy(stage);
    process.stdout.write(`\n${closingLine(stage, seen)}\n`);
    return 0;
  } catch (error) {
    process.stdout.write(`\ndemo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    await stage.wombat('destroy', 'ants', '-y', '--timeout', '60s');
    return 1;
  } finally {
    stopControlPlane(stage);
    await stage.clear();
  }
}

process.exit(await main());
