import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { accessToken, parseApiPrivateKey } from './access-token.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (type: 'pkcs8' | 'pkcs1') => privateKey.export({ format: 'pem', type }).toString();

describe('an API private key of Fireblocks', () => {
  it.each([
    ['PKCS8', pem('pkcs8')],
    ['PKCS1', pem('pkcs1')],
    ['PEM with lines of Windows', pem('pkcs8').replaceAll('\n', '\r\n')],
  ])('is read from %s', (_name, text) => {
    expect(parseApiPrivateKey(text)?.equals(privateKey)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['half of it', pem('pkcs8').slice(0, 800)],
    ['a public key', createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString()],
    ['a key that is too short', generated('rsa', 1024)],
    ['a key for RSA-PSS, which signs another way', generated('rsa-pss', 2048)],
    [
      'a key of another kind',
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ],
    ['one with a passphrase', encrypted()],
  ])('is not read from %s', (_name, text) => {
    expect(parseApiPrivateKey(text)).toBeNull();
  });
});

describe('a token', () => {
  const subject = { apiKey: 'user-1', uri: '/v1/transactions?limit=1', body: '{"note":"Bücher"}' };

  it('says who asks for what, for less than 30 s, and is signed', async () => {
    const [header = '', claims = '', signature = ''] = (await accessToken(privateKey, subject)).split('.');
    expect(read(header)).toEqual({ alg: 'RS256', typ: 'JWT' });
    const now = Date.now() / 1000;
    const said = read(claims);
    expect(said).toEqual({
      uri: '/v1/transactions?limit=1',
      nonce: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
      exp: said.iat + 25,
      sub: 'user-1',
      bodyHash: createHash('sha256').update('{"note":"Bücher"}').digest('hex'),
    });
    expect(said.iat).toBeLessThanOrEqual(now);
    expect(said.iat).toBeGreaterThan(now - 10);
    const signed = Buffer.from(`${header}.${claims}`);
    expect(verify('RSA-SHA256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('has a nonce of its own each time', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => accessToken(privateKey, subject)));
    expect(new Set(tokens.map((token) => read(token.split('.')[1] ?? '').nonce)).size).toBe(3);
  });
});

function read(part: string) {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

function generated(kind: 'rsa' | 'rsa-pss', modulusLength: number): string {
  const key =
    kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength }) : generateKeyPairSync('rsa-pss', { modulusLength });
  return key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function encrypted(): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'words' }).toString();
}
