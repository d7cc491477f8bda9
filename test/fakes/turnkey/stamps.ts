// Owns the check of the stamp on a request, as Turnkey describes it (tkhq/docs, api-reference/overview/stamps.mdx; tkhq/sdk,
// packages/api-key-stamper): base64url without padding of JSON with three fields, of which the signature is DER in hex over the body.
import { createPublicKey, ECDH, verify } from 'node:crypto';
import * as z from 'zod';
import type { HttpCall } from '../spoiled-http.ts';
import { TurnkeyFailure } from './faults.ts';

const stampSchema = z.strictObject({
  publicKey: z.string().regex(/^0[23][0-9a-f]{64}$/),
  scheme: z.literal('SIGNATURE_SCHEME_TK_API_P256'),
  signature: z.string().regex(/^30[0-9a-f]+$/),
});

/** The public key that stamped exactly this body. @throws TurnkeyFailure */
export function stamperOf({ headers, body }: HttpCall): string {
  const header = headers['x-stamp'];
  if (header === undefined) {
    const message = 'cannot authenticate public API activity request without a stamp (X-Stamp/X-Stamp-Webauthn header)';
    throw new TurnkeyFailure(401, 'SIGNATURE_MISSING', message);
  }
  const stamp = readStamp(header);
  const signature = Buffer.from(stamp.signature, 'hex');
  if (!verify('sha256', body, { key: publicKeyOf(stamp.publicKey), dsaEncoding: 'der' }, signature)) {
    throw new TurnkeyFailure(401, 'SIGNATURE_INVALID', 'could not verify api key signature');
  }
  return stamp.publicKey;
}

function readStamp(header: string): z.output<typeof stampSchema> {
  const malformed = new TurnkeyFailure(401, 'SIGNATURE_INVALID', 'malformed activity stamp');
  if (!/^[A-Za-z0-9_-]+$/.test(header)) throw malformed;
  try {
    return stampSchema.parse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')));
  } catch {
    throw malformed;
  }
}

function publicKeyOf(compressed: string): ReturnType<typeof createPublicKey> {
  const point = Buffer.from(String(ECDH.convertKey(compressed, 'prime256v1', 'hex', 'hex', 'uncompressed')), 'hex');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  return createPublicKey({ format: 'jwk', key: jwk });
}
