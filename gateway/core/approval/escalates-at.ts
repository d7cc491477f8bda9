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

/** Its time has come, and it has not done so yet. */
export function escalatesNow(
  approval: Parameters<typeof escalatesAt>[0] & {
    readonly escalatedAt: number | null;
    /** Unix milliseconds. */
    readonly readAt: number;
  },
): boolean {
  const due = escalatesAt(approval);
  return approval.escalatedAt === null && due !== null && approval.readAt >= due;
}
