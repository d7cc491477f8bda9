// Owns what the gRPC edge may ask of the pipeline; the edge knows nothing behind it.
import type { Agent, Operator, Wallet } from '../core/principal/principal.ts';
import type { ApprovalState, VoteSignature } from '../state/contract/approval-store.ts';
import type { RequestFilter, RequestPage } from '../state/contract/request-list.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import type { BudgetPage } from './administration/budgets.ts';
import type { ApprovalView, DryRun, MessageAsk, Outcome, TransactionAsk, WaitFor } from './outcome.ts';

/** What a recorded request is found by. */
export type RequestKey =
  | { readonly kind: 'request_id'; readonly requestId: string }
  /** Base58: the wallet's, or the first one of the transaction. */
  | { readonly kind: 'signature'; readonly signature: string };

export type OwnRequestPage = Omit<RequestPage, 'filter'> & {
  readonly filter: Pick<RequestFilter, 'states' | 'since'>;
};

/** Every method throws GatewayError for faults; nothing is signed once `signal` is aborted. */
export interface UsableWallet extends Wallet {
  /** Base58 address of who pays the fee of a transaction that names it so; `null`: nobody but the wallet. */
  readonly feePayer: string | null;
}

export interface SigningPipeline {
  signTransaction(agent: Agent, ask: TransactionAsk, signal: AbortSignal): Promise<Outcome>;
  signAndSendTransaction(agent: Agent, ask: TransactionAsk, waitFor: WaitFor, signal: AbortSignal): Promise<Outcome>;
  /** Signs bytes that are no transaction. */
  signMessage(agent: Agent, ask: MessageAsk, signal: AbortSignal): Promise<Outcome>;
  evaluateTransaction(agent: Agent, ask: TransactionAsk, signal: AbortSignal): Promise<DryRun>;
  getTransaction(agent: Agent, by: RequestKey): Promise<RequestRecord>;
  /** The agent's own, the newest first. `walletName`: `null` is any. */
  listTransactions(agent: Agent, walletName: string | null, page: OwnRequestPage): Promise<readonly RequestRecord[]>;
  /** Yields the current record and each later state; ends after a final one (where nothing is to be sent: after SIGNED). */
  watchTransaction(agent: Agent, requestId: string, signal: AbortSignal): AsyncIterable<RequestRecord>;
  listWallets(agent: Agent): Promise<readonly UsableWallet[]>;
  /** `null`: of all its wallets. */
  getBudgets(agent: Agent, walletName: string | null): Promise<BudgetPage>;
}

export interface ApprovalPipeline {
  listApprovals(page: {
    readonly states: readonly ApprovalState[];
    readonly limit: number;
    readonly after: string | null;
  }): Promise<readonly ApprovalView[]>;
  /** Throws where what would be signed cannot be read now. */
  getApproval(approvalId: string): Promise<ApprovalView>;
  /** Without what cannot be read now. */
  lookUpApproval(approvalId: string): Promise<ApprovalView>;
  /** Throws VOTE_REFUSED with the reason, and FROZEN for a vote for what is frozen. Who approved may still reject. */
  vote(
    operator: Operator,
    vote: {
      readonly approvalId: string;
      readonly approve: boolean;
      readonly intentDigest: Uint8Array;
      readonly comment: string;
      /** `null`: not signed. */
      readonly signature: VoteSignature | null;
    },
  ): Promise<ApprovalView>;
  /** Takes back a vote that has decided nothing yet. Throws VOTE_REFUSED. */
  withdraw(operator: Operator, approvalId: string): Promise<ApprovalView>;
}
