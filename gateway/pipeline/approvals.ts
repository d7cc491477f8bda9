// Owns what approvers see and do: the transaction or message read anew from its recorded bytes, and one vote a person.
import { assertNever } from '../core/assert-never.ts';
import { GatewayError } from '../core/errors.ts';
import type { Agent, Operator } from '../core/principal/principal.ts';
import type { ApprovalRecord, RequestRecord } from '../state/state.ts';
import { establishTransaction } from './decode.ts';
import { hex } from './digest.ts';
import { type Asked, isForTransaction, messageInput, type TransactionRequest, transactionInput } from './evaluate.ts';
import { establishMessage } from './message.ts';
import type { ApprovalView } from './outcome.ts';
import type { ApprovalPipeline } from './pipeline-contract.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

const VIEW_TIMEOUT_MS = 10_000;

export function createApprovalPipeline(deps: PipelineDeps): ApprovalPipeline {
  return {
    listApprovals: async (page) => {
      const approvals = await deps.state.approvals.list(page);
      return Promise.all(approvals.map((approval) => briefView(deps, approval)));
    },
    getApproval: async (approvalId) => fullView(deps, await found(deps, approvalId)),
    vote: async (operator, vote) => {
      const result = await deps.state.approvals.vote(
        { ...vote, approver: operator },
        await voteEntry(deps, operator, vote),
      );
      switch (result.kind) {
        case 'recorded':
          deps.wakeTracker();
          return briefView(deps, result.approval);
        case 'not_found':
          throw notFound(vote.approvalId);
        case 'refused':
          throw new GatewayError('VOTE_REFUSED', `the vote was not counted: ${result.reason}`);
        default:
          return assertNever(result);
      }
    },
  };
}

type VoteArguments = Parameters<ApprovalPipeline['vote']>[1];

async function voteEntry(deps: PipelineDeps, operator: Operator, vote: VoteArguments) {
  const { requestId } = await found(deps, vote.approvalId);
  return {
    kind: 'approval.vote',
    time: deps.now(),
    requestId,
    actor: operator.id,
    facts: {
      approval_id: vote.approvalId,
      approve: vote.approve,
      comment: vote.comment,
      intent_sha256: hex(vote.intentDigest),
    },
  } as const;
}

async function found(deps: PipelineDeps, approvalId: string): Promise<ApprovalRecord> {
  const approval = await deps.state.approvals.find(approvalId);
  if (approval === null) throw notFound(approvalId);
  return approval;
}

function notFound(approvalId: string): GatewayError {
  return new GatewayError('APPROVAL_NOT_FOUND', `approval_id: there is no approval ${approvalId}`);
}

async function fullView(deps: PipelineDeps, approval: ApprovalRecord): Promise<ApprovalView> {
  const request = await requestOf(deps, approval);
  const wallet = deps.routes.get(approval.walletId)?.wallet;
  if (wallet === undefined)
    throw new GatewayError('WALLET_NOT_FOUND', `the wallet ${approval.walletId} is not configured`);
  const agent: Agent = { kind: 'agent', id: approval.agentId, wallets: [wallet.id] };
  // The bytes that were judged. While a vote is awaited they get a new blockhash wherever they will get one before they are signed:
  // a simulation with an old one fails, and would show the approver nothing.
  const { ask, judgement } = request;
  const isOpen = approval.state === 'PENDING';
  const judged = { ...ask, received: judgement.transaction, setFreshBlockhash: isOpen && ask.setFreshBlockhash };
  const asked = { id: request.requestId, agent, wallet };
  const shown = isForTransaction(judged)
    ? await shownTransaction(deps, { ...asked, ask: judged })
    : shownMessage(deps, { ...asked, ask: judged });
  const policyInput = isOpen ? shown.policyInput : judgement.policyInput;
  return { ...shown, approval, request, walletAddress: wallet.address, policyInput };
}

/** What would be signed, as the policy would judge it now. */
type ShownSubject = Pick<ApprovalView, 'transaction' | 'effects' | 'message' | 'policyInput'>;

async function shownTransaction(deps: PipelineDeps, asked: Asked<TransactionRequest>): Promise<ShownSubject> {
  const signal = AbortSignal.timeout(VIEW_TIMEOUT_MS);
  const policy = deps.policy.current();
  const established = await establishTransaction(deps, policy, asked.ask, asked.wallet, signal);
  const { decoded, effects } = established;
  const policyInput = transactionInput(deps, policy, asked, established);
  return { transaction: decoded, effects, message: null, policyInput };
}

function shownMessage(deps: PipelineDeps, asked: Asked): ShownSubject {
  const established = establishMessage(deps, asked.ask, asked.wallet);
  const policyInput = messageInput(deps, deps.policy.current(), asked, established);
  return { transaction: null, effects: null, message: established.facts, policyInput };
}

/** One transaction that cannot be read now (a closed lookup table, a chain that is away) hides neither the others nor a counted vote. */
async function briefView(deps: PipelineDeps, approval: ApprovalRecord): Promise<ApprovalView> {
  try {
    return await fullView(deps, approval);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const walletAddress = deps.routes.get(approval.walletId)?.wallet.address ?? '';
    const request = await requestOf(deps, approval);
    return { approval, request, walletAddress, transaction: null, effects: null, message: null, policyInput: null };
  }
}

async function requestOf(deps: PipelineDeps, approval: ApprovalRecord): Promise<RequestRecord> {
  const request = await deps.state.requests.find(approval.requestId);
  if (request !== null) return request;
  throw new GatewayError('INTERNAL', `the request of approval ${approval.approvalId} is not recorded`);
}
