/**
 * A cookie is replaced without a node being restarted. Level-triggered: what is left to do is read from the nodes
 * themselves, so that a death of ours between any two calls is made good by the next pass.
 *
 *   wanted -> begun (both in the store) -> every node by the new one -> proven -> the old one is forgotten
 *
 * A handshake succeeds when both sides hold the same cookie for each other, and a node knows one cookie at a time for a
 * peer. So two nodes cannot take a new one as in one act, unless they were told before what to use with each other. For a
 * node that still has the old cookie, therefore:
 *   1. it is told to use the old one with each of the others by name, which changes nothing;
 *   2. its file is replaced: a process that is started from now on has the new one;
 *   3. its own cookie becomes the new one, which holds for newcomers and for us.
 * Then each two nodes that have got so far are told to use the new one with each other, at the same moment. An edge that
 * breaks meanwhile can be made again at once, but for the milliseconds between these two calls: also to a node that we
 * cannot reach, and also while we are dead. What stays in a node are those words for each of its peers; they say the same
 * as its own cookie.
 */
import { randomBytes } from 'node:crypto';
import { eachAtOnce } from '../base/each.ts';
import { wordsOf } from '../base/fault.ts';
import { expectedEdges } from '../model/component.ts';
import { incarnationOf } from '../model/node.ts';
import type { Node } from '../model/node.ts';
import type { CookieRotation } from '../model/rotation.ts';
import { formerSecretName } from '../model/secret.ts';
import type { EventDraft } from '../model/event.ts';
import type { Versioned } from '../store/store.ts';
import { bothValues, keepBoth } from './both-values.ts';
import { proofMembers } from './proof.ts';
import type { Scene } from './scene.ts';
import type { World } from './world.ts';

const nodesAtOnce = 16;
const callsAtOnce = 64;

type CookieRecord = Versioned<CookieRotation>;

/** A new cookie: 256 random bits. */
export function newCookie(): string {
  return `W${randomBytes(32).toString('hex')}`;
}

/** Goes on with the blueprint's rotations as far as it can. True when none is left under way. */
export async function rotateCookies(world: World, scene: Scene, signal: AbortSignal): Promise<boolean> {
  let finished = true;
  for (const { key, version, value } of await world.store.list('rotation', { blueprint: scene.document.name })) {
    if (value.what !== 'cookie') continue;
    finished = (await rotate(world, scene, { key, version, value }, signal)) && finished;
  }
  return finished;
}

async function rotate(world: World, scene: Scene, record: CookieRecord, signal: AbortSignal): Promise<boolean> {
  const begun = record.value.begun ? record : await begin(world, record);
  const { secret, component } = begun.value;
  const [fresh = '', former] = await bothValues(world.store.secrets, secret);
  const members = scene.nodes.filter((node) => node.specification.component === component);
  // there is no former one when we died after it was forgotten
  if (former === undefined) return finish(world, begun, 'nobody goes by the old one any more');
  const change: Change = { world, members, fresh, former, signal };
  const seats = await switchAll(change);
  const noted = await noteSwitched(world, begun, seats);
  const untold = await pairAll(change, seats, new Set(begun.value.switched));
  const why =
    waitsFor(seats) ?? untold ?? (await unproven(change, scene, seats)) ?? (await metSince(world, begun.value, seats));
  if (why !== null) return waits(world, noted, why);
  await world.store.secrets.remove(formerSecretName(secret));
  return finish(world, noted, `${seats.filter(isSwitched).length} nodes go by the new one, and refuse the old one`);
}

/** Which processes have taken it is on record before they are told to use it with each other. */
async function noteSwitched({ store }: World, record: CookieRecord, seats: readonly Seat[]): Promise<CookieRecord> {
  const { key, version, value } = record;
  const switched = seats.filter(isSwitched).map(({ node }) => incarnationOf(node) ?? '');
  const isNews = switched.some((one) => !value.switched.includes(one));
  if (!isNews) return record;
  const noted = { ...value, switched: [...new Set([...value.switched, ...switched])] };
  await store.commit([{ put: 'rotation', key, value: noted, expect: version }]);
  return { key, version: version + 1, value: noted };
}

