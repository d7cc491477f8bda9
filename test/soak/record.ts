// Owns what the soak reads of the record when all is over, by SQL and from the audit chain: not through what it checks.
import { createHash } from 'node:crypto';
import { verifyChain, verifyNoSignatureWithoutIntent } from '../../gateway/audit/verify.ts';
import type { AuditRecord } from '../../gateway/core/audit/audit-record.ts';
import { REQUEST_STATES } from '../../gateway/core/request/request-state.ts';
import { openState } from '../../gateway/state/open-state.ts';
import { AGENT_IDS } from './crew.ts';
import type { Evidence, RecordedApproval, RecordedBudget, RecordedRequest } from './evidence.ts';
import type { SoakPostgres } from './postgres.ts';
import { readTrail } from './trail.ts';

type Record = Pick<
  Evidence,
  'requests' | 'signatures' | 'budgets' | 'approvals' | 'trail' | 'chain' | 'intents' | 'deadlocks'
>;

export async function readRecord(postgres: SoakPostgres): Promise<Record> {
  const state = await openState({ databaseUrl: postgres.url, instanceId: 'soak' });
  try {
    const records = () => allRecords((after) => state.audit.readAfter(after, 1_000));
    const head = await state.audit.head();
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
    return {
      requests: await readRequests(postgres),
      budgets: await readBudgets(postgres),
      approvals: await readApprovals(postgres),
      ...(await readTrail(records())),
      chain: await verifyChain(records(), sha256, head === null ? {} : { head }),
      intents: await verifyNoSignatureWithoutIntent(records()),
      deadlocks: await postgres.deadlocks(),
    };
  } finally {
    await state.close();
  }
}

async function readRequests(postgres: SoakPostgres): Promise<readonly RecordedRequest[]> {
  const rows = await postgres.query<{ [column: string]: string | null }>(
    `SELECT request_id, agent_id, context->>'ask' AS ask, idempotency_key, state, transaction_signature,
       decision->'verdict'->'reasons'->0->>'code' AS reason
     FROM requests ORDER BY request_id`,
  );
  return rows.map((row) => ({
    requestId: row.request_id ?? '',
    agent: oneOf(AGENT_IDS, row.agent_id),
    ask: Number(row.ask),
    key: row.idempotency_key ?? null,
    state: oneOf(REQUEST_STATES, row.state),
    signature: row.transaction_signature ?? null,
    reason: row.reason ?? null,
  }));
}

async function readBudgets(postgres: SoakPostgres): Promise<readonly RecordedBudget[]> {
  const rows = await postgres.query<{ name: string; reserved: string; settled: string; open: string }>(
    `SELECT name, reserved, settled,
       (SELECT coalesce(sum(amount), 0) FROM reservations r WHERE r.budget_id = b.budget_id) AS open
     FROM budgets b ORDER BY name`,
  );
  return rows.map(({ name, reserved, settled, open }) => ({
    name,
    reserved: BigInt(reserved),
    settled: BigInt(settled),
    open: BigInt(open),
  }));
}

async function readApprovals(postgres: SoakPostgres): Promise<readonly RecordedApproval[]> {
  const rows = await postgres.query<{ approval_id: string; request_id: string; state: string; expires_at_ms: string }>(
    'SELECT approval_id, request_id, state, expires_at_ms FROM approvals ORDER BY position',
  );
  return rows.map(({ approval_id: approvalId, request_id: requestId, state, expires_at_ms: expiresAt }) => ({
    approvalId,
    requestId,
    state,
    expiresAt: Number(expiresAt),
  }));
}

async function* allRecords(
  readAfter: (sequence: bigint) => Promise<readonly AuditRecord[]>,
): AsyncGenerator<AuditRecord> {
  for (let after = 0n; ; ) {
    const records = await readAfter(after);
    const last = records.at(-1);
    if (last === undefined) return;
    yield* records;
    after = last.sequence;
  }
}

function oneOf<T extends string>(known: readonly T[], text: string | null | undefined): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw new Error(`the record holds ${text}, which is none of ${known.join(', ')}`);
  return found;
}
