// Owns the evaluate stage: the established facts go to the policy as one document, and a decision comes back.
import { assertNever } from '../core/assert-never.ts';
import type { Charge } from '../core/budget/charge.ts';
import type { FreezeSubject } from '../core/controls/freeze.ts';
import type { Decision } from '../core/decision/decision.ts';
import { localTimes } from '../core/policy-input/local-time.ts';
import { buildMessagePolicyInput } from '../core/policy-input/message-input.ts';
import { buildPolicyInput } from '../core/policy-input.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import type { PolicyGeneration } from '../policy/policy-engine.ts';
import type { Judgement, RequestAsk } from '../state/contract/request-store.ts';
import { type EstablishedTransaction, establishTransaction } from './decode.ts';
import { intentDigest, sha256 } from './digest.ts';
import { type EstablishedMessage, establishMessage } from './message.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { restrain } from './restrain.ts';

interface Judged {
  readonly requestId: string;
  readonly judgement: Judgement;
  /** What must hold when it is signed. */
  readonly charges: readonly Charge[];
  /** Ids of the limits whose excess is what approval is asked for. */
  readonly excess: readonly string[];
  /** Version of the controls that the judgement was checked against. */
  readonly controls: bigint;
  /** What it touches, for controls that change later. */
  readonly subject: () => FreezeSubject;
}

export interface JudgedTransaction extends Judged {
  readonly kind: 'transaction';
  readonly established: EstablishedTransaction;
}

export interface JudgedMessage extends Judged {
  readonly kind: 'message';
  readonly message: EstablishedMessage;
}

export type JudgedRequest = JudgedTransaction | JudgedMessage;

/** A request that a transaction came with. */
export type TransactionRequest = RequestAsk & { readonly method: 'sign' | 'sign_and_send' };

/** Who asks what, for which wallet. */
export interface Asked<Ask extends RequestAsk = RequestAsk> {
  readonly id: string;
  readonly agent: Agent;
  readonly wallet: Wallet;
  readonly ask: Ask;
}

/** One whole pass from bytes to decision, with fresh facts and the active bundle. Signs nothing, records nothing. `otherThan`: as in decode. */
export async function judge(
  deps: PipelineDeps,
  { id, agent, wallet, ask }: Asked,
  signal: AbortSignal,
  otherThan: string | null = null,
): Promise<JudgedRequest> {
  return isForTransaction(ask)
    ? judgeTransaction(deps, { id, agent, wallet, ask }, signal, otherThan)
    : judgeMessage(deps, { id, agent, wallet, ask });
}

export function isForTransaction(ask: RequestAsk): ask is TransactionRequest {
  switch (ask.method) {
    case 'sign':
    case 'sign_and_send':
      return true;
    case 'sign_message':
      return false;
    default:
      return assertNever(ask.method);
  }
}

export async function judgeTransaction(
  deps: PipelineDeps,
  asked: Asked<TransactionRequest>,
  signal: AbortSignal,
  otherThan: string | null = null,
): Promise<JudgedTransaction> {
  // One revision for the whole pass: its IDLs name the instructions that its rules judge.
  const policy = deps.policy.current();
  const { ask, wallet } = asked;
  const established = await establishTransaction(deps, policy, ask, wallet, signal, otherThan);
  const { compiled } = established.decoded;
  const evaluated = evaluate(deps, policy, asked.agent, () => transactionInput(deps, policy, asked, established));
  const { decision, ...held } = await restrain(deps, evaluated.decision, asked, established);
  return {
    kind: 'transaction',
    requestId: asked.id,
    established,
    ...held,
    judgement: {
      ...evaluated,
      decision,
      transaction: established.wire,
      messageDigest: sha256(compiled.messageBytes),
      intentDigest: intentDigest(compiled, ask.setFreshBlockhash),
      lastValidBlockHeight: established.lastValidBlockHeight,
    },
  };
}

async function judgeMessage(deps: PipelineDeps, asked: Asked): Promise<JudgedMessage> {
  const policy = deps.policy.current();
  const message = establishMessage(deps, asked.ask, asked.wallet);
  const evaluated = evaluate(deps, policy, asked.agent, () => messageInput(deps, policy, asked, message));
  const { decision, ...held } = await restrain(deps, evaluated.decision, asked, null);
  const messageDigest = sha256(message.bytes);
  return {
    kind: 'message',
    requestId: asked.id,
    message,
    ...held,
    judgement: {
      ...evaluated,
      decision,
      transaction: message.bytes,
      messageDigest,
      intentDigest: messageDigest,
      lastValidBlockHeight: null,
    },
  };
}

/** The document that the policy judges. */
export function transactionInput(
  deps: Pick<PipelineDeps, 'now'>,
  policy: Pick<PolicyGeneration, 'timeZones'>,
  { id, agent, wallet, ask }: Asked<TransactionRequest>,
  { decoded, effects, simulation, chain }: EstablishedTransaction,
): Uint8Array {
  const time = deps.now();
  return buildPolicyInput({
    request: { id, method: ask.method, time, localTimes: localTimes(time, policy.timeZones) },
    agent,
    wallet,
    transaction: decoded,
    effects,
    simulation,
    chain,
    context: ask.context,
  });
}

export function messageInput(
  deps: Pick<PipelineDeps, 'now'>,
  policy: Pick<PolicyGeneration, 'timeZones'>,
  { id, agent, wallet, ask }: Asked,
  { facts }: EstablishedMessage,
): Uint8Array {
  const time = deps.now();
  return buildMessagePolicyInput({
    request: { id, method: 'sign_message', time, localTimes: localTimes(time, policy.timeZones) },
    agent,
    wallet,
    message: facts,
    context: ask.context,
  });
}

function evaluate(
  deps: PipelineDeps,
  policy: PolicyGeneration,
  agent: Agent,
  inputOf: () => Uint8Array,
): Pick<Judgement, 'decision' | 'policyInput'> {
  const started = performance.now();
  const policyInput = inputOf();
  const decision = decide(deps, policy, agent, policyInput);
  deps.observer.stage('evaluate', (performance.now() - started) / 1000);
  return { decision, policyInput };
}

function decide(
  deps: PipelineDeps,
  policy: PolicyGeneration,
  { credential }: Agent,
  policyInput: Uint8Array,
): Decision {
  const verdict = policy.evaluate(policyInput);
  const { bundleRevision } = policy;
  const decision = { decisionId: deps.newId(), verdict, bundleRevision, inputDigest: sha256(policyInput) };
  return credential === undefined ? decision : { ...decision, credential: credential.keyId };
}
