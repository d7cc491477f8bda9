// Owns that who may call is changed only by an admin who is one still when the change commits, with the key of the call.
import { GatewayError } from '../../core/errors.ts';
import type { Operator, OperatorRole } from '../../core/principal/principal.ts';
import { LOCK_CONTROLS } from '../controls/set-freeze.ts';
import { HOLD_CONTROLS } from '../sql/approval-locks.ts';
import type { AuditedTransaction } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { textList } from '../sql/row.ts';

/** Each takes its lock on the controls first, as every transaction that takes one. */
export interface RightsTransactions {
  /** Beside others that hold the controls: nobody's rights change until it ends. */
  readonly holding: AuditedTransaction;
  /** Alone: for what changes rights, or takes keys that admins call with. */
  readonly changing: AuditedTransaction;
}

// The key is locked too: a gateway of an older version may revoke it without a lock on the controls.
const CALLER: Statement = {
  name: 'caller_with_key',
  text: `SELECT p.roles FROM api_keys k JOIN principals p USING (principal_id)
    WHERE k.key_id = $1 AND k.principal_id = $2 AND k.revoked_at_ms IS NULL AND p.disabled_at_ms IS NULL
    FOR SHARE OF k`,
};

/** For what the gateway does by itself. */
export function ownRights(audited: AuditedTransaction): RightsTransactions {
  return { holding: audited, changing: behind(audited, (session) => session.query(LOCK_CONTROLS, [])) };
}

/** Both throw ROLE_MISSING and CREDENTIALS_INVALID, and nothing is changed. */
export function rightsOf(audited: AuditedTransaction, by: Operator, role: OperatorRole): RightsTransactions {
  const locked = (lock: Statement) =>
    behind(audited, async (session) => {
      await session.query(lock, []);
      await requireCaller(session, by, role);
    });
  return { holding: locked(HOLD_CONTROLS), changing: locked(LOCK_CONTROLS) };
}

function behind(audited: AuditedTransaction, first: (session: Session) => Promise<unknown>): AuditedTransaction {
  return (audit, work) =>
    audited(audit, async (session) => {
      await first(session);
      return work(session);
    });
}

async function requireCaller(session: Session, { id, keyId }: Operator, role: OperatorRole): Promise<void> {
  if (keyId === undefined) throw new GatewayError('INTERNAL', 'nobody knows with which key the operator calls');
  const [row] = await session.query(CALLER, [keyId, id]);
  if (row === undefined) {
    throw new GatewayError(
      'CREDENTIALS_INVALID',
      `nothing was changed: meanwhile ${id} was disabled, or the API key of this call was revoked; call with one that is valid`,
    );
  }
  if (textList(row, 'roles').includes(role)) return;
  throw new GatewayError(
    'ROLE_MISSING',
    `nothing was changed: this needs the role ${role}, which ${id} does not have any more; have somebody do it who has it`,
  );
}
