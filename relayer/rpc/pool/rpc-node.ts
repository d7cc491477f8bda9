// Owns one node of a pool: asked no faster than it may be, left alone when it asks for that, and how well it did of late.
import { setTimeout as delay } from 'node:timers/promises';
import { createRpcClient, type RpcAnswer, type RpcClient } from '../json-rpc-client.ts';
import { OVERTAKEN } from './hedge.ts';
import { createTokenBucket } from './token-bucket.ts';

export interface RpcEndpointOptions {
  /** http(s) URL. It may hold an API key: whatever is told names its host only. */
  readonly url: string;
  /** Of the load, against the weights of the others. Default 1. */
  readonly weight?: number;
  /** `null`, the default: as often as is asked. */
  readonly requestsPerSecond?: number | null;
}

export type CallResult =
  | 'answered'
  /** It understood and said no, for example in preflight. */
  | 'refused'
  | 'lost'
  /** Not asked: it wants to be left alone, or its rate is used up. */
  | 'held'
  /** Another node, asked later, answered earlier. */
  | 'overtaken'
  /** Whoever asked left. */
  | 'aborted';

export interface RpcNode extends RpcClient {
  readonly weight: number;
  /** Share of calls of late that got no answer, 0 to 1. */
  failureShare(): number;
  /** Whether it asked to be left alone. */
  isResting(): boolean;
}

export interface RpcNodeOptions extends RpcEndpointOptions {
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly observe: (result: CallResult, seconds: number) => void;
}

/** How much the newest call counts. */
const NEWEST = 0.2;
const REST_MS = 1_000;
const MAX_REST_MS = 60_000;
/** Codes with which a node says that it cannot serve now (rpc-client-api, custom_error.rs): behind, and an internal error. */
const AILING_CODES: ReadonlySet<number> = new Set([-32005, -32603]);

/** @throws Error when the URL is none. */
export function createRpcNode(options: RpcNodeOptions): RpcNode {
  const { weight = 1, requestsPerSecond = null, observe } = options;
  const client = createRpcClient(options);
  const now = (): number => performance.now();
  const bucket = requestsPerSecond === null ? null : createTokenBucket(requestsPerSecond, now);
  let restsUntil = 0;
  let share = 0;
  const note = (answer: RpcAnswer, signal: AbortSignal, started: number): void => {
    const failed = answer.kind === 'lost' || (answer.kind === 'error' && AILING_CODES.has(answer.code));
    const result = answer.kind === 'lost' && signal.aborted ? abandonment(signal) : RESULTS[answer.kind];
    if (result !== 'aborted') share += NEWEST * ((failed ? 1 : 0) - share);
    if (answer.kind === 'lost' && answer.restMs !== null) {
      restsUntil = now() + Math.min(answer.restMs ?? REST_MS, MAX_REST_MS);
    }
    observe(result, (now() - started) / 1000);
  };
  const held = (reason: string): RpcAnswer => {
    observe('held', 0);
    return { kind: 'lost', reason, mayHaveArrived: false, restMs: null };
  };
  return {
    weight,
    endpoint: client.endpoint,
    close: client.close,
    failureShare: () => share,
    isResting: () => restsUntil > now(),
    call: async (method, params, signal) => {
      const restMs = Math.ceil(restsUntil - now());
      if (restMs > 0) return held(`it asked to be left alone for another ${restMs} ms`);
      const waitMs = bucket?.take() ?? (bucket === null ? 0 : null);
      if (waitMs === null) return held(`its limit of ${requestsPerSecond} requests a second is used up`);
      if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
      const started = now();
      const answer = await client.call(method, params, signal);
      note(answer, signal, started);
      return answer;
    },
  };
}

function abandonment({ reason }: AbortSignal): CallResult {
  return reason === OVERTAKEN ? 'overtaken' : 'aborted';
}

const RESULTS: { readonly [K in RpcAnswer['kind']]: CallResult } = {
  result: 'answered',
  error: 'refused',
  lost: 'lost',
};
