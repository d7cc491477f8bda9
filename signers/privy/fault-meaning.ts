// Owns what a fault that Privy reports means for a signature that was asked for (docs.privy.io, API error codes).
import type { CustodyService } from '../service-answer.ts';
import type { PrivyFault } from './privy-api.ts';

export type FaultMeaning =
  /** A policy, or the transaction itself: it will not sign this, now or later. */
  | 'refusal'
  /** The app's id or secret. */
  | 'credentials'
  /** The authorization key: missing, another one, or too few of them. */
  | 'authorization'
  | 'no such wallet'
  /** Too many requests: nothing was done. */
  | 'closed'
  /** Privy's own, or the same request is at work there already. */
  | 'outage';

const MEANINGS: ReadonlyMap<string, FaultMeaning> = new Map([
  ['policy_violation', 'refusal'],
  ['missing_or_empty_authorization_header', 'authorization'],
  ['zero_correct_authorization_signatures', 'authorization'],
  ['insufficient_correct_authorization_signatures', 'authorization'],
  ['incorrect_quantity_of_authorization_signatures', 'authorization'],
  ['no_valid_user_session_keys', 'authorization'],
  ['user_session_keys_expired', 'authorization'],
]);

/** Most faults have no code: the status says the rest. What something else says is no refusal. */
export function meaningOf({ status, code, isPrivys }: PrivyFault): FaultMeaning {
  const meaning = MEANINGS.get(code ?? '') ?? meaningOfStatus(status);
  return isPrivys || meaning === 'closed' ? meaning : 'outage';
}

export const PRIVY: CustodyService<PrivyFault, FaultMeaning> = { name: 'Privy', meaningOf };

function meaningOfStatus(status: number): FaultMeaning {
  switch (status) {
    case 400:
    case 422:
      return 'refusal';
    case 401:
    case 403:
      return 'credentials';
    case 404:
      return 'no such wallet';
    case 429:
      return 'closed';
    default:
      return 'outage';
  }
}
