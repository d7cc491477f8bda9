// Owns what a vote to lift a freeze must pass; the last one that the quorum takes lifts it, in the same transaction.

import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { FreezeRecord } from '../../core/controls/freeze.ts';
import type { LiftAsk, LiftResult } from '../contract/control-store.ts';
import type { AuditedOutcome } from '../sql/audited-transaction.ts';
import type { Session, Statement } from '../sql/database.ts';
import { FREEZE_COLUMNS, parseFreeze } from '../sql/freeze-row.ts';
import { PRINCIPAL_COLUMNS, parsePrincipalRecord } from '../sql/principal-row.ts';
import { LOCK_CONTROLS, NEXT_VERSION } from './set-freeze.ts';

const FIND: Statement = {
  name: 'find_freeze',
  text: `SELECT ${FREEZE_COLUMNS} FROM freezes f WHERE f.freeze_id = $1`,
};
// Locked, so that nobody who voted is shut out between the count and the commit.
const LOCK_VOTERS: Statement = {
  name: 'lock_freeze_voters',
  text: `SELECT ${PRINCIPAL_COLUMNS} FROM principals p
    WHERE p.principal_id = $2 OR p.principal_id IN (SELECT v.operator_id FROM freeze_votes v WHERE v.freeze_id = $1)
    ORDER BY p.principal_id FOR SHARE`,
};
const IS_DESTROYED: Statement = {
  name: 'find_destroyed_wallet',
  text: `SELECT true AS found FROM managed_wallets WHERE wallet_id = $1 AND state = 'DESTROYED'`,
};
// One that does not count any more is cast anew.
const INSERT: Statement = {
  name: 'insert_freeze_vote',
  text: `INSERT INTO freeze_votes (freeze_id, operator_id, reason) VALUES ($1, $2, $3)
    ON CONFLICT (freeze_id, operator_id) DO UPDATE SET reason = excluded.reason, time_ms = clock_ms()`,
};
const LIFT: Statement = {
  name: 'lift_freeze',
  text: 'UPDATE freezes SET lifted_by = $2, lifted_at_ms = clock_ms() WHERE freeze_id = $1',
};

/** Runs inside a transaction. `lifted`: the record behind the vote's own where the vote is the last one that it takes. */
export async function liftVote(
  session: Session,
  ask: LiftAsk,
  lifted: AuditEntry,
): Promise<AuditedOutcome<LiftResult>> {
  const { freezeId, operatorId, quorum } = ask;
  await session.query(LOCK_CONTROLS, []);
  const freeze = await find(session, freezeId);
  if (freeze === null) return { changed: false, value: { kind: 'not_found' } };
  const voters = await session.query(LOCK_VOTERS, [freezeId, operatorId]);
  const isAdmin = voters.map(parsePrincipalRecord).some(({ principal, disabledAt }) => {
    return principal.id === operatorId && disabledAt === null && isAdminOperator(principal);
  });
  const reason = isAdmin
    ? (refusal(freeze, operatorId) ?? (await refuseDestroyed(session, freeze)))
    : `${operatorId} is no operator with the role admin`;
  if (reason !== null) return { changed: false, value: { kind: 'refused', reason } };
  await session.query(INSERT, [freezeId, operatorId, ask.reason]);
  const counted = await recorded(session, freezeId);
  if (counted.votes.filter(({ counts }) => counts).length < quorum) {
    return { changed: true, value: { kind: 'recorded', freeze: counted } };
  }
  await session.query(LIFT, [freezeId, operatorId]);
  await session.query(NEXT_VERSION, []);
  return { changed: true, also: [lifted], value: { kind: 'recorded', freeze: await recorded(session, freezeId) } };
}

function isAdminOperator(principal: ReturnType<typeof parsePrincipalRecord>['principal']): boolean {
  return principal.kind === 'operator' && principal.roles.includes('admin');
}

function refusal({ lifted, votes }: FreezeRecord, operatorId: string): string | null {
  if (lifted !== null) return `it was lifted at ${new Date(lifted.at).toISOString()}, by ${lifted.by}`;
  if (votes.some((vote) => vote.operatorId === operatorId && vote.counts)) {
    return `${operatorId} has already voted to lift it; each admin counts once`;
  }
  return null;
}

/** Gateways that have not yet seen that the wallet is destroyed sign nothing with it while it is frozen. */
async function refuseDestroyed(session: Session, { scope, target }: FreezeRecord): Promise<string | null> {
  if (scope !== 'wallet' || (await session.query(IS_DESTROYED, [target])).length === 0) return null;
  return `the wallet ${target} is destroyed, and its freeze stays`;
}

async function find(session: Session, freezeId: string): Promise<FreezeRecord | null> {
  const [row] = await session.query(FIND, [freezeId]);
  return row === undefined ? null : parseFreeze(row);
}

async function recorded(session: Session, freezeId: string): Promise<FreezeRecord> {
  const freeze = await find(session, freezeId);
  if (freeze === null) throw new Error('a freeze that was just voted on is not there');
  return freeze;
}
