// Owns one scene of the tour: a request is shown, decoded and judged by a dry run, and then really made.

import { reasonText } from '../gateway/core/decision/decision.ts';
import { summarizePolicyInput } from '../gateway/core/explanation/explain-policy-input.ts';
import { type Decision, Verdict } from '../proto/gen/countersign/v1/decision_pb.ts';
import {
  type SignAndSendTransactionResponse,
  SigningService,
  WaitFor,
} from '../proto/gen/countersign/v1/signing_pb.ts';
import { decimal, sol } from './amounts.ts';
import type { Balances, Stage } from './stage.ts';

export interface Scene {
  readonly title: string;
  /** What the agent asks for, in words. */
  readonly asked: string;
  readonly transaction: Uint8Array;
  /** What the agent says it is for. */
  readonly purpose: string;
}

/** Shows the request, what the gateway reads in it and what the policy says of it; then makes it. */
export async function ask(stage: Stage, scene: Scene): Promise<SignAndSendTransactionResponse> {
  const { agent, wallet, print } = stage;
  const { transaction, purpose } = scene;
  print('');
  print(scene.title);
  print(`  asked     ${scene.asked}`);
  const request = { wallet: wallet.id, transaction, setFreshBlockhash: true, context: { purpose } };
  const dryRun = await agent.unary(SigningService.method.evaluateTransaction, request);
  for (const line of summarizePolicyInput(dryRun.policyInput)) print(`  decoded   ${line}`);
  for (const line of decisionLines(dryRun.decision)) print(`  decided   ${line}`);
  return agent.unary(SigningService.method.signAndSendTransaction, {
    ...request,
    waitFor: WaitFor.CONFIRMED,
    idempotencyKey: crypto.randomUUID(),
  });
}

/** Shows what a scene changed on chain, and answers the balances as they are now: the wallet's, then the recipient's. */
export async function showBalances(stage: Stage, before: readonly Balances[]): Promise<readonly Balances[]> {
  const after = await readBalances(stage);
  const names = ['wallet', 'recipient'];
  after.forEach((now, i) => {
    const was = before[i] ?? now;
    stage.print(`  balance   ${names[i]}: ${change(stage, was, now)}`);
  });
  return after;
}

export function readBalances({ balances, wallet, recipient }: Stage): Promise<readonly Balances[]> {
  return Promise.all([balances(wallet.address), balances(recipient)]);
}

function change({ token }: Stage, was: Balances, now: Balances): string {
  const tokens = (amount: bigint): string => `${decimal(amount, token.decimals)} ${token.symbol}`;
  const parts = [];
  if (was.lamports !== now.lamports) parts.push(`${sol(was.lamports)} → ${sol(now.lamports)}`);
  if (was.tokens !== now.tokens) parts.push(`${tokens(was.tokens)} → ${tokens(now.tokens)}`);
  return parts.length === 0 ? 'as before' : parts.join(', ');
}

function decisionLines(decision?: Decision): readonly string[] {
  const verdict = VERDICTS[decision?.verdict ?? Verdict.UNSPECIFIED];
  const reasons = (decision?.reasons ?? []).map(({ code, message, remedy, facts }) =>
    // Which rules looked is enough here.
    decision?.verdict === Verdict.ALLOW ? (facts.rules ?? message) : `${code}: ${reasonText({ message, remedy })}`,
  );
  const first = `${verdict}, by policy ${decision?.bundleRevision.slice(0, 12)}`;
  return decision?.verdict === Verdict.ALLOW ? [`${first}: ${reasons.join(', ')}`] : [first, ...reasons];
}

const VERDICTS: { readonly [V in Verdict]: string } = {
  [Verdict.UNSPECIFIED]: 'no verdict',
  [Verdict.ALLOW]: 'allow',
  [Verdict.DENY]: 'deny',
  [Verdict.REQUIRE_APPROVAL]: 'require approval',
};

export function short(address: string): string {
  return `${address.slice(0, 4)}…${address.slice(-4)}`;
}
