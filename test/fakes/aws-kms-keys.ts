// Owns the keys of an AWS KMS for tests: they are made, named, described and deleted under the limits of the real one.
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import type { HttpReply } from './spoiled-http.ts';

export interface KmsKey {
  readonly arn: string;
  readonly privateKey: KeyObject;
  /** DER, as `GetPublicKey` answers. */
  readonly publicKey: Buffer;
  readonly description: string;
  readonly tags: readonly KmsTag[];
  readonly policy: string | null;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  origin: 'AWS_KMS' | 'EXTERNAL';
  /** Unix seconds. */
  deletionDate: number | null;
  pendingWindowDays: number | null;
}

interface KmsTag {
  readonly TagKey: string;
  readonly TagValue: string;
}

export interface KmsKeys {
  readonly all: readonly KmsKey[];
  /** Names to ARNs. */
  readonly aliases: Map<string, string>;
  readonly make: (body?: Body) => KmsKey;
  /** By ARN or alias. */
  readonly find: (keyId: unknown) => KmsKey | null;
  /** `null`: it is none of the calls that make, name, describe or delete keys. */
  readonly served: (operation: string, body: Body) => HttpReply | null;
}

export type Body = Readonly<Record<string, unknown>>;

const CREATOR = 'arn:aws:iam::111122223333:user/countersign-creator';
const ROOT = 'arn:aws:iam::111122223333:root';
const ARNS = 'arn:aws:kms:eu-central-1:111122223333';

export function createKmsKeys(): KmsKeys {
  const all: KmsKey[] = [];
  const aliases = new Map<string, string>();
  const find = (keyId: unknown): KmsKey | null => {
    const arn = aliases.get(String(keyId)) ?? keyId;
    return all.find((key) => key.arn === arn) ?? null;
  };
  const make = ({ Description = '', Tags = [], Policy = null }: Body = {}): KmsKey => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const made: KmsKey = {
      arn: `${ARNS}:key/${randomBytes(16).toString('hex')}`,
      privateKey,
      publicKey: publicKey.export({ format: 'der', type: 'spki' }),
      description: String(Description),
      tags: tagsOf(Tags),
      policy: Policy === null ? null : String(Policy),
      state: 'Enabled',
      origin: 'AWS_KMS',
      deletionDate: null,
      pendingWindowDays: null,
    };
    all.push(made);
    return made;
  };
  const about = (keyId: unknown, answers: (key: KmsKey) => HttpReply): HttpReply => {
    const key = find(keyId);
    return key === null ? refusal(400, 'NotFoundException', `Key or alias '${keyId}' does not exist`) : answers(key);
  };
  const served = (operation: string, body: Body): HttpReply | null => {
    switch (operation) {
      case 'CreateKey':
        return keyProblem(body) ?? answer(200, { KeyMetadata: metadataOf(make(body)) });
      case 'CreateAlias':
        return aliasProblem(body, aliases) ?? about(body.TargetKeyId, (key) => named(aliases, body, key));
      case 'DescribeKey':
        return about(body.KeyId, (key) => answer(200, { KeyMetadata: metadataOf(key) }));
      case 'ScheduleKeyDeletion':
        return about(body.KeyId, (key) => scheduled(key, body));
      default:
        return null;
    }
  };
  return { all, aliases, make, find, served };
}

function metadataOf({ arn, description, state, origin, deletionDate }: KmsKey): object {
  return {
    ...{ AWSAccountId: '111122223333', KeyId: arn.split('/')[1], Arn: arn, Enabled: state === 'Enabled' },
    ...{ Description: description, KeyUsage: 'SIGN_VERIFY', KeyState: state, Origin: origin, KeyManager: 'CUSTOMER' },
    ...{ KeySpec: 'ECC_NIST_EDWARDS25519', CustomerMasterKeySpec: 'ECC_NIST_EDWARDS25519', MultiRegion: false },
    ...(deletionDate === null ? {} : { DeletionDate: deletionDate }),
  };
}

/** The real one answers with an empty body. */
function named(aliases: Map<string, string>, { AliasName, TargetKeyId }: Body, key: KmsKey): HttpReply {
  if (String(TargetKeyId).startsWith('alias/')) return refusal(400, 'ValidationException', 'TargetKeyId is an alias');
  if (key.state === 'PendingDeletion') return pendingDeletion(key);
  aliases.set(String(AliasName), key.arn);
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: '' };
}

