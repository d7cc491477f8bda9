// Owns what a caller gets back: the answer shapes of the pipeline, before they are put into protobuf.

import type { QuorumStanding } from '../core/approval/quorum.ts';
import type { StandingOf } from '../core/budget/standing.ts';
import type { Freeze } from '../core/controls/freeze.ts';
import type { Decision, Reason } from '../core/decision/decision.ts';
import type { Effects } from '../core/effects/effects.ts';
import type { AssetUnits } from '../core/explanation/amounts.ts';
import type { MessageFacts } from '../core/message/classify-message.ts';
import type { DecodedTransaction } from '../core/transaction/decoded-transaction.ts';
import type { ApprovalRecord } from '../state/contract/approval-store.ts';
import type { ComputeBudgetAsk, RequestRecord } from '../state/contract/request-store.ts';

export interface TransactionAsk {
  readonly walletName: string;
  readonly transaction: Uint8Array;
  readonly setFreshBlockhash: boolean;
  /** What the gateway is to set before it judges; absent: nothing. */
  readonly computeBudget?: ComputeBudgetAsk;
  /** `null`: none given. */
  readonly idempotencyKey: string | null;
  readonly context: Readonly<Record<string, string>>;
}

export interface MessageAsk {
  readonly walletName: string;
  /** The very bytes that are to be signed. */
  readonly message: Uint8Array;
  /** `null`: none given. */
  readonly idempotencyKey: string | null;
  readonly context: Readonly<Record<string, string>>;
}

export type WaitFor = 'SUBMITTED' | 'PROCESSED' | 'CONFIRMED' | 'FINALIZED';

export type Outcome =
  | { readonly kind: 'signed'; readonly request: RequestRecord }
  | { readonly kind: 'submitted'; readonly request: RequestRecord }
  | { readonly kind: 'pending_approval'; readonly request: RequestRecord; readonly approval: ApprovalRecord }
  | { readonly kind: 'denied'; readonly request: RequestRecord; readonly reasons: readonly Reason[] };

export interface DryRun {
  /** As it would be now: a limit without room has its say. */
  readonly decision: Decision;
  readonly budgets: readonly StandingOf[];
  readonly transaction: DecodedTransaction;
  readonly effects: Effects;
  readonly messageDigest: Uint8Array;
  readonly policyInput: Uint8Array;
}

/** An approval with what would be signed as an approver must see it. */
export interface ApprovalView {
  readonly approval: ApprovalRecord;
  readonly request: RequestRecord;
  /** Base58; empty for a wallet that is not configured any more. */
  readonly walletAddress: string;
  /** Both `null` where it cannot be read now (in lists, and in answers to votes), and for a message. */
  readonly transaction: DecodedTransaction | null;
  readonly effects: Effects | null;
  /** `null` for a transaction, and where it cannot be read now. */
  readonly message: MessageFacts | null;
  /** What the policy would judge now; `null` in the same cases. */
  readonly policyInput: Uint8Array | null;
  /** Of the votes that count now. */
  readonly standing: QuorumStanding;
  /** Why an approving vote is not among those, by the id of its approver. */
  readonly notCounted: ReadonlyMap<string, string>;
  /** What operators froze of it; `null`: nothing. */
  readonly frozen: Freeze | null;
  /** Where the limits of its decision stand now against what it would use; none once no vote is awaited. */
  readonly limits: readonly StandingOf[];
  /** How amounts of the tokens that leave the wallet are written for people. */
  readonly units: AssetUnits;
  /** What is otherwise than when people were asked, of what would send it back to them. */
  readonly changes: readonly Change[];
}

/** Values as canonical JSON; `null`: there was or is none. */
export interface Change {
  /** For example `effects.outflows[0].amount`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}
