// Owns an AWS KMS for tests that is as strict as the real one where our calls could be wrong: Signature Version 4 to the last byte, clock,
// key, message type, algorithm and the 4096 bytes of a message, and who may do what. It misbehaves on request.
import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { answer, type Body, createKmsKeys, type KmsKeys, pendingDeletion, refusal } from './aws-kms-keys.ts';
import {
  type HttpCall,
  type HttpReply,
  type SpoiledHttp,
  type SpokenMisbehaviour,
  startSpoiledHttp,
} from './spoiled-http.ts';

export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface FakeKms extends SpoiledHttp {
  readonly keyArn: string;
  /** DER, as `GetPublicKey` answers. */
  readonly publicKey: Buffer;
  /** Who may sign. */
  identity: AwsIdentity;
  /** Who may make and delete keys, and not sign. */
  creator: AwsIdentity;
  readonly keys: KmsKeys;
  /** Calls that are to change keys or their names. */
  readonly changeCalls: () => number;
  /** So many calls that name a key which was made do not know it yet. */
  hides: number;
  /** What is answered in place of the right fields: `{ KeySpec: 'ECC_NIST_P256' }`. */
  describe: Readonly<Record<string, unknown>>;
  /** Every call is answered so, or only those of one operation: the name of one of KMS's errors. */
  fault: {
    readonly status: number;
    readonly name: string;
    readonly operation?: string;
    /** It does what it was asked for, and says so. */
    readonly isDone?: boolean;
  } | null;
  /** How far its clock is ahead, in ms. */
  clockSkewMs: number;
}

const REGION = 'eu-central-1';
const MAX_SKEW_MS = 5 * 60_000;
const ALGORITHM = 'ED25519_SHA_512';
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Sign: ['KeyId', 'Message', 'MessageType', 'SigningAlgorithm', 'DryRun'],
  GetPublicKey: ['KeyId'],
  CreateKey: ['KeySpec', 'KeyUsage', 'Origin', 'Description', 'Tags', 'Policy', 'BypassPolicyLockoutSafetyCheck'],
  CreateAlias: ['AliasName', 'TargetKeyId'],
  DescribeKey: ['KeyId'],
  ScheduleKeyDeletion: ['KeyId', 'PendingWindowInDays'],
};
const SIGNERS_MAY: readonly string[] = ['Sign', 'GetPublicKey'];
const CHANGES: readonly string[] = ['CreateKey', 'CreateAlias', 'ScheduleKeyDeletion'];