function scheduled(key: KmsKey, { KeyId, PendingWindowInDays = 30 }: Body): HttpReply {
  if (String(KeyId).startsWith('alias/')) return refusal(400, 'InvalidArnException', `Invalid arn ${KeyId}`);
  const days = Number(PendingWindowInDays);
  if (!Number.isInteger(days) || days < 7 || days > 30) {
    return refusal(400, 'ValidationException', "'pendingWindowInDays' must be between 7 and 30");
  }
  if (key.state === 'PendingDeletion') return pendingDeletion(key);
  key.state = 'PendingDeletion';
  key.deletionDate = Math.floor(Date.now() / 1_000) + days * 86_400;
  key.pendingWindowDays = days;
  const told = { KeyId: key.arn, KeyState: key.state, PendingWindowInDays: days };
  return answer(200, { ...told, DeletionDate: key.deletionDate });
}

export function pendingDeletion({ arn }: KmsKey): HttpReply {
  return refusal(400, 'KMSInvalidStateException', `${arn} is pending deletion.`);
}

function aliasProblem({ AliasName }: Body, aliases: ReadonlyMap<string, string>): HttpReply | null {
  const name = String(AliasName);
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name) || name.startsWith('alias/aws/')) {
    return refusal(400, 'InvalidAliasNameException', `Alias must start with the prefix "alias/" and be well formed`);
  }
  return aliases.has(name) ? refusal(400, 'AlreadyExistsException', `An alias with the name ${name} exists`) : null;
}

function keyProblem({
  KeySpec,
  KeyUsage,
  Origin = 'AWS_KMS',
  Description,
  Tags = [],
  ...rest
}: Body): HttpReply | null {
  if (KeySpec !== 'ECC_NIST_EDWARDS25519' || KeyUsage !== 'SIGN_VERIFY' || Origin !== 'AWS_KMS') {
    return refusal(400, 'ValidationException', `no test needs ${KeySpec} for ${KeyUsage} of ${Origin}`);
  }
  if (String(Description).length > 8_192) return refusal(400, 'ValidationException', 'the description is too long');
  const tags = tagsOf(Tags);
  const isWrong = tags.some(({ TagKey, TagValue }) => !TAG_KEY.test(TagKey) || !TAG_VALUE.test(TagValue));
  if (isWrong || tags.length > 50 || new Set(tags.map(({ TagKey }) => TagKey)).size < tags.length) {
    return refusal(400, 'TagException', 'One or more tags are not valid');
  }
  return rest.Policy === undefined ? null : policyProblem(String(rest.Policy), rest.BypassPolicyLockoutSafetyCheck);
}

const TAG_KEY = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

function policyProblem(policy: string, bypass: unknown): HttpReply | null {
  if (Buffer.byteLength(policy) > 32_768) return refusal(400, 'LimitExceededException', 'the policy is too long');
  const statements: readonly Body[] = JSON.parse(policy).Statement;
  if (!statements.every(({ Principal, Action }) => Principal !== undefined && Action !== undefined)) {
    return refusal(400, 'MalformedPolicyDocumentException', 'Policy contains a statement with no principal');
  }
  const canChange = statements.some(({ Effect, Principal, Action }) => {
    const actions = [Action].flat();
    const isCallers = [CREATOR, ROOT].some((arn) => JSON.stringify(Principal).includes(`"${arn}"`));
    return Effect === 'Allow' && isCallers && (actions.includes('kms:PutKeyPolicy') || actions.includes('kms:*'));
  });
  if (canChange || bypass === true) return null;
  const locked = 'The new key policy will not allow you to update the key policy in the future.';
  return refusal(400, 'MalformedPolicyDocumentException', locked);
}

function tagsOf(tags: unknown): readonly KmsTag[] {
  if (!Array.isArray(tags)) return [];
  return tags.map(({ TagKey, TagValue }) => ({ TagKey: String(TagKey), TagValue: String(TagValue) }));
}

export function answer(status: number, body: object): HttpReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

export function refusal(status: number, name: string, message: string): HttpReply {
  return answer(status, { __type: name, message });
}
