// Owns how an operator gets other roles and groups, or is shut out: in turns, so that an admin is left whoever does it at the same time.
import type { OperatorChange, OperatorChangeResult, PrincipalRecord } from '../contract/principal-store.ts';
import { LOCK_CONTROLS } from '../controls/set-freeze.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from '../sql/principal-row.ts';
import { boolean } from '../sql/row.ts';

const FIND: Statement = {
  name: 'find_principal',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p WHERE p.principal_id = $1`,
};
const ADMINS: Statement = {
  name: 'admins_beside',
  text: `SELECT EXISTS (SELECT FROM principals p WHERE p.principal_id = $2 AND is_admin(p.roles, p.disabled_at_ms)) AS by_admin,
    EXISTS (SELECT FROM principals p WHERE p.principal_id <> $1 AND is_admin(p.roles, p.disabled_at_ms)) AS another`,
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

/** Runs inside a transaction. */
export async function changeOperator(
  session: Session,
  change: OperatorChange,
): Promise<AuditedOutcome<OperatorChangeResult>> {
  const { operatorId, roles, groups, revision, by } = change;
  await session.query(LOCK_CONTROLS, []);
  const record = await findPrincipal(session, operatorId);
  if (record?.principal.kind !== 'operator' || record.disabledAt !== null) return unchanged({ kind: 'not_found' });
  const admins = await adminsBeside(session, operatorId, by);
  if (!admins.by) return unchanged({ kind: 'not_admin' });
  if (record.revision !== revision) return unchanged({ kind: 'other_revision', revision: record.revision });
  if (!roles.includes('admin') && isAdmin(record) && !admins.another) return unchanged({ kind: 'last_admin' });
  if (isSame(record.principal.roles, roles) && isSame(record.principal.groups, groups)) {
    return unchanged({ kind: 'changed', record });
  }
  await session.query(CHANGE, [operatorId, roles, groups]);
  const changed = await findPrincipal(session, operatorId);
  if (changed === null) throw new Error('an operator that was just changed is not there');
  return { changed: true, value: { kind: 'changed', record: changed } };
}

/** Runs inside a transaction. */
export async function disablePrincipal(
  session: Session,
  principalId: string,
): Promise<AuditedOutcome<PrincipalRecord | 'not_found' | 'last_admin'>> {
  await session.query(LOCK_CONTROLS, []);
  const record = await findPrincipal(session, principalId);
  if (record === null) return { changed: false, value: 'not_found' };
  if (record.disabledAt !== null) return { changed: false, value: record };
  if (isAdmin(record) && !(await adminsBeside(session, principalId, '')).another) {
    return { changed: false, value: 'last_admin' };
  }
  await session.query(DISABLE, [principalId]);
  return { changed: true, value: (await findPrincipal(session, principalId)) ?? 'not_found' };
}

export async function findPrincipal(session: Session, principalId: string): Promise<PrincipalRecord | null> {
  const [row] = await session.query(FIND, [principalId]);
  return row === undefined ? null : parsePrincipalRecord(row);
}

async function adminsBeside(
  session: Session,
  principalId: string,
  by: string,
): Promise<{ readonly by: boolean; readonly another: boolean }> {
  const [row] = await session.query(ADMINS, [principalId, by]);
  if (row === undefined) throw new Error('a query for one row gave none');
  return { by: boolean(row, 'by_admin'), another: boolean(row, 'another') };
}

function isAdmin({ principal, disabledAt }: PrincipalRecord): boolean {
  return principal.kind === 'operator' && principal.roles.includes('admin') && disabledAt === null;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each) => others.includes(each));
}

function unchanged(value: OperatorChangeResult): AuditedOutcome<OperatorChangeResult> {
  return { changed: false, value };
}