async function begin({ store }: World, { key, version, value }: CookieRecord): Promise<CookieRecord> {
  await keepBoth(store.secrets, key, newCookie);
  const begun = { ...value, begun: true };
  await store.commit([{ put: 'rotation', key, value: begun, expect: version }]);
  return { key, version: version + 1, value: begun };
}

/** What is told when it is over; the record goes. */
async function finish({ store }: World, { key, version, value }: CookieRecord, words: string): Promise<true> {
  const event = cookieEvent(value, 'cookie rotated', words);
  await store.commit([{ remove: 'rotation', key, expect: version }], [event]);
  return true;
}

async function waits({ store }: World, { key, version, value }: CookieRecord, words: string): Promise<false> {
  if (words !== value.words)
    await store.commit([{ put: 'rotation', key, value: { ...value, words }, expect: version }]);
  return false;
}

/** An event about a rotation. */
export function cookieEvent({ blueprint, component }: CookieRotation, what: string, words: string): EventDraft {
  return {
    level: 'info',
    kind: 'blueprint',
    object: blueprint,
    blueprint,
    what,
    words: `cookie of ${component}: ${words}`,
  };
}

interface Change {
  readonly world: World;
  readonly members: readonly Node[];
  readonly fresh: string;
  readonly former: string;
  readonly signal: AbortSignal;
}

/** How far a node is. One that is absent has no process; the next one takes the new cookie. */
interface Seat {
  readonly node: Node;
  readonly state: 'switched' | 'absent' | 'silent';
  /** whether it had the new one when it was looked at */
  readonly hadNew: boolean;
  readonly why: string;
}

function isSwitched({ state }: Seat): boolean {
  return state === 'switched';
}

function waitsFor(seats: readonly Seat[]): string | null {
  const [first, ...others] = seats.filter(({ state }) => state === 'silent');
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `waits for ${first.node.name}${more}: ${first.why}`;
}

async function switchAll(change: Change): Promise<Seat[]> {
  const seats = new Map<string, Seat>();
  await eachAtOnce(nodesAtOnce, change.members, async (node) => {
    seats.set(node.id, await switchOne(change, node));
  });
  return change.members.flatMap(({ id }) => seats.get(id) ?? []);
}

async function switchOne(change: Change, node: Node): Promise<Seat> {
  const { signal } = change;
  const { state } = node;
  const seat = (of: Seat['state'], why: string, hadNew = false): Seat => ({ node, state: of, hadNew, why });
  // whoever starts it may have read the old one
  if (state.phase === 'starting' && state.process === null) return seat('silent', 'it is being started');
  try {
    if (incarnationOf(node) === null) return seat('absent', state.phase);
    if (await isErlang(change, node)) return seat('switched', '', await switchRunning(change, node));
    await putFile(change, node);
    return seat('absent', 'it is no Erlang node');
  } catch (error) {
    if (signal.aborted) throw error;
    return seat('silent', wordsOf(error));
  }
}

/** What is run by commands need not be Erlang: only a release that brings an epmd has distribution. */
async function isErlang({ world }: Change, { specification }: Node): Promise<boolean> {
  if (specification.commands === undefined) return true;
  const release = await world.store.get('release', specification.digest);
  return release !== undefined && release.value.inspection.epmd !== null;
}

/**
 * Why nodes are to be looked at once more, as they are on record now: one of them is another process than it was, or is being
 * started. Its host may have started it anew by itself, with the old cookie, and it was met by that one; null when there is none.
 */
async function metSince(
  { store }: World,
  { blueprint, component }: CookieRotation,
  seats: readonly Seat[],
): Promise<string | null> {
  const known = new Set(seats.map(({ node }) => incarnationOf(node)));
  const met = (await store.list('node', { blueprint })).find(({ value: node }) => {
    const isSettingOut = node.state.phase === 'starting' && node.state.process === null;
    const isOther = incarnationOf(node) !== null && !known.has(incarnationOf(node));
    return node.specification.component === component && (isSettingOut || isOther);
  });
  return met === undefined ? null : `waits for ${met.value.name}: it has just been started`;
}

