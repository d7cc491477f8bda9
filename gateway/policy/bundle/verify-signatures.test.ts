import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BundleFiles } from './bundle.ts';
import { SIGNATURE_ALGORITHMS } from './bundle-key.ts';
import { fileHash } from './file-hash.ts';
import { signBundle } from './sign-bundle.ts';
import { keyPair } from './testing/signing-keys.ts';
import { verifySignatures } from './verify-signatures.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const FILES: BundleFiles = new Map([
  ['.manifest', bytes('{"revision":"r1"}')],
  ['data.json', bytes('{"a":1,"b":2}')],
  ['policy.wasm', bytes('wasm')],
]);
const RELEASE = keyPair('ES256', 'release');
const OTHER = keyPair('ES256', 'other');
const SIGNED = signBundle(FILES, RELEASE.signing);
const LISTED = [...FILES].map(([name, content]) => ({
  name,
  hash: fileHash(name, content, 'SHA-256'),
  algorithm: 'SHA-256',
}));

const base64Url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of the release key with this header and payload, each as a value or as its text. */
function token(header: unknown, payload: unknown): string {
  const content = `${base64Url(header)}.${base64Url(payload)}`;
  const key = { key: RELEASE.signing.privateKeyPem, dsaEncoding: 'ieee-p1363' } as const;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

function withSignatures(text: string, files: BundleFiles = FILES): BundleFiles {
  return new Map([...files, ['.signatures.json', bytes(text)]]);
}

const withToken = (jwt: string, files = FILES) => withSignatures(JSON.stringify({ signatures: [jwt] }), files);
const withPayload = (payload: unknown) => withToken(token({ alg: 'ES256', kid: 'release' }, payload));

function verifyAll(files: BundleFiles, keys = [RELEASE.verifying]) {
  return verifySignatures(files, keys, 'x');
}

const refused = (files: BundleFiles, what: string, keys = [RELEASE.verifying]) =>
  expect(() => verifyAll(files, keys)).toThrow(`policy bundle x: .signatures.json: ${what}`);

describe('the signature of a bundle', () => {
  it.each(SIGNATURE_ALGORITHMS)('by %s is accepted, and says by which key', (algorithm) => {
    const pair = keyPair(algorithm, 'k', 'write');
    expect(verifyAll(signBundle(FILES, pair.signing), [OTHER.verifying, pair.verifying])).toEqual({ keyId: 'k' });
  });

  it('is replaced when a bundle is signed again', () => {
    const again = signBundle(SIGNED, OTHER.signing);
    expect(verifyAll(again, [OTHER.verifying])).toEqual({ keyId: 'other' });
    expect([...again.keys()]).toEqual(['.manifest', 'data.json', 'policy.wasm', '.signatures.json']);
  });

  it('does not hang on how data and manifest are written, and does on every byte of the rest', () => {
    const spaced = new Map([...SIGNED, ['data.json', bytes('{ "b": 2, "a": 1 }')]]);
    expect(verifyAll(spaced)).toEqual({ keyId: 'release' });
    refused(new Map([...SIGNED, ['policy.wasm', bytes('wasm ')]]), 'policy.wasm is not as it was signed');
  });

  it('may name its key among the claims, and need not where there is only one', () => {
    expect(verifyAll(withToken(token({ alg: 'ES256' }, { files: LISTED, keyid: 'release' })))).toEqual({
      keyId: 'release',
    });
    const unnamed = withToken(token({ alg: 'ES256', kid: '' }, { files: LISTED }));
    expect(verifyAll(unnamed)).toEqual({ keyId: 'release' });
    refused(unnamed, 'its token must name one of the keys that count here: release, other', [
      RELEASE.verifying,
      OTHER.verifying,
    ]);
  });

  it.each(['SHA-384', 'SHA-512'])('may hash by %s', (algorithm) => {
    const files = [...FILES].map(([name, content]) => ({ name, hash: fileHash(name, content, algorithm), algorithm }));
    expect(verifyAll(withPayload({ files }))).toEqual({ keyId: 'release' });
  });
});

describe('a bundle is refused', () => {
  it('when it is not signed, or no key counts', () => {
    refused(FILES, 'there is no such file; sign the bundle');
    refused(SIGNED, 'it is by the key "release"; keys that count here: none', []);
  });

  it('when it is signed by another key, of another name or of the same', () => {
    refused(signBundle(FILES, OTHER.signing), 'it is by the key "other"; keys that count here: release');
    refused(signBundle(FILES, { ...OTHER.signing, id: 'release' }), 'it is not by the key release');
  });

  it('when its token names two keys', () => {
    refused(
      withToken(token({ alg: 'ES256', kid: 'release' }, { files: LISTED, keyid: 'other' })),
      'its token names two keys',
    );
  });

  it.each(['none', 'None', 'HS256', 'RS256', 'ES384', '', 'ES256 '])('when its token says the algorithm %j', (alg) => {
    refused(withToken(token({ alg, kid: 'release' }, { files: LISTED })), `its token says ${JSON.stringify(alg)}`);
  });

  it('when its token has no signature, whatever algorithm it says', () => {
    for (const alg of ['none', 'ES256']) {
      const [header, payload] = [base64Url({ alg, kid: 'release' }), base64Url({ files: LISTED })];
      refused(withToken(`${header}.${payload}.`), 'a part of its token is not base64url');
      refused(withToken(`${header}.${payload}`), 'its token is no JWT of three parts');
      refused(
        withToken(`${header}.${payload}.${base64Url('\0'.repeat(64))}`),
        alg === 'none' ? 'its token says' : 'it is not by',
      );
    }
  });

  it('when the public key was taken for the secret of an HMAC', () => {
    for (const alg of ['HS256', 'ES256']) {
      const content = `${base64Url({ alg, kid: 'release' })}.${base64Url({ files: LISTED })}`;
      const mac = createHmac('sha256', RELEASE.verifying.publicKeyPem).update(content).digest('base64url');
      refused(withToken(`${content}.${mac}`), alg === 'HS256' ? 'its token says "HS256"' : 'it is not by the key');
    }
  });

  it('when any bit of the signature, or of what is signed, is another', () => {
    const jwt = token({ alg: 'ES256', kid: 'release' }, { files: LISTED });
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    for (let at = 0; at < signature.length - 1; at++) {
      const other = signature[at] === 'A' ? 'B' : 'A';
      refused(
        withToken(`${header}.${payload}.${signature.slice(0, at)}${other}${signature.slice(at + 1)}`),
        'it is not by',
      );
    }
    refused(withToken(`${base64Url({ alg: 'ES256', kid: 'release', x: 1 })}.${payload}.${signature}`), 'it is not by');
    refused(withToken(`${header}.${base64Url({ files: LISTED, x: 1 })}.${signature}`), 'it is not by');
  });

  it('when its scope is not that of the key', () => {
    const scoped = { ...RELEASE.verifying, scope: 'write' };
    refused(SIGNED, 'its scope is ""; the key release is for "write"', [scoped]);
    refused(
      signBundle(FILES, { ...RELEASE.signing, scope: 'write' }),
      'its scope is "write"; the key release is for ""',
    );
  });

  it('when a file is missing, extra, other, or listed twice', () => {
    refused(new Map([...SIGNED].filter(([path]) => path !== 'policy.wasm')), '"policy.wasm" is signed and no part');
    refused(new Map([...SIGNED, ['rules/x.rego', bytes('')]]), 'rules/x.rego is in the bundle and not signed');
    for (const path of FILES.keys()) {
      refused(new Map([...SIGNED, [path, bytes('{"other":1}')]]), `${path} is not as it was signed`);
    }
    const first = LISTED[0];
    refused(withPayload({ files: [...LISTED, { ...first, hash: '00' }] }), 'it lists a file twice');
    refused(
      withPayload({ files: [...LISTED, { name: '.signatures.json', hash: '', algorithm: 'SHA-256' }] }),
      '".signatures.json" is signed',
    );
    refused(withPayload({ files: [] }), '.manifest is in the bundle and not signed');
  });

  it.each(['MD5', 'SHA-1', 'sha256', 'toString', ''])('when a file is hashed by %j', (algorithm) => {
    refused(withPayload({ files: LISTED.map((file) => ({ ...file, algorithm })) }), '.manifest: the hash');
  });

  it('when data have a key twice, though signed that way', () => {
    const files = new Map([...FILES, ['data.json', bytes('{"a":1,"a":1,"b":2}')]]);
    expect(() => signBundle(files, RELEASE.signing)).toThrow(
      'the bundle cannot be signed: data.json: the key "a" stands twice',
    );
    refused(
      withSignatures(Buffer.from(SIGNED.get('.signatures.json') ?? []).toString(), files),
      'the key "a" stands twice',
    );
  });

  it('when there are two tokens, none, or something else', () => {
    const jwt = token({ alg: 'ES256', kid: 'release' }, { files: LISTED });
    refused(withSignatures(JSON.stringify({ signatures: [jwt, jwt] })), 'the file is malformed');
    refused(withSignatures(JSON.stringify({ signatures: [] })), 'the file is malformed');
    refused(withSignatures(JSON.stringify({ signatures: jwt })), 'the file is malformed');
    refused(withSignatures(JSON.stringify({ signatures: [jwt], plugin: 'mine' })), 'the file is malformed');
    refused(
      withSignatures(`{"signatures":["x"],"signatures":["${jwt}"]}`),
      'the file cannot be read: the key "signatures"',
    );
    refused(withSignatures(''), 'the file cannot be read');
    refused(withToken(`${jwt}.x`), 'its token is no JWT of three parts');
    refused(withToken(`${jwt}=`), 'a part of its token is not base64url');
    refused(withToken(` ${jwt}`), 'a part of its token is not base64url');
  });

  it('when the token says a thing twice, something that is not understood, or times', () => {
    const files = JSON.stringify(LISTED);
    refused(
      withToken(token('{"alg":"none","alg":"ES256","kid":"release"}', { files: LISTED })),
      'the header of its token cannot',
    );
    refused(withPayload(`{"files":[],"files":${files}}`), 'the payload of its token cannot be read');
    refused(
      withToken(token({ alg: 'ES256', kid: 'release', crit: ['b64'], b64: false }, { files: LISTED })),
      'the header of its token is malformed',
    );
    refused(withPayload({ files: LISTED, exp: 1 }), 'the payload of its token is malformed');
    refused(withPayload({ files: LISTED, nbf: 1 }), 'the payload of its token is malformed');
    refused(withPayload([]), 'the payload of its token is malformed');
  });

  it('when the signature is huge', () => {
    refused(withToken('x'.repeat(1024 * 1024)), 'it has 1048595 bytes; at most 1048576 are read');
    refused(withToken(`${'['.repeat(300_000)}`), 'its token is no JWT');
    refused(
      withToken(`${base64Url('['.repeat(100_000))}.e30.e30`),
      'the header of its token cannot be read: it is nested deeper',
    );
  });
});

describe('a key for bundles is refused', () => {
  const pem = (pair: { publicKey: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer } }) =>
    pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  it('when it is not what its algorithm needs', () => {
    const weak = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }));
    const curve = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
    const { publicKeyPem } = keyPair('EdDSA', 'k').verifying;
    const verifying = RELEASE.verifying;
    refused(SIGNED, 'bundle key release: ES256 needs a key of the curve P-256', [
      { ...verifying, publicKeyPem: curve },
    ]);
    refused(SIGNED, 'bundle key release: ES256 needs a key of the curve P-256', [{ ...verifying, publicKeyPem }]);
    const rsa = signBundle(FILES, keyPair('RS256', 'k').signing);
    const key = { ...verifying, id: 'k', algorithm: 'RS256' } as const;
    refused(rsa, 'bundle key k: RS256 needs an RSA key of at least 2048 bits', [{ ...key, publicKeyPem: weak }]);
    refused(rsa, 'bundle key k: RS256 needs an RSA key', [{ ...key, publicKeyPem }]);
    const edwards = signBundle(FILES, keyPair('EdDSA', 'k').signing);
    refused(edwards, 'bundle key k: EdDSA needs an Ed25519 key', [{ ...key, algorithm: 'EdDSA' }]);
  });

  it('when it is a private key, or no key', () => {
    refused(SIGNED, 'bundle key release: it is a private key', [
      { ...RELEASE.verifying, publicKeyPem: RELEASE.signing.privateKeyPem },
    ]);
    refused(SIGNED, 'bundle key release: it cannot be read as PEM', [{ ...RELEASE.verifying, publicKeyPem: 'x' }]);
    expect(() => signBundle(FILES, { ...RELEASE.signing, privateKeyPem: 'x' })).toThrow(
      'bundle key release: it cannot be read',
    );
    expect(() => signBundle(FILES, { ...RELEASE.signing, algorithm: 'RS256' })).toThrow('RS256 needs an RSA key');
  });
});
