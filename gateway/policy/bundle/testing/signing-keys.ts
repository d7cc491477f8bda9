// Owns fresh key pairs for tests of bundle signatures.
import { generateKeyPairSync } from 'node:crypto';
import type { BundleKey, BundleSigningKey, SignatureAlgorithm } from '../bundle-key.ts';

export interface KeyPair {
  readonly verifying: BundleKey;
  readonly signing: BundleSigningKey;
}

export function keyPair(algorithm: SignatureAlgorithm, id: string, scope: string | null = null): KeyPair {
  const { publicKey, privateKey } = generated(algorithm);
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { verifying: { id, algorithm, publicKeyPem, scope }, signing: { id, algorithm, privateKeyPem, scope } };
}

function generated(algorithm: SignatureAlgorithm) {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}
