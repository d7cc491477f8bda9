// Owns the proofs that the soak can fail: reservations are forgotten behind the gateways' back, or all nodes tell the same lie.
import { setTimeout as delay } from 'node:timers/promises';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import type { SoakPostgres } from './postgres.ts';

const EVERY_MS = 50;

// Locks in the gateways' own order, so that what it breaks is the count and nothing else.
const FORGET = `BEGIN;
SELECT FROM budgets ORDER BY budget_id FOR UPDATE;
DELETE FROM reservations;
UPDATE budgets SET reserved = 0;
COMMIT`;

/** Returns how to end it. */
export function startSabotage(postgres: SoakPostgres): () => Promise<void> {
  const stopping = new AbortController();
  const working = (async () => {
    while (!stopping.signal.aborted) {
      // Postgres may be away.
      await postgres.query(FORGET).catch(() => undefined);
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
