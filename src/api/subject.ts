/**
 * What a request is about as a thing that has a version: what its ETag is made of, and what `If-Match` is compared with.
 * A subject says what it is now; a reader who comes back with what it was is told what changed since.
 */
import { createHash } from 'node:crypto';
import { PlanRequest } from '../model/exchange.ts';
import type { Kind, Records, Store, Versioned } from '../store/store.ts';
import type { Subject as Request } from './access.ts';
import { findNode, findRelease } from './find.ts';

/** A thing as it is now. */
export interface Standing {
  /** as problems name it: `blueprint ants` */
  readonly object: string;
  /** counts up with every change */
  readonly version: number;
  /** tells things apart that had the same name and version one after the other */
  readonly mark: string;
  /** how to look at it */
  readonly next: string;
  /** what was done since that version, in words; null where nobody wrote that down */
  since(version: number): Promise<string | null>;
}

/** Looks a request's subject up; undefined when it is not there. */
export type Subject = (request: Request, store: Store) => Promise<Standing | undefined>;

/** The node of the path. Its version counts its phases too. */
export const nodeSubject: Subject = async ({ params }, store) => {
  const node = await orNone(findNode(store, text(params, 'reference')));
  const record = node && (await store.get('node', node.id));
  return (
    record &&
    ofRecord('node', record, `wombat node show ${record.key}`, (value) => {
      return `it is ${value.state.phase} now, and wished to be ${value.desired}`;
    })
  );
};

/** The provider of the path. */
export const providerSubject: Subject = async ({ params }, store) => {
  const record = await store.get('provider', text(params, 'name'));
  return record && ofRecord('provider', record, `wombat provider show ${record.key}`);
};

/** The release of the path. */
export const releaseSubject: Subject = async ({ params }, store) => {
  const record = await orNone(findRelease(store, text(params, 'reference')));
  return record && ofRecord('release', record, 'wombat release list');
};

/** The token of the path. */
export const tokenSubject: Subject = async ({ params }, store) => {
  const record = await store.get('token', text(params, 'name'));
  return record && ofRecord('token', record, 'wombat token list');
};

/** The operation of the path. Its version does not count its tasks. */
export const operationSubject: Subject = async ({ params }, store) => {
  const record = await store.get('operation', text(params, 'id'));
  return record && ofRecord('operation', record, `wombat op show ${record.key}`, ({ state }) => `it is ${state} now`);
};

/** What was given up, by the key in the path. */
export const leftoverSubject: Subject = async ({ params }, store) => {
  const record = await store.get('leftover', text(params, 'key'));
  return record && ofRecord('leftover', record, 'wombat sweep');
};

/** The brake of repairs of the path. */
export const repairSubject: Subject = async ({ params }, store) => {
  const record = await store.get('alarm', `repair ${text(params, 'about')} ${text(params, 'name')}`);
  return record && ofRecord('alarm', record, 'wombat repair');
};

/** The plan of the path: it never changes. */
export const planSubject: Subject = async ({ params }, store) => {
  const record = await store.get('plan', text(params, 'id'));
  return record && ofRecord('plan', record, `wombat plan`);
};

/** The blueprint of the path. */
export const blueprintSubject: Subject = ({ params }, store) =>
  ofBlueprint(store, text(params, 'blueprint') || text(params, 'name'));

/** The blueprint whose document is in the body. */
export const documentSubject: Subject = ({ body }, store) =>
  ofBlueprint(store, PlanRequest.safeParse(body).data?.document.name ?? '');

/** A blueprint changes with its revisions, not with what the loops note on it. */
async function ofBlueprint(store: Store, name: string): Promise<Standing | undefined> {
  const head = (await store.get('blueprint', name))?.value;
  const revision = head && (await store.get('revision', `${name}@${head.revision}`))?.value;
  if (revision === undefined || head === undefined) return undefined;
  return {
    object: `blueprint ${name}`,
    version: head.revision,
    mark: markOf([revision.createdAt, revision.cause, head.destroying]),
    next: `wombat export ${name}`,
    since: (version) => revisionsSince(store, name, [version, head.revision]),
  };
}

/** The newest of them: whoever was away for long does not want all. */
const toldRevisions = 5;

async function revisionsSince(
  store: Store,
  name: string,
  [from, to]: readonly [number, number],
): Promise<string | null> {
  const numbers = Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n + 1).slice(-toldRevisions);
  const records = await Promise.all(numbers.map((number) => store.get('revision', `${name}@${number}`)));
  const told = records.flatMap((record) =>
    record === undefined
      ? []
      : [`revision ${record.value.number} by \`${record.value.cause}\` at ${record.value.createdAt}`],
  );
  return told.length === 0 ? null : told.join(', ');
}

function ofRecord<K extends Kind>(
  kind: K,
  { key, version, value }: Versioned<Records[K]>,
  next: string,
  now: (value: Records[K]) => string | null = () => null,
): Standing {
  const since = () => Promise.resolve(now(value));
  return { object: `${kind} ${key}`, version, mark: markOf(value), next, since };
}

/** Twelve characters of a digest: enough to tell versions of one thing apart. */
export function markOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12);
}

async function orNone<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch(() => undefined);
}

function text(from: unknown, key: string): string {
  const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, key) : undefined;
  return typeof value === 'string' ? value : '';
}
