// Owns what is still reserved: how much, since when, and that nothing stays reserved for a request that is decided.
import type { ReservationStore } from '../contract/reservation-store.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { boolean, integer, millisecondsOrNull, text } from '../sql/row.ts';

/** Requests that one statement looks at, and one transaction settles at most. */
const PAGE = 500;

// Nobody looks again at a request that is INDETERMINATE and never due.
const IS_DECIDED = `(q.state IN ('FINALIZED', 'FAILED', 'EXPIRED', 'SIGNING_FAILED')
  OR (q.state = 'INDETERMINATE' AND q.due_at_ms IS NULL))`;

// The next requests that have reservations, in order, and one look at each: however many there are, no statement is long.
const LOOK_AT: Statement = {
  name: 'look_at_reserved',
  text: `SELECT r.request_id, EXISTS (SELECT FROM requests q WHERE q.request_id = r.request_id AND ${IS_DECIDED}) AS is_decided
    FROM (SELECT DISTINCT h.request_id FROM reservations h WHERE h.request_id > $1 ORDER BY h.request_id LIMIT $2) r
    ORDER BY r.request_id`,
};

const LOCK_DECIDED: Statement = {
  name: 'lock_decided',
  text: `SELECT q.request_id, CASE q.state WHEN 'INDETERMINATE' THEN 'FINALIZED' ELSE q.state END AS settled_as FROM requests q
    WHERE q.request_id = ANY ($1) AND ${IS_DECIDED} ORDER BY q.request_id FOR UPDATE SKIP LOCKED`,
};

const STILL_HELD: Statement = {
  name: 'still_held',
  text: 'SELECT DISTINCT request_id FROM reservations WHERE request_id = ANY ($1)',
};

const LOCK_BUDGETS: Statement = { name: 'lock_budgets', text: "SELECT lock_budgets('{}', $1, $2)" };

const SETTLE: Statement = { name: 'settle', text: 'SELECT settle(clock_ms(), $1, $2)' };

// A reservation is as old as its request; ids are in order of time.
const OPEN: Statement = {
  name: 'open_reservations',
  text: `SELECT (SELECT count(*) FROM reservations)::integer AS count,
    (SELECT greatest(0, clock_ms() - q.created_at_ms) FROM requests q
       WHERE q.request_id = (SELECT min(r.request_id) FROM reservations r)) AS age_ms`,
};

export function createReservationStore(database: Database): ReservationStore {
  return {
    async reconcile(signal) {
      let total = 0;
      for (let after: string | null = ''; after !== null && signal?.aborted !== true; ) {
        const page = await database.query(LOOK_AT, [after, PAGE]);
        const ids = page.filter((row) => boolean(row, 'is_decided')).map((row) => text(row, 'request_id'));
        // What it leaves over is being settled by another gateway.
        if (ids.length > 0) total += await database.transaction((session) => settle(session, ids));
        const last = page.at(-1);
        after = last === undefined || page.length < PAGE ? null : text(last, 'request_id');
      }
      return total;
    },
    async open() {
      const [row] = await database.query(OPEN, []);
      if (row === undefined) throw new Error('a query that counts gave no row');
      return { count: integer(row, 'count'), oldestAgeMs: millisecondsOrNull(row, 'age_ms') ?? 0 };
    },
  };
}

/** Locks in the order of every commit: requests, then budgets. Returns how many of them were still to be settled. */
async function settle(session: Session, requestIds: readonly string[]): Promise<number> {
  const locked = await session.query(LOCK_DECIDED, [requestIds]);
  const stateOf = new Map(locked.map((row) => [text(row, 'request_id'), text(row, 'settled_as')]));
  // Another gateway may have settled some before they were locked here.
  const held = await session.query(STILL_HELD, [[...stateOf.keys()]]);
  const ids = held.map((row) => text(row, 'request_id'));
  if (ids.length === 0) return 0;
  const states = ids.map((id) => stateOf.get(id));
  await session.query(LOCK_BUDGETS, [ids, states]);
  await session.query(SETTLE, [ids, states]);
  return ids.length;
}
