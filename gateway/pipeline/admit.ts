// Owns what a verdict leads to: the judged request is committed as denied or waiting, or it is permitted and signed.
import { escalatesAt } from '../core/approval/escalates-at.ts';
import { assertNever } from '../core/assert-never.ts';
import type { StandingOf } from '../core/budget/standing.ts';
import { GatewayError } from '../core/errors.ts';
import { type JudgedSubject, mintSigningPermit } from '../core/permit/signing-permit.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import type { NewApproval, NewRequest, RequestAsk, RequestRecord, Terms } from '../state/contract/request-store.ts';
import { throwBeforeSigning } from './abort.ts';
import { judgementEntry } from './audit-entries.ts';
import { UNRECORDED } from './custody.ts';
import { askDigest } from './digest.ts';
import type { JudgedRequest } from './evaluate.ts';
import { interruptedAt } from './intent.ts';
import { overBudget, standingsOf, standingsOver } from './over-budget.ts';
import type { PipelineDeps, WalletRoute } from './pipeline-deps.ts';
import { sign } from './sign.ts';

export type Admission =
  | { readonly kind: 'signed'; readonly request: RequestRecord }
  /** Denied, or waiting for approval. */
  | { readonly kind: 'recorded'; readonly request: RequestRecord }
  /** The idempotency key was used before. */
  | { readonly kind: 'exists'; readonly request: RequestRecord }
  /** Another request signs the very same bytes: judge again with another blockhash. */
  | { readonly kind: 'duplicate_message' }
  /** Operators froze or lifted something meanwhile: judge again. */
  | { readonly kind: 'controls_changed' }
  /** Somebody else moved the request on. */
  | { readonly kind: 'stale' };

/** Commits the judged request in the state that its verdict demands; where that permits, signs it. Throws once `signal` is aborted. */
export async function admit(
  deps: PipelineDeps,
  route: WalletRoute,
  agent: Agent,
  judged: JudgedRequest,
  ask: RequestAsk,
  signal: AbortSignal,
): Promise<Admission> {
  let held = judged;
  // A round that finds no room denies it, or adds to what people are asked to let it exceed, which is not looked at again.
  for (let round = 0; round < judged.charges.length + 2; round++) {
    throwBeforeSigning(signal);
    const admission = await admitOnce(deps, route, agent, held, ask, signal);
    if (admission.kind !== 'exceeded') return admission;
    held = overBudget(deps, held, admission.exceeded);
  }
  throw new GatewayError('INTERNAL', 'a request exceeds more limits than it has; nothing was signed');
}

type Exceeded = { readonly kind: 'exceeded'; readonly exceeded: readonly StandingOf[] };

async function admitOnce(
  deps: PipelineDeps,
  route: WalletRoute,
  agent: Agent,
  judged: JudgedRequest,
  ask: RequestAsk,
  signal: AbortSignal,
): Promise<Admission | Exceeded> {
  const { judgement } = judged;
  const { verdict } = judgement.decision;
  const base = { requestId: judged.requestId, ask, askDigest: askDigest(ask), judgement };
  switch (verdict.kind) {
    case 'deny':
      return open(deps, 'request.denied', { ...base, state: 'DENIED', approval: null, terms: null, dueAt: null });
    case 'require_approval': {
      // Nothing is reserved while people think; but they are not asked for what no budget has room for.
      const exceeded = await standingsOver(deps, judged);
      if (exceeded.length > 0) return { kind: 'exceeded', exceeded };
      const approval = newApproval(deps, judged);
      const request = {
        ...base,
        state: 'AWAITING_APPROVAL',
        approval,
        terms: null,
        dueAt: firstLook(approval),
      } as const;
      return open(deps, 'request.approval_required', request);
    }
    case 'allow': {
      const minting = mintSigningPermit(permitBasis(judged, agent, route.wallet), null);
      if (minting.kind === 'refused')
        throw new GatewayError('INTERNAL', `no permit: ${minting.reason}; nothing was signed`);
      const terms = termsOf(judged, []);
      const request = { ...base, state: 'SIGNING', approval: null, terms, dueAt: interruptedAt(deps) } as const;
      const signing = await sign(
        deps,
        route,
        minting.permit,
        { kind: 'new', request, subject: judged.subject },
        signal,
      );
      if (signing.kind === 'exceeded') {
        return { kind: 'exceeded', exceeded: await standingsOf(deps, judged.charges, signing.limitIds) };
      }
      if (signing.kind !== 'signed') return signing;
      const { kind, ...signed } = signing;
      return { kind, request: { ...asRecord(deps, request), state: 'SIGNED', ...signed } };
    }
    default:
      return assertNever(verdict);
  }
}

async function open(
  deps: PipelineDeps,
  kind: 'request.denied' | 'request.approval_required',
  request: NewRequest,
): Promise<Admission> {
  const started = performance.now();
  const opened = await deps.state.requests.open(
    request,
    judgementEntry(kind, deps.now(), request, approvalFacts(request)),
  );
  deps.observer.stage('commit_intent', (performance.now() - started) / 1000);
  if (opened.kind === 'opened') return { kind: 'recorded', request: asRecord(deps, request) };
  if (opened.kind !== 'exceeded') return opened;
  throw new GatewayError('INTERNAL', 'a request that is not to be signed was refused for a budget');
}

function approvalFacts({ approval }: NewRequest): { readonly [key: string]: string } {
  return approval === null ? {} : { approval_id: approval.approvalId };
}

/** The record as it was just committed; saves reading it back. */
function asRecord(deps: PipelineDeps, request: NewRequest): RequestRecord {
  const now = deps.now();
  const { requestId, ask, askDigest: digest, judgement, state, approval, dueAt } = request;
  return {
    requestId,
    ask,
    askDigest: digest,
    judgement,
    state,
    custody: UNRECORDED,
    approvalId: approval?.approvalId ?? null,
    signedTransaction: null,
    walletSignature: null,
    transactionSignature: null,
    slot: null,
    error: null,
    isDue: dueAt !== null,
    createdAt: now,
    updatedAt: now,
  };
}

export function newApproval(deps: PipelineDeps, judged: JudgedRequest): NewApproval {
  const { verdict } = judged.judgement.decision;
  if (verdict.kind !== 'require_approval') throw new GatewayError('INTERNAL', 'no approval was asked for');
  const { approval: requirement, reasons } = verdict;
  const { excess } = judged;
  return {
    approvalId: deps.newId(),
    requirement,
    reasons,
    excess,
    expiresAt: deps.now() + requirement.timeoutSeconds * 1000,
  };
}

/** When somebody must look at it, though nobody votes. */
export function firstLook(approval: NewApproval): number {
  return escalatesAt(approval) ?? approval.expiresAt;
}

/** `excess`: ids of limits that approvers let it exceed. */
export function termsOf({ charges, controls }: JudgedRequest, excess: readonly string[]): Terms {
  return { charges, excess, controls };
}

export function permitBasis(judged: JudgedRequest, agent: Agent, wallet: Wallet): JudgedSubject {
  const { requestId, judgement } = judged;
  const { decision, intentDigest } = judgement;
  const basis = { requestId, wallet: wallet.address, decision, intentDigest, requester: agent.id };
  switch (judged.kind) {
    case 'transaction': {
      const { decoded, signerIndex, feePayer } = judged.established;
      return { ...basis, kind: 'transaction', transaction: decoded.compiled, signerIndex, feePayer };
    }
    case 'message':
      return { ...basis, kind: 'message', messageBytes: judged.message.bytes };
    default:
      return assertNever(judged);
  }
}
