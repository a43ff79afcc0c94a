/**
 * The tables, as migrations; from the newest version there is a way back to the one before. SQLite's `user_version` holds the number of the last one applied
 * and `application_id` says that the file is ours; both change in the migration's own transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../base/fault.ts';

/** `WMBT`, in the header of every database of ours (sqlite.org/fileformat2.html, section 1.3.8). */
const applicationId = 0x574d4254;

/**
 * Migration n brings version n to n + 1; a published one is never edited. `record` keeps its rowid on purpose: plans of
 * large clusters are megabytes, and a table without one suits small rows only. `event` numbers without gaps, which
 * AUTOINCREMENT does not promise, so the store counts itself.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE record (
     kind TEXT NOT NULL,
     key TEXT NOT NULL,
     blueprint TEXT,
     version INTEGER NOT NULL,
     value TEXT NOT NULL,
     UNIQUE (kind, key)
   ) STRICT;
   CREATE INDEX record_of_blueprint ON record (kind, blueprint, key) WHERE blueprint IS NOT NULL;
   CREATE TABLE event (
     sequence INTEGER PRIMARY KEY,
     blueprint TEXT,
     object TEXT NOT NULL,
     value TEXT NOT NULL
   ) STRICT;
   CREATE INDEX event_of_blueprint ON event (blueprint, sequence) WHERE blueprint IS NOT NULL;
   CREATE INDEX event_of_object ON event (object, sequence);
   CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;`,
  `CREATE TABLE audit (sequence INTEGER PRIMARY KEY, blueprint TEXT, value TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
   CREATE INDEX audit_of_blueprint ON audit (blueprint, sequence) WHERE blueprint IS NOT NULL;`,
  // the places of what is there already, as place-of.ts has them
  `ALTER TABLE record ADD COLUMN place TEXT NOT NULL DEFAULT '';
   UPDATE record SET place = CASE kind
     WHEN 'node' THEN printf('%s %s %010d', blueprint, value ->> 'family', value ->> 'ordinal')
     WHEN 'revision' THEN printf('%s %010d', blueprint, value ->> 'number')
     WHEN 'release' THEN value ->> 'uploadedAt'
     WHEN 'plan' THEN value ->> 'createdAt'
     ELSE '' END;
   CREATE INDEX record_in_place ON record (kind, place, key);`,
  `CREATE TABLE request (
     token TEXT NOT NULL,
     key TEXT NOT NULL,
     at INTEGER NOT NULL,
     digest TEXT NOT NULL,
     answer BLOB,
     PRIMARY KEY (token, key)
   ) STRICT;
   CREATE INDEX request_by_age ON request (at);`,
  // what is there already is counted when it is opened; a program that does not count must not write to it any more
  `INSERT INTO meta (name, value) VALUES ('tally', '');`,
];

/** The way back from the newest version, for the program before: what only the newer one has is lost. */
const wayBack = "DELETE FROM meta WHERE name = 'tally';";

/** Takes a database one version back, and answers which that is. Fault invalid when it does not have the newest one. */
export function migrateBack(database: DatabaseSync): number {
  const version = knownVersion(database, migrations);
  if (version !== migrations.length)
    throw new Fault('invalid', `there is no way back from schema version ${version} in this program`, {
      next: `this program takes version ${migrations.length} back to ${migrations.length - 1}; start the one that wrote this store`,
    });
  apply(database, wayBack, version - 1);
  return version - 1;
}

/** Brings a database to the newest version. Fault invalid when it is no store of ours, or one of a newer program. */
export function migrate(database: DatabaseSync, steps: readonly string[] = migrations): void {
  const version = knownVersion(database, steps);
  for (const [offset, step] of steps.slice(version).entries()) apply(database, step, version + offset + 1);
}

/** Whether a database has the newest version. Faults as for `migrate`. */
export function isCurrent(database: DatabaseSync): boolean {
  return knownVersion(database, migrations) === migrations.length;
}

function knownVersion(database: DatabaseSync, steps: readonly string[]): number {
  const version = pragma(database, 'user_version');
  if (version > 0 && pragma(database, 'application_id') !== applicationId)
    throw new Fault('invalid', 'the database is not a store of this program');
  if (version > steps.length)
    throw new Fault(
      'invalid',
      `the store has schema version ${version}; this program knows versions up to ${steps.length}`,
      {
        next: 'start the newer program that wrote it, or have that one take it one version back: wombat store downgrade',
      },
    );
  return version;
}

function apply(database: DatabaseSync, step: string, version: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
