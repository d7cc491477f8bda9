// Owns what Vault says of a transit key, held against what the configuration says of it.
import * as z from 'zod';
import { base58FromBytes, KEY_BYTES } from '../ed25519-key.ts';
import type { SignerCheck } from '../signer.ts';
import type { SessionAnswer } from './vault-session.ts';

const keyAnswer = z.object({
  data: z.object({
    type: z.string(),
    derived: z.boolean().optional(),
    exportable: z.boolean().optional(),
    allow_plaintext_backup: z.boolean().optional(),
    imported_key: z.boolean().optional(),
    latest_version: z.int(),
    min_encryption_version: z.int().optional(),
    keys: z.record(z.string(), z.unknown()),
  }),
});
const versionEntry = z.object({ public_key: z.string().max(1024) });

export type KeyDescription = z.output<typeof keyAnswer>['data'];

/** Of the body of an answer to `GET /v1/<mount>/keys/<key>`; `null`: it makes no sense. */
export function keyDescriptionOf(body: unknown): KeyDescription | null {
  const parsed = keyAnswer.safeParse(body);
  return parsed.success ? parsed.data.data : null;
}

/** Base58; `null`: there is no such version, or it is no Ed25519 key. */
export function addressOfVersion({ keys }: KeyDescription, version: number): string | null {
  const entry = versionEntry.safeParse(keys[String(version)]);
  if (!entry.success) return null;
  const bytes = new Uint8Array(Buffer.from(entry.data.public_key, 'base64'));
  return bytes.length === KEY_BYTES ? base58FromBytes(bytes) : null;
}

export interface ExpectedKey {
  readonly host: string;
  readonly key: string;
  readonly keyVersion: number;
  /** Base58. */
  readonly address: string;
}

/** Of the answer to `GET /v1/<mount>/keys/<key>`. */
export function keyCheckOf(answer: SessionAnswer, expected: ExpectedKey): SignerCheck {
  switch (answer.kind) {
    case 'answered': {
      const description = keyDescriptionOf(answer.body);
      if (description !== null) return compared(description, expected);
      return failed(null, `Vault ${expected.host}: it described the key in a way that makes no sense`);
    }
    case 'no token':
      return failed(answer.field, answer.reason);
    case 'forbidden':
      return failed(
        'key',
        `${answer.reason}; the policy of the token must allow to read the key ${expected.key}, if there is one`,
      );
    case 'lost':
      return failed('url', answer.reason);
    case 'error':
      if (answer.status !== 404 || answer.errors === null)
        return failed(answer.status >= 429 ? null : 'url', answer.reason);
      // Where the mount is, and the key is not, Vault has nothing to say.
      if (answer.errors.length === 0) return failed('key', `${answer.reason}: there is no key ${expected.key}`);
      return failed('mount', answer.reason);
  }
}

/** Whether all versions are one key: so it is where two have brought it at the same time, and never after a rotation. */
export function isOneKey(found: KeyDescription): boolean {
  const first = addressOfVersion(found, 1);
  for (let version = 2; version <= found.latest_version; version++) {
    if (addressOfVersion(found, version) !== first) return false;
  }
  return true;
}

function compared(found: KeyDescription, { host, key, keyVersion, address }: ExpectedKey): SignerCheck {
  const about = `Vault ${host}: the key ${key}`;
  if (found.type !== 'ed25519') return failed('key', `${about} is of type ${found.type}, not ed25519`);
  if (found.derived === true) {
    return failed('key', `${about} is derived: it has another public key for each context; make one that is not`);
  }
  if (found.keys[String(keyVersion)] === undefined) {
    return failed('key_version', `${about} has no version ${keyVersion}; the latest is ${found.latest_version}`);
  }
  if ((found.min_encryption_version ?? 0) > keyVersion) {
    const least = found.min_encryption_version;
    return failed('key_version', `${about} signs with version ${least} and later only (min_encryption_version)`);
  }
  const there = addressOfVersion(found, keyVersion);
  if (there !== address) {
    return failed('address', `${about} has the address ${there ?? 'of no Ed25519 key'} in version ${keyVersion}`);
  }
  const exportable = found.exportable === true ? ', exportable: who may export it holds the key' : '';
  return { kind: 'ready', detail: `ed25519, version ${keyVersion} of ${found.latest_version}${exportable}` };
}

function failed(field: string | null, reason: string): SignerCheck {
  return { kind: 'failed', field, reason };
}
