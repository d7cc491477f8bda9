// Owns the shape of all that a run leaves behind, for the oracle: what the chain says, what the record says, what the agents were told.
import type { ChainVerdict, IntentVerdict } from '../../gateway/audit/verify.ts';
import type { RequestState } from '../../gateway/core/request/request-state.ts';
import type { Ask } from './ask.ts';
import type { AgentId, SoakLimit } from './limits.ts';

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
  readonly kind: 'signed' | 'denied' | 'failed';
  readonly requestId: string;
  readonly signature: string | null;
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
  readonly chain: ChainVerdict;
  readonly intents: IntentVerdict;
  readonly deadlocks: number;
}
