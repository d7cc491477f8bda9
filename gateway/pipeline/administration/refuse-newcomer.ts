// Owns that the people of a quorum were there before: whoever has taken over one admin can make operators, and keys of those who are there.
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';

export interface Newcomers {
  /** Votes of different operators that it takes. */
  readonly quorum: number;
  /** How old an operator, and the key that it calls with, must be; 0: any. Milliseconds. */
  readonly newAdminWaitMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Throws VOTE_REFUSED. A quorum of one keeps nobody from anything. */
export function refuseNewcomer(by: Operator, { quorum, newAdminWaitMs, now }: Newcomers): void {
  if (quorum < 2 || newAdminWaitMs === 0) return;
  const from = by.since === undefined ? null : by.since + newAdminWaitMs;
  if (from !== null && from <= now()) return;
  const hours = newAdminWaitMs / 3_600_000;
  const when = from === null ? '' : `, for ${by.id} with this key from ${new Date(from).toISOString()}`;
  throw new GatewayError(
    'VOTE_REFUSED',
    `the vote was not counted: votes of a new operator, and with a new API key, count after ${hours} h ` +
      `(controls.new_admin_wait_hours)${when}; an older key of the same operator votes now`,
  );
}
