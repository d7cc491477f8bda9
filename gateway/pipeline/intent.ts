// Owns the intent to sign: what is recorded, with all that must hold, before a signer is asked.
import type { CanonicalValue } from '../core/canonical-json.ts';
import type { FreezeSubject } from '../core/controls/freeze.ts';
import { GatewayError } from '../core/errors.ts';
import type {
  Judgement,
  KeyCustody,
  NewRequest,
  NotWithin,
  RequestRecord,
  Terms,
} from '../state/contract/request-store.ts';
import { GATEWAY, judgementEntry } from './audit-entries.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** Each may take the signer's time: who pays, if that is another, and the signer; and once more, for what is late. */
const CALLS = 3;
/** What committing may take before and after the signer; a request that is in SIGNING for longer counts as interrupted. */
const COMMIT_SLACK_MS = 1_000;
/** Where the intent is written: as a new request, or into one that approvers have let through. */
export type Intent =
  | { readonly kind: 'new'; readonly request: NewRequest; readonly subject: () => FreezeSubject }
  | {
      readonly kind: 'approved';
      readonly request: RequestRecord;
      readonly judgement: Judgement;
      readonly approvers: readonly string[];
      readonly terms: Terms;
      readonly subject: () => FreezeSubject;
    };

export type IntentResult =
  | { readonly kind: 'recorded' }
  /** The idempotency key was used before; nothing is to be signed. */
  | { readonly kind: 'exists'; readonly request: RequestRecord }
  /** Another request signs the very same bytes; nothing is to be signed. */
  | { readonly kind: 'duplicate_message' }
  /** A budget has no room, or operators froze or lifted something since the judgement; nothing is to be signed. */
  | NotWithin
  /** Somebody else moved the request on; nothing is to be signed. */
  | { readonly kind: 'stale' };

export function judgementOf(intent: Intent): Judgement {
  return intent.kind === 'new' ? intent.request.judgement : intent.judgement;
}

export function termsOf(intent: Intent): Terms {
  const terms = intent.kind === 'new' ? intent.request.terms : intent.terms;
  if (terms === null) throw new GatewayError('INTERNAL', 'a request that is to be signed has no terms');
  return terms;
}

/** `custody`: of the keys that are asked once it is recorded. */
export async function recordIntent(deps: PipelineDeps, intent: Intent, custody: KeyCustody): Promise<IntentResult> {
  const now = deps.now();
  if (intent.kind === 'new') {
    const opened = await deps.state.requests.open(
      { ...intent.request, custody },
      judgementEntry('request.signing', now, intent.request, reservedFacts(intent.request.terms)),
    );
    return opened.kind === 'opened' ? { kind: 'recorded' } : opened;
  }
  const { request, judgement, approvers, terms } = intent;
  const { requestId, ask } = request;
  const entry = judgementEntry(
    'request.signing',
    now,
    { requestId, ask, judgement },
    { approval_id: request.approvalId, approvers, ...reservedFacts(terms) },
    GATEWAY,
  );
  const dueAt = interruptedAt(deps);
  const from = 'AWAITING_APPROVAL';
  const change = {
    requestId,
    from,
    to: 'SIGNING',
    onApproval: request.approvalId,
    judgement,
    terms,
    custody,
    dueAt,
  } as const;
  const advanced = await deps.state.requests.advance(change, entry);
  return advanced.kind === 'advanced' ? { kind: 'recorded' } : advanced;
}

/** What the audit chain says of what is reserved. */
function reservedFacts(terms: Terms | null): { readonly [key: string]: CanonicalValue } {
  if (terms === null || terms.charges.length === 0) return {};
  const reserved = terms.charges.map(({ limit, budget, amount }) => ({ limit: limit.id, budget, amount }));
  return { reserved, ...(terms.excess.length === 0 ? {} : { excess_approved: terms.excess }) };
}

/** When a request that is about to enter SIGNING must be looked at, should nobody finish it. */
export function interruptedAt(deps: Pick<PipelineDeps, 'now' | 'signerTimeoutMs'>): number {
  return deps.now() + CALLS * deps.signerTimeoutMs + COMMIT_SLACK_MS;
}
