// Owns what approvers see and do: the transaction read anew from its recorded bytes, and one vote a person.
import { assertNever } from '../core/assert-never.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operator } from '../core/principal/principal.ts';
import type { ApprovalRecord, RequestRecord } from '../state/state.ts';
import { establishTransaction } from './decode.ts';
import { hex } from './digest.ts';
import { policyInputOf } from './evaluate.ts';
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
  const route = deps.routes.get(approval.walletId);
  if (route === undefined)
    throw new GatewayError('WALLET_NOT_FOUND', `the wallet ${approval.walletId} is not configured`);
  const { ask, judgement } = request;
  const isOpen = approval.state === 'PENDING';
  // The bytes that were judged. While a vote is awaited they get a new blockhash wherever they will get one before they are signed:
  // a simulation with an old one fails, and would show the approver nothing.
  const judged = { ...ask, received: judgement.transaction, setFreshBlockhash: isOpen && ask.setFreshBlockhash };
  const signal = AbortSignal.timeout(VIEW_TIMEOUT_MS);
  const { wallet } = route;
  const policy = deps.policy.current();
  const established = await establishTransaction(deps, policy, judged, wallet, signal);
  const agent = { kind: 'agent', id: approval.agentId, wallets: [wallet.id] } as const;
  const now = { id: request.requestId, agent, wallet, ask, established };
  const policyInput = isOpen ? policyInputOf(deps, policy, now) : judgement.policyInput;
  const { decoded, effects } = established;
  return { approval, request, walletAddress: wallet.address, transaction: decoded, effects, policyInput };
}

/** One transaction that cannot be read now (a closed lookup table, a chain that is away) hides neither the others nor a counted vote. */
async function briefView(deps: PipelineDeps, approval: ApprovalRecord): Promise<ApprovalView> {
  try {
    return await fullView(deps, approval);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const walletAddress = deps.routes.get(approval.walletId)?.wallet.address ?? '';
    const request = await requestOf(deps, approval);
    return { approval, request, walletAddress, transaction: null, effects: null, policyInput: null };
  }
}

async function requestOf(deps: PipelineDeps, approval: ApprovalRecord): Promise<RequestRecord> {
  const request = await deps.state.requests.find(approval.requestId);
  if (request !== null) return request;
  throw new GatewayError('INTERNAL', `the request of approval ${approval.approvalId} is not recorded`);
}
