// Owns what an approver sees of an approval: the transaction or message read anew from its recorded bytes, what it uses of limits, what
// changed since people were asked, and what operators froze of it.
import { countedApprovers, whyNotCounted } from '../../core/approval/counted-votes.ts';
import { type QuorumStanding, quorumStanding } from '../../core/approval/quorum.ts';
import { chargesOf } from '../../core/budget/charge.ts';
import type { StandingOf } from '../../core/budget/standing.ts';
import { unitsUsed } from '../../core/budget/use-units.ts';
import type { Freeze } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import type { AssetUnits } from '../../core/explanation/amounts.ts';
import type { Agent, Wallet } from '../../core/principal/principal.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { type EstablishedTransaction, establishTransaction } from '../decode.ts';
import { type Asked, isForTransaction, messageInput, type TransactionRequest, transactionInput } from '../evaluate.ts';
import { establishMessage } from '../message.ts';
import type { ApprovalView } from '../outcome.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { effectsOf, useOf } from '../subject.ts';
import { changesSince } from './approval-changes.ts';
import { frozenIn } from './frozen-approval.ts';

const VIEW_TIMEOUT_MS = 10_000;

/** With limits. Throws GatewayError where it cannot be read now. */
export async function fullView(deps: PipelineDeps, approval: ApprovalRecord): Promise<ApprovalView> {
  const request = await requestOf(deps, approval);
  const wallet = walletOf(deps, approval);
  const shown = await shownSubject(deps, approval, request, wallet);
  const view = await viewOf(deps, approval, request, wallet, shown);
  if (approval.state !== 'PENDING') return view;
  const limits = await limitsNow(deps, approval, request, wallet, shown.established);
  return { ...view, limits, units: unitsNow(deps, shown.established) };
}

async function viewOf(
  deps: PipelineDeps,
  approval: ApprovalRecord,
  request: RequestRecord,
  wallet: Wallet,
  shown: ShownSubject,
): Promise<ApprovalView> {
  const { transaction, effects, message, established } = shown;
  const isOpen = approval.state === 'PENDING';
  const asked = request.judgement.policyInput;
  return {
    approval,
    request,
    walletAddress: wallet.address,
    transaction,
    effects,
    message,
    policyInput: isOpen ? shown.policyInput : asked,
    standing: standingNow(deps, approval),
    notCounted: notCountedNow(deps, approval),
    frozen: await frozenNow(deps, approval, established),
    limits: [],
    units: new Map(),
    changes: isOpen ? changesSince(asked, shown.policyInput) : [],
  };
}

/** One transaction that cannot be read now (a closed lookup table, a chain that is away) hides neither the others nor a counted vote. */
export async function briefView(deps: PipelineDeps, approval: ApprovalRecord): Promise<ApprovalView> {
  const request = await requestOf(deps, approval);
  try {
    const wallet = walletOf(deps, approval);
    return await viewOf(deps, approval, request, wallet, await shownSubject(deps, approval, request, wallet));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const walletAddress = deps.routes.get(approval.walletId)?.wallet.address ?? '';
    const unread = {
      transaction: null,
      effects: null,
      message: null,
      policyInput: null,
      limits: [],
      changes: [],
      units: new Map(),
    };
    const counted = { standing: standingNow(deps, approval), notCounted: notCountedNow(deps, approval) };
    return { approval, request, walletAddress, ...counted, frozen: await frozenNow(deps, approval, null), ...unread };
  }
}

function standingNow({ requireSignedVotes }: PipelineDeps, approval: ApprovalRecord): QuorumStanding {
  const approvers = countedApprovers(approval, requireSignedVotes);
  return quorumStanding(approval.requirement, approvers, approval.escalatedAt !== null);
}

function notCountedNow({ requireSignedVotes }: PipelineDeps, approval: ApprovalRecord): ReadonlyMap<string, string> {
  return new Map(
    approval.votes.flatMap((vote) => {
      const why = vote.approve ? whyNotCounted(approval, vote, requireSignedVotes) : null;
      return why === null ? [] : [[vote.approverId, why]];
    }),
  );
}

