// Owns what becomes of a reservation in each state of its request, as the record settles it in SQL.
import { assertNever } from '../assert-never.ts';
import type { RequestState } from '../request/request-state.ts';
import type { Settlement } from './charge.ts';

/** `open`: nothing is decided yet, and it counts. */
export type Fate = 'open' | 'used' | 'given_back';

export function fateOf(state: RequestState, settlement: Settlement): Fate {
  switch (state) {
    case 'RECEIVED':
    case 'EVALUATED':
    case 'AWAITING_APPROVAL':
    case 'DENIED':
    case 'SIGNING':
    case 'SUBMITTED':
    case 'CONFIRMED':
      return 'open';
    case 'SIGNED':
    case 'INDETERMINATE':
      return settlement === 'signature' ? 'used' : 'open';
    case 'FINALIZED':
      return 'used';
    case 'FAILED':
      return settlement === 'landing' ? 'given_back' : 'used';
    case 'EXPIRED':
      return settlement === 'signature' ? 'used' : 'given_back';
    case 'SIGNING_FAILED':
      return 'given_back';
    default:
      return assertNever(state);
  }
}
