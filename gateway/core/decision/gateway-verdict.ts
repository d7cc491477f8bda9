// Owns what a verdict of the gateway says of the policy's own that it takes the place of, so that the policy can be replayed.
import { canonicalJson } from '../canonical-json.ts';
import { sha256 } from '../sha256.ts';
import type { Verdict } from './decision.ts';
import { verdictJson } from './verdict-json.ts';

const FACT = 'policy_verdict_sha256';

/** The gateway's verdict, whose own reasons name the policy's by its SHA-256. */
export function instead(of: Verdict, verdict: Verdict): Verdict {
  const policy = replacedVerdict(of) ?? verdictSha256(of);
  return {
    ...verdict,
    reasons: verdict.reasons.map((reason) =>
      reason.rule === 'gateway' ? { ...reason, facts: { ...reason.facts, [FACT]: policy } } : reason,
    ),
  };
}

/** SHA-256, hex, of the policy's verdict that the gateway's took the place of; `null`: it is the policy's own. */
export function replacedVerdict({ reasons }: Verdict): string | null {
  return reasons.find(({ rule, facts }) => rule === 'gateway' && FACT in facts)?.facts[FACT] ?? null;
}

/** Hex, of the canonical decision document. */
export function verdictSha256(verdict: Verdict): string {
  return Array.from(sha256(new TextEncoder().encode(canonicalJson(verdictJson(verdict)))), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
