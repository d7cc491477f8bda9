// Owns the creator of keys in Google Cloud KMS: a key's id is its label, and its version 1 is what signs.
import * as z from 'zod';
import { closableCreator } from '../closable-creator.ts';
import { creatorCheck } from '../creator-field.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { pause } from '../pause.ts';
import type { SignerCheck } from '../signer.ts';
import { type GcpKmsAccount, openGcpAccount } from './gcp-kms-signer.ts';
import { addressIn } from './kms-answers.ts';
import type { KmsAnswer, KmsHttp } from './kms-http.ts';
import { destroyVersion } from './kms-key-destruction.ts';
import { keyIdOf, type NewKeyTerms, newKey, versionFor, versionIn } from './kms-new-key.ts';

export type CloudKmsKeyCreatorOptions = GcpKmsAccount & NewKeyTerms;

type Failed = Exclude<CreateResult, { readonly kind: 'created' }>;

/** What `create` needs. */
const RIGHTS = [
  'cloudkms.cryptoKeys.create',
  'cloudkms.cryptoKeyVersions.get',
  'cloudkms.cryptoKeyVersions.viewPublicKey',
];
const RIGHT_TO_DESTROY = 'cloudkms.cryptoKeyVersions.destroy';
const permissionsAnswer = z.object({ permissions: z.array(z.string()).default([]) });
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Calls nothing yet. @throws Error when the URL is none. */
export function createCloudKmsKeyCreator(options: CloudKmsKeyCreatorOptions): KeyCreator {
  const http = openGcpAccount(options);
  return closableCreator({
    backend: 'gcp-kms',
    create: async (label, signal) => {
      const path = `${options.keyRing}/cryptoKeys`;
      const made = await http.call(`${path}?cryptoKeyId=${keyIdOf(label)}`, newKey(options), signal);
      if (made.kind === 'failed' && made.status !== 'ALREADY_EXISTS') return failedBy(made);
      const keyVersion = `${path}/${keyIdOf(label)}/cryptoKeyVersions/1`;
      return (await untilEnabled(http, keyVersion, options, signal)) ?? keyAt(http, keyVersion, signal);
    },
    findBy: (label) => `the key ${keyIdOf(label)} in ${options.keyRing}`,
    destroy: (key, signal) => destroyVersion(http, key.reference, signal),
    export: null,
    import: null,
    check: async (signal) => creatorCheck(await checkRights(http, options.keyRing, signal)),
    close: http.close,
  });
}

/** `null`: it is enabled, and as a key of ours should be. */
async function untilEnabled(
  http: KmsHttp,
  keyVersion: string,
  terms: NewKeyTerms,
  signal: AbortSignal,
): Promise<Failed | null> {
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_PAUSE_MS)) {
    const described = await http.call(keyVersion, null, signal);
    if (described.kind === 'failed') return failedBy(described);
    const version = versionIn(described.body, keyVersion);
    if (version === null) {
      return { kind: 'unavailable', reason: `${http.about}: it described the key in a way that makes no sense` };
    }
    const found = versionFor(terms, version);
    if (found.kind === 'usable') return null;
    if (found.kind === 'other') return { kind: 'refused', reason: `${http.about}: ${keyVersion} ${found.what}` };
    if (!(await pause(waitMs, signal))) {
      return { kind: 'unavailable', reason: `${http.about}: ${keyVersion} is still being generated; ask again` };
    }
  }
}

async function keyAt(http: KmsHttp, keyVersion: string, signal: AbortSignal): Promise<CreateResult> {
  const answer = await http.call(`${keyVersion}/publicKey`, null, signal);
  if (answer.kind === 'failed') return failedBy(answer);
  const found = addressIn(answer.body, { about: http.about, keyVersion });
  if (found.kind === 'failed') return { kind: 'unavailable', reason: found.reason };
  return { kind: 'created', key: { address: found.address, reference: { key_version: keyVersion } } };
}

function failedBy({ failure }: Extract<KmsAnswer, { readonly kind: 'failed' }>): Failed {
  return { kind: failure.kind, reason: failure.reason };
}

/** Whether IAM lets the caller make keys in the key ring. */
async function checkRights(http: KmsHttp, keyRing: string, signal: AbortSignal): Promise<SignerCheck> {
  const body = { permissions: [...RIGHTS, RIGHT_TO_DESTROY] };
  const answer = await http.call(`${keyRing}:testIamPermissions`, body, signal);
  if (answer.kind === 'failed') {
    const { field, reason } = answer.failure;
    return { kind: 'failed', field: field === 'key_version' ? 'key_ring' : field, reason };
  }
  const read = permissionsAnswer.safeParse(answer.body);
  const reason = `${http.about}: it told the caller's rights in a way that makes no sense`;
  if (!read.success) return { kind: 'failed', field: null, reason };
  const lacking = RIGHTS.filter((right) => !read.data.permissions.includes(right));
  if (lacking.length > 0) {
    const lacks = `${http.about}: the caller lacks ${lacking.join(', ')} on the key ring`;
    return { kind: 'failed', field: 'key_ring', reason: lacks };
  }
  const mayDestroy = read.data.permissions.includes(RIGHT_TO_DESTROY);
  return { kind: 'ready', detail: mayDestroy ? 'may make and destroy keys' : 'may make keys, but not destroy them' };
}
