// Owns the `gcp-kms` signer: one version of an Ed25519 key in Google Cloud KMS, with checksums both ways.
import * as z from 'zod';
import type { SecretSource } from '../../net/secret-source.ts';
import { remoteSigner } from '../remote-signer.ts';
import type { Signer, SignerCheck, SignResult } from '../signer.ts';
import { crc32c } from './crc32c.ts';
import { createGoogleCredentials } from './google-credentials.ts';
import { compare, signatureIn } from './kms-answers.ts';
import { createKmsHttp, type KmsAnswer, type KmsFailure, type KmsHttp } from './kms-http.ts';

export interface GcpKmsKey {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/<number>`. */
  readonly keyVersion: string;
}

export interface GcpKmsAccount {
  /** Absolute URL. */
  readonly endpoint: string;
  /** JSON of a service account's key; `null`: Application Default Credentials. */
  readonly keyFile: SecretSource | null;
  /** For one call, connection included. */
  readonly timeoutMs: number;
}

export type GcpKmsOptions = GcpKmsKey & GcpKmsAccount;

const USE_TO_SIGN = 'cloudkms.cryptoKeyVersions.useToSign';
const permissionsAnswer = z.object({ permissions: z.array(z.string()).default([]) });

/** Calls nothing yet: what does not work is shown by `check`. @throws Error when the URL is none. */
export function createGcpKmsSigner(options: GcpKmsOptions): Signer {
  return gcpKmsSignerOf(options, openGcpAccount(options));
}

/** Calls nothing yet. @throws Error when the URL is none. */
export function openGcpAccount({ endpoint, keyFile, timeoutMs }: GcpKmsAccount): KmsHttp {
  return createKmsHttp(endpoint, timeoutMs, createGoogleCredentials(keyFile));
}

/** `http` is closed with the signer. */
export function gcpKmsSignerOf({ name, address, keyVersion }: GcpKmsKey, http: KmsHttp): Signer {
  const expected = { about: http.about, keyVersion };
  return remoteSigner({
    name,
    backend: 'gcp-kms',
    address,
    sign: async (messageBytes, context) => {
      const bytes = Buffer.from(messageBytes);
      const body = { data: bytes.toString('base64'), dataCrc32c: String(crc32c(bytes)) };
      const answer = await http.call(`${keyVersion}:asymmetricSign`, body, context.signal);
      return answer.kind === 'answered' ? signatureIn(answer.body, expected) : signResultOf(answer.failure);
    },
    check: async (signal) => {
      const described = await http.call(`${keyVersion}/publicKey`, null, signal);
      if (described.kind === 'failed') return checkOf(described.failure);
      const compared = compare(described.body, expected, address);
      if (compared.kind === 'failed') return compared;
      // A right of the whole key; it is asked for without needing one.
      const key = keyVersion.replace(/\/cryptoKeyVersions\/\d+$/, '');
      const allowed = await http.call(`${key}:testIamPermissions`, { permissions: [USE_TO_SIGN] }, signal);
      return maySign(allowed) ? compared : unsignable(http.about);
    },
    close: () => {
      http.close();
    },
  });
}

function signResultOf({ kind, field: _, ...failure }: KmsFailure): SignResult {
  return kind === 'refused' ? { kind, reason: failure.reason } : { kind, ...failure };
}

function checkOf({ field, reason }: KmsFailure): SignerCheck {
  return { kind: 'failed', field, reason };
}

/** Whether IAM lets the caller sign, as far as Cloud KMS says. */
function maySign(answer: KmsAnswer): boolean {
  const parsed = answer.kind === 'answered' ? permissionsAnswer.safeParse(answer.body) : null;
  return parsed?.success !== true || parsed.data.permissions.includes(USE_TO_SIGN);
}

function unsignable(about: string): SignerCheck {
  return { kind: 'failed', field: 'key_version', reason: `${about}: the caller lacks ${USE_TO_SIGN} on the key` };
}
