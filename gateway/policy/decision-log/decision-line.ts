// Owns recorded decisions as lines of JSON, in the form of OPA's decision log (openpolicyagent.org, "Decision Logs"). The input comes
// last and says its length first, so that its exact bytes are found again without parsing them.
import { hash } from 'node:crypto';
import { z } from 'zod';
import { type CanonicalValue, canonicalJson } from '../../core/canonical-json.ts';
import type { Verdict } from '../../core/decision/decision.ts';
import { type JsonObject, parseCompactJson } from '../../core/decision/json-value.ts';
import { readVerdict } from '../../core/decision/parse-verdict.ts';
import { verdictJson } from '../../core/decision/verdict-json.ts';
import { REQUEST_STATES, type RequestState } from '../../core/request/request-state.ts';
import { ENTRYPOINT } from '../bundle/read-bundle.ts';

export interface LoggedDecision {
  readonly requestId: string;
  readonly decisionId: string;
  readonly agentId: string;
  readonly walletId: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly bundleRevision: string;
  readonly verdict: Verdict;
  /** Canonical JSON, exactly the bytes that were evaluated. */
  readonly input: Uint8Array;
  /** What had become of the request when this was read; absent: not recorded. */
  readonly outcome?: Outcome;
}

export interface Outcome {
  readonly state: RequestState;
  /** Unix milliseconds at which it came to that. */
  readonly since: number;
}

const HEAD = z.object({
  labels: z
    .object({
      request_id: z.string(),
      agent: z.string(),
      wallet: z.string(),
      input_sha256: z.string(),
      state: z.enum(REQUEST_STATES).optional(),
      state_since: z.iso.datetime().optional(),
    })
    .refine(({ state, state_since }) => (state === undefined) === (state_since === undefined), {
      error: 'state and state_since go together',
    }),
  decision_id: z.string(),
  timestamp: z.iso.datetime(),
  bundles: z.object({ countersign: z.object({ revision: z.string() }) }),
  result: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
});

const LENGTH = /^\{"input_bytes":(0|[1-9][0-9]{0,6}),/;
const BEFORE_INPUT = ',"input":';

/** With the line feed. */
export function decisionLine(decision: LoggedDecision): string {
  const { requestId, decisionId, agentId, walletId, time, bundleRevision, verdict, input, outcome } = decision;
  const labels: CanonicalValue = {
    agent: agentId,
    input_sha256: hash('sha256', input, 'hex'),
    request_id: requestId,
    ...(outcome === undefined ? {} : { state: outcome.state, state_since: new Date(outcome.since).toISOString() }),
    wallet: walletId,
  };
  const head = canonicalJson({
    bundles: { countersign: { revision: bundleRevision } },
    decision_id: decisionId,
    labels,
    path: ENTRYPOINT,
    result: verdictJson(verdict),
    timestamp: new Date(time).toISOString(),
  });
  const text = new TextDecoder('utf-8', { fatal: true }).decode(input);
  return `{"input_bytes":${input.length},${head.slice(1, -1)}${BEFORE_INPUT}${text}}\n`;
}

/** `line`: UTF-8, without the line feed. Throws an Error that says what is wrong with it. */
export function parseDecisionLine(line: Uint8Array): LoggedDecision {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const length = LENGTH.exec(bytes.toString('latin1', 0, 32))?.[1];
  if (length === undefined) throw new Error('it is no line of a decision log: it must begin with {"input_bytes":…,');
  const inputStart = bytes.length - 1 - Number(length);
  const headEnd = inputStart - BEFORE_INPUT.length;
  if (headEnd < 0 || bytes.toString('latin1', headEnd, inputStart) !== BEFORE_INPUT || bytes.at(-1) !== 0x7d) {
    throw new Error('it is cut, or was changed: the input does not stand where input_bytes says');
  }
  const input = new Uint8Array(bytes.subarray(inputStart, -1));
  const { labels, decision_id, timestamp, bundles, result } = headOf(`${bytes.toString('utf8', 0, headEnd)}}`);
  if (hash('sha256', input, 'hex') !== labels.input_sha256) {
    throw new Error('it was changed: the input does not hash to input_sha256');
  }
  return {
    requestId: labels.request_id,
    decisionId: decision_id,
    agentId: labels.agent,
    walletId: labels.wallet,
    time: Date.parse(timestamp),
    bundleRevision: bundles.countersign.revision,
    verdict: readVerdict(result),
    input,
    ...outcomeOf(labels),
  };
}

function outcomeOf({ state, state_since: since }: z.output<typeof HEAD>['labels']): Pick<LoggedDecision, 'outcome'> {
  return state === undefined || since === undefined ? {} : { outcome: { state, since: Date.parse(since) } };
}

function headOf(text: string): z.output<typeof HEAD> {
  const head = HEAD.safeParse(parseCompactJson(text));
  if (head.success) return head.data;
  throw new Error(`it is no line of a decision log: ${z.prettifyError(head.error)}`);
}
