// Owns how an operator gets other roles and groups, or is shut out: in turns, so that an admin is left whoever does it at the same time.
import type { OperatorChange, OperatorChangeResult, PrincipalRecord } from '../contract/principal-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from '../sql/principal-row.ts';
import { boolean } from '../sql/row.ts';

const FIND: Statement = {
  name: 'find_principal',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p WHERE p.principal_id = $1`,
};
// Who has no key can do nothing, nor be given one by anybody but an admin who has.
const ANOTHER_ADMIN: Statement = {
  name: 'admin_with_key_beside',
  text: `SELECT EXISTS (SELECT FROM principals p JOIN api_keys k USING (principal_id)
    WHERE p.principal_id <> $1 AND is_admin(p.roles, p.disabled_at_ms) AND k.revoked_at_ms IS NULL) AS another`,
};
// The version of the controls grows with it (migrations/0016). What is held already is held since when it was; what is gained, from behind
// every vote that is still counted, also where the clock went back since it was cast.
const CHANGE: Statement = {
  name: 'change_operator',
  text: `UPDATE principals p SET roles = $2, groups = $3, revision = p.revision + 1,
      gained = (
        SELECT coalesce(jsonb_object_agg(h.held, coalesce(p.gained->h.held, to_jsonb(greatest(clock_ms(), l.time_ms + 1)))), '{}')
          FROM unnest(held_rights($2, $3)) AS h(held), (
            SELECT max(c.time_ms) AS time_ms FROM (
              SELECT v.time_ms FROM requests q JOIN votes v USING (approval_id)
                WHERE q.due_at_ms IS NOT NULL AND v.approver_id = $1
              UNION ALL SELECT f.time_ms FROM freeze_votes f WHERE f.operator_id = $1
              UNION ALL SELECT w.time_ms FROM wallet_proposal_votes w WHERE w.operator_id = $1) AS c) AS l
          WHERE p.gained ? h.held OR h.held <> ALL (held_rights(p.roles, p.groups)))
    WHERE p.principal_id = $1`,
};
const DISABLE: Statement = {
  name: 'disable_principal',
  text: 'UPDATE principals SET disabled_at_ms = clock_ms() WHERE principal_id = $1',
};

/** Runs inside a transaction that holds the controls alone. */
export async function changeOperator(
  session: Session,
  change: OperatorChange,
): Promise<AuditedOutcome<OperatorChangeResult>> {
  const { operatorId, roles, groups, revision } = change;
  const record = await findPrincipal(session, operatorId);
  if (record?.principal.kind !== 'operator' || record.disabledAt !== null) return unchanged({ kind: 'not_found' });
  if (record.revision !== revision) return unchanged({ kind: 'other_revision', revision: record.revision });
  if (!roles.includes('admin') && (await isLastAdmin(session, record))) return unchanged({ kind: 'last_admin' });
  if (isSame(record.principal.roles, roles) && isSame(record.principal.groups, groups)) {
    return unchanged({ kind: 'changed', record });
  }
  await session.query(CHANGE, [operatorId, roles, groups]);
  const changed = await findPrincipal(session, operatorId);
  if (changed === null) throw new Error('an operator that was just changed is not there');
  return { changed: true, value: { kind: 'changed', record: changed } };
}

/** Runs inside a transaction that holds the controls alone. */
export async function disablePrincipal(
  session: Session,
  principalId: string,
): Promise<AuditedOutcome<PrincipalRecord | 'not_found' | 'last_admin'>> {
  const record = await findPrincipal(session, principalId);
  if (record === null) return { changed: false, value: 'not_found' };
  if (record.disabledAt !== null) return { changed: false, value: record };
  if (await isLastAdmin(session, record)) return { changed: false, value: 'last_admin' };
  await session.query(DISABLE, [principalId]);
  return { changed: true, value: (await findPrincipal(session, principalId)) ?? 'not_found' };
}

export async function findPrincipal(session: Session, principalId: string): Promise<PrincipalRecord | null> {
  const [row] = await session.query(FIND, [principalId]);
  return row === undefined ? null : parsePrincipalRecord(row);
}

async function isLastAdmin(session: Session, { principal, disabledAt }: PrincipalRecord): Promise<boolean> {
  if (principal.kind !== 'operator' || !principal.roles.includes('admin') || disabledAt !== null) return false;
  const [row] = await session.query(ANOTHER_ADMIN, [principal.id]);
  return row === undefined || !boolean(row, 'another');
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function unchanged(value: OperatorChangeResult): AuditedOutcome<OperatorChangeResult> {
  return { changed: false, value };
}
