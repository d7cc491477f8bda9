// Owns what happens after the approvers have spoken: a new pass from decode with fresh facts and the active bundle, and only if
// the same thing would still happen, the signature.
import { countedApprovers } from '../../core/approval/counted-votes.ts';
import { escalatesNow } from '../../core/approval/escalates-at.ts';
import { assertNever } from '../../core/assert-never.ts';
import { gatewayDenial, type Limit } from '../../core/decision/decision.ts';
import { instead } from '../../core/decision/gateway-verdict.ts';
import { GatewayError } from '../../core/errors.ts';
import { type GrantedApproval, mintSigningPermit } from '../../core/permit/signing-permit.ts';
import type { Agent } from '../../core/principal/principal.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { ApprovalRecord } from '../../state/contract/approval-store.ts';
import type { Judgement, RequestRecord } from '../../state/contract/request-store.ts';
import { throwBeforeSigning } from '../abort.ts';
import { firstLook, newApproval, permitBasis, termsOf } from '../admit.ts';
import { GATEWAY, judgementEntry, stepEntry } from '../audit-entries.ts';
import { type JudgedRequest, judge } from '../evaluate.ts';
import { askedToExceed, overBudget, standingsOf, standingsOver } from '../over-budget.ts';
import type { PipelineDeps, WalletRoute } from '../pipeline-deps.ts';
import { submit } from '../relay.ts';
import { requesterOf } from '../requester.ts';
import { sign } from '../sign.ts';
import { requireSender } from '../unopened-relayer.ts';
import { establishedNow } from './approval-view.ts';
import { frozenWithin } from './frozen-approval.ts';
import { sameDemand } from './same-demand.ts';

/** A cluster makes a new blockhash with every slot, about every 400 ms. */
const NEXT_BLOCKHASH_MS = 500;

/** Carries one due request in AWAITING_APPROVAL on; the next look finds it again when this throws. */
export async function settleApproval(deps: PipelineDeps, request: RequestRecord, signal: AbortSignal): Promise<void> {
  const approval = request.approvalId === null ? null : await deps.state.approvals.find(request.approvalId);
  if (approval === null) return deny(deps, request, 'APPROVAL_LOST', 'the approval is not recorded any more');
  switch (approval.state) {
    case 'APPROVED':
      // It could not be carried out in time (chain or policy away): what was approved then is not approved for ever.
      if (isOver(approval)) return tooLate(deps, request);
      if (deps.readOnly) return;
      return runApproved(deps, request, approval, signal);
    case 'REJECTED':
      return deny(deps, request, 'APPROVAL_REJECTED', rejection(approval));
    case 'PENDING':
      if (!isOver(approval)) return escalateWhenDue(deps, approval);
      return deny(
        deps,
        request,
        'APPROVAL_TIMED_OUT',
        `nobody decided within ${approval.requirement.timeoutSeconds} s`,
      );
    case 'SUPERSEDED':
      // Another worker asked again since this request was claimed: the newer approval decides.
      return;
    case 'TIMED_OUT':
      return deny(deps, request, 'APPROVAL_TIMED_OUT', 'the approval is no longer open');
    default:
      return assertNever(approval.state);
  }
}

function isOver({ readAt, expiresAt }: ApprovalRecord): boolean {
  return readAt >= expiresAt;
}

/** Not while it is frozen: then it is looked at again soon. Its time runs on, and ends it. */
async function escalateWhenDue(deps: PipelineDeps, approval: ApprovalRecord): Promise<void> {
  const { approvalId, requestId, requirement } = approval;
  if (!escalatesNow(approval)) return;
  const freeze = await frozenWithin(await deps.state.controls.refresh(), approval, () =>
    establishedNow(deps, approval),
  );
  if (freeze !== null) return;
  const facts = { approval_id: approvalId, groups: requirement.escalation?.groups ?? [] };
  await deps.state.approvals.escalate(approvalId, stepEntry('approval.escalated', deps.now(), requestId, facts));
}

function rejection(approval: ApprovalRecord): string {
  const vote = approval.votes.find((v) => !v.approve);
  const comment = vote?.comment ? `: ${vote.comment}` : '';
  return `rejected by ${vote?.approverId ?? 'an approver'}${comment}`;
}

