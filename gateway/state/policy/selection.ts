// Owns what operators and sources chose, in one row that every replica follows.
import { GatewayError } from '../../core/errors.ts';
import type { PolicySelection, PolicyStore } from '../contract/policy-store.ts';
import type { ChangeSignals } from '../signals/change-signals.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Database, Session, Statement } from '../sql/database.ts';
import { bigint, millisecondsOrNull, type Row, textOrNull } from '../sql/row.ts';

type Change = Parameters<PolicyStore['select']>[0];

const COLUMNS =
  'version, pinned_revision, followed_revision, shadow_revision, shadow_since_ms, chosen_by, chosen_at_ms';

const READ: Statement = { name: 'read_selection', text: `SELECT ${COLUMNS} FROM policy_selection` };
// What is not to change comes as false. Who chose last is a principal: a source does not count.
const CHANGE: Statement = {
  name: 'change_selection',
  text: `UPDATE policy_selection SET version = version + 1,
      pinned_revision = CASE WHEN $1 THEN $2 ELSE pinned_revision END,
      followed_revision = CASE WHEN $3 THEN $4 ELSE followed_revision END,
      shadow_revision = CASE WHEN $5 THEN $6 ELSE shadow_revision END,
      shadow_since_ms = CASE WHEN NOT $5 THEN shadow_since_ms WHEN $6::text IS NULL THEN NULL
        WHEN $6 = shadow_revision THEN shadow_since_ms ELSE clock_ms() END,
      chosen_by = coalesce($7, chosen_by),
      chosen_at_ms = CASE WHEN $7::text IS NULL THEN chosen_at_ms ELSE clock_ms() END
    WHERE version = coalesce($8, version)
    RETURNING ${COLUMNS}`,
};

export function createSelectionRecord(
  database: Database,
  audited: AuditedTransaction,
  signals: ChangeSignals,
): Pick<PolicyStore, 'selection' | 'select' | 'onSelection'> {
  return {
    async selection() {
      const [row] = await database.query(READ, []);
      if (row === undefined)
        throw new GatewayError('INTERNAL', 'the database has lost the row of the policy selection');
      return parseSelection(row);
    },
    async select(change, chosenBy, audit, onlyIf) {
      const values = valuesOf(change, chosenBy, onlyIf);
      const selected =
        audit === null
          ? await changeSelection(database, values)
          : await audited(audit, async (session) => {
              const value = await changeSelection(session, values);
              return { value, changed: value !== 'stale' };
            });
      if (selected !== 'stale') signals.selected();
      return selected;
    },
    onSelection: (callback) => signals.onSelection(callback),
  };
}

async function changeSelection(session: Session, values: readonly unknown[]): Promise<PolicySelection | 'stale'> {
  const [row] = await session.query(CHANGE, values);
  return row === undefined ? 'stale' : parseSelection(row);
}

function valuesOf(change: Change, chosenBy: string | null, onlyIf: bigint | undefined): readonly unknown[] {
  const { pinnedRevision, followedRevision, shadowRevision } = change;
  const revisions = [pinnedRevision, followedRevision, shadowRevision];
  return [...revisions.flatMap((each) => [each !== undefined, each ?? null]), chosenBy, onlyIf ?? null];
}

function parseSelection(row: Row): PolicySelection {
  return {
    version: bigint(row, 'version'),
    pinnedRevision: textOrNull(row, 'pinned_revision'),
    followedRevision: textOrNull(row, 'followed_revision'),
    shadowRevision: textOrNull(row, 'shadow_revision'),
    shadowSince: millisecondsOrNull(row, 'shadow_since_ms'),
    chosenBy: textOrNull(row, 'chosen_by'),
    chosenAt: millisecondsOrNull(row, 'chosen_at_ms'),
  };
}