/** `null`: nothing that is known of it is frozen. */
async function frozenNow(
  deps: PipelineDeps,
  approval: ApprovalRecord,
  established: EstablishedTransaction | null,
): Promise<Freeze | null> {
  if (approval.state !== 'PENDING' && approval.state !== 'APPROVED') return null;
  return frozenIn(await deps.state.controls.recent(), approval, established);
}

function walletOf(deps: PipelineDeps, { walletId }: ApprovalRecord): Wallet {
  const wallet = deps.routes.get(walletId)?.wallet;
  if (wallet !== undefined) return wallet;
  throw new GatewayError('WALLET_NOT_FOUND', `the wallet ${walletId} is not configured`);
}

/** What would be signed, as the policy would judge it now. */
type ShownSubject = Pick<ApprovalView, 'transaction' | 'effects' | 'message'> & {
  readonly policyInput: Uint8Array;
  /** `null`: a message. */
  readonly established: EstablishedTransaction | null;
};

async function shownSubject(
  deps: PipelineDeps,
  approval: ApprovalRecord,
  { requestId, ask, judgement }: RequestRecord,
  wallet: Wallet,
): Promise<ShownSubject> {
  const agent: Agent = { kind: 'agent', id: approval.agentId, wallets: [wallet.id] };
  // The bytes that were judged. While a vote is awaited they get a new blockhash wherever they will get one before they are signed:
  // a simulation with an old one fails, and would show the approver nothing.
  const setFreshBlockhash = approval.state === 'PENDING' && ask.setFreshBlockhash;
  const judged = { ...ask, received: judgement.transaction, setFreshBlockhash };
  const asked = { id: requestId, agent, wallet };
  return isForTransaction(judged)
    ? shownTransaction(deps, { ...asked, ask: judged })
    : shownMessage(deps, { ...asked, ask: judged });
}

async function shownTransaction(deps: PipelineDeps, asked: Asked<TransactionRequest>): Promise<ShownSubject> {
  const signal = AbortSignal.timeout(VIEW_TIMEOUT_MS);
  const policy = deps.policy.current();
  const established = await establishTransaction(deps, policy, asked.ask, asked.wallet, signal);
  const { decoded, effects } = established;
  const policyInput = transactionInput(deps, policy, asked, established);
  return { transaction: decoded, effects, message: null, policyInput, established };
}

function shownMessage(deps: PipelineDeps, asked: Asked): ShownSubject {
  const message = establishMessage(deps, asked.ask, asked.wallet);
  const policyInput = messageInput(deps, deps.policy.current(), asked, message);
  return { transaction: null, effects: null, message: message.facts, policyInput, established: null };
}

/** Where the limits stand that the decision names, against what it would use of them. */
async function limitsNow(
  deps: PipelineDeps,
  { agentId, walletId }: ApprovalRecord,
  { judgement }: RequestRecord,
  wallet: Wallet,
  established: EstablishedTransaction | null,
): Promise<readonly StandingOf[]> {
  const { verdict } = judgement.decision;
  if (verdict.kind === 'deny' || verdict.limits === undefined) return [];
  const counted = chargesOf(verdict.limits, { agentId, walletId }, useOf(established, wallet.address));
  return counted.kind === 'counted' ? deps.state.budgets.standings(counted.charges) : [];
}

function unitsNow({ policy }: PipelineDeps, established: EstablishedTransaction | null): AssetUnits {
  return unitsUsed({ effects: effectsOf(established) }, policy.current().assets);
}

export async function requestOf(deps: PipelineDeps, approval: ApprovalRecord): Promise<RequestRecord> {
  const request = await deps.state.requests.find(approval.requestId);
  if (request !== null) return request;
  throw new GatewayError('INTERNAL', `the request of approval ${approval.approvalId} is not recorded`);
}

/** What it touches, read now. `null`: it is a message. Throws GatewayError where that cannot be told. */
export async function establishedNow(
  deps: PipelineDeps,
  approval: ApprovalRecord,
): Promise<EstablishedTransaction | null> {
  const request = await requestOf(deps, approval);
  return (await shownSubject(deps, approval, request, walletOf(deps, approval))).established;
}
