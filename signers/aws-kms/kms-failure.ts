// Owns what the errors of AWS KMS mean for a signature and for a check.
import { KMSServiceException } from '@aws-sdk/client-kms';
import { cleanText } from '../../net/endpoint.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { SignerCheck, SignResult } from '../signer.ts';
import { KmsCallLost } from './kms-transport.ts';

export interface KmsFailure {
  readonly kind: 'refused' | 'unavailable';
  readonly reason: string;
  /** A signature may have been made. */
  readonly ambiguous: boolean;
  /** Key of the configuration to look at; `null`: KMS is at fault. */
  readonly field: string | null;
  readonly retryAfterMs?: number;
  readonly cause?: 'throttled';
}

/** Where an error that AWS names leads. Those of its server are ambiguous, but for the ones that say they did nothing. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  // IAM, the key policy or a grant say no.
  ['AccessDeniedException', 'key_arn'],
  ['NotFoundException', 'key_arn'],
  ['DisabledException', 'key_arn'],
  ['KMSInvalidStateException', 'key_arn'],
  ['InvalidKeyUsageException', 'key_arn'],
  ['InvalidArnException', 'key_arn'],
  ['UnsupportedOperationException', 'key_arn'],
  ['ValidationException', 'key_arn'],
  ['MalformedPolicyDocumentException', 'key_policy_file'],
  ['TagException', 'tags'],
]);
const BAD_CREDENTIALS: ReadonlySet<string> = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'IncompleteSignatureException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'OptInRequired',
  'NotAuthorized',
]);
const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'LimitExceededException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
]);
/** KMS says that it rejected the call, though with status 500. */
const REJECTED_BY_SERVER: ReadonlySet<string> = new Set(['KeyUnavailableException']);
/** Quotas of KMS are per second, and it names no time itself. */
const THROTTLED_MS = 1_000;

export interface KmsScene {
  /** Names the service: `AWS KMS kms.eu-central-1.amazonaws.com`. */
  readonly about: string;
  /** Are not repeated: KMS quotes what it was signed over, a session token too. */
  readonly secrets: readonly string[];
  /** Key of the configuration for credentials that are not good. */
  readonly credentialsField: string;
}

export function failureOf(error: unknown, scene: KmsScene): KmsFailure {
  const { about } = scene;
  if (error instanceof KmsCallLost) {
    return { kind: 'unavailable', reason: `${about}: ${error.message}`, ambiguous: error.mayHaveArrived, field: null };
  }
  if (error instanceof KMSServiceException) return serviceFailure(error, scene);
  return { kind: 'unavailable', reason: `${about}: the answer makes no sense`, ambiguous: true, field: null };
}

function serviceFailure(error: KMSServiceException, { about, secrets, credentialsField }: KmsScene): KmsFailure {
  const { name, message, $metadata, $response } = error;
  const status = $metadata.httpStatusCode ?? 0;
  const reason = `${about}: ${cleanText(`${name}: ${message}`, secrets)}`;
  const unavailable = { kind: 'unavailable', reason, ambiguous: false, field: null } as const;
  if (THROTTLED.has(name) || status === 429) {
    const waitMs = retryAfterMs($response?.headers['retry-after'], Date.now()) ?? THROTTLED_MS;
    return { ...unavailable, cause: 'throttled', retryAfterMs: waitMs };
  }
  if (BAD_CREDENTIALS.has(name)) return { ...unavailable, field: credentialsField };
  if (status >= 500) return { ...unavailable, ambiguous: !REJECTED_BY_SERVER.has(name) };
  const field = REFUSED.get(name);
  if (field !== undefined && status >= 400) return { kind: 'refused', reason, ambiguous: false, field };
  // A success that cannot be read is none, and something may have been signed.
  return { ...unavailable, ambiguous: status < 400 };
}

export function signResultOf({ kind, field: _, ...failure }: KmsFailure): SignResult {
  return kind === 'refused' ? { kind, reason: failure.reason } : { kind, ...failure };
}

export function checkOf({ field, reason }: KmsFailure): SignerCheck {
  return { kind: 'failed', field, reason };
}
