// Owns the request whose signature was lost: its signer may have made one, none was given out, and whoever comes by it may use it. What it
// would use of limits counts until that is known not to happen.
import { ERROR_SPECS, type ErrorName, GatewayError } from '../core/errors.ts';
import { nextState } from '../core/request/request-state.ts';
import type { RequestAsk, RequestRecord } from '../state/contract/request-store.ts';
import { stepEntry } from './audit-entries.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** It cannot be decided before its lifetime is over; only one whose fee payer has signed can be seen earlier. */
const FIRST_LOOK_MS = 2_000;

export interface Lost {
  readonly requestId: string;
  readonly method: RequestAsk['method'];
  /** Base58 of the fee payer's signature, which names the transaction whatever the wallet's is; `null`: it has none yet. */
  readonly transactionSignature: string | null;
  readonly code: ErrorName;
  /** Why there is no signature, in one sentence without a secret. */
  readonly message: string;
}

/**
 * From SIGNING. The reservation stays. A message lands nowhere: nobody will ever know more of it, so it is not looked at again, and what it
 * charges counts as used.
 */
export async function recordLost(deps: Pick<PipelineDeps, 'state' | 'now'>, lost: Lost): Promise<void> {
  const { requestId, method, transactionSignature, code, message } = lost;
  await deps.state.requests.advance(
    {
      requestId,
      from: 'SIGNING',
      to: nextState('SIGNING', 'signing_unknown'),
      error: `${code}: ${message}`,
      ...(transactionSignature === null ? {} : { transactionSignature }),
      dueAt: method === 'sign_message' ? null : deps.now() + FIRST_LOOK_MS,
    },
    stepEntry('request.indeterminate', deps.now(), requestId, { code, message, signature_given_out: false }),
  );
}

/** Whether a signature of this request may exist, while none is recorded. */
export function isLost({ state, walletSignature }: RequestRecord): boolean {
  if (walletSignature !== null) return false;
  return state === 'INDETERMINATE' || state === 'CONFIRMED' || state === 'FINALIZED' || state === 'FAILED';
}

/** What the one who asked is told at once. */
export function lostNow({ requestId, method, code, message }: Lost): GatewayError {
  return new GatewayError(code, `${message}; ${mayExist(method)}`, { metadata: { request_id: requestId } });
}

/** What the one who asks again is told. */
export function lostEarlier(request: RequestRecord): GatewayError {
  const { code, message } = recordedError(request) ?? { code: 'SIGNING_UNKNOWN', message: LOST };
  const { requestId, state } = request;
  const metadata = { request_id: requestId, state };
  switch (state) {
    case 'EXPIRED':
      return new GatewayError(
        code === 'SIGNING_UNKNOWN' ? 'SIGNING_INTERRUPTED' : code,
        `${message}; it did not land and never can, and what was reserved for it is given back: ask again under a new key`,
        { metadata },
      );
    case 'CONFIRMED':
    case 'FINALIZED':
    case 'FAILED':
      return new GatewayError(
        'SIGNING_UNKNOWN',
        `${LOST}; somebody else sent the transaction, and it is ${state}: GetTransaction tells more`,
        { metadata },
      );
    default:
      return new GatewayError(code, `${message}; ${mayExist(request.ask.method)}`, { metadata });
  }
}

const LOST = 'the answer of the signer was lost';

function mayExist(method: RequestAsk['method']): string {
  const counts =
    method === 'sign_message'
      ? 'what it uses of budgets counts as used'
      : 'what it would use of budgets stays reserved until the chain shows what became of it';
  return `a signature may exist at the backend of the signer, none was given out; ${counts}`;
}

/** The error column of a request that was not signed holds `REASON: message`; `null`: it holds something else. */
export function recordedError({ error }: RequestRecord): { readonly code: ErrorName; readonly message: string } | null {
  const [name = '', ...rest] = (error ?? '').split(': ');
  return isErrorName(name) ? { code: name, message: rest.join(': ') } : null;
}

function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(ERROR_SPECS, name);
}