/** `spoils`: which calls go wrong when it misbehaves. */
export async function startFakeKms(spoils: 'signatures' | 'changes' = 'signatures'): Promise<FakeKms> {
  const keys = createKmsKeys();
  const [{ arn: keyArn, publicKey }, other] = [keys.make(), generateKeyPairSync('ed25519')];
  const identity = newIdentity('AKIAFAKEFAKEFAKEFAKE');
  const creator = newIdentity('AKIACREATORCREATORCR');
  let changeCalls = 0;
  const signed = (message: Buffer, key: KeyObject, arn = keyArn) =>
    answer(200, {
      ...{ KeyId: arn, SigningAlgorithm: ALGORITHM, Signature: sign(null, message, key).toString('base64') },
      ...fake.describe,
    });
  const http = await startSpoiledHttp({
    asksForSignature: (call) => {
      const isChange = CHANGES.includes(operationOf(call));
      if (isChange) changeCalls += 1;
      return spoils === 'changes' ? isChange : operationOf(call) === 'Sign' && bodyOf(call).DryRun !== true;
    },
    serve: async (call) => dated(refusalOf(call, fake) ?? served(call), fake.clockSkewMs),
    spoil: async (how, call) => spoiled(how, call),
  });
  const settings = { describe: {}, fault: null, clockSkewMs: 0, hides: 0 };
  const fake: FakeKms = {
    ...http,
    ...{ keyArn, publicKey, identity, creator, keys, changeCalls: () => changeCalls },
    ...settings,
  };

  function served(call: HttpCall): HttpReply {
    const [operation, body] = [operationOf(call), bodyOf(call)];
    const changed = keys.served(operation, body);
    const { fault } = fake;
    if (fault?.operation === operation) return refusal(fault.status, fault.name, 'It was told to.');
    if (changed !== null) return changed;
    const key = keys.find(body.KeyId);
    if (key === null) return refusal(400, 'NotFoundException', `Key '${body.KeyId}' does not exist`);
    if (key.state === 'PendingDeletion') return pendingDeletion(key);
    if (operation === 'GetPublicKey') {
      const fields = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: [ALGORITHM] };
      return answer(200, { KeyId: key.arn, PublicKey: key.publicKey.toString('base64'), ...fields, ...fake.describe });
    }
    if (body.DryRun === true) {
      return refusal(
        412,
        'DryRunOperationException',
        'The request would have succeeded, but the DryRun option is set.',
      );
    }
    return signed(Buffer.from(String(body.Message), 'base64'), key.privateKey, key.arn);
  }

  function spoiled(how: SpokenMisbehaviour, call: HttpCall): HttpReply {
    const message = Buffer.from(String(bodyOf(call).Message), 'base64');
    switch (how) {
      case 'rate_limited':
        return refusal(400, 'ThrottlingException', 'Rate exceeded');
      case 'server_error':
        return refusal(500, 'KMSInternalException', 'An internal error occurred');
      case 'wrong_signature':
        return answer(200, {
          KeyId: keyArn,
          SigningAlgorithm: ALGORITHM,
          Signature: randomBytes(64).toString('base64'),
        });
      case 'other_message':
        return signed(Buffer.concat([message, Buffer.of(0)]), firstKey());
      case 'other_key':
        return signed(message, other.privateKey);
      case 'no_signature':
        return answer(200, { KeyId: keyArn, SigningAlgorithm: ALGORITHM });
      case 'refuses':
        return refusal(400, 'AccessDeniedException', `User is not authorized to perform: kms:${operationOf(call)}`);
      case 'wrong_credentials':
        return refusal(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
  }

  function firstKey(): KeyObject {
    const key = keys.find(keyArn);
    if (key === null) throw new Error('the first key is gone');
    return key.privateKey;
  }

  return fake;
}

function newIdentity(accessKeyId: string): AwsIdentity {
  return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64') };
}

function operationOf({ headers }: HttpCall): string {
  return headers['x-amz-target']?.replace(/^TrentService\./, '') ?? '';
}

function bodyOf({ body }: HttpCall): Body {
  return JSON.parse(body.toString('utf8'));
}

/** `null`: there is nothing wrong with the call. */
function refusalOf(call: HttpCall, fake: FakeKms): HttpReply | null {
  const unsigned = signatureProblem(call, fake);
  if (unsigned !== null) return unsigned;
  const [operation, body] = [operationOf(call), bodyOf(call)];
  const { fault } = fake;
  const isFaulty = fault !== null && fault.isDone !== true && (fault.operation ?? operation) === operation;
  if (isFaulty) return refusal(fault.status, fault.name, 'It was told to.');
  const known = FIELDS[operation] ?? [];
  const strange = Object.keys(body).filter((field) => !known.includes(field));
  if (strange.length > 0) return refusal(400, 'ValidationException', `unknown fields ${strange.join(', ')}`);
  const isSigner = call.headers.authorization?.includes(`=${fake.identity.accessKeyId}/`) === true;
  const mayDo = isSigner ? SIGNERS_MAY.includes(operation) : operation !== 'Sign';
  if (!mayDo) return refusal(400, 'AccessDeniedException', `User is not authorized to perform: kms:${operation}`);
  if (fake.hides > 0 && (operation === 'CreateAlias' || operation === 'GetPublicKey')) {
    fake.hides -= 1;
    return refusal(400, 'NotFoundException', 'The key does not exist');
  }
  return operation === 'Sign' ? messageProblem(body) : null;
}

function messageProblem({ Message, MessageType, SigningAlgorithm }: Body): HttpReply | null {
  const bytes = typeof Message === 'string' ? Buffer.from(Message, 'base64') : Buffer.alloc(0);
  if (bytes.toString('base64') !== Message || bytes.length === 0)
    return refusal(400, 'ValidationException', 'bad message');
  if (bytes.length > 4_096) {
    const limit = "Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096";
    return refusal(400, 'ValidationException', `1 validation error detected: ${limit}`);
  }
  if (MessageType === 'RAW' && SigningAlgorithm === ALGORITHM) return null;
  return refusal(400, 'ValidationException', `${MessageType} and ${SigningAlgorithm} do not go with this key`);
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

/** Signature Version 4, by its specification. */
function signatureProblem(call: HttpCall, fake: FakeKms): HttpReply | null {
  const { headers } = call;
  const { clockSkewMs } = fake;
  const [, accessKeyId, day = '', region, names = ''] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const signature = (headers.authorization ?? '').slice(-64);
  const time = headers['x-amz-date'] ?? '';
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (call.method !== 'POST' || call.path !== '/' || headers['content-type'] !== 'application/x-amz-json-1.1') {
    return refusal(400, 'UnknownOperationException', 'not a call of KMS');
  }
  if (accessKeyId === undefined || Number.isNaN(at) || !time.startsWith(day)) {
    return refusal(400, 'IncompleteSignatureException', 'the authorization is not complete');
  }
  const identity = accessKeyId === fake.creator.accessKeyId ? fake.creator : fake.identity;
  if (accessKeyId !== identity.accessKeyId || headers['x-amz-security-token'] !== identity.sessionToken) {
    return refusal(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (Math.abs(at - Date.now() - clockSkewMs) > MAX_SKEW_MS) {
    return refusal(400, 'InvalidSignatureException', `Signature expired: ${time} is not within 5 minutes`);
  }
  const signedNames = names.split(';');
  const needed = [
    'host',
    'x-amz-date',
    'x-amz-target',
    ...(identity.sessionToken === undefined ? [] : ['x-amz-security-token']),
  ];
  const unsigned = needed.filter((name) => !signedNames.includes(name));
  if (region !== REGION || unsigned.length > 0)
    return refusal(400, 'InvalidSignatureException', `unsigned: ${unsigned}`);
  const canonical = canonicalRequest(call, signedNames);
  if (signature === expectedSignature(canonical, time, day, identity.secretAccessKey)) return null;
  // The real one quotes it, and with it a session token.
  return refusal(400, 'InvalidSignatureException', `The canonical request should have been '${canonical}'`);
}

function canonicalRequest({ method, path, headers, body }: HttpCall, names: readonly string[]): string {
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [method, path, '', lines.join(''), names.join(';'), sha256(body)].join('\n');
}

function expectedSignature(canonical: string, time: string, day: string, secret: string): string {
  const scope = `${day}/${REGION}/kms/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [day, REGION, 'kms', 'aws4_request'].reduce<string | Buffer>(
    (by, part) => hmac(by, part),
    `AWS4${secret}`,
  );
  return hmac(key, toSign).toString('hex');
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** By the clock of the service. */
function dated(reply: HttpReply, skewMs: number): HttpReply {
  return { ...reply, headers: { ...reply.headers, date: new Date(Date.now() + skewMs).toUTCString() } };
}
