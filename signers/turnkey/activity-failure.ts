// Owns what is read out of an activity that failed: the fault that Turnkey reports in it.
import { cleanText } from '../../net/endpoint.ts';
import type { Activity } from './activity.ts';
import { faultOf, type TurnkeyFault } from './turnkey-api.ts';

/** It came to its end, and nothing was done. */
export function failureOf({ failure }: Activity): TurnkeyFault {
  const grpcCode = typeof failure === 'object' && failure !== null && 'code' in failure ? failure.code : undefined;
  const said = failure ?? { code: 2, message: 'it does not say why' };
  return faultOf(said, statusOf(grpcCode), (text) => cleanText(text, []));
}

/** As Turnkey's gateway turns gRPC codes into HTTP statuses. */
function statusOf(grpcCode: unknown): number {
  switch (grpcCode) {
    case 3:
    case 9:
    case 11:
    case 12:
      return 400;
    case 5:
      return 404;
    case 7:
      return 403;
    case 8:
      return 429;
    case 16:
      return 401;
    default:
      return 500;
  }
}
