// Owns what a fault that Turnkey reports means for a signature that was asked for (docs.turnkey.com, Errors).
import type { CustodyService } from '../service-answer.ts';
import type { TurnkeyFault } from './turnkey-api.ts';

export type FaultMeaning =
  /** Its policies, or the transaction itself: it will not sign this, now or later. */
  | 'refusal'
  /** The API key. */
  | 'credentials'
  /** The organization that the request is for. */
  | 'organization'
  /** There is no key there to sign with. */
  | 'no such key'
  /** Too many requests, a used up quota, or an API that is switched off: nothing was done. */
  | 'closed'
  /** Turnkey's own. */
  | 'outage';

const MEANINGS: ReadonlyMap<string, FaultMeaning> = new Map([
  ['REQUEST_NOT_AUTHORIZED', 'refusal'],
  ['REQUEST_INVALID', 'refusal'],
  ['INVALID_TRANSACTION', 'refusal'],
  ['UNSUPPORTED_TRANSACTION_TYPE', 'refusal'],
  ['PUBLIC_KEY_NOT_FOUND', 'credentials'],
  ['SIGNATURE_MISSING', 'credentials'],
  ['SIGNATURE_INVALID', 'credentials'],
  ['CREDENTIAL_NOT_FOUND', 'credentials'],
  ['CREDENTIAL_CONFLICT', 'credentials'],
  ['API_KEY_EXPIRED', 'credentials'],
  ['UNAUTHENTICATED', 'credentials'],
  ['FORBIDDEN', 'credentials'],
  ['ORGANIZATION_NOT_FOUND', 'organization'],
  ['ORGANIZATION_MISMATCH', 'organization'],
  ['INVALID_ORGANIZATION_ID', 'organization'],
  ['INVALID_ACTIVITY_CALLER', 'organization'],
  ['RATE_LIMIT_EXCEEDED', 'closed'],
  ['SIGNING_QUOTA_EXCEEDED', 'closed'],
  ['API_OPERATIONS_DISABLED', 'closed'],
  ['INTERNAL', 'outage'],
]);

/** Not every fault has a code yet, by Turnkey's own words: the status says the rest. What something else says is no refusal. */
export function meaningOf({ status, code, isTurnkeys }: TurnkeyFault): FaultMeaning {
  const meaning = MEANINGS.get(code ?? '') ?? meaningOfStatus(status);
  return isTurnkeys || meaning === 'closed' ? meaning : 'outage';
}

export const TURNKEY: CustodyService<TurnkeyFault, FaultMeaning> = { name: 'Turnkey', meaningOf };

function meaningOfStatus(status: number): FaultMeaning {
  switch (status) {
    case 400:
    case 403:
    case 422:
      return 'refusal';
    case 401:
      return 'credentials';
    case 404:
      return 'no such key';
    case 429:
      return 'closed';
    default:
      return 'outage';
  }
}
