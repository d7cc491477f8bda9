import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from './ed25519-key.ts';
import { verifySignature } from './verify.ts';

const message = Buffer.from('what was judged');

function newKey(): { readonly key: KeyObject; readonly address: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, address: base58FromBytes(publicKeyBytes(privateKey)) };
}

/** The order of the group. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The neutral point, of order 1. */
const IDENTITY = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

function withOrderAdded(signature: Uint8Array): Uint8Array {
  return Buffer.concat([signature.subarray(0, 32), littleEndian(fromLittleEndian(signature.subarray(32)) + ORDER)]);
}

/** A secret scalar as RFC 8032 derives it from a seed, and its public key. */
function newScalar(): { readonly scalar: bigint; readonly publicKey: Uint8Array } {
  const seed = randomBytes(32);
  const half = createHash('sha512').update(seed).digest().subarray(0, 32);
  half[0] = (half[0] ?? 0) & 248;
  half[31] = ((half[31] ?? 0) & 127) | 64;
  return { scalar: fromLittleEndian(half), publicKey: publicKeyBytes(privateKeyFromSeed(seed)) };
}

describe('verifySignature', () => {
  const { key, address } = newKey();
  const signature = sign(null, message, key);

  it('accepts the signature of the key over the very bytes', async () => {
    expect(await verifySignature({ address, messageBytes: message, signature })).toBe(true);
  });

  it('refuses every signature with one bit changed', async () => {
    for (let bit = 0; bit < 512; bit += 1) {
      const changed = Buffer.from(signature);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await verifySignature({ address, messageBytes: message, signature: changed })).toBe(false);
    }
  });

  it('refuses another message, also one that only has a byte more', async () => {
    expect(await verifySignature({ address, messageBytes: Buffer.concat([message, Buffer.of(0)]), signature })).toBe(
      false,
    );
    expect(await verifySignature({ address, messageBytes: message.subarray(1), signature })).toBe(false);
    expect(await verifySignature({ address, messageBytes: new Uint8Array(), signature })).toBe(false);
  });

  it('refuses the signature of another key', async () => {
    expect(await verifySignature({ address: newKey().address, messageBytes: message, signature })).toBe(false);
  });

  it('refuses a signature that is not 64 bytes long', async () => {
    for (const wrong of [new Uint8Array(), signature.subarray(0, 63), Buffer.concat([signature, Buffer.of(0)])]) {
      expect(await verifySignature({ address, messageBytes: message, signature: wrong })).toBe(false);
    }
  });

  it('refuses the same signature with the group order added to S', async () => {
    expect(await verifySignature({ address, messageBytes: message, signature: withOrderAdded(signature) })).toBe(false);
  });

  it('refuses a key of small order, for which anybody can sign any message', async () => {
    const { scalar, publicKey } = newScalar();
    const universal = Buffer.concat([publicKey, littleEndian(scalar % ORDER)]);
    expect(
      await verifySignature({ address: base58FromBytes(IDENTITY), messageBytes: message, signature: universal }),
    ).toBe(false);
  });

  it('refuses an R of small order, as the runtime does', async () => {
    const { scalar, publicKey } = newScalar();
    const digest = createHash('sha512')
      .update(Buffer.concat([IDENTITY, publicKey, message]))
      .digest();
    const crafted = Buffer.concat([IDENTITY, littleEndian(((fromLittleEndian(digest) % ORDER) * scalar) % ORDER)]);
    expect(
      await verifySignature({ address: base58FromBytes(publicKey), messageBytes: message, signature: crafted }),
    ).toBe(false);
  });

  it('refuses all zeros by the System Program, which is also a point of small order', async () => {
    const systemProgram = '11111111111111111111111111111111';
    expect(
      await verifySignature({ address: systemProgram, messageBytes: message, signature: new Uint8Array(64) }),
    ).toBe(false);
  });

  it.each(['', '0OIl', 'abc', `${'1'.repeat(33)}`, 'z'.repeat(44), 'z'.repeat(500), `${address}1`])(
    'refuses an address that is none: %s',
    async (wrong) => {
      expect(await verifySignature({ address: wrong, messageBytes: message, signature })).toBe(false);
    },
  );

  it('still knows a key after thousands of others went through its cache', async () => {
    const other = newKey();
    for (let n = 0; n < 3000; n += 1) {
      const bytes = Buffer.alloc(32);
      bytes.writeUInt32LE(n + 2, 0);
      await verifySignature({ address: base58FromBytes(bytes), messageBytes: message, signature });
    }
    expect(await verifySignature({ address, messageBytes: message, signature })).toBe(true);
    expect(
      await verifySignature({
        address: other.address,
        messageBytes: message,
        signature: sign(null, message, other.key),
      }),
    ).toBe(true);
  });
});