async function runApproved(
  deps: PipelineDeps,
  request: RequestRecord,
  approval: ApprovalRecord,
  signal: AbortSignal,
): Promise<void> {
  const { ask, requestId } = request;
  const route = deps.routes.get(ask.walletId);
  const { version } = deps.state.controls.current();
  const agent = await requesterOf(deps, request);
  if (route === undefined || agent === null || !agent.wallets.includes(ask.walletId)) {
    return deny(
      deps,
      request,
      'WALLET_NOT_PERMITTED',
      'the agent may no longer use this wallet, or the session key that it asked with was revoked',
    );
  }
  requireSender(route.relayer, ask);
  // The bytes that were judged before, and not those received: what the gateway set in them is what approvers saw.
  const asJudged = { ...ask, received: request.judgement.transaction };
  const judgedAnew = await judge(deps, { id: requestId, agent, wallet: route.wallet, ask: asJudged }, signal);
  // The agent may have been shut out since it was looked up.
  if (judgedAnew.controls !== version) return judgeLater(deps, request);
  // What approvers let it exceed is asked for again, so that their votes are counted anew.
  const judged = askedToExceed(deps, judgedAnew, letExceed(request, approval));
  if (!ask.setFreshBlockhash && !(await isStillOfUse(deps, judged, signal))) return expire(deps, request);
  const { verdict } = judged.judgement.decision;
  switch (verdict.kind) {
    case 'deny':
      return denyJudged(deps, request, judged.judgement);
    case 'require_approval':
      if (!sameDemand(request.judgement, judged.judgement)) return askAgain(deps, request, judged);
      return signApproved(deps, route, agent, request, judged, approval, signal);
    case 'allow':
      return signApproved(deps, route, agent, request, judged, approval, signal);
    default:
      return assertNever(verdict);
  }
}

/** The limits that approvers let it exceed, as they were shown them. */
function letExceed({ judgement }: RequestRecord, { excess }: ApprovalRecord): readonly Limit[] {
  const { verdict } = judgement.decision;
  return verdict.kind === 'require_approval' ? (verdict.limits ?? []).filter(({ id }) => excess.includes(id)) : [];
}

/** A transaction that can land no more is not signed; a message never grows old. */
async function isStillOfUse(deps: PipelineDeps, judged: JudgedRequest, signal: AbortSignal): Promise<boolean> {
  if (judged.kind === 'message') return true;
  const { lifetime } = judged.established.decoded;
  if (lifetime.kind === 'durable_nonce') return true;
  return (await deps.chain.isBlockhashValid(lifetime.blockhash, 'processed', signal)).isValid;
}

async function signApproved(
  deps: PipelineDeps,
  route: WalletRoute,
  agent: Agent,
  request: RequestRecord,
  judged: JudgedRequest,
  approval: ApprovalRecord,
  signal: AbortSignal,
): Promise<void> {
  const now = await deps.state.approvals.find(approval.approvalId);
  // Another worker asked again meanwhile.
  if (now?.state !== 'APPROVED') return;
  // The pass took its time: policy, chain and record may be slow.
  if (isOver(now)) return tooLate(deps, request);
  const granted = grantedBy(deps, now);
  const minting = mintSigningPermit(permitBasis(judged, agent, route.wallet), granted);
  // An approver was shut out after voting, or the bytes are not those that were voted for: the approvers are asked again.
  if (minting.kind === 'refused') return askAgain(deps, request, judged);
  const terms = termsOf(judged, judged.excess);
  const { judgement, subject } = judged;
  const intent = {
    kind: 'approved',
    request,
    judgement,
    approvers: granted.approvers.map(({ id }) => id),
    terms,
    subject,
  } as const;
  throwBeforeSigning(signal);
  // People approved this: a gateway that stops from here on does not make it fail. The signer's own timeout bounds it.
  const signing = await sign(deps, route, minting.permit, intent, new AbortController().signal);
  const { requestId, ask } = request;
  if (signing.kind === 'duplicate_message') return judgeLater(deps, request);
  if (signing.kind === 'controls_changed') {
    await deps.state.controls.refresh();
    return judgeLater(deps, request);
  }
  if (signing.kind === 'exceeded') {
    const exceeded = await standingsOf(deps, judged.charges, signing.limitIds);
    return askAgain(deps, request, overBudget(deps, judged, exceeded));
  }
  if (signing.kind !== 'signed' || ask.method !== 'sign_and_send') return;
  const { signedTransaction } = signing;
  if (signedTransaction === null) throw new GatewayError('INTERNAL', 'a message cannot be sent');
  await submit(deps, route.relayer, { requestId, ask, judgement, state: 'SIGNED', signedTransaction }, signal);
}

