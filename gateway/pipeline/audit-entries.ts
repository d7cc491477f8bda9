// Owns what the audit chain says of a request at each step.
import type { AuditEntry, AuditKind } from '../core/audit/audit-record.ts';
import type { CanonicalValue } from '../core/canonical-json.ts';
import type { Reason } from '../core/decision/decision.ts';
import type { RequestState } from '../core/request/request-state.ts';
import type { Judgement, RequestAsk } from '../state/contract/request-store.ts';
import { hex } from './digest.ts';

/** Actor of everything that no principal asked for. */
export const GATEWAY = 'gateway';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

interface JudgedAsk {
  readonly requestId: string;
  readonly ask: RequestAsk;
  readonly judgement: Judgement;
}

/**
 * The record of a judgement, with the digest of the policy input. The input itself is committed with the request; where a later judgement
 * will replace it there, it stands here. `actor`: who caused it, when not the agent.
 */
export function judgementEntry(
  kind: 'request.denied' | 'request.approval_required' | 'request.signing',
  time: number,
  { requestId, ask, judgement }: JudgedAsk,
  more: { readonly [key: string]: CanonicalValue } = {},
  actor: string = ask.agentId,
): AuditEntry {
  const { decision } = judgement;
  return {
    kind,
    time,
    requestId,
    actor,
    facts: {
      agent: ask.agentId,
      wallet: ask.walletId,
      method: ask.method,
      idempotency_key: ask.idempotencyKey,
      ...(decision.credential === undefined ? {} : { credential: decision.credential }),
      decision_id: decision.decisionId,
      verdict: decision.verdict.kind,
      reasons: decision.verdict.reasons.map(reasonFacts),
      bundle_revision: decision.bundleRevision,
      policy_input_sha256: hex(decision.inputDigest),
      ...(kind === 'request.approval_required' ? { policy_input: UTF8.decode(judgement.policyInput) } : {}),
      message_sha256: hex(judgement.messageDigest),
      intent_sha256: hex(judgement.intentDigest),
      [ask.method === 'sign_message' ? 'message' : 'transaction']: Buffer.from(judgement.transaction).toString(
        'base64',
      ),
      ...more,
    },
  };
}

/** A step after the judgement. */
export function stepEntry(
  kind: AuditKind,
  time: number,
  requestId: string,
  facts: { readonly [key: string]: CanonicalValue },
): AuditEntry {
  return { kind, time, requestId, actor: GATEWAY, facts };
}

/** The audit kind that goes with a state that the tracker found. */
export function kindOfState(state: RequestState): AuditKind {
  return STATE_KINDS[state];
}

const STATE_KINDS = {
  RECEIVED: 'request.signing',
  EVALUATED: 'request.signing',
  DENIED: 'request.denied',
  AWAITING_APPROVAL: 'request.approval_required',
  SIGNING: 'request.signing',
  SIGNED: 'request.signed',
  SIGNING_FAILED: 'request.signing_failed',
  SUBMITTED: 'request.submitted',
  CONFIRMED: 'request.confirmed',
  FINALIZED: 'request.finalized',
  FAILED: 'request.failed',
  EXPIRED: 'request.expired',
  INDETERMINATE: 'request.indeterminate',
} as const satisfies Record<RequestState, AuditKind>;

function reasonFacts(reason: Reason): { readonly [key: string]: CanonicalValue } {
  const { code, rule, message, remedy, facts } = reason;
  return { code, rule, message, ...(remedy === undefined ? {} : { remedy }), facts };
}