/** True when it had the new one already. */
async function switchRunning(change: Change, node: Node): Promise<boolean> {
  const { world, fresh, former, signal } = change;
  const { cookies } = world.cluster;
  const isNew = (await cookies.own(node, signal)) === fresh;
  if (!isNew)
    await eachAtOnce(callsAtOnce, othersOf(change, node), (peer) => cookies.set(node, peer.name, former, signal));
  await putFile(change, node);
  if (!isNew) await cookies.set(node, node.name, fresh, signal);
  return isNew;
}

async function putFile({ world, fresh, signal }: Change, { id, placement }: Node): Promise<void> {
  const machine = await world.store.get('machine', placement.machine);
  if (machine === undefined) return;
  await (await world.hosts.of(machine.value)).putCookie(id, fresh, signal);
}

function othersOf({ members }: Change, { name }: Node): readonly Node[] {
  return members.filter((other) => other.name !== name);
}

/** Each two nodes use the new cookie with each other once both have it. Answers what could not be told; null when all was. */
async function pairAll(change: Change, seats: readonly Seat[], before: ReadonlySet<string>): Promise<string | null> {
  const pairs = seats.flatMap((one, at) => seats.slice(at + 1).map((other) => [one, other] as const));
  const untold: string[] = [];
  const tell = async (seat: Seat, peer: Seat) => {
    const cookie = cookieTowards(change, { seat, peer, before });
    const why = cookie === null ? null : await told(change, seat.node, peer.node, cookie);
    if (why !== null) untold.push(why);
  };
  await eachAtOnce(callsAtOnce, pairs, async ([one, other]) => {
    await Promise.all([tell(one, other), tell(other, one)]);
  });
  return untold[0] ?? null;
}

interface Towards {
  readonly seat: Seat;
  readonly peer: Seat;
  /** processes that were known to have taken the new one */
  readonly before: ReadonlySet<string>;
}

/**
 * Which cookie a node is to use with a peer; null where nothing is to be changed. Towards one that is silent it is what it
 * was: only a process that came with the new one, as by a restart, has to be told that the peer has the old one still.
 */
function cookieTowards({ fresh, former }: Change, { seat, peer, before }: Towards): string | null {
  if (!isSwitched(seat)) return null;
  if (peer.state !== 'silent') return fresh;
  const isNewcomer = seat.hadNew && !before.has(incarnationOf(seat.node) ?? '');
  return isNewcomer && !before.has(incarnationOf(peer.node) ?? '') ? former : null;
}

/** Null, or why not: a node that ended in between is found by the next pass, as a process that knows nothing of it. */
async function told({ world, signal }: Change, node: Node, peer: Node, cookie: string): Promise<string | null> {
  try {
    await world.cluster.cookies.set(node, peer.name, cookie, signal);
    return null;
  } catch (error) {
    if (signal.aborted) throw error;
    return wordsOf(error);
  }
}

/**
 * Why the old cookie cannot be forgotten yet: a node lets in who has it, or not who has the new one, or an edge is missing.
 * None of the seats is silent any more.
 */
async function unproven(change: Change, scene: Scene, seats: readonly Seat[]): Promise<string | null> {
  const { world, signal } = change;
  const alive = seats.filter(isSwitched).map(({ node }) => node);
  const refusals: string[] = [];
  await eachAtOnce(nodesAtOnce, alive, async (node) => {
    const why = await knock(change, node);
    if (why !== null) refusals.push(why);
  });
  if (refusals[0] !== undefined) return refusals[0];
  const running = alive.filter(({ state }) => state.phase === 'running');
  const edges = expectedEdges(scene.document, running, scene.runs);
  const { ok, verdict } = await world.cluster.prove(scene.document.name, await proofMembers(world, running), edges, {
    across: scene.across(running),
    signal,
  });
  return ok ? null : verdict;
}

async function knock({ world, fresh, former, signal }: Change, node: Node): Promise<string | null> {
  const { cookies } = world.cluster;
  try {
    if (!(await cookies.accepts(node, fresh, signal))) return `${node.name} does not take the new one yet`;
    return (await cookies.accepts(node, former, signal)) ? `${node.name} still takes the old one` : null;
  } catch (error) {
    if (signal.aborted) throw error;
    return wordsOf(error);
  }
}
