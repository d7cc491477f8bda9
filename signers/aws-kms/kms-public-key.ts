// Owns the reading of the public key that AWS KMS tells: only one of an Ed25519 key that signs counts.
import type { GetPublicKeyCommandOutput } from '@aws-sdk/client-kms';
import { cleanText } from '../../net/endpoint.ts';
import { base58FromBytes, publicKeyFromSpki } from '../ed25519-key.ts';
import type { SignerCheck } from '../signer.ts';

type FoundAddress =
  /** Base58. */
  { readonly kind: 'address'; readonly address: string } | Extract<SignerCheck, { readonly kind: 'failed' }>;

/** `about`: names the service, for reasons. */
export function addressIn({ KeySpec, KeyUsage, PublicKey }: GetPublicKeyCommandOutput, about: string): FoundAddress {
  if (KeySpec !== 'ECC_NIST_EDWARDS25519' || KeyUsage !== 'SIGN_VERIFY') {
    const there = cleanText(`${KeySpec} for ${KeyUsage}`, []);
    const reason = `${about}: the key is ${there}, not ECC_NIST_EDWARDS25519 for SIGN_VERIFY`;
    return { kind: 'failed', field: 'key_arn', reason };
  }
  const bytes = PublicKey === undefined ? null : publicKeyFromSpki(PublicKey);
  if (bytes !== null) return { kind: 'address', address: base58FromBytes(bytes) };
  return { kind: 'failed', field: 'address', reason: `${about}: the key has the address of no Ed25519 key` };
}
