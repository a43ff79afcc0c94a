/** Ports and artifacts for tests of the API: they note what they were asked and answer what they were told to. */
import { createHash } from 'node:crypto';
import { Fault } from '../../src/base/fault.ts';
import type { Ports, ShellSession } from '../../src/api/ports.ts';
import { Mailbox } from '../../src/base/mailbox.ts';
import { kindOf } from '../../src/model/operation.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Inspection } from '../../src/model/release.ts';
import type { Task } from '../../src/model/task.ts';
import type { Artifact, ArtifactStore } from '../../src/release/release.ts';
import { sampleOperation, samplePlan, sampleProof, sampleRelease, sampleReplica } from './records.ts';
import { sampleRotation, sampleStray } from './records.ts';

/** Ports whose every call is noted: `[name, ...arguments without the signal]`. */
export interface FakePorts extends Ports {
  readonly calls: (readonly unknown[])[];
  /** answers instead of the usual one; throws to refuse */
  answers: Partial<Omit<Ports, 'wake'>>;
}

/** Ports that agree to everything unless `answers` says otherwise. */
export function fakePorts(): FakePorts {
  const calls: (readonly unknown[])[] = [];
  const noted = <K extends Exclude<keyof Ports, 'wake'>>(name: K, usual: Ports[K]): Ports[K] => {
    const call = (...parameters: unknown[]): unknown => {
      calls.push([name, ...parameters.filter((one) => !(one instanceof AbortSignal))]);
      return ((ports.answers[name] ?? usual) as (...parameters: unknown[]) => unknown)(...parameters);
    };
    return call as Ports[K];
  };
  const ports: FakePorts = {
    calls,
    answers: {},
    plan: noted('plan', ({ document, cause }) => Promise.resolve(samplePlan('p-1', { document, cause }))),
    rebalance: noted('rebalance', () => Promise.resolve(samplePlan('p-2', { cause: 'rebalance' }))),
    rotateCookies: noted('rotateCookies', () => Promise.resolve([sampleRotation()])),
    adopt: noted('adopt', (plan) => Promise.resolve({ blueprint: 'ants', revision: 2, plan, operation: 'op-2' })),
    scale: noted('scale', (blueprint) => Promise.resolve({ blueprint, revision: 3, plan: 'p-3', operation: 'op-3' })),
    rotateKey: noted('rotateKey', () => Promise.resolve(sampleRotation())),
    destroy: noted('destroy', () => Promise.resolve(begun('destroy'))),
    act: noted('act', (_, what) => Promise.resolve(begun(`node ${what}`))),
    operation: noted('operation', (id) => Promise.resolve({ operation: { ...begun('apply'), id }, tasks: noTasks })),
    cancel: noted('cancel', () => Promise.resolve(begun('roll back'))),
    verify: noted('verify', (blueprint) => Promise.resolve(sampleProof(2, { blueprint }))),
    checkProvider: noted('checkProvider', () =>
      Promise.resolve([{ level: 'ok', what: 'this machine', words: 'it is here', code: null }]),
    ),
    execute: noted('execute', () => Promise.resolve({ code: 0, output: 'done' })),
    call: noted('call', () => Promise.resolve({ ok: true, text: '[one,two]' })),
    shell: noted('shell', () => Promise.resolve(echoShell())),
    providerCalls: () => ({
      figures: [{ verb: 'list', calls: 3, meanMs: 12, errors: { throttled: 1 } }],
      recent: [{ at: '2026-05-01T12:00:00.000Z', verb: 'list', ms: 12, code: 'ok', words: '2 things' }],
    }),
    replicas: () => [1, 2, 12].map((number) => sampleReplica(number)),
    emptyProvider: noted('emptyProvider', () => Promise.resolve([])),
    forgetMachines: noted('forgetMachines', () => Promise.resolve(['machine i-1 at provider here: forgotten'])),
    lookForStrays: noted('lookForStrays', () => Promise.resolve({ providers: [], leftovers: [] })),
    removeStrays: noted('removeStrays', () => Promise.resolve([sampleStray({ askedBy: 'ops' })])),
    logs: noted('logs', () => Promise.resolve(['one', 'two'])),
    followLog: noted('followLog', untilAborted),
    wake: () => void calls.push(['wake']),
  };
  return ports;
}

/** What a port answers that begins something. */
function begun(cause: string): Operation {
  const { tasks: _, ...operation } = sampleOperation('op-9', { kind: kindOf(cause), cause });
  return operation;
}

const noTasks: Task = { name: 'ants', state: 'running', words: '', since: null, tasks: [] };

/** A log that has one line and then grows no more. */
async function* untilAborted(_node: string, _lines: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first line\n');
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Artifacts in memory: whatever starts with `release ` is one, called after the rest: `release ants 1.0.0`. */
export function fakeArtifacts(): ArtifactStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    async take(archive) {
      const bytes = await bytesOf(archive);
      const artifact = { digest: digestOf(bytes), bytes: bytes.length, inspection: inspect(bytes) };
      kept.set(artifact.digest, bytes);
      return artifact satisfies Artifact;
    },
    has: (digest) => Promise.resolve(kept.has(digest)),
    async *read(digest) {
      const bytes = await Promise.resolve(kept.get(digest));
      if (bytes === undefined) throw new Fault('not-found', `there is no archive ${digest}`);
      yield bytes;
    },
    remove: (digest) => Promise.resolve(void kept.delete(digest)),
  };
}

async function bytesOf(archive: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function inspect(bytes: Uint8Array): Inspection {
  const [word, name = '', version = ''] = Buffer.from(bytes).toString().trim().split(/\s+/, 3);
  if (word !== 'release') throw new Fault('invalid', 'this is no release: there is no releases/RELEASES in it');
  return { ...sampleRelease().inspection, name, version };
}

/** A shell that says every line again, and ends at `q().`. */
function echoShell(): ShellSession {
  const lines = new Mailbox<string>();
  return {
    async *pieces() {
      yield { kind: 'print', text: 'Eshell\n' };
      for (let n = 1; ; n++) {
        yield { kind: 'prompt', text: `${n}> ` };
        const line = await lines.take();
        if (line === null || line === 'q().') break;
        yield { kind: 'print', text: `${line}\n` };
      }
      yield { kind: 'end', why: 'the shell has ended' };
    },
    type: (line) => void lines.put(line),
    interrupt: () => void lines.put('*** interrupted'),
    close() {
      lines.close();
      return Promise.resolve();
    },
  };
}
