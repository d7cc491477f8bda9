// Owns what the pipeline tells telemetry; telemetry implements it, tests may ignore it.
import type { Limit, LimitMeasure } from '../core/decision/decision.ts';

/** What is measured for each request, in order; `docs/operating.md` names them too. */
export type Stage =
  /** From bytes to named instructions, lookup tables included. */
  | 'decode'
  /** What the chain says of accounts, and the effects that follow. */
  | 'facts'
  /** Beside `facts` where the message shows the need, else behind it. */
  | 'simulate'
  | 'evaluate'
  | 'commit_intent'
  | 'cosign'
  | 'sign'
  | 'commit_signature'
  | 'submit';

export interface PipelineObserver {
  /** Seconds that one stage took for one request. */
  stage(stage: Stage, seconds: number): void;
  /** Questions to the chain that had to wait for one another before one transaction could be judged. */
  roundTrips(count: number): void;
  /** One answered call: `signed`, `submitted`, `pending_approval`, `denied`, `error`; the first reason's code or the error's name. */
  outcome(kind: string, reasonCode: string): void;
  /** A limit over time had no room for a request. */
  overBudget(scope: Limit['scope'], measure: LimitMeasure['kind'], onExceed: Limit['onExceed']['kind']): void;
  signerCall(backend: string, result: string, seconds: number): void;
  feePayerCall(backend: string, result: string, seconds: number): void;
  relayerCall(backend: string, result: string, seconds: number): void;
  /** A look at a request whose end too few nodes have agreed on for a while, and what came of it. */
  disputed(result: 'looked_at_again' | 'counted_as_used'): void;
  /** Requests that were decided, and whose reservations were settled or given back only now. */
  reconciled(requests: number): void;
}
