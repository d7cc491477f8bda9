// Owns the shape of all that a run leaves behind, for the oracle: what the chain says, what the record says, what the agents were told.
import type { ChainVerdict, IntentVerdict } from '../../gateway/audit/verify.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import type { Ask } from './ask.ts';
import type { AgentId } from './crew.ts';
import type { SoakLimit } from './limits.ts';

/** As the chain tells it, by the wallet's balances before and after. */
export interface Landing {
  readonly signature: string;
  /** Milliseconds, by the slot; only differences mean something. */
  readonly time: number;
  /** Days since the epoch, in UTC. */
  readonly day: number;
  readonly hasFailed: boolean;
  /** What left the wallet, without the fee. */
  readonly lamports: bigint;
  readonly fee: bigint;
}

export interface RecordedRequest {
  readonly requestId: string;
  readonly agent: AgentId;
  /** Index of the ask. */
  readonly ask: number;
  readonly key: string | null;
  readonly state: RequestState;
  /** Of the transaction; `null`: never signed. */
  readonly signature: string | null;
  /** The first reason of its decision. */
  readonly reason: string | null;
}

/** An audit record of a signature. */
export interface RecordedSignature {
  readonly sequence: bigint;
  readonly requestId: string;
  readonly signature: string;
  /** Unix milliseconds. */
  readonly time: number;
}

export interface RecordedBudget {
  readonly name: string;
  readonly reserved: bigint;
  readonly settled: bigint;
  /** Sum of its open reservations. */
  readonly open: bigint;
}

/** The outcome of an ask as its agent was told it. */
export interface Answer {
  readonly ask: number;
  /** `held`: signed, and not sent because it was frozen. */
  readonly kind: 'signed' | 'denied' | 'failed' | 'held';
  readonly requestId: string;
  readonly signature: string | null;
}

/** As whoever froze saw it, by the clock of the run. */
export interface PutFreeze {
  readonly freezeId: string;
  readonly scope: 'all' | 'agent' | 'wallet' | 'program';
  readonly target: string;
  /** Unix milliseconds. */
  readonly answeredAt: number;
  /** When the vote was cast that can have lifted it; `null`: never. */
  readonly liftAskedAt: number | null;
}

export interface RecordedApproval {
  readonly approvalId: string;
  readonly requestId: string;
  readonly state: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** What the audit chain says of people, in its order. */
export interface Trail {
  /** Intents to sign. */
  readonly intents: readonly { readonly sequence: bigint; readonly requestId: string; readonly time: number }[];
  readonly demands: readonly { readonly sequence: bigint; readonly requestId: string; readonly approvalId: string }[];
  readonly votes: readonly RecordedVote[];
  readonly freezes: readonly RecordedFreezing[];
}

export interface RecordedVote {
  readonly sequence: bigint;
  readonly approvalId: string;
  readonly voter: string;
  readonly choice: 'approve' | 'reject' | 'withdraw';
}

export interface RecordedFreezing {
  readonly sequence: bigint;
  readonly freezeId: string;
  readonly by: string;
  readonly kind: 'freeze.set' | 'freeze.lift_voted' | 'freeze.lifted';
}

export interface Evidence {
  readonly limits: readonly SoakLimit[];
  readonly asks: readonly Ask[];
  /** More than one of some asks. */
  readonly answers: readonly Answer[];
  /** Faults that no agent should ever see. */
  readonly faults: readonly string[];
  readonly walletBefore: bigint;
  readonly walletAfter: bigint;
  readonly landings: readonly Landing[];
  readonly requests: readonly RecordedRequest[];
  readonly signatures: readonly RecordedSignature[];
  readonly budgets: readonly RecordedBudget[];
  readonly approvals: readonly RecordedApproval[];
  readonly trail: Trail;
  readonly freezes: readonly PutFreeze[];
  readonly chain: ChainVerdict;
  readonly intents: IntentVerdict;
  readonly deadlocks: number;
}