/** A payment like this one was signed with the same blockhash: with a later slot's it becomes a transaction of its own. */
async function judgeLater({ state, now }: PipelineDeps, request: RequestRecord): Promise<void> {
  const later = { ...moved(request, 'AWAITING_APPROVAL'), dueAt: now() + NEXT_BLOCKHASH_MS };
  await state.requests.advance(later, null);
}

/** Only votes of operators that may still approve count, and only for the groups that they are still in. */
function grantedBy(deps: PipelineDeps, approval: ApprovalRecord): GrantedApproval {
  const approvers = countedApprovers(approval, deps.requireSignedVotes);
  return { intentDigest: approval.intentDigest, approvers, escalated: approval.escalatedAt !== null };
}

/** With all that they would let it exceed now; what may not be exceeded is denied, and nobody is asked. */
async function askAgain(deps: PipelineDeps, request: RequestRecord, judged: JudgedRequest): Promise<void> {
  const { judgement } = judged;
  const { requestId, ask } = request;
  const { verdict } = judgement.decision;
  if (verdict.kind === 'deny') return denyJudged(deps, request, judgement);
  if (verdict.kind === 'allow') {
    return deny(deps, request, 'APPROVAL_VOID', 'the approval does not count any more; ask again');
  }
  const exceeded = await standingsOver(deps, judged);
  if (exceeded.length > 0) return askAgain(deps, request, overBudget(deps, judged, exceeded));
  const approval = newApproval(deps, judged);
  const facts = { approval_id: approval.approvalId, supersedes: request.approvalId };
  await deps.state.requests.advance(
    { ...moved(request, 'AWAITING_APPROVAL'), judgement, approval, dueAt: firstLook(approval) },
    judgementEntry('request.approval_required', deps.now(), { requestId, ask, judgement }, facts, GATEWAY),
  );
}

function tooLate(deps: PipelineDeps, request: RequestRecord): Promise<void> {
  return deny(deps, request, 'APPROVAL_TIMED_OUT', 'approved, but too late to act');
}

async function deny(deps: PipelineDeps, request: RequestRecord, code: string, message: string): Promise<void> {
  const { judgement } = request;
  const decision = {
    ...judgement.decision,
    decisionId: deps.newId(),
    verdict: instead(judgement.decision.verdict, gatewayDenial(code, message)),
  };
  return denyJudged(deps, request, { ...judgement, decision });
}

async function denyJudged(deps: PipelineDeps, request: RequestRecord, judgement: Judgement): Promise<void> {
  const { requestId, ask } = request;
  await deps.state.requests.advance(
    { ...moved(request, 'DENIED'), judgement, dueAt: null },
    judgementEntry(
      'request.denied',
      deps.now(),
      { requestId, ask, judgement },
      { approval_id: request.approvalId },
      GATEWAY,
    ),
  );
}

async function expire(deps: PipelineDeps, request: RequestRecord): Promise<void> {
  const error = 'its blockhash died before the approval; ask again, with set_fresh_blockhash';
  await deps.state.requests.advance(
    { ...moved(request, 'EXPIRED'), error, dueAt: null },
    stepEntry('request.expired', deps.now(), request.requestId, { reason: error, approval_id: request.approvalId }),
  );
}

/** What became of the approval that was looked at: where another one stands there meanwhile, nothing does. */
function moved<To extends RequestState>({ requestId, approvalId }: RequestRecord, to: To) {
  return { requestId, from: 'AWAITING_APPROVAL', to, onApproval: approvalId } as const;
}
