// Owns what the answers of Vault to a call for a signature mean.
import * as z from 'zod';
import { SIGNATURE_BYTES } from '../ed25519-key.ts';
import type { SignResult } from '../signer.ts';
import type { VaultAnswer } from './vault-http.ts';
import type { SessionAnswer } from './vault-session.ts';

const signAnswer = z.object({ data: z.object({ signature: z.string().max(1024) }) });

/** `vault:v<version>:<base64>`, for Ed25519 of 64 bytes. */
const SIGNATURE = /^vault:v([1-9]\d{0,8}):([A-Za-z0-9+/]{86}==)$/;

/** `host` is named in reasons; `keyVersion` is the only one whose signature counts. */
export function signResultOf(answer: SessionAnswer, host: string, keyVersion: number): SignResult {
  switch (answer.kind) {
    case 'answered':
      return signatureIn(answer.body, host, keyVersion);
    case 'forbidden':
      return {
        kind: 'refused',
        reason: `${answer.reason}; the policy of the token does not allow to sign with this key`,
      };
    case 'no token': {
      const { kind: _, field: __, ...noToken } = answer;
      return { kind: 'unavailable', ambiguous: false, ...noToken };
    }
    case 'lost':
      return unavailable(answer.reason, answer.mayHaveArrived);
    case 'error':
      return errorResult(answer);
  }
}

function signatureIn(body: unknown, host: string, keyVersion: number): SignResult {
  const parsed = signAnswer.safeParse(body);
  const [, version, base64] = parsed.success ? (SIGNATURE.exec(parsed.data.data.signature) ?? []) : [];
  const signature = base64 === undefined ? null : new Uint8Array(Buffer.from(base64, 'base64'));
  if (signature?.length !== SIGNATURE_BYTES) {
    return unavailable(`Vault ${host}: it answered without an Ed25519 signature`, true);
  }
  if (Number(version) === keyVersion) return { kind: 'signed', signature };
  return unavailable(`Vault ${host}: it signed with version ${version} of the key instead of ${keyVersion}`, true);
}

/** 400: Vault says what is wrong with the request or the key, and the same request again is as wrong. */
const REFUSED_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);

function errorResult({
  status,
  reason,
  errors,
  retryAfterMs,
}: Extract<VaultAnswer, { readonly kind: 'error' }>): SignResult {
  if (REFUSED_STATUSES.has(status) && errors !== null) return { kind: 'refused', reason };
  if (status < 400) {
    return unavailable(
      `${reason}: it sends callers elsewhere, as a standby does; url must name one that answers`,
      false,
    );
  }
  // Sealed or without an active node: Vault itself says that it did nothing. A load balancer may say 503 of what it has passed on.
  const isUntouched = status < 500 || (status === 503 && errors !== null);
  return {
    ...unavailable(reason, !isUntouched),
    ...(status === 429 ? { cause: 'throttled' } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function unavailable(reason: string, ambiguous: boolean): Extract<SignResult, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, ambiguous };
}
