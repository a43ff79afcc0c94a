/**
 * The loop of rollouts: looks at the nodes of a family that were told another version, until all have it and are well, or
 * it has failed. It decides nothing about turns: the blueprint's loop reads what is recorded here (../turns.ts). What was
 * seen is in the record, so that a control plane that dies in between goes on where it was; only the seconds in which
 * nobody looked are taken on trust.
 */
import { timestamp } from '../../base/clock.ts';
import { eachAtOnce } from '../../base/each.ts';
import { equal } from '../../base/equal.ts';
import { again, done } from '../../base/outcome.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { EventDraft } from '../../model/event.ts';
import type { Node, NodeSpecification } from '../../model/node.ts';
import { hasPassed, isUnderWay } from '../../model/rollout.ts';
import type { Rollout } from '../../model/rollout.ts';
import { updateRules } from '../../model/update.ts';
import type { UpdateRules } from '../../model/update.ts';
import { isSameSpecification, specificationsOf } from '../../plan/plan.ts';
import type { Versioned } from '../../store/store.ts';
import { documentOf } from '../documents.ts';
import { elapsedSince } from '../elapsed.ts';
import { releasesOf } from '../facts.ts';
import { Scene } from '../scene.ts';
import type { World } from '../world.ts';
import { giveUp } from './give-up.ts';
import { lookAt } from './gate.ts';
import type { Gatekeeper } from './gate.ts';
import { failureOf, progressed } from './progress.ts';
import type { Moment } from './progress.ts';
import { versionOf } from './records.ts';

const lookMs = 500;
/** nodes looked at together */
const atOnce = 16;

/** One pass over the rollouts of a blueprint that are under way. */
export async function reconcileRollouts(world: World, blueprint: string, signal: AbortSignal): Promise<Outcome> {
  const open = (await world.store.list('rollout', { blueprint })).filter(({ value }) => isUnderWay(value));
  const head = await world.store.get('blueprint', blueprint);
  const document = await documentOf(world.store, blueprint);
  if (open.length === 0 || document === undefined || head === undefined || head.value.destroying) return done;
  const targets = specificationsOf(document, await releasesOf(world.store, document));
  for (const record of open) {
    const scene = await Scene.read(world.store, document);
    await lookOver({ world, record, scene, target: targets.get(record.value.family), signal });
  }
  return again(lookMs, 'nodes are on their way to another version');
}

interface Pass {
  readonly world: World;
  readonly record: Versioned<Rollout>;
  readonly scene: Scene;
  readonly target: NodeSpecification | undefined;
  readonly signal: AbortSignal;
}

async function lookOver(pass: Pass): Promise<void> {
  const { world, record, scene, target } = pass;
  const { family, version, state } = record.value;
  const definition = scene.document.families[family];
  if (definition === undefined || target === undefined || versionOf(scene.document, family, target) !== version) {
    // nobody wants that version any more
    await world.store.commit([{ remove: 'rollout', key: record.key, expect: record.version }]);
    return;
  }
  const members = scene.nodes.filter((node) => node.family === family && node.desired === 'running');
  const told = members.filter((node) => isSameSpecification(node.specification, target));
  const rules = updateRules(definition.update, members.length);
  const nodes = await lookedAt(pass, told, rules);
  const next = { ...record.value, nodes };
  const why =
    state === 'rolling' ? failureOf(nodes, told, rules, { since: sinceOf(pass), watchedMs: watchedMs(pass) }) : null;
  if (why !== null) await giveUp(world, { ...record, value: next }, target, { why, onFailure: rules.onFailure });
  else await write(pass, isOver(next, members, told, scene) ? ended(next, world) : next, members);
}

/** How long this process has looked after the rollout: time in which nobody looked is held against no node. */
function watchedMs({ world: { memory, clock }, record: { key, value } }: Pass): number {
  const name = `${key} ${value.version} ${value.startedAt}`;
  const since = memory.rollouts.get(name) ?? clock.monotonic();
  memory.rollouts.set(name, since);
  return clock.monotonic() - since;
}

/** Of a node's progress two moments count: since when it is looked at, and since when it is well. Each is met by itself. */
function sinceOf({ world, record: { key } }: Pass): Moment['since'] {
  return (node, recorded) => elapsedSince(world, `${key} ${node.id} ${recorded}`, recorded);
}

