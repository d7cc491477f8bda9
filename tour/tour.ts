// Owns the tour: what a gateway does for an agent, shown on real parts. Each scene says what should happen and checks that it did.
import { ApprovalService } from '../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../proto/gen/countersign/v1/transaction_pb.ts';
import { decimal, sol } from './amounts.ts';
import { auditScene } from './audit-scene.ts';
import { ask, readBalances, type Scene, short, showBalances } from './scene.ts';
import type { Stage } from './stage.ts';
import { solTransfer, tokenTransfer, unnamedProgramCall } from './transactions.ts';

const SOL = 1_000_000_000n;

/** Plays every scene; false if any went otherwise than it should. */
export async function runTour(stage: Stage): Promise<boolean> {
  const scenes = [allowedSol, allowedToken, overLimit, toStranger, unnamedProgram, needsHuman, auditScene];
  let good = true;
  for (const scene of scenes) {
    const failure = await scene(stage).catch((error: unknown) => `failed: ${message(error)}`);
    stage.print(failure === null ? '  ✔ as it should be' : `  ✘ ${failure}`);
    good &&= failure === null;
  }
  return good;
}

/** What went wrong, in a sentence; `null`: nothing. */
type Failure = string | null;

async function allowedSol(stage: Stage): Promise<Failure> {
  const { wallet, recipient } = stage;
  const amount = SOL / 2n;
  return confirmed(
    stage,
    { lamports: amount, tokens: 0n },
    {
      title: '1. A SOL transfer within the limit, to a known recipient',
      asked: `${sol(amount)} from ${short(wallet.address)} to ${short(recipient)}`,
      transaction: solTransfer(wallet.address, recipient, amount),
      purpose: 'invoice 2041',
    },
  );
}

async function allowedToken(stage: Stage): Promise<Failure> {
  const { wallet, recipient, token } = stage;
  const amount = 25n * 10n ** BigInt(token.decimals);
  return confirmed(
    stage,
    { lamports: 0n, tokens: amount },
    {
      title: '2. A token transfer within the limit, to a known recipient',
      asked: `${decimal(amount, token.decimals)} ${token.symbol} from ${short(wallet.address)} to ${short(recipient)}`,
      transaction: await tokenTransfer(wallet.address, recipient, token, amount),
      purpose: 'invoice 2042',
    },
  );
}

async function overLimit(stage: Stage): Promise<Failure> {
  const { wallet, recipient } = stage;
  const amount = 50n * SOL;
  return denied(stage, 'SPENDING_LIMIT', {
    title: '3. A transfer over the limit',
    asked: `${sol(amount)} from ${short(wallet.address)} to ${short(recipient)}`,
    transaction: solTransfer(wallet.address, recipient, amount),
    purpose: 'a public post said so',
  });
}

async function toStranger(stage: Stage): Promise<Failure> {
  const { wallet, stranger } = stage;
  const amount = SOL / 10n;
  return denied(stage, 'RECIPIENT', {
    title: '4. A transfer to a stranger',
    asked: `${sol(amount)} from ${short(wallet.address)} to ${short(stranger)}`,
    transaction: solTransfer(wallet.address, stranger, amount),
    purpose: 'refund',
  });
}

async function unnamedProgram(stage: Stage): Promise<Failure> {
  const { wallet, unnamedProgram: program } = stage;
  return denied(stage, 'PROGRAM', {
    title: '5. A program that nobody named, with the wallet as writable signer',
    asked: `a call of ${short(program)}`,
    transaction: unnamedProgramCall(wallet.address, program),
    purpose: 'claim airdrop',
  });
}

async function needsHuman(stage: Stage): Promise<Failure> {
  const { wallet, recipient, print, agent } = stage;
  const amount = (SOL * 3n) / 2n;
  const before = await readBalances(stage);
  const answer = await ask(stage, {
    title: '6. A transfer that needs a human',
    asked: `${sol(amount)} from ${short(wallet.address)} to ${short(recipient)}`,
    transaction: solTransfer(wallet.address, recipient, amount),
    purpose: 'payroll',
  });
  if (answer.outcome.case !== 'pendingApproval') return `expected a pending approval, got ${answer.outcome.case}`;
  const { approvalId, requirement } = answer.outcome.value;
  print(`  pending   approval ${approvalId}, quorum ${requirement?.quorum}`);
  await approve(stage, approvalId);
  const last = await watched(stage, answer.requestId);
  const { request } = await agent.unary(SigningService.method.getTransaction, { requestId: answer.requestId });
  if (last !== RequestState.CONFIRMED && last !== RequestState.FINALIZED) return `ended as ${last}: ${request?.error}`;
  print(`  sent      ${request?.signature} confirmed in slot ${request?.slot}`);
  const after = await showBalances(stage, before);
  return paid(before, after, { lamports: amount, tokens: 0n });
}

async function approve({ operator, print }: Stage, approvalId: string): Promise<void> {
  const { approval } = await operator.unary(ApprovalService.method.getApproval, { approvalId });
  const intentDigest = approval?.intentDigest ?? new Uint8Array();
  const vote = { approvalId, intentDigest, comment: 'payroll of November' };
  const { approval: voted } = await operator.unary(ApprovalService.method.approve, vote);
  const voters = voted?.votes.map((v) => v.approver).join(', ');
  print(`  approved  by ${voters}, for the intent ${Buffer.from(intentDigest).toString('hex').slice(0, 16)}…`);
}

/** The state in which the request is confirmed or settled. */
async function watched({ agent }: Stage, requestId: string): Promise<RequestState> {
  let state: RequestState = RequestState.UNSPECIFIED;
  for await (const { request } of agent.stream(SigningService.method.watchTransaction, { requestId })) {
    state = request?.state ?? state;
    if (state === RequestState.CONFIRMED) break;
  }
  return state;
}

interface Paid {
  readonly lamports: bigint;
  readonly tokens: bigint;
}

async function confirmed(stage: Stage, expected: Paid, scene: Scene): Promise<Failure> {
  const before = await readBalances(stage);
  const { outcome } = await ask(stage, scene);
  if (outcome.case !== 'submitted') return `expected a confirmed transaction, got ${outcome.case}`;
  const { signature, slot, state, error } = outcome.value;
  if (state !== RequestState.CONFIRMED && state !== RequestState.FINALIZED) return `ended as ${state}: ${error}`;
  stage.print(`  sent      ${signature} confirmed in slot ${slot}`);
  const after = await showBalances(stage, before);
  return paid(before, after, expected);
}

function paid(before: readonly Paid[], after: readonly Paid[], { lamports, tokens }: Paid): Failure {
  const [, recipientBefore] = before;
  const [, recipientAfter] = after;
  if (recipientBefore === undefined || recipientAfter === undefined) return 'the balances could not be read';
  const exact =
    recipientAfter.lamports - recipientBefore.lamports === lamports &&
    recipientAfter.tokens - recipientBefore.tokens === tokens;
  return exact ? null : 'the recipient did not get exactly what was asked';
}

async function denied(stage: Stage, code: string, scene: Scene): Promise<Failure> {
  const before = await readBalances(stage);
  const { outcome } = await ask(stage, scene);
  if (outcome.case !== 'denied') return `expected a denial, got ${outcome.case}`;
  stage.print('  signed    nothing');
  if (!outcome.value.reasons.some((reason) => reason.code.includes(code))) return `no reason names ${code}`;
  const after = await readBalances(stage);
  return JSON.stringify(after, textOf) === JSON.stringify(before, textOf) ? null : 'a balance moved';
}

function textOf(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
