// Owns the stamp on a request to Turnkey: whose it is, and that its body is exactly this (docs.turnkey.com, Stamps).
import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** A P-256 API key of a Turnkey user. */
export interface ApiKey {
  /** Compressed, as hex: what Turnkey knows the key by. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

const COORDINATE_BYTES = 32;

/** 64 hex digits, as Turnkey's tools write them: with `:p256` behind them or not. `null`: it is no such key. */
export function parseApiKey(text: string): ApiKey | null {
  const hex = /^([0-9a-f]{64})(?::p256)?$/i.exec(text.trim())?.[1];
  if (hex === undefined) return null;
  const scalar = Buffer.from(hex, 'hex');
  const curve = createECDH('prime256v1');
  try {
    curve.setPrivateKey(scalar);
    const point = curve.getPublicKey();
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      d: scalar.toString('base64url'),
      x: point.subarray(1, 1 + COORDINATE_BYTES).toString('base64url'),
      y: point.subarray(1 + COORDINATE_BYTES).toString('base64url'),
    };
    const privateKey = createPrivateKey({ format: 'jwk', key: jwk });
    return { publicKey: curve.getPublicKey('hex', 'compressed'), privateKey };
  } catch {
    // Zero, or beyond the order of the curve.
    return null;
  } finally {
    scalar.fill(0);
  }
}

/** What the header `X-Stamp` says. */
export function stampOf({ publicKey, privateKey }: ApiKey, body: string): string {
  const signature = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'der' }).toString('hex');
  const stamp = { publicKey, scheme: 'SIGNATURE_SCHEME_TK_API_P256', signature };
  return Buffer.from(JSON.stringify(stamp)).toString('base64url');
}
