// Owns when what is signed was judged: whatever it lives by, a blockhash or a nonce, was on the chain by then.
import type { RequestRecord } from '../../state/contract/request-store.ts';

/**
 * Unix milliseconds. After an approval, which may take days, it was judged again: its policy input says when, and `null` is that it does not
 * say so.
 */
export function judgedAt({ approvalId, createdAt, judgement }: RequestRecord): number | null {
  return approvalId === null ? createdAt : timeIn(judgement.policyInput);
}

/**
 * Whether it was judged before this time, Unix milliseconds, by the clock of the database and by that of the gateway that judged it: of two of
 * which one was behind, the later one is right.
 */
export function wasJudgedBefore(request: RequestRecord, time: number): boolean {
  const judged = judgedAt(request);
  if (judged === null || judged > time || request.createdAt > time) return false;
  return (timeIn(request.judgement.policyInput) ?? judged) <= time;
}

function timeIn(policyInput: Uint8Array): number | null {
  const request = member(parsed(policyInput), 'request');
  const time = member(request, 'time_unix_ms');
  return typeof time === 'number' ? time : null;
}

function parsed(policyInput: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(policyInput));
  } catch {
    return null;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
