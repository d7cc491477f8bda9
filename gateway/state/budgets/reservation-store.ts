// Owns what is still reserved: how much, since when, and that nothing stays reserved for a request that is decided.
import type { ReservationStore } from '../contract/reservation-store.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { integer, millisecondsOrNull, text } from '../sql/row.ts';

/** In one transaction. */
const BATCH = 500;

// Nobody looks again at a request that is INDETERMINATE and never due.
const IS_DECIDED = `(q.state IN ('FINALIZED', 'FAILED', 'EXPIRED', 'SIGNING_FAILED')
  OR (q.state = 'INDETERMINATE' AND q.due_at_ms IS NULL))`;

// One look at a request for each that has reservations, however many requests there are.
const FIND_DECIDED: Statement = {
  name: 'find_decided',
  text: `SELECT q.request_id FROM (SELECT DISTINCT request_id FROM reservations) r
    CROSS JOIN LATERAL (SELECT q.request_id FROM requests q
      WHERE q.request_id = r.request_id AND ${IS_DECIDED} OFFSET 0) q
    LIMIT $1`,
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
    async reconcile() {
      for (let total = 0; ; ) {
        const found = await database.query(FIND_DECIDED, [BATCH]);
        const ids = found.map((row) => text(row, 'request_id'));
        if (ids.length === 0) return total;
        const settled = await database.transaction((session) => settle(session, ids));
        total += settled;
        // What is left over is being settled by another gateway.
        if (settled < BATCH) return total;
      }
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
