// Owns the `turnkey` signer: a key in Turnkey's enclaves, which sees whole transactions and has policies of its own.
import { cleanText } from '../../net/endpoint.ts';
import { remoteSigner } from '../remote-signer.ts';
import { unsignedFault, unsignedOf } from '../service-answer.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { type Activity, activityIn, awaitActivity } from './activity.ts';
import { TURNKEY } from './fault-meaning.ts';
import { createRequestTimes, type RequestTimes } from './request-times.ts';
import { type SigningRequest, signingRequest } from './signing-request.ts';
import { createTurnkeyApi, faultOf, type TurnkeyApi } from './turnkey-api.ts';
import { checkTurnkey } from './turnkey-check.ts';
import type { TurnkeyOptions } from './turnkey-options.ts';

/** @throws Error when the URL is none. */
export function createTurnkeySigner(options: TurnkeyOptions): Signer {
  const { name, address, url, apiPrivateKey, timeoutMs } = options;
  const api = createTurnkeyApi({ url, apiPrivateKey, timeoutMs });
  const organizationId = options.subOrganizationId ?? options.organizationId;
  const key = { address, signWith: options.signWith ?? address };
  const times = createRequestTimes();
  return remoteSigner({
    name,
    backend: 'turnkey',
    address,
    sign: async (messageBytes, context) => {
      const reading = signingRequest(key, messageBytes, context);
      if (reading.kind === 'unfit') return { kind: 'refused', reason: reading.reason };
      return submit({ api, organizationId, times }, reading.request, context);
    },
    check: (signal) => checkTurnkey(api, options, signal),
    close: () => {
      api.close();
    },
  });
}

interface Submission {
  readonly api: TurnkeyApi;
  readonly organizationId: string;
  readonly times: RequestTimes;
}

async function submit(
  { api, organizationId, times }: Submission,
  request: SigningRequest,
  { idempotencyKey, signal }: SignContext,
): Promise<SignResult> {
  const { path, type, parameters } = request;
  const timestampMs = String(times.of(idempotencyKey));
  const body = JSON.stringify({ type, timestampMs, organizationId, parameters });
  const answer = await api.post(path, body, signal);
  if (answer.kind !== 'answered') return unsignedOf(TURNKEY, answer);
  const expected = { organizationId, type };
  const activity = activityIn(answer.body, expected);
  if (activity === null) return maybeSigned('Turnkey answered something that is no activity for this request');
  const awaited = await awaitActivity(api, expected, activity, signal);
  if (awaited.kind === 'open') return { ...maybeSigned(awaited.reason), ...(awaited.isThrottled ? THROTTLED : {}) };
  const result = resultOf(awaited.activity, request);
  if (result.kind === 'unavailable' && !result.ambiguous) times.forget(idempotencyKey);
  return result;
}

const THROTTLED = { cause: 'throttled' } as const;

function maybeSigned(reason: string): Extract<SignResult, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, ambiguous: true };
}

function resultOf(activity: Activity, request: SigningRequest): SignResult {
  const { id, status } = activity;
  switch (status) {
    case 'ACTIVITY_STATUS_COMPLETED': {
      const own = request.signatureIn(activity);
      if (own.kind === 'found') return { kind: 'signed', signature: own.signature };
      return maybeSigned(`activity ${id} is completed, but ${own.reason}`);
    }
    case 'ACTIVITY_STATUS_FAILED':
      return failed(activity);
    case 'ACTIVITY_STATUS_REJECTED':
      return { kind: 'refused', reason: `activity ${id} was rejected by an approver at Turnkey` };
    case 'ACTIVITY_STATUS_CONSENSUS_NEEDED':
    case 'ACTIVITY_STATUS_AUTHENTICATORS_NEEDED':
      return {
        ...maybeSigned(
          `activity ${id} waits for approvals at Turnkey, and stays open there; the same request asks again`,
        ),
        cause: 'open',
      };
    default:
      return maybeSigned(`activity ${id} is in a state that is not known here`);
  }
}

/** It came to its end without a signature. */
function failed({ id, failure }: Activity): SignResult {
  const grpcCode = typeof failure === 'object' && failure !== null && 'code' in failure ? failure.code : undefined;
  const said = failure ?? { code: 2, message: 'it does not say why' };
  const fault = faultOf(said, statusOf(grpcCode), (text) => cleanText(text, []));
  return unsignedFault(TURNKEY, fault, { who: `activity ${id} failed at Turnkey`, mayHaveSigned: false });
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
