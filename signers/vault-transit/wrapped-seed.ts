// Owns how a seed is wrapped for Vault's import of keys: AES-256 key wrap with padding (RFC 5649), and its key by RSA-OAEP with SHA-256.
import { constants, createCipheriv, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';
import { privateKeyFromSeed } from '../ed25519-key.ts';

const AES_KEY_BYTES = 32;
/** Of RFC 5649: the alternative initial value without the length, which the cipher adds. */
const INITIAL_VALUE = Buffer.from('a65959a6', 'hex');
const LEAST_RSA_BITS = 2_048;

/** The key that the mount gives out, in PEM; `null`: it is none that a key may be trusted to. */
export function wrappingKeyOf(pem: string): KeyObject | null {
  try {
    const key = createPublicKey(pem);
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS ? key : null;
  } catch {
    return null;
  }
}

/** Base64. `seed`: 32 bytes, left as they are; what is made of them in between is wiped. */
export function wrapSeed(seed: Uint8Array, wrappingKey: KeyObject): string {
  const pkcs8 = privateKeyFromSeed(seed).export({ format: 'der', type: 'pkcs8' });
  const aesKey = randomBytes(AES_KEY_BYTES);
  try {
    const cipher = createCipheriv('id-aes256-wrap-pad', aesKey, INITIAL_VALUE);
    const wrapped = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    return Buffer.concat([publicEncrypt({ key: wrappingKey, ...padding }, aesKey), wrapped]).toString('base64');
  } finally {
    pkcs8.fill(0);
    aesKey.fill(0);
  }
}
