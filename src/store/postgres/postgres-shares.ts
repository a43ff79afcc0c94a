/** Which control plane has which share of the work, in PostgreSQL. Each taking draws a new number, which is never drawn again. */
import type { EventDraft } from '../../model/event.ts';
import type { Fence, ReplicaSeen } from '../shared.ts';
import type { Session } from './database.ts';
import { isSeated, seatClass } from './seat.ts';
import type { Seat } from './seat.ts';

/** Writes in turn, and records events with it. */
export type WriteWithEvents = <T>(
  act: (session: Session) => Promise<{ readonly result: T; readonly events: readonly EventDraft[] }>,
) => Promise<T>;

/** The table of shares. */
export class PostgresShares {
  readonly #seat: Seat;
  readonly #write: WriteWithEvents;

  constructor(seat: Seat, write: WriteWithEvents) {
    this.#seat = seat;
    this.#write = write;
  }

  /** Takes a share that nobody has; undefined when somebody does, or we have no seat. */
  take(share: string): Promise<Fence | undefined> {
    const { number: holder } = this.#seat;
    return this.#write(async (session) => {
      const [row] = await session.query(take, [share, holder]);
      if (row === undefined) return { result: undefined, events: [] };
      const number = Number(row['fence']);
      const words = `control plane ${String(holder)} looks after it, under number ${number}`;
      return { result: { share, number }, events: [shareEvent(share, 'taken', words)] };
    });
  }

  async giveBack({ share, number }: Fence, isOver: boolean): Promise<void> {
    await this.#write(async (session) => {
      await session.query(isOver ? remove : giveBack, [share, number]);
      return { result: undefined, events: [] };
    });
  }

  /** What a control plane that is not there had is free. One that is silent is not there soon. */
  async bury(replica: ReplicaSeen): Promise<readonly string[]> {
    if (replica.lives) {
      await this.#seat.end(replica.number);
      return [];
    }
    return this.#write(async (session) => {
      if ((await session.query(leave, [seatClass, replica.number])).length === 0) return { result: [], events: [] };
      const rows = await session.query(free, [replica.number]);
      const result = rows.map((row) => String(row['name']));
      const words = `control plane ${replica.number} is gone`;
      return { result, events: result.map((share) => shareEvent(share, 'freed', words)) };
    });
  }
}

/** The share's name begins with what it is: `blueprint ants`. */
function shareEvent(share: string, what: string, words: string): EventDraft {
  const [kind = '', object = ''] = share.split(' ');
  return { level: 'info', kind, object, blueprint: kind === 'blueprint' ? object : null, what, words };
}

const take = `INSERT INTO share (name, fence, holder)
  SELECT $1::text, nextval('share_number'), $2::bigint WHERE EXISTS (SELECT 1 FROM replica WHERE number = $2::bigint)
  ON CONFLICT (name) DO UPDATE SET fence = excluded.fence, holder = excluded.holder, since = clock_timestamp()
    WHERE share.holder IS NULL
  RETURNING fence`;
const giveBack = `UPDATE share SET holder = NULL, since = clock_timestamp() WHERE name = $1 AND fence = $2`;
const remove = `DELETE FROM share WHERE name = $1 AND fence = $2`;
const leave = `DELETE FROM replica WHERE number = $2 AND NOT ${isSeated} RETURNING number`;
const free = `UPDATE share SET holder = NULL, since = clock_timestamp() WHERE holder = $1 RETURNING name`;
