/**
 * The tables in PostgreSQL, as migrations with their way back: each is applied in a transaction of its own, under a lock that
 * keeps other control planes out. `meta.schema` holds the number of the last one applied.
 *
 * Keys and places are compared by their bytes (collation C), which for UTF-8 is the order of code points, as in every
 * other store. Values are text, not jsonb: what comes back is exactly what went in, and nobody but this program reads it.
 */
import { Fault } from '../../base/fault.ts';
import type { Database, Session } from './database.ts';
import { metaOf, setMeta } from './meta.ts';
import { refuseUsed } from './seat.ts';
import { lockWrites } from './writer.ts';

/** One step of the schema, and the way back. */
interface Migration {
  readonly up: string;
  readonly down: string;
}

/** Migration n brings version n to n + 1; a published one is never edited. */
export const migrations: readonly Migration[] = [
  {
    up: `
      CREATE TABLE record (
        kind text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        blueprint text COLLATE "C",
        place text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        value text NOT NULL,
        PRIMARY KEY (kind, key)
      );
      CREATE INDEX record_of_blueprint ON record (kind, blueprint, key) WHERE blueprint IS NOT NULL;
      CREATE INDEX record_in_place ON record (kind, place, key);
      CREATE TABLE event (sequence bigint PRIMARY KEY, blueprint text COLLATE "C", object text COLLATE "C" NOT NULL, value text NOT NULL);
      CREATE INDEX event_of_blueprint ON event (blueprint, sequence) WHERE blueprint IS NOT NULL;
      CREATE INDEX event_of_object ON event (object, sequence);
      CREATE TABLE secret (name text COLLATE "C" PRIMARY KEY, sealed bytea NOT NULL);
      CREATE TABLE audit (sequence bigint PRIMARY KEY, blueprint text COLLATE "C", value text NOT NULL, hash text NOT NULL);
      CREATE INDEX audit_of_blueprint ON audit (blueprint, sequence) WHERE blueprint IS NOT NULL;
      CREATE TABLE request (token text COLLATE "C", key text COLLATE "C", at bigint NOT NULL, digest text NOT NULL, answer bytea, PRIMARY KEY (token, key));
      CREATE INDEX request_by_age ON request (at);`,
    down: 'DROP TABLE record, event, secret, audit, request;',
  },
  {
    // a control plane of the version before acts under a term: that of the next one ends it
    up: `
      CREATE SEQUENCE replica_number;
      CREATE TABLE replica (number bigint PRIMARY KEY, name text NOT NULL, url text NOT NULL, since timestamptz NOT NULL DEFAULT now());
      CREATE SEQUENCE share_number;
      CREATE TABLE share (
        name text COLLATE "C" PRIMARY KEY,
        fence bigint NOT NULL,
        holder bigint,
        since timestamptz NOT NULL DEFAULT now()
      );
      ALTER TABLE event ADD COLUMN share text, ADD COLUMN fence bigint;
      UPDATE meta SET value = (value::bigint + 1)::text WHERE name = 'term';`,
    down: `
      DROP TABLE replica, share;
      DROP SEQUENCE replica_number, share_number;
      ALTER TABLE event DROP COLUMN share, DROP COLUMN fence;`,
  },
];

const metaTable = 'CREATE TABLE IF NOT EXISTS meta (name text PRIMARY KEY, value text NOT NULL)';

/** Held while the schema changes: control planes that start together take turns. */
const schemaLock = 0x574d_4254;

/** Brings the schema to the newest version. Fault invalid when a newer program wrote it. */
export async function migrate(database: Database, steps: readonly Migration[] = migrations): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [schemaLock]);
    await session.query(metaTable);
    const version = await versionOf(session);
    if (version > steps.length)
      throw new Fault(
        'invalid',
        `the store has schema version ${version}; this program knows versions up to ${steps.length}`,
        {
          next: 'start the newer program that wrote it, or have that one take it one version back: wombat store downgrade',
        },
      );
    for (const step of steps.slice(version)) await session.script(step.up);
    if (version < steps.length) await setMeta(session, 'schema', String(steps.length));
  });
}

/** Takes the schema one version back, for the program before this one. What only the newer version has is lost. */
export function migrateBack(database: Database, steps: readonly Migration[] = migrations): Promise<number> {
  return database.transaction(async (session) => {
    await session.query('SELECT pg_advisory_xact_lock($1)', [schemaLock]);
    const version = await versionOf(session);
    const step = steps[version - 1];
    if (step === undefined)
      throw new Fault('invalid', `there is no way back from schema version ${version} in this program`);
    await session.script(step.down);
    await setMeta(session, 'schema', String(version - 1));
    return version - 1;
  });
}

/** The same while no control plane uses it. Fault unavailable when one does. */
export async function downgradePostgres(database: Database): Promise<number> {
  await database.transaction(refuseUsed, lockWrites);
  return migrateBack(database);
}

async function versionOf(session: Session): Promise<number> {
  return Number((await metaOf(session, 'schema')) ?? 0);
}
