// Owns the `turnkey` signer: a key in Turnkey's enclaves, which sees whole transactions and has policies of its own.
import { remoteSigner } from '../remote-signer.ts';
import { unsignedFault, unsignedOf } from '../service-answer.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';
import { type Activity, performActivity } from './activity.ts';
import { failureOf } from './activity-failure.ts';
import { TURNKEY } from './fault-meaning.ts';
import { createRequestTimes, type RequestTimes } from './request-times.ts';
import { type SigningRequest, signingRequest } from './signing-request.ts';
import { createTurnkeyApi, type TurnkeyApi } from './turnkey-api.ts';
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
  const timestampMs = times.of(idempotencyKey);
  const awaited = await performActivity(api, { path, type, timestampMs, organizationId, parameters }, signal);
  if (awaited.kind === 'unanswered') return unsignedOf(TURNKEY, awaited.answer);
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
      return unsignedFault(TURNKEY, failureOf(activity), {
        who: `activity ${id} failed at Turnkey`,
        mayHaveSigned: false,
      });
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
