/**
 * Planted faults: each is one change of one file, such as a person could make, that the simulation must notice. A change
 * that does not apply exactly once is stale and must be brought up to date.
 */

/** One planted fault. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const reconcile = 'src/reconcile';
const machine = `${reconcile}/machine`;
const node = `${reconcile}/node`;
const wrappers = 'src/cloud/wrappers';
const sqlite = 'src/store/sqlite';
const cluster = 'src/cluster';

const of = (file: string, ...changes: readonly (readonly [from: string, to: string])[]): Mutant[] =>
  changes.map(([from, to]) => ({ file, from, to }));

/** All of them. */
export const mutants: readonly Mutant[] = [
  ...of(
    `${reconcile}/loop.ts`,
    ['running.woken = true;', ''],
    ['this.#running.delete(key);', ''],
    ['if (woken) this.#queue.add(key);', 'if (woken) return;'],
    ["return outcome.outcome === 'again' ? outcome.afterMs : null;", 'return null;'],
    ['return backoffMs(pauses, count, this.#options.random);', 'return null;'],
    ['this.#running.size < this.#options.parallel) {', 'this.#running.size < 0) {'],
  ),
  ...of(
    `${machine}/wanted.ts`,
    ['token: machine.token,', "token: `${machine.token}${world.random.below(2) === 0 ? 'x' : ''}`,"],
    ['owner: world.store.owner,', "owner: 'nobody',"],
    ['providerId: owned.id,', 'providerId: owned.token,'],
    [
      'return hopeless.has(code) ? hopelessly(pass, code, why) : forNow(pass, code, why);',
      'return forNow(pass, code, why);',
    ],
    ['return again(retryMs, why);', "return { outcome: 'done' };"],
    ['pass.world.offers.refuse({ ...placeOf(pass), what, code, why, ...lasting(pass) });', ''],
  ),
  ...of(
    `${machine}/booting.ts`,
    ['const late = msSince(pass, machine.state.since) > seconds * 1_000;', 'const late = false;'],
    [
      'return becomeMachine(pass, { state: { ...state, hostKey } });',
      'return ready(pass, pass.machine, await factsOf(pass, pass.machine));',
    ],
    ['await forgetFirstBoot(pass.world, own.token);', ''],
    ['const own = { ...pass.machine, access: { ...access, hostKey: state.hostKey } };', 'const own = pass.machine;'],
    ['if (!late && !refused) return again(lookMs, why);', "if (!late && !refused) return { outcome: 'stuck', why };"],
  ),
  ...of(
    `${machine}/ready.ts`,
    ['?? lostAfterSecondsDefault) * 1_000;', '?? lostAfterSecondsDefault) * 1;'],
    ['if (why === null) return back(pass);', ''],
    ['if (outMs < allowedMs)', 'if (true)'],
    // not heeding its answer alone is the same: asking has noted that repairs are held, and that time counts for none
    ['const held = await heldByProvider(pass.world, pass.machine, pass.provider);', 'const held = null;'],
  ),
  ...of(
    `${machine}/sighting.ts`,
    ['return listing.error === null ? missing(pass, listing.at) : null;', 'return missing(pass, listing.at);'],
    ['if (atMs - since < allowedMs) return null;', ''],
    ["if (owned.state === 'failed' || owned.state === 'going')", "if (owned.state === 'going')"],
    ['(providerId === null || owned.id === providerId)', 'true'],
  ),
  ...of(
    `${machine}/destroying.ts`,
    ['if (now - (endAsked.get(id) ?? -Infinity) < askAgainMs) return;', 'if (endAsked.has(id)) return;'],
    ['if (left.length > 0) return again(', 'if (left.length > 1_000) return again('],
    ['if (one.id !== machine.providerId) await end(pass, one.id);', ''],
    ['if (error !== null) throw error;', ''],
    ['if (machine.providerId !== null) await end(pass, machine.providerId);', ''],
    ['await forgetFirstBoot(world, machine.token);', ''],
  ),
  ...of(`${machine}/machine-loop.ts`, ['await wakeConcerned(world, token);', '']),
  ...of(
    `${node}/starting.ts`,
    ['startedGeneration: node.generation,', ''],
    ["if (!sameProcess(hosted, process)) return fail(pass, 'it ended while it was booting');", ''],
    ['if (late) return fail(', 'if (false) return fail('],
  ),
  ...of(
    `${node}/running.ts`,
    ['if (world.clock.monotonic() - since < silentMs) return', 'if (false) return'],
    ['if (!isHosted(pass, state)) return missed(pass, state);\n    world.memory', 'world.memory'],
    ['if (isSameBoot && hosted === null) return died(pass);', 'if (hosted === null) return died(pass);'],
    [
      'if (world.clock.monotonic() - since < silentMs) return again(silentLookMs, why);',
      'return again(silentLookMs, why);',
    ],
  ),
  ...of(
    `${node}/stopping.ts`,
    ["if (node.desired === 'removed') await leave(world, node, signal);", ''],
    ["if (node.desired === 'stopped')\n    return", "if (node.desired === 'stopped' && Number(1) > 2)\n    return"],
    ['if (hosted === null) return over(pass);', ''],
    [
      "return ended === true ? gone(pass) : again(1_000, 'what it left running does not end');",
      "return ended === true ? again(1_000, 'it has ended') : gone(pass);",
    ],
  ),
  ...of(
    `${node}/removing.ts`,
    ['await host?.removeNode(node.id, signal);', ''],
    ['await host?.end(node.id, 2_000, signal);', ''],
    ["if (machine.state.phase === 'lost')", 'if (Number(1) > 2)'],
  ),
  ...of(
    `${node}/failed.ts`,
    [
      "if (waitMs > 0) return again(waitMs, 'a failed node is tried again after a pause');",
      "if (waitMs > 0) return { outcome: 'stuck', why: 'a failed node is tried again after a pause' };",
    ],
    ['const failures = node.failures + 1;', 'const failures = 0;'],
  ),
  ...of(
    `${node}/node-loop.ts`,
    ['value: result.node, expect: record.version }], events);', 'value: result.node, expect: null }], events);'],
    ['expect: record.version }, ...removals, ...also], events);', 'expect: record.version }, ...also], events);'],
    ["if (desired !== 'running' && !ending.has(state.phase)) return wayDown(pass);", ''],
  ),
  ...of(
    `${reconcile}/sweep/strays.ts`,
    ['(!isHeld && seenMs >= graceMsOf(provider));', '!isHeld;'],
    ['if (owned !== null) await removeStray(world, cloud, owned, signal);', ''],
  ),
  ...of(
    `${reconcile}/sweep/look.ts`,
    ["if ((await world.store.get('node', id)) !== undefined) continue;", ''],
    [
      'const own = owned.filter(({ owner }) => owner === world.store.owner);\n  const isKnown',
      'const own = owned.filter(() => false);\n  const isKnown',
    ],
    ['[null, undefined, id].includes(known.get(token))', 'true'],
  ),
  ...of(
    `${reconcile}/destroy.ts`,
    ['await sweepProviders(world, name, signal);', ''],
    ['await forgetSecrets(world, name, changes);', ''],
    ['if (machines.length > 0) return releaseMachines(world, head, machines);', ''],
  ),
  ...of(`${reconcile}/adopt.ts`, [
    'if (!(await world.store.secrets.has(name))) await world.store',
    'await world.store',
  ]),
  ...of(
    `${reconcile}/listings.ts`,
    ['if (last.at >= sinceMs) return await last.answer;', 'return await last.answer;'],
    [
      'return { at, owned: [...owned], error: error instanceof Error ? error : new Error(String(error)) };',
      'return { at, owned, error: null };',
    ],
  ),
  ...of(`${reconcile}/hosts.ts`, ['this.#wakeNode(next);', ''], ['opened.bootId = bootId;', '']),
  ...of(
    `${reconcile}/proof.ts`,
    ['if (!proof.ok) await repair(world, scene, proof, signal);', ''],
    ['if (wanted.length === 0 || ready.length < wanted.length) return done;', 'if (wanted.length === 0) return done;'],
  ),
  ...of(
    `${cluster}/judge.ts`,
    ['...[...scene.expected.values()].flatMap((edge) => missingEdge(scene, edge)),', ''],
    ['...scene.sights.flatMap((sight) => (sight.seen ? otherProcess(sight.member, sight.view) : [])),', ''],
    ['...scene.sights.flatMap(unreachable),', ''],
  ),
  ...of(
    `${reconcile}/component.ts`,
    ["if (node.specification.mesh !== 'selected' ||", "if (Number(1) > 0 || node.specification.mesh !== 'selected' ||"],
    ['if (ok && started.length > 0) return again(quietMs,', 'if (ok && started.length > 0) return again(60_000,'],
  ),
  ...of(`${reconcile}/firewall.ts`, ['state.since, world.hosts.bootId(token)]', 'state.since]']),
  ...of(
    `${cluster}/links.ts`,
    ['if (this.#drop(node.id, link)) this.#deps.lost(node.id, why);', ''],
    ['() => this.#drop(node.id, link),', '() => undefined,'],
  ),
  ...of(
    `${wrappers}/retry.ts`,
    [
      "const passing: ReadonlySet<FaultCode> = new Set(['throttled', 'unavailable', 'timeout']);",
      'const passing: ReadonlySet<FaultCode> = new Set();',
    ],
    ['if (!seen.has(key)) yield owned;', 'if (seen.has(key)) yield owned;'],
  ),
  ...of(`${wrappers}/limit.ts`, [
    '} finally {\n        leave();\n      }\n    },\n    async *list',
    '} finally {\n        void leave;\n      }\n    },\n    async *list',
  ]),
  ...of(
    `${wrappers}/batch.ts`,
    [
      'for (const one of batch) one.resolve(one.orders.flatMap(({ token }) => created.get(token) ?? []));',
      'for (const one of batch) one.resolve([...created.values()]);',
    ],
    ['for (const { reject } of batch) reject(error);', ''],
  ),
  ...of(`${wrappers}/as-faults.ts`, ['return new Fault(cloud.faultOf(error),', "return new Fault('invalid',"]),
  ...of(
    `${sqlite}/sqlite-records.ts`,
    ['  WHERE kind = ? AND key = ? AND version = ?`;', '  WHERE kind = ? AND key = ? AND version <= ? + 1000000`;'],
    [
      "'DELETE FROM record WHERE kind = ? AND key = ? AND version = ?'",
      "'DELETE FROM record WHERE kind = ? AND key = ? AND version <> ?'",
    ],
    ['if (!done) throw', 'if (Number(1) > 2) throw'],
  ),
  ...of(`${sqlite}/sqlite-events.ts`, ['if (well) this.#last += this.#appended;', '']),
  ...of(`${sqlite}/transaction.ts`, [
    "if (this.#database.isTransaction) this.#database.exec('ROLLBACK');",
    "if (this.#database.isTransaction) this.#database.exec('COMMIT');",
  ]),
  ...of(
    `${reconcile}/turns.ts`,
    ['if (rollout !== undefined && isTold(node, context)) return hasPassed(rollout, node);', ''],
    ['others.filter((id) => settled.has(id)).slice(0, Math.max(0, left))', 'others.filter((id) => settled.has(id))'],
  ),
  ...of(
    `${reconcile}/rollout/rollout-loop.ts`,
    ['if (why !== null) await giveUp(', 'if (Number(1) > 2) await giveUp('],
    [
      'const isPassed = hasPassed(record.value, node) && node.generation === node.startedGeneration;',
      'const isPassed = true;',
    ],
  ),
  ...of(`${reconcile}/rollout/give-up.ts`, ['...shut } });', 'changes: [], events: [] } });']),
  ...of(
    `${reconcile}/take-back.ts`,
    ["if (kind === 'node stop') return { desired: 'running' };", ''],
    ['return rollBack(world, { blueprint, to: former, by,', 'return rollBack(world, { blueprint, to: former + 1, by,'],
  ),
  ...of(
    `${reconcile}/operation-loop.ts`,
    ["const isLate = verdict.state === 'running' && isPast(world, operation);", 'const isLate = false;'],
    ['const trouble = operation.rollBack ?', 'const trouble = Number(1) > 2 ?'],
  ),
  ...of(
    `${node}/outlived.ts`,
    ['if (node.generation === before) return true;', 'return true;'],
    ["return isSettingOut ? { phase: 'waiting', why: 'to be started anew' } : state;", 'return state;'],
  ),
  ...of(`${node}/stopping.ts`, ["if (node.desired !== 'running') return gone(pass);", 'return gone(pass);']),
  ...of(
    `${reconcile}/repair-brake.ts`,
    ['view: isTooMuch ? words : null };', 'view: null };'],
    ['view: isTooMuch ? words : null };', 'view: words };'],
    ["await withdraw(world, alarm, 'the view has recovered: what is dead is repaired again');", ''],
    ['if (isHeld) world.memory.repairHeldAt.set(provider.name, world.clock.monotonic());', 'if (isHeld) void isHeld;'],
  ),
  ...of(
    `${reconcile}/sweep/brake.ts`,
    ['return said.length === 0 ? null : said.join', "return said.length > 100 ? null : said.concat('nothing').join"],
    ['!one.isCertain &&', ''],
  ),
  ...of(`${reconcile}/entered-by.ts`, [
    'for (const one of [name, formerSecretName(name)]) {',
    'for (const one of [name]) {',
  ]),
  ...of(
    `${reconcile}/key-rotation.ts`,
    ['if (lacking.length > 0) return again(retryMs, noted.value.words);', ''],
    ['await as(changer, keys.fresh, (login) => login.drop(change, signal));', ''],
    [
      'if (isIn !== true || others.includes(false))\n      await as(',
      'if (isIn === true && others.includes(false))\n      await as(',
    ],
    ['await store.secrets.remove(former);', ''],
    ['if (name.startsWith(aside)) await store.secrets.remove(name);', 'void aside, name;'],
    ['await keepBoth(secrets, key, () => fresh);', 'await secrets.put(key, fresh);'],
  ),
  ...of(
    `${reconcile}/linked.ts`,
    ['if (cut.length > 0) await world.cluster.part(node, cut, signal);', ''],
    ['await world.cluster.introduce(speakers.filter(answers), spoken, signal);', ''],
    ['? [own, theirs] : [theirs, own];', '? [theirs, own] : [own, theirs];'],
  ),
  ...of(`${cluster}/judge.ts`, ['...scene.across.edges.flatMap((edge) => missingAcross(scene, edge)),', '']),
  ...of(
    `${reconcile}/cookie-rotation.ts`,
    ['await world.store.secrets.remove(formerSecretName(secret));', ''],
    ['await putFile(change, node);\n  if (!isNew)', 'if (!isNew)'],
    ['if (!isNew) await cookies.set(node, node.name, fresh, signal);', ''],
    ['await world.cluster.cookies.set(node, peer.name, cookie, signal);', ''],
    ['return ok ? null : verdict;', 'return null;'],
  ),
];
