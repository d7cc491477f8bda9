// Owns which policy input a record of the audit chain is about: the record names it by its SHA-256, or holds it itself.
import type { CanonicalValue } from '../canonical-json.ts';
import { parseJson } from '../decision/json-value.ts';
import { isFacts, objectAt, textAt } from '../explanation/facts.ts';
import { sha256 } from '../sha256.ts';
import type { AuditRecord } from './audit-record.ts';

/** As every request has one; a body that somebody broke must not reach the store. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface NamedInput {
  readonly requestId: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** `null`: the record is not about a judgement, or cannot be read. */
export function namedInput({ body }: Pick<AuditRecord, 'body'>): NamedInput | null {
  const document = readBody(body);
  if (!isFacts(document)) return null;
  const requestId = textAt(document, 'request_id');
  const digest = textAt(objectAt(document, 'facts'), 'policy_input_sha256');
  return requestId === null || !UUID.test(requestId) || digest === null ? null : { requestId, sha256: digest };
}

/** A request that was judged again holds another input than its older records name. */
export function isInput(named: NamedInput, policyInput: Uint8Array): boolean {
  return named.sha256 === Array.from(sha256(policyInput), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function readBody(body: Uint8Array): CanonicalValue {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
