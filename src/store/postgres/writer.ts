/**
 * Writing to PostgreSQL: one transaction after another, here and among all control planes of the database, by a lock that is held
 * until the commit. So events are numbered without gaps in the order in which they are seen, the audit log is one chain, and
 * whoever writes reads first where both stand.
 *
 * A write may be made under a fence: the number under which its control plane holds a share of the work. One of an earlier
 * number is refused, so that a control plane that was stopped in the middle of something and goes on later does no harm.
 */
import { Fault } from '../../base/fault.ts';
import { Slots } from '../../base/slots.ts';
import type { Database, Session } from './database.ts';
import type { Fence } from '../shared.ts';

/** Where the store stands when it is one's turn to write. */
export interface Standing {
  /** the sequence of the last event; 0 before the first */
  readonly lastEvent: number;
  /** the sequence of the last entry of the audit log that is kept, and what is kept of the log's end */
  readonly lastAudit: number;
  readonly auditEnd: string | undefined;
  readonly fence: Fence | null;
}

/** A fence, and who hears that it did not hold any more. */
export interface CheckedFence extends Fence {
  onRefused(): void;
}

/** Held by whoever writes, in any control plane of the database. */
const writeLock = 0x574d_4256;

/** Begins a transaction that writes. */
export const lockWrites = `SELECT pg_advisory_xact_lock(${writeLock})`;

/** Everything that is written, in turn; under a fence where one is given. */
export class Writer {
  readonly database: Database;
  readonly #fence: CheckedFence | null;
  readonly #turn: Slots;
  readonly #ended: AbortController;
  readonly #keyBound: (bound: string | undefined) => void;

  /** @param keyBound told which key the store is bound to, before every write */
  constructor(
    database: Database,
    keyBound: (bound: string | undefined) => void,
    fence: CheckedFence | null = null,
    parent?: Writer,
  ) {
    this.database = database;
    this.#keyBound = keyBound;
    this.#fence = fence;
    this.#turn = parent === undefined ? new Slots(1) : parent.#turn;
    this.#ended = parent === undefined ? new AbortController() : parent.#ended;
  }

  /** The same turn, under a fence. */
  under(fence: CheckedFence): Writer {
    return new Writer(this.database, this.#keyBound, fence, this);
  }

  /** Runs `act` in a transaction, and `done` with its result before anybody else's turn here. */
  async write<T>(
    act: (session: Session, standing: Standing) => Promise<T>,
    done: (result: T) => void = () => undefined,
  ): Promise<T> {
    const free = await this.#turn.take(this.#ended.signal);
    try {
      const result = await this.database.transaction(
        async (session) => act(session, await this.#standing(session)),
        lockWrites,
      );
      done(result);
      return result;
    } finally {
      free();
    }
  }

  close(): void {
    this.#ended.abort(new Fault('unavailable', 'the store is closed'));
  }

  async #standing(session: Session): Promise<Standing> {
    const [row] = await session.query(standing, [this.#fence?.share ?? null]);
    if (this.#fence !== null && Number(row?.['fence']) !== this.#fence.number) {
      this.#fence.onRefused();
      throw fenced(this.#fence);
    }
    this.#keyBound(text(row?.['key']));
    return {
      lastEvent: Number(row?.['event'] ?? 0),
      lastAudit: Number(row?.['audit'] ?? 0),
      auditEnd: text(row?.['end']),
      fence: this.#fence,
    };
  }
}

const standing = `SELECT (SELECT max(sequence) FROM event) AS event, (SELECT max(sequence) FROM audit) AS audit,
  (SELECT value FROM meta WHERE name = 'audit') AS "end", (SELECT value FROM meta WHERE name = 'key') AS key,
  (SELECT fence FROM share WHERE name = $1) AS fence`;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function fenced({ share, number }: Fence): Fault {
  return new Fault(
    'conflict',
    `another control plane looks after ${share} now: what was begun under number ${number} is not written`,
    {
      object: share,
    },
  );
}
