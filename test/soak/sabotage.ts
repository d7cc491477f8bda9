// Owns the proofs that the soak can fail: reservations are forgotten, freezes lifted or votes invented behind the gateways' back, or all
// nodes tell the same lie.
import { setTimeout as delay } from 'node:timers/promises';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { DESK } from './crew.ts';
import type { SoakPostgres } from './postgres.ts';

/** What can be broken in a run; the first is also called `1`. */
const OF = { stores: ['books', 'freezes', 'votes'], relaying: ['lies'] } as const;

export type Sabotage = (typeof OF)[keyof typeof OF][number];

const EVERY_MS = 50;

// All lock in the gateways' own order, so that what they break is the promise and nothing else.
const STATEMENTS: { readonly [S in Exclude<Sabotage, 'lies'>]: string } = {
  books: `SELECT FROM budgets ORDER BY budget_id FOR UPDATE;
    DELETE FROM reservations;
    UPDATE budgets SET reserved = 0`,
  freezes: `LOCK TABLE controls IN EXCLUSIVE MODE;
    UPDATE controls SET version = version + 1 WHERE EXISTS (SELECT FROM freezes WHERE lifted_at_ms IS NULL);
    UPDATE freezes SET lifted_by = frozen_by, lifted_at_ms = clock_ms() WHERE lifted_at_ms IS NULL`,
  votes: `CREATE TEMPORARY TABLE open ON COMMIT DROP AS SELECT request_id, approval_id FROM requests r
      WHERE state = 'AWAITING_APPROVAL' AND EXISTS (
        SELECT FROM approvals a WHERE a.approval_id = r.approval_id AND a.state = 'PENDING')
      ORDER BY request_id FOR UPDATE;
    UPDATE approvals SET state = 'APPROVED' WHERE approval_id IN (SELECT approval_id FROM open);
    INSERT INTO votes (approval_id, approver_id, approve, comment, time_ms)
      SELECT approval_id, approver_id, true, '', clock_ms()
      FROM open, unnest(ARRAY['${DESK.members.join("','")}']) AS approver_id ON CONFLICT DO NOTHING;
    UPDATE requests SET due_at_ms = clock_ms(), revision = revision + 1 WHERE request_id IN (SELECT request_id FROM open)`,
};

/** Throws for what cannot be broken in such a run. */
export function sabotageNamed(name: string, subject: keyof typeof OF): Sabotage {
  const found = OF[subject].find((each, at) => each === name || (at === 0 && name === '1'));
  if (found === undefined) throw new Error(`SABOTAGE must be 1 or one of ${OF[subject].join(', ')}, and is ${name}`);
  return found;
}

/** Returns how to end it. Lies begin later: see {@link letAllLie}. */
export function startSabotage(postgres: SoakPostgres, sabotage: Sabotage | null): () => Promise<void> {
  if (sabotage === null || sabotage === 'lies') return async () => undefined;
  const statement = `BEGIN; ${STATEMENTS[sabotage]}; COMMIT`;
  const stopping = new AbortController();
  const working = (async () => {
    while (!stopping.signal.aborted) {
      // Postgres may be away.
      await postgres.query(statement).catch(() => undefined);
      await delay(EVERY_MS);
    }
  })();
  return async () => {
    stopping.abort();
    await working;
  };
}

/** No gateway can find out then: what has just landed is called dead. */
export async function letAllLie(nodes: readonly string[]): Promise<void> {
  await Promise.all(nodes.map((url) => rawCall(url, 'localnet_setFault', [{ kind: 'denyStatus' }])));
}
