// Owns what operators have frozen, as this process knows it. Whoever signs under an older version is refused by the database.

import type { Controls } from '../../core/controls/freeze.ts';
import type { ControlStore } from '../contract/control-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Statement } from '../sql/database.ts';
import { FREEZE_COLUMNS, parseFreeze } from '../sql/freeze-row.ts';
import { bigint } from '../sql/row.ts';
import { liftVote } from './lift-vote.ts';
import { setFreeze } from './set-freeze.ts';

const READ: Statement = {
  name: 'read_controls',
  text: `SELECT c.version, ${FREEZE_COLUMNS} FROM controls c LEFT JOIN freezes f ON f.lifted_at_ms IS NULL ORDER BY f.position`,
};
const LIST: Statement = {
  name: 'list_freezes',
  text: `SELECT ${FREEZE_COLUMNS} FROM freezes f WHERE $1 OR f.lifted_at_ms IS NULL ORDER BY f.position DESC`,
};
const RECENT_MS = 500;

/** Throws STORE_UNAVAILABLE while Postgres is away. */
export async function openControlStore(
  database: Database,
  audited: AuditedTransaction,
  signals: ChangeSignals,
): Promise<ControlStore> {
  let controls: Controls = { version: 0n, freezes: [] };
  let lookedAt = 0;
  const listeners = new Set<(changed: Controls) => void>();
  async function refresh(): Promise<Controls> {
    const started = performance.now();
    const found = await read(database);
    // Two looks may end in another order than they began.
    if (started < lookedAt) return controls;
    const hasChanged = found.version !== controls.version;
    [controls, lookedAt] = [found, started];
    if (hasChanged) for (const listener of [...listeners]) listener(found);
    return controls;
  }
  /** What was committed is committed, whether or not it can be looked at now. */
  async function afterChange<T>(result: T): Promise<T> {
    signals.controlsChanged();
    await refresh().catch(() => undefined);
    return result;
  }
  await refresh();
  signals.onControls((version, askedAt) => {
    if (version === controls.version) lookedAt = Math.max(lookedAt, askedAt);
    else void refresh().catch(() => undefined);
  });
  return {
    current: () => controls,
    recent: async () => (performance.now() - lookedAt <= RECENT_MS ? controls : refresh()),
    refresh,
    onChange: (callback) => {
      // Wrapped, so that the same function may listen twice.
      const own = (changed: Controls) => callback(changed);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    freeze: async (freeze, audit) => afterChange(await audited(audit, (session) => setFreeze(session, freeze))),
    voteToLift: async (vote, audit, lifted) =>
      afterChange(await audited(audit, (session) => liftVote(session, vote, lifted))),
    list: async ({ lifted }) => (await database.query(LIST, [lifted])).map(parseFreeze),
  };
}

async function read(database: Database): Promise<Controls> {
  const rows = await database.query(READ, []);
  const [first] = rows;
  if (first === undefined) throw new Error('the table of controls is empty');
  const freezes = rows.filter((row) => row.freeze_id !== null).map(parseFreeze);
  return { version: bigint(first, 'version'), freezes };
}
