// Owns when an approval escalates.
import type { ApprovalRequirement } from '../decision/decision.ts';

/** Unix milliseconds, if nobody decides before; `null`: it does not. */
export function escalatesAt({
  requirement: { escalation, timeoutSeconds },
  expiresAt,
}: {
  readonly requirement: ApprovalRequirement;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}): number | null {
  return escalation === undefined ? null : expiresAt - (timeoutSeconds - escalation.afterSeconds) * 1000;
}
