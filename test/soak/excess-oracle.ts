// Owns the check of a limit that people may let something exceed: what nobody let through fits beside all that was let through before.
import { approvedIntents } from './approval-oracle.ts';
import type { Evidence } from './evidence.ts';
import type { SoakLimit } from './limits.ts';
import { landingsOf } from './uses.ts';

interface ExcessUse {
  /** Of the intent, in the audit chain. */
  readonly sequence: bigint;
  /** Milliseconds, of the landing. */
  readonly time: number;
  readonly amount: bigint;
  readonly isApproved: boolean;
}

/**
 * What was let through before, and landed within the window, or later, was counted when the rest was reserved: an intent that nobody
 * approved had room beside it. What landed later than it, but was reserved before, counts too.
 */
export function checkExcess(limit: SoakLimit, evidence: Evidence): readonly string[] {
  if (limit.window.kind !== 'rolling') throw new Error(`${limit.budget}: only rolling windows may be exceeded here`);
  const milliseconds = limit.window.seconds * 1000;
  const uses = excessUses(limit, evidence);
  return uses
    .filter(({ isApproved }) => !isApproved)
    .flatMap((use) => {
      const counted = uses.filter(({ sequence, time }) => sequence <= use.sequence && time > use.time - milliseconds);
      const total = counted.reduce((sum, { amount }) => sum + amount, 0n);
      return total <= limit.max
        ? []
        : [
            `${limit.budget}: ${total} within one window when ${use.amount} was signed unasked, and ${limit.max} is the most`,
          ];
    });
}

function excessUses(limit: SoakLimit, evidence: Evidence): readonly ExcessUse[] {
  const approved = approvedIntents(evidence);
  const requestOf = new Map(evidence.signatures.map(({ signature, requestId }) => [signature, requestId]));
  const intentOf = new Map(evidence.trail.intents.map((intent) => [intent.requestId, intent]));
  return landingsOf(limit, evidence).flatMap(({ signature, time, lamports }) => {
    const intent = intentOf.get(requestOf.get(signature) ?? '');
    if (intent === undefined) return [];
    const { sequence } = intent;
    return [{ sequence, time, amount: lamports, isApproved: approved.has(sequence) }];
  });
}
