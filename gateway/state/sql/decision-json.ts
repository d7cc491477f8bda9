// Owns the form in which decisions, reasons and contexts lie in the database, and their strict reading.
import { z } from 'zod';
import type { ApprovalRequirement, Decision, Limit, Reason, Verdict } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';

const reason = z.strictObject({
  code: z.string(),
  rule: z.string(),
  message: z.string(),
  remedy: z.string().exactOptional(),
  facts: z.record(z.string(), z.string()),
});

const approval = z.strictObject({
  quorum: z.int().min(1),
  groups: z.array(z.string()),
  perGroup: z.array(z.strictObject({ group: z.string(), quorum: z.int().min(1) })).exactOptional(),
  escalation: z.strictObject({ afterSeconds: z.int().min(1), groups: z.array(z.string()) }).exactOptional(),
  timeoutSeconds: z.int().min(0),
});

const program = z.string().exactOptional();

const limit = z.strictObject({
  id: z.string(),
  scope: z.enum(['agent_wallet', 'wallet', 'agent', 'agent_group', 'global', 'session']),
  group: z.string().exactOptional(),
  session: z.string().exactOptional(),
  measure: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('outflow'),
      asset: z.string(),
      recipient: z.string().exactOptional(),
      net: z.literal(true).exactOptional(),
      program,
    }),
    z.strictObject({ kind: z.literal('fee'), program }),
    z.strictObject({ kind: z.literal('rent'), program }),
    z.strictObject({ kind: z.literal('count'), program }),
    z.strictObject({ kind: z.literal('sponsored'), payer: z.string(), program }),
  ]),
  window: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('rolling'), seconds: z.int().min(1) }),
    z.strictObject({ kind: z.literal('calendar'), unit: z.enum(['day', 'week', 'month']), timeZone: z.string() }),
    z.strictObject({ kind: z.literal('lifetime') }),
  ]),
  // In the database as text: JSON numbers end at 2^53 in a reader.
  max: z
    .string()
    .regex(/^[0-9]{1,40}$/)
    .transform(BigInt),
  onExceed: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('deny') }),
    z.strictObject({ kind: z.literal('require_approval'), approval }),
  ]),
});

const verdict = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('deny'), reasons: z.array(reason) }),
  z.strictObject({ kind: z.literal('allow'), reasons: z.array(reason), limits: z.array(limit).exactOptional() }),
  z.strictObject({
    kind: z.literal('require_approval'),
    reasons: z.array(reason),
    approval,
    limits: z.array(limit).exactOptional(),
  }),
]);

const decision = z.strictObject({
  decisionId: z.string(),
  bundleRevision: z.string(),
  inputDigest: z.string().regex(/^[0-9a-f]{64}$/),
  verdict,
  credential: z.string().exactOptional(),
});

const context = z.record(z.string(), z.string());

export function decisionJson(value: Decision): string {
  const { decisionId, bundleRevision, inputDigest, verdict, credential } = value;
  const digest = Buffer.from(inputDigest).toString('hex');
  const written = { decisionId, bundleRevision, inputDigest: digest, verdict: verdictDocument(verdict) };
  return JSON.stringify(credential === undefined ? written : { ...written, credential });
}

export function limitJson(value: Limit): string {
  return JSON.stringify(limitDocument(value));
}

export function parseLimitColumn(value: unknown): Limit {
  return parse(limit, value, 'definition');
}

export function limitsJson(value: readonly Limit[]): string {
  return JSON.stringify(value.map(limitDocument));
}

export function parseLimitsColumn(value: unknown): readonly Limit[] {
  return parse(z.array(limit), value, 'limits');
}

export function verdictJson(value: Verdict): string {
  return JSON.stringify(verdictDocument(value));
}

export function parseVerdictColumn(value: unknown, column: string): Verdict {
  return parse(verdict, value, column);
}

// A replacer would be asked about every part of every decision.
function verdictDocument(value: Verdict) {
  return value.kind === 'deny' || value.limits === undefined
    ? value
    : { ...value, limits: value.limits.map(limitDocument) };
}

function limitDocument(value: Limit) {
  return { ...value, max: value.max.toString() };
}

export function parseDecision(value: unknown): Decision {
  const read = parse(decision, value, 'decision');
  return { ...read, inputDigest: new Uint8Array(Buffer.from(read.inputDigest, 'hex')) };
}

export function reasonsJson(value: readonly Reason[]): string {
  return JSON.stringify(value);
}

export function requirementJson(value: ApprovalRequirement): string {
  return JSON.stringify(value);
}

export function parseRequirement(value: unknown): ApprovalRequirement {
  return parse(approval, value, 'requirement');
}

export function parseExcess(value: unknown): readonly string[] {
  return parse(z.array(z.string()), value, 'excess');
}

export function parseReasons(value: unknown): readonly Reason[] {
  return parse(z.array(reason), value, 'reasons');
}

export function parseContext(value: unknown): Readonly<Record<string, string>> {
  return parse(context, value, 'context');
}

function parse<T>(schema: z.ZodType<T>, value: unknown, column: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw new GatewayError('INTERNAL', `the database column ${column} holds what this gateway cannot read (at ${where})`);
}
