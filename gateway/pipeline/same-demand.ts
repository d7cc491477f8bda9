// Owns the question whether a new judgement is still the one that the approvers saw: same message, same effects, same demand.
import type { Judgement } from '../state/state.ts';
import { hex } from './digest.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export function sameDemand(seen: Judgement, now: Judgement): boolean {
  const before = seen.decision.verdict;
  const after = now.decision.verdict;
  if (before.kind !== 'require_approval' || after.kind !== 'require_approval') return false;
  return (
    hex(seen.intentDigest) === hex(now.intentDigest) &&
    JSON.stringify(before.approval) === JSON.stringify(after.approval) &&
    effectsText(seen.policyInput) === effectsText(now.policyInput)
  );
}

/** The effects as text, numbers as they were written: both documents are canonical, so equal effects are equal text. */
function effectsText(policyInput: Uint8Array): string {
  const document: unknown = JSON.parse(UTF8.decode(policyInput), exactNumber);
  if (typeof document !== 'object' || document === null || !('effects' in document)) {
    throw new Error('a recorded policy input has no effects');
  }
  return JSON.stringify(document.effects);
}

function exactNumber(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  return typeof value === 'number' ? { integer: context.source } : value;
}
