import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseApiKey, stampOf } from './stamp.ts';

/** With the private key 1 the public key is the generator of P-256 (FIPS 186). */
const ONE = '1'.padStart(64, '0');
const GENERATOR = '036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296';
const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

describe('an API key of Turnkey', () => {
  it.each([
    ['64 hex digits', ONE],
    ['them in upper case', ONE.toUpperCase()],
    ['them with the curve, as tkcli writes it', `${ONE}:p256`],
    ['them with white space round them', ` ${ONE}\n`],
  ])('is read from %s', (_name, text) => {
    expect(parseApiKey(text)?.publicKey).toBe(GENERATOR);
  });

  it.each([
    ['nothing', ''],
    ['a digit less', ONE.slice(1)],
    ['a digit more', `0${ONE}`],
    ['no hex', 'g'.repeat(64)],
    ['another curve', `${ONE}:secp256k1`],
    ['a public key', GENERATOR],
    ['zero', '0'.repeat(64)],
    ['the order of the curve', ORDER],
  ])('is not read from %s', (_name, text) => {
    expect(parseApiKey(text)).toBeNull();
  });
});

describe('a stamp', () => {
  const key = parseApiKey('7'.repeat(64));
  if (key === null) throw new Error('the test has no key');

  it('says who made it, and holds for exactly this body', () => {
    const body = '{"organizationId":"Bücher"}';
    const text = stampOf(key, body);
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    const { publicKey, scheme, signature } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    expect([publicKey, scheme]).toEqual([key.publicKey, 'SIGNATURE_SCHEME_TK_API_P256']);
    const holds = (of: string) =>
      verify('sha256', Buffer.from(of), createPublicKey(key.privateKey), Buffer.from(signature, 'hex'));
    expect([holds(body), holds(`${body} `)]).toEqual([true, false]);
  });
});
