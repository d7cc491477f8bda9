// Owns the keystore format: one Ed25519 seed, sealed with AES-256-GCM under a key that scrypt makes from a passphrase.
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import * as z from 'zod';
import { KEY_BYTES } from '../ed25519-key.ts';
import { createDerivationRoom } from './derivation-room.ts';
import { KeystoreError } from './keystore-error.ts';

/** 128 MiB and about 0.3 s for each guess (OWASP's first choice for scrypt). */
export const DEFAULT_SCRYPT_N = 2 ** 17;
const LEAST_SCRYPT_N = 2 ** 14;
/** 1 GiB: a file must not make us take more. */
const GREATEST_SCRYPT_N = 2 ** 20;
const SCRYPT_R = 8;
const SCRYPT_P = 1;

const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A text of base64 that stands for so many bytes. */
function base64(bytes: number) {
  return z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((decoded) => decoded.length === bytes, { error: `must be ${bytes} bytes in base64` });
}

const scryptN = z
  .int()
  .min(LEAST_SCRYPT_N)
  .max(GREATEST_SCRYPT_N)
  .refine((n) => (n & (n - 1)) === 0, { error: 'must be a power of two' });

const keystoreSchema = z.strictObject({
  version: z.literal(1),
  /** Base58. Authenticated, so that a file cannot be passed off as another wallet's. */
  address: z.string().min(32).max(44),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    n: scryptN,
    r: z.literal(SCRYPT_R),
    p: z.literal(SCRYPT_P),
    salt: base64(SALT_BYTES),
  }),
  cipher: z.strictObject({
    name: z.literal('aes-256-gcm'),
    nonce: base64(NONCE_BYTES),
    ciphertext: base64(KEY_BYTES),
    tag: base64(TAG_BYTES),
  }),
});

export type Keystore = z.output<typeof keystoreSchema>;

/** For all keystores of this process: two at the default cost. There are four threads for this, for files and for names. */
const room = createDerivationRoom({ bytes: 256 * 2 ** 20, atOnce: 2 });

function deriveKey(passphrase: string, salt: Uint8Array, n: number): Promise<Buffer> {
  const bytes = 128 * n * SCRYPT_R;
  const limits = { N: n, r: SCRYPT_R, p: SCRYPT_P, maxmem: 2 * bytes };
  const derive = () =>
    new Promise<Buffer>((resolve, reject) => {
      // NFKC: the same characters typed on another keyboard must be the same passphrase.
      scrypt(passphrase.normalize('NFKC'), salt, 32, limits, (error, key) => (error ? reject(error) : resolve(key)));
    });
  return room.run(bytes, derive);
}

function authenticated(address: string, n: number): Buffer {
  return Buffer.from(`countersign.keystore.v1\0${address}\0${n}`);
}

/** `scryptN`: a power of two between 2^14 and 2^20. */
export async function sealSeed(
  seed: Uint8Array,
  address: string,
  passphrase: string,
  scryptCost: number,
): Promise<Keystore> {
  const n = scryptN.parse(scryptCost);
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const key = await deriveKey(passphrase, salt, n);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  key.fill(0);
  cipher.setAAD(authenticated(address, n));
  const ciphertext = Buffer.concat([cipher.update(seed), cipher.final()]);
  return {
    version: 1,
    address,
    kdf: { name: 'scrypt', n, r: SCRYPT_R, p: SCRYPT_P, salt },
    cipher: { name: 'aes-256-gcm', nonce, ciphertext, tag: cipher.getAuthTag() },
  };
}

/** The seed; the caller wipes it. `what`: as people know it, its path. Throws KeystoreError where the passphrase is wrong or it was changed. */
export async function unsealSeed(keystore: Keystore, passphrase: string, what: string): Promise<Buffer> {
  const { address, kdf, cipher } = keystore;
  const key = await deriveKey(passphrase, kdf.salt, kdf.n);
  const decipher = createDecipheriv('aes-256-gcm', key, cipher.nonce, { authTagLength: TAG_BYTES });
  key.fill(0);
  decipher.setAAD(authenticated(address, kdf.n));
  decipher.setAuthTag(cipher.tag);
  const seed = decipher.update(cipher.ciphertext);
  try {
    decipher.final();
    return seed;
  } catch {
    seed.fill(0);
    throw new KeystoreError(
      `the keystore ${what} does not open: its passphrase is another one, or it was changed`,
      'passphrase',
    );
  }
}

export function printKeystore({ version, address, kdf, cipher }: Keystore): string {
  const text = (bytes: Buffer) => bytes.toString('base64');
  const document = {
    version,
    address,
    kdf: { ...kdf, salt: text(kdf.salt) },
    cipher: { ...cipher, nonce: text(cipher.nonce), ciphertext: text(cipher.ciphertext), tag: text(cipher.tag) },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Throws KeystoreError with the first field that is not right. */
export function parseKeystore(text: string, path: string): Keystore {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Not the parser's own words: they quote the file, which may be a plain key that somebody put here.
    throw new KeystoreError(`${path} is no keystore: it is not JSON`);
  }
  if (Array.isArray(document)) {
    throw new KeystoreError(`${path} is a plain key, not a keystore: import it into one, then delete it`);
  }
  const parsed = keystoreSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new KeystoreError(`${path} is no keystore of version 1: ${where === '' ? 'the document' : where} is not right`);
}
