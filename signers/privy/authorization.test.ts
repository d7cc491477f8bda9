import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizationSignature, parseAuthorizationKey } from './authorization.ts';
import { canonicalJson } from './canonical-json.ts';

const pkcs8 = (curve: string): string =>
  generateKeyPairSync('ec', { namedCurve: curve })
    .privateKey.export({ format: 'der', type: 'pkcs8' })
    .toString('base64');

describe('an authorization key of Privy', () => {
  const text = pkcs8('P-256');

  it.each([
    ['base64', text],
    ['it with the prefix of the dashboard', `wallet-auth:${text}`],
    ['it with the older prefix', `wallet-api:${text}`],
    ['it with white space round it', `\n${text}\n`],
  ])('is read from %s', (_name, given) => {
    const key = parseAuthorizationKey(given);
    const publicKey = createPublicKey({
      key: Buffer.from(key?.publicKey ?? '', 'base64'),
      format: 'der',
      type: 'spki',
    });
    expect(publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it.each([
    ['nothing', ''],
    ['a key of another curve', pkcs8('secp256k1')],
    ['PEM', `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`],
    ['a key that was cut', text.slice(0, 60)],
    [
      'an Ed25519 key',
      generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    ],
    ['words', 'my secret'],
  ])('is not read from %s', (_name, given) => {
    expect(parseAuthorizationKey(given)).toBeNull();
  });
});

describe('an authorization signature', () => {
  it('is over the canonical JSON of the request', () => {
    const key = parseAuthorizationKey(pkcs8('P-256'));
    if (key === null) throw new Error('the test has no key');
    const signature = authorizationSignature(key, {
      method: 'POST',
      url: 'https://api.privy.io/v1/wallets/w/rpc',
      body: { method: 'signMessage', chain_type: 'solana', params: { message: 'aGk=', encoding: 'base64' } },
      headers: { 'privy-app-id': 'app', 'privy-request-expiry': '1750000000000', 'privy-idempotency-key': 'k' },
    });
    // Written out by hand from docs.privy.io, Authorization signatures, and RFC 8785.
    const signed =
      '{"body":{"chain_type":"solana","method":"signMessage","params":{"encoding":"base64","message":"aGk="}},' +
      '"headers":{"privy-app-id":"app","privy-idempotency-key":"k","privy-request-expiry":"1750000000000"},' +
      '"method":"POST","url":"https://api.privy.io/v1/wallets/w/rpc","version":1}';
    const publicKey = createPublicKey(key.privateKey);
    expect(verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  });
});

describe('canonical JSON', () => {
  it('has its keys in the order of their UTF-16 units, as RFC 8785 shows', () => {
    const members = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      '1': 'One',
      '\ud83d\ude00': 'Smiley',
      '\u0080': 'Control',
      '\u00f6': 'o',
    };
    const order = ['CR', 'One', 'Control', 'o', 'Euro', 'Smiley', 'Dalet'];
    const positions = order.map((value) => canonicalJson(members).indexOf(`"${value}"`));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it('takes no number that is not whole', () => {
    expect(() => canonicalJson({ a: 1.5 })).toThrow('whole numbers');
    expect(canonicalJson({ b: 2, a: { d: 'x', c: '' } })).toBe('{"a":{"c":"","d":"x"},"b":2}');
  });
});
