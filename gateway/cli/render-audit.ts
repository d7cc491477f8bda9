// Owns one line of the audit chain for people.
import { z } from 'zod';
import type { AuditRecord } from '../core/audit/audit-record.ts';
import { printable } from './printable.ts';

const BODY = z.object({
  kind: z.string(),
  time: z.string(),
  request_id: z.string().nullable(),
  actor: z.string(),
  facts: z.record(z.string(), z.unknown()),
});

const REASONS = z.array(z.object({ code: z.string() }));

/** Facts that say most in one line, in this order. */
const SHOWN = 'agent wallet principal key_id verdict approve signature slot result code reason error version'.split(
  ' ',
);

export function renderAuditRecord({ sequence, body }: AuditRecord): string {
  const parsed = BODY.safeParse(readJson(body));
  if (!parsed.success) return `${sequence}  (a body that cannot be read)`;
  const { kind, time, request_id: requestId, actor, facts } = parsed.data;
  const said = SHOWN.filter((name) => isShort(facts[name])).map((name) => `${name}=${String(facts[name])}`);
  const reasons = REASONS.safeParse(facts.reasons);
  const codes = reasons.success ? reasons.data.map(({ code }) => code) : [];
  const parts = [time, kind.padEnd(26), `by ${actor}`, ...(requestId === null ? [] : [requestId]), ...said, ...codes];
  return `${String(sequence).padStart(6)}  ${parts.map(printable).join('  ')}`;
}

function isShort(value: unknown): value is string | number | boolean {
  return (
    (typeof value === 'string' && value !== '' && value.length <= 120) ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  );
}

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
