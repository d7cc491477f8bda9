// Owns the evaluate stage: the established facts go to the policy as one document, and a decision comes back.
import type { Decision } from '../core/decision/decision.ts';
import { enforceable } from '../core/decision/enforceable.ts';
import { localTimes } from '../core/policy-input/local-time.ts';
import { buildPolicyInput } from '../core/policy-input.ts';
import type { Agent, Wallet } from '../core/principal/principal.ts';
import type { PolicyGeneration } from '../policy/policy-engine.ts';
import type { Judgement, RequestAsk } from '../state/state.ts';
import { type EstablishedTransaction, establishTransaction } from './decode.ts';
import { intentDigest, sha256 } from './digest.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

export interface JudgedRequest {
  readonly requestId: string;
  readonly established: EstablishedTransaction;
  readonly judgement: Judgement;
}

/** One whole pass from bytes to decision, with fresh facts and the active bundle. Signs nothing, records nothing. `otherThan`: as in decode. */
export async function judge(
  deps: PipelineDeps,
  requestId: string,
  agent: Agent,
  wallet: Wallet,
  ask: RequestAsk,
  signal: AbortSignal,
  otherThan: string | null = null,
): Promise<JudgedRequest> {
  // One revision for the whole pass: its IDLs name the instructions that its rules judge.
  const policy = deps.policy.current();
  const established = await establishTransaction(deps, policy, ask, wallet, signal, otherThan);
  const started = performance.now();
  const { decoded } = established;
  const messageDigest = sha256(decoded.compiled.messageBytes);
  const policyInput = policyInputOf(deps, policy, { id: requestId, agent, wallet, ask, established });
  const decision = decide(deps, policy, policyInput);
  deps.observer.stage('evaluate', (performance.now() - started) / 1000);
  return {
    requestId,
    established,
    judgement: {
      decision,
      policyInput,
      transaction: established.wire,
      messageDigest,
      intentDigest: intentDigest(decoded.compiled, ask.setFreshBlockhash),
      lastValidBlockHeight: established.lastValidBlockHeight,
    },
  };
}

/** The document that the policy judges. */
export function policyInputOf(
  deps: Pick<PipelineDeps, 'now'>,
  policy: Pick<PolicyGeneration, 'timeZones'>,
  judged: {
    readonly id: string;
    readonly agent: Agent;
    readonly wallet: Wallet;
    readonly ask: RequestAsk;
    readonly established: EstablishedTransaction;
  },
): Uint8Array {
  const { id, agent, wallet, ask, established } = judged;
  const { decoded, effects, simulation, chain } = established;
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

function decide(deps: PipelineDeps, policy: PolicyGeneration, policyInput: Uint8Array): Decision {
  const verdict = enforceable(policy.evaluate(policyInput));
  const { bundleRevision } = policy;
  return { decisionId: deps.newId(), verdict, bundleRevision, inputDigest: sha256(policyInput) };
}
