// Owns the reading of what Cloud KMS answers: only what is whole by its checksums, and of the version that was asked, counts.
import * as z from 'zod';
import { cleanText } from '../../net/endpoint.ts';
import { base58FromBytes, publicKeyFromSpki, SIGNATURE_BYTES } from '../ed25519-key.ts';
import type { SignerCheck, SignResult } from '../signer.ts';
import { crc32c } from './crc32c.ts';

/** 64-bit integers are text in Google's JSON. */
const checksum = z.union([z.string().regex(/^\d{1,10}$/), z.int().min(0)]).transform(Number);

const signAnswer = z.object({
  name: z.string(),
  signature: z.base64(),
  signatureCrc32c: checksum,
  verifiedDataCrc32c: z.literal(true),
});

const publicKeyAnswer = z.object({ name: z.string(), algorithm: z.string(), pem: z.string(), pemCrc32c: checksum });

export interface ExpectedVersion {
  /** Names the service, for reasons. */
  readonly about: string;
  /** Resource name of the version. */
  readonly keyVersion: string;
}

/** Of the answer to `asymmetricSign`. */
export function signatureIn(body: unknown, { about, keyVersion }: ExpectedVersion): SignResult {
  const unavailable = (reason: string): SignResult => ({
    kind: 'unavailable',
    reason: `${about}: ${reason}`,
    ambiguous: true,
  });
  const parsed = signAnswer.safeParse(body);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.');
    return unavailable(`the answer to a call for a signature has no right ${at === '' ? 'form' : at}`);
  }
  const { name, signature: base64, signatureCrc32c } = parsed.data;
  const signature = new Uint8Array(Buffer.from(base64, 'base64'));
  if (crc32c(signature) !== signatureCrc32c) return unavailable('the signature changed on the way (signatureCrc32c)');
  if (name !== keyVersion) return unavailable('it signed with another version of the key than it was asked to');
  if (signature.length !== SIGNATURE_BYTES) return unavailable('it answered without an Ed25519 signature');
  return { kind: 'signed', signature };
}

type FoundAddress =
  /** Base58. */
  { readonly kind: 'address'; readonly address: string } | Extract<SignerCheck, { readonly kind: 'failed' }>;

/** Of the answer to `getPublicKey`. */
export function addressIn(body: unknown, { about, keyVersion }: ExpectedVersion): FoundAddress {
  const failed = (field: string | null, reason: string): FoundAddress => ({
    kind: 'failed',
    field,
    reason: `${about}: ${reason}`,
  });
  const parsed = publicKeyAnswer.safeParse(body);
  if (!parsed.success) return failed(null, 'it described the public key in a way that makes no sense');
  const { name, algorithm, pem, pemCrc32c } = parsed.data;
  if (crc32c(Buffer.from(pem)) !== pemCrc32c) return failed(null, 'the public key changed on the way (pemCrc32c)');
  if (name !== keyVersion) return failed('key_version', 'it described another version than it was asked for');
  if (algorithm !== 'EC_SIGN_ED25519') {
    return failed('key_version', `the version is for ${cleanText(algorithm, [])}, not EC_SIGN_ED25519`);
  }
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const bytes = publicKeyFromSpki(der);
  if (bytes === null) return failed('address', 'the version has the address of no Ed25519 key');
  return { kind: 'address', address: base58FromBytes(bytes) };
}

/** Of the answer to `getPublicKey`, against the address in base58. */
export function compare(body: unknown, expected: ExpectedVersion, address: string): SignerCheck {
  const found = addressIn(body, expected);
  if (found.kind === 'failed') return found;
  if (found.address === address) return { kind: 'ready', detail: 'EC_SIGN_ED25519, may sign' };
  const reason = `${expected.about}: the version has the address ${found.address}`;
  return { kind: 'failed', field: 'address', reason };
}
