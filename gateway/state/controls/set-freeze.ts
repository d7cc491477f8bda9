// Owns how something is frozen: once, under the lock that every commit of an intent or a signature waits for.

import type { FreezeResult, NewFreeze } from '../contract/control-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { FREEZE_COLUMNS, parseFreeze } from '../sql/freeze-row.ts';

/** The first lock of a transaction that changes the controls; see hold_controls (migrations/0005). */
export const LOCK_CONTROLS: Statement = { name: 'lock_controls', text: 'LOCK TABLE controls IN EXCLUSIVE MODE' };
export const NEXT_VERSION: Statement = { name: 'next_controls', text: 'UPDATE controls SET version = version + 1' };

const FIND: Statement = {
  name: 'find_freeze_in_force',
  text: `SELECT ${FREEZE_COLUMNS} FROM freezes f WHERE f.scope = $1 AND f.target = $2 AND f.lifted_at_ms IS NULL`,
};
const INSERT: Statement = {
  name: 'insert_freeze',
  text: 'INSERT INTO freezes (freeze_id, scope, target, reason, frozen_by) VALUES ($1, $2, $3, $4, $5)',
};

/** Runs inside a transaction. */
export async function setFreeze(session: Session, freeze: NewFreeze): Promise<AuditedOutcome<FreezeResult>> {
  const { freezeId, scope, target, reason, frozenBy } = freeze;
  await session.query(LOCK_CONTROLS, []);
  const [earlier] = await session.query(FIND, [scope, target]);
  if (earlier !== undefined) return { changed: false, value: { kind: 'exists', freeze: parseFreeze(earlier) } };
  await session.query(INSERT, [freezeId, scope, target, reason, frozenBy]);
  await session.query(NEXT_VERSION, []);
  const [made] = await session.query(FIND, [scope, target]);
  if (made === undefined) throw new Error('a freeze that was just made is not there');
  return { changed: true, value: { kind: 'frozen', freeze: parseFreeze(made) } };
}
