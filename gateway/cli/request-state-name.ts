// Owns what the state of a request is called on the terminal.
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';

export function requestStateName(state: RequestState): string {
  const name = Object.entries(RequestState).find(([, value]) => value === state)?.[0];
  return name ?? `unknown state ${String(state)}`;
}
