// Owns a record of the audit chain for people: in one line, and in full.
import type { AuditRecord } from '../core/audit/audit-record.ts';
import { isInput, type NamedInput, namedInput } from '../core/audit/judged-input.ts';
import { type CanonicalValue, canonicalJson } from '../core/canonical-json.ts';
import { parseJson } from '../core/decision/json-value.ts';
import { explainPolicyInput } from '../core/explanation/explain-policy-input.ts';
import { type Facts, isFacts, listAt, objectAt, textAt } from '../core/explanation/facts.ts';
import { printable } from '../core/explanation/printable.ts';

/** Facts that say most in one line, in this order. */
const SHOWN =
  'agent wallet principal key_id revision verdict approve signature slot result code reason error version'.split(' ');

const LONGEST_REASON = 240;

export function renderAuditRecord({ sequence, body }: AuditRecord): string {
  const record = readRecord(body);
  if (record === null) return `${sequence}  (a body that cannot be read)`;
  const { kind, time, requestId, actor, facts } = record;
  const said = SHOWN.filter((name) => isShort(facts[name])).map((name) => `${name}=${printable(String(facts[name]))}`);
  const codes = listAt(facts, 'reasons').map((reason) => textAt(reason, 'code') ?? '(no code)');
  const why = kind === 'policy.refused' ? [cut(textAt(facts, 'message') ?? '')] : [];
  const who = [`by ${actor}`, ...(requestId === null ? [] : [requestId])];
  const parts = [time, kind.padEnd(26), ...who, ...said, ...codes, ...why];
  return `${String(sequence).padStart(6)}  ${parts.join('  ')}`;
}

function cut(text: string): string {
  const shown = printable(text);
  return shown.length <= LONGEST_REASON ? shown : `${shown.slice(0, LONGEST_REASON)}…`;
}

/** Every fact, and the transaction as it was judged: `policyInput` is what the gateway holds for it, and need not be it. */
export function renderAuditRecordInFull({ hash, body }: AuditRecord, policyInput: Uint8Array): readonly string[] {
  const record = readRecord(body);
  if (record === null) return [];
  const { policy_input: own, ...facts } = record.facts;
  return [
    `  hash ${Buffer.from(hash).toString('hex')}`,
    ...Object.entries(facts).map(([name, value]) => `  ${printable(name)} = ${printable(factText(value))}`),
    ...judgedLines(namedInput({ body }), typeof own === 'string' ? new TextEncoder().encode(own) : policyInput),
  ];
}

function judgedLines(named: NamedInput | null, policyInput: Uint8Array): readonly string[] {
  if (named === null) return [];
  if (policyInput.length === 0) return ['What was judged is not kept: the request was judged again since'];
  if (!isInput(named, policyInput)) return ['What was judged: NOT KNOWN (the gateway gave another policy input)'];
  return explainPolicyInput(policyInput);
}

interface ReadRecord {
  readonly kind: string;
  readonly time: string;
  readonly requestId: string | null;
  readonly actor: string;
  readonly facts: Facts;
}

/** `null`: not what an audit record holds. */
function readRecord(body: Uint8Array): ReadRecord | null {
  const document = readJson(body);
  if (!isFacts(document) || !isFacts(document.facts)) return null;
  const [kind, time, actor] = [textAt(document, 'kind'), textAt(document, 'time'), textAt(document, 'actor')];
  if (kind === null || time === null || actor === null) return null;
  return { kind, time, actor, requestId: textAt(document, 'request_id'), facts: objectAt(document, 'facts') };
}

function factText(value: CanonicalValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function isShort(value: CanonicalValue | undefined): boolean {
  if (typeof value === 'string') return value !== '' && value.length <= 120;
  return typeof value === 'bigint' || typeof value === 'boolean';
}

function readJson(body: Uint8Array): CanonicalValue {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
