// Owns the form in which decisions, reasons and contexts lie in the database, and their strict reading.
import { z } from 'zod';
import type { Decision, Reason } from '../../core/decision/decision.ts';
import { GatewayError } from '../../core/errors.ts';

const reason = z.strictObject({
  code: z.string(),
  rule: z.string(),
  message: z.string(),
  facts: z.record(z.string(), z.string()),
});

const verdict = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('deny'), reasons: z.array(reason) }),
  z.strictObject({ kind: z.literal('allow'), reasons: z.array(reason) }),
  z.strictObject({
    kind: z.literal('require_approval'),
    reasons: z.array(reason),
    approval: z.strictObject({
      quorum: z.int().min(1),
      groups: z.array(z.string()),
      timeoutSeconds: z.int().min(0),
    }),
  }),
]);

const decision = z.strictObject({
  decisionId: z.string(),
  bundleRevision: z.string(),
  inputDigest: z.string().regex(/^[0-9a-f]{64}$/),
  verdict,
});

const context = z.record(z.string(), z.string());

export function decisionJson(value: Decision): string {
  const { decisionId, bundleRevision, inputDigest, verdict } = value;
  return JSON.stringify({ decisionId, bundleRevision, inputDigest: Buffer.from(inputDigest).toString('hex'), verdict });
}

export function parseDecision(value: unknown): Decision {
  const read = parse(decision, value, 'decision');
  return { ...read, inputDigest: new Uint8Array(Buffer.from(read.inputDigest, 'hex')) };
}

export function reasonsJson(value: readonly Reason[]): string {
  return JSON.stringify(value);
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
