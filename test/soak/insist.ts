// Owns calls to the control plane that are made until they are answered, at another gateway each time.
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import type { SeededRandom } from '../differential/seeded-random.ts';
import type { OperatorId } from './crew.ts';
import type { Fleet } from './fleet.ts';

/** Bounds a run in which something hangs; far more than any disturbance lasts. */
const GIVE_UP_MS = 180_000;
const CALL_MS = 10_000;

export interface Insisting {
  readonly fleet: Fleet;
  readonly random: SeededRandom;
}

type Call<T> = (connection: Connection, options: { readonly deadlineMs: number }) => Promise<T>;

/** Throws a fault that calling again cannot change, and the last one when all take too long. */
export async function insist<T>({ fleet, random }: Insisting, operator: OperatorId, call: Call<T>): Promise<T> {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await call(fleet.control(random, operator), { deadlineMs: CALL_MS });
    } catch (error) {
      if (!(error instanceof GatewayFault) || error.retry === 'never' || performance.now() > until) throw error;
      await delay(10 + random.below(60));
    }
  }
}
