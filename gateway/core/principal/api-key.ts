// Owns the text form of an API key: `csk_<key id>_<secret>`, and how it stands in an `authorization` header.

export interface ApiKey {
  /** 16 lower-case hex characters (64 bits); public, safe to show and to log. */
  readonly keyId: string;
  /** 43 base64url characters (32 random bytes); never stored, only its SHA-256 is. */
  readonly secret: string;
}

/** Bytes of randomness behind a key id and a secret. */
export const KEY_ID_BYTES = 8;
export const SECRET_BYTES = 32;

const KEY = /^csk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const KEY_ID = /^[0-9a-f]{16}$/;
const BEARER = /^bearer ([\x21-\x7e]{1,256})$/i;

/** `null`: the text is not an API key. The text itself must not stand in any message. */
export function parseApiKey(text: string): ApiKey | null {
  const match = KEY.exec(text);
  const keyId = match?.[1];
  const secret = match?.[2];
  return keyId === undefined || secret === undefined ? null : { keyId, secret };
}

export function formatApiKey(key: ApiKey): string {
  return `csk_${key.keyId}_${key.secret}`;
}

export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/** The key in an `authorization` header value (RFC 6750: `Bearer`, one space, the token); `null`: anything else. */
export function parseBearer(header: string): ApiKey | null {
  const token = BEARER.exec(header)?.[1];
  return token === undefined ? null : parseApiKey(token);
}
