// Owns that the people of a quorum were there before: whoever has taken over one admin can make operators, and keys of those who are there.
import { GatewayError } from '../../core/errors.ts';
import type { Operator, Right } from '../../core/principal/principal.ts';

export interface Newcomers {
  /** Votes of different operators that it takes. */
  readonly quorum: number;
  /** How old an operator, and the key that it calls with, must be; 0: any. Milliseconds. */
  readonly newAdminWaitMs: number;
  /** What it votes by; absent: the role admin. */
  readonly rights?: readonly Right[];
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Throws VOTE_REFUSED. A quorum of one keeps nobody from anything. */
export function refuseNewcomer(
  by: Operator,
  { quorum, newAdminWaitMs, rights = ['role:admin'], now }: Newcomers,
): void {
  if (quorum < 2 || newAdminWaitMs === 0) return;
  const { id, since, gained } = by;
  const isNew = (time: number | undefined): time is number => time !== undefined && time + newAdminWaitMs > now();
  const newRight = rights.find((right) => isNew(gained?.[right]));
  if (since !== undefined && !isNew(since) && newRight === undefined) return;
  const from = (time: number | undefined): string =>
    time === undefined ? '' : ` from ${new Date(time + newAdminWaitMs).toISOString()}`;
  const why =
    newRight === undefined
      ? `with this key${from(since)}; an older key of the same operator votes now`
      : `by the ${newRight.replace(':', ' ')}${from(gained?.[newRight])}`;
  const hours = newAdminWaitMs / 3_600_000;
  throw new GatewayError(
    'VOTE_REFUSED',
    `the vote was not counted: votes of a new operator, by a new role or group, and with a new API key, count after ${hours} h ` +
      `(controls.new_admin_wait_hours), for ${id} ${why}`,
  );
}
