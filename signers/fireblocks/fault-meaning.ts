// Owns what a fault that Fireblocks reports means for a signature that was asked for (developers.fireblocks.com, API responses and error codes).
import type { CustodyService } from '../service-answer.ts';
import type { FireblocksFault } from './fireblocks-api.ts';

export type FaultMeaning =
  /** The request itself: it will not do this, now or later. Its policies speak by the status of a transaction. */
  | 'refusal'
  /** A transaction with this external id is there already. */
  | 'known'
  /** The private key: it signed nothing that the API user's certificate holds for. */
  | 'private key'
  /** The API key, or what its user may do. */
  | 'api key'
  /** The path that was asked for is not the one in the token: something between changed it. */
  | 'path'
  /** The clocks differ by more than a token lasts. */
  | 'clock'
  | 'no such vault account'
  | 'no such asset'
  /** Too many requests: nothing was done. */
  | 'closed'
  /** Fireblocks' own. A transaction may have come of the request. */
  | 'outage';

const MEANINGS: ReadonlyMap<number, FaultMeaning> = new Map([
  [-1, 'private key'],
  [-2, 'api key'],
  [-3, 'api key'],
  [-4, 'path'],
  [-5, 'api key'],
  [-6, 'api key'],
  [-7, 'api key'],
  [-8, 'api key'],
  [-10, 'clock'],
  [-12, 'clock'],
  [1004, 'no such vault account'],
  [1006, 'no such asset'],
  [1438, 'known'],
  [1503, 'no such asset'],
]);

/** What something else says in Fireblocks' place is no refusal. A fault of its own is one, whatever its code. */
export function meaningOf({ status, code, isFireblocks }: FireblocksFault): FaultMeaning {
  if (status === 429) return 'closed';
  if (!isFireblocks || status < 400 || status >= 500) return 'outage';
  return MEANINGS.get(code ?? 0) ?? meaningOfStatus(status);
}

export const FIREBLOCKS: CustodyService<FireblocksFault, FaultMeaning> = { name: 'Fireblocks', meaningOf };

function meaningOfStatus(status: number): FaultMeaning {
  switch (status) {
    case 401:
    case 403:
      return 'api key';
    case 404:
      return 'no such vault account';
    default:
      return 'refusal';
  }
}
