// Owns that the people of a quorum were there before: whoever has taken over one admin can make operators, and keys of those who are there.
import { GatewayError } from '../../core/errors.ts';
import { newnessOf } from '../../core/principal/newness.ts';
import type { Operator, Right } from '../../core/principal/principal.ts';

export interface Newcomers {
  /** Votes of different operators that it takes. */
  readonly quorum: number;
  /** How old an operator, and the key that it calls with, must be; 0: any. Milliseconds. */
  readonly newAdminWaitMs: number;
  /** What it votes by; absent: the role admin. */
  readonly rights?: readonly Right[];
  /** Unix milliseconds by the database's clock, as those that operators, keys and rights are dated by. */
  readonly databaseTime: () => Promise<number>;
}

/** Throws VOTE_REFUSED, STORE_UNAVAILABLE. A quorum of one keeps nobody from anything. */
export async function refuseNewcomer(
  by: Operator,
  { quorum, newAdminWaitMs, rights = ['role:admin'], databaseTime }: Newcomers,
): Promise<void> {
  if (quorum < 2 || newAdminWaitMs === 0) return;
  const newness = newnessOf(by, rights, newAdminWaitMs, await databaseTime());
  if (newness === null) return;
  const from = newness.until === null ? '' : ` from ${new Date(newness.until).toISOString()}`;
  const why =
    newness.by === 'key'
      ? `with this key${from}; an older key of the same operator votes now`
      : `by the ${newness.by.replace(':', ' ')}${from}`;
  const hours = newAdminWaitMs / 3_600_000;
  throw new GatewayError(
    'VOTE_REFUSED',
    `the vote was not counted: votes of a new operator, by a new role or group, and with a new API key, count after ${hours} h ` +
      `(controls.new_admin_wait_hours), for ${by.id} ${why}`,
  );
}