/** How long ago a node was last seen to wait. Where that is forgotten, nobody has looked after the rollout for longer either. */
function waitedAgo({ memory, clock }: World): Moment['waitedAgo'] {
  return ({ id }) => clock.monotonic() - (memory.waiting.get(id) ?? -Infinity);
}

/** The progress of all nodes that were told, each looked at unless it has passed and is still the same process. */
async function lookedAt(pass: Pass, told: readonly Node[], rules: UpdateRules): Promise<Rollout['nodes']> {
  const { world, record, scene, signal } = pass;
  const keeper: Gatekeeper = {
    world,
    scene: () => Scene.read(world.store, scene.document),
    check: scene.document.families[record.value.family]?.update?.check,
    signal,
  };
  const found: [string, Rollout['nodes'][string]][] = [];
  await eachAtOnce(atOnce, told, async (node) => {
    const before = record.value.nodes[node.id];
    const wasWell = before !== undefined && before.healthySince !== null;
    const isPassed = hasPassed(record.value, node) && node.generation === node.startedGeneration;
    const look = isPassed ? null : await lookAt(keeper, node, wasWell);
    const { minHealthyMs } = rules;
    if (node.state.phase === 'waiting') world.memory.waiting.set(node.id, world.clock.monotonic());
    else if (isPassed) world.memory.waiting.delete(node.id);
    const moment = { at: timestamp(world.clock), since: sinceOf(pass), minHealthyMs, waitedAgo: waitedAgo(world) };
    found.push([node.id, progressed(before, node, look, moment)]);
  });
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** All have the version and are well, and whoever was there to help is gone. */
function isOver(rollout: Rollout, members: readonly Node[], told: readonly Node[], { nodes }: Scene): boolean {
  const isHelped = nodes.some(({ family, extra }) => family === rollout.family && extra);
  return !isHelped && members.length === told.length && told.every((node) => hasPassed(rollout, node));
}

function ended(rollout: Rollout, world: World): Rollout {
  const state = rollout.state === 'rolling' ? 'done' : 'rolled back';
  return { ...rollout, state, endedAt: timestamp(world.clock), doubtful: [] };
}

/** Writes what is new. Whoever waits for its turn is woken when another node is well. */
async function write({ world, record }: Pass, next: Rollout, members: readonly Node[]): Promise<void> {
  const { blueprint } = next;
  if (equal(next, record.value)) return;
  const events = [...passedEvents(record.value, next, members), ...endEvents(next)];
  await world.store.commit([{ put: 'rollout', key: record.key, value: next, expect: record.version }], events);
  if (events.length > 0) world.wake.blueprint(blueprint);
}

/** Tells of nodes that were changed; that others are well goes without saying. */
function passedEvents(before: Rollout, now: Rollout, members: readonly Node[]): EventDraft[] {
  const passed = Object.values(now.nodes).filter(({ gate }) => gate === null).length;
  const changed = new Set(
    members.filter(({ state }) => 'since' in state && state.since >= now.startedAt).map(({ id }) => id),
  );
  return Object.entries(now.nodes).flatMap(([id, { gate, name }]): EventDraft[] => {
    const was = before.nodes[id]?.gate;
    const about = { kind: 'node', object: name, blueprint: now.blueprint };
    if (gate === null && was !== null && changed.has(id)) {
      const words = `${passed} of ${members.length} nodes of ${now.family} have revision ${now.returned ?? now.revision} and are well`;
      return [{ level: 'info', ...about, what: 'healthy', words }];
    }
    if (gate !== null && was === null)
      return [{ level: 'warning', ...about, what: 'not healthy', words: now.nodes[id]?.words ?? '' }];
    return [];
  });
}

function endEvents({ state, family, blueprint, revision, returned }: Rollout): EventDraft[] {
  if (isUnderWay({ state })) return [];
  const about = { kind: 'family', object: family, blueprint };
  return state === 'done'
    ? [
        {
          level: 'info',
          ...about,
          what: 'rolled out',
          words: `every node of ${family} has revision ${revision} and is well`,
        },
      ]
    : [
        {
          level: 'warning',
          ...about,
          what: 'rolled back',
          words: `every node of ${family} is well again, as revision ${returned ?? ''} has it`,
        },
      ];
}
