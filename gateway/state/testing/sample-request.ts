// Owns requests, changes and audit entries that tests and the benchmark may write: complete, and different each time.
import { randomBytes, randomUUID } from 'node:crypto';
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import type { VoteAsk } from '../contract/approval-store.ts';
import type {
  Judgement,
  KeyCustody,
  NewApproval,
  NewRequest,
  RequestAsk,
  RequestChange,
  RequestRecord,
  Terms,
} from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';

const ALLOW: Verdict = {
  kind: 'allow',
  reasons: [
    { code: 'WITHIN_LIMIT', rule: 'spending_limit', message: 'within the limit', facts: { max: '1000000000' } },
  ],
};

export function sampleJudgement(change: Partial<Judgement> = {}): Judgement {
  return {
    decision: { decisionId: randomUUID(), verdict: ALLOW, bundleRevision: 'test-1', inputDigest: bytes(32) },
    policyInput: new TextEncoder().encode(JSON.stringify({ v: 1, filler: 'x'.repeat(2500) })),
    transaction: bytes(420),
    messageDigest: bytes(32),
    intentDigest: bytes(32),
    lastValidBlockHeight: 300_000_000n,
    ...change,
  };
}

/** No limits; the controls of a new database. */
export const SAMPLE_TERMS: Terms = { charges: [], excess: [], controls: 1n };

/** Both keys in the process of the gateway. */
export const SAMPLE_CUSTODY: KeyCustody = { wallet: 'process', feePayer: 'process' };

/** Signing, by agent-1 with wallet treasury, without an idempotency key, never due; `ask` and `change` replace parts. */
export function sampleRequest(change: Partial<NewRequest> = {}, ask: Partial<RequestAsk> = {}): NewRequest {
  const isSigning = (change.state ?? 'SIGNING') === 'SIGNING';
  return {
    requestId: randomUUID(),
    ask: {
      method: 'sign',
      agentId: 'agent-1',
      walletId: 'treasury',
      received: bytes(420),
      setFreshBlockhash: false,
      idempotencyKey: null,
      context: { purpose: 'payroll' },
      ...ask,
    },
    askDigest: bytes(32),
    judgement: sampleJudgement(),
    state: 'SIGNING',
    approval: null,
    terms: isSigning ? SAMPLE_TERMS : null,
    ...(isSigning ? { custody: SAMPLE_CUSTODY } : {}),
    dueAt: null,
    ...change,
  };
}

/** As the record has it: signing, and due some day. `ask` and `change` replace parts. */
export function sampleRecord(change: Partial<RequestRecord> = {}, ask: Partial<RequestAsk> = {}): RequestRecord {
  const request = sampleRequest({}, ask);
  return {
    requestId: request.requestId,
    ask: request.ask,
    askDigest: request.askDigest,
    judgement: request.judgement,
    state: 'SIGNING',
    custody: SAMPLE_CUSTODY,
    approvalId: null,
    signedTransaction: null,
    walletSignature: null,
    transactionSignature: null,
    slot: null,
    error: null,
    isDue: true,
    createdAt: 1,
    updatedAt: 1,
    ...change,
  };
}

/** As it is once `transaction` was signed and sent. */
export function sampleSent(transaction: Uint8Array, change: Partial<RequestRecord> = {}): RequestRecord {
  const signatures = { walletSignature: 'w', transactionSignature: 's' };
  return sampleRecord({ state: 'SUBMITTED', signedTransaction: transaction, ...signatures, ...change });
}

/** An approval by one, of any group, that ends in five minutes. */
export function sampleApproval(change: Partial<NewApproval> = {}): NewApproval {
  return {
    approvalId: randomUUID(),
    requirement: { quorum: 1, groups: [], timeoutSeconds: 300 },
    reasons: [{ code: 'ABOVE_THRESHOLD', rule: 'human_approval', message: 'needs a human', facts: {} }],
    excess: [],
    expiresAt: Date.now() + 300_000,
    ...change,
  };
}

/** What a vote has besides who votes how on what, where it is not signed. */
export function unsigned({
  controls,
}: Pick<State, 'controls'>): Pick<VoteAsk, 'signature' | 'onlySigned' | 'controls'> {
  return { signature: null, onlySigned: false, controls: controls.current().version };
}

/** From SIGNING to SIGNED. */
export function sampleSigned(requestId: string): RequestChange {
  return {
    requestId,
    from: 'SIGNING',
    to: 'SIGNED',
    signedTransaction: bytes(420),
    walletSignature: '5'.repeat(88),
    transactionSignature: '5'.repeat(88),
    dueAt: null,
  };
}

export function sampleEntry(kind: AuditKind, requestId: string | null = null): AuditEntry {
  return {
    kind,
    time: Date.now(),
    requestId,
    actor: 'agent-1',
    facts: { message_digest: randomBytes(32).toString('hex'), filler: 'x'.repeat(300) },
  };
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
