// Owns an AWS KMS for tests that is as strict as the real one where our calls could be wrong: Signature Version 4 to the last byte, clock,
// key, message type, algorithm and the 4096 bytes of a message. It misbehaves on request.
import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
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
  /** Who may call. */
  identity: AwsIdentity;
  /** What is answered in place of the right fields: `{ KeySpec: 'ECC_NIST_P256' }`. */
  describe: Readonly<Record<string, unknown>>;
  /** Every call is answered so: the name of one of KMS's errors. */
  fault: { readonly status: number; readonly name: string } | null;
  /** How far its clock is ahead, in ms. */
  clockSkewMs: number;
}

const REGION = 'eu-central-1';
const MAX_SKEW_MS = 5 * 60_000;
const ALGORITHM = 'ED25519_SHA_512';
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Sign: ['KeyId', 'Message', 'MessageType', 'SigningAlgorithm', 'DryRun'],
  GetPublicKey: ['KeyId'],
};

export async function startFakeKms(): Promise<FakeKms> {
  const [pair, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const keyArn = `arn:aws:kms:${REGION}:111122223333:key/${randomBytes(16).toString('hex')}`;
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' });
  const identity: AwsIdentity = {
    accessKeyId: 'AKIAFAKEFAKEFAKEFAKE',
    secretAccessKey: randomBytes(30).toString('base64'),
  };
  const signed = (message: Buffer, key: KeyObject) =>
    answer(200, {
      ...{ KeyId: keyArn, SigningAlgorithm: ALGORITHM, Signature: sign(null, message, key).toString('base64') },
      ...fake.describe,
    });
  const http = await startSpoiledHttp({
    asksForSignature: (call) => operationOf(call) === 'Sign' && bodyOf(call).DryRun !== true,
    serve: async (call) => dated(refusalOf(call, fake) ?? served(call), fake.clockSkewMs),
    spoil: async (how, call) => spoiled(how, call),
  });
  const fake: FakeKms = { ...http, keyArn, publicKey, identity, describe: {}, fault: null, clockSkewMs: 0 };

  function served(call: HttpCall): HttpReply {
    const body = bodyOf(call);
    if (operationOf(call) === 'GetPublicKey') {
      const fields = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: [ALGORITHM] };
      return answer(200, { KeyId: keyArn, PublicKey: publicKey.toString('base64'), ...fields, ...fake.describe });
    }
    if (body.DryRun === true) {
      return refusal(
        412,
        'DryRunOperationException',
        'The request would have succeeded, but the DryRun option is set.',
      );
    }
    return signed(Buffer.from(String(body.Message), 'base64'), pair.privateKey);
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
        return signed(Buffer.concat([message, Buffer.of(0)]), pair.privateKey);
      case 'other_key':
        return signed(message, other.privateKey);
      case 'no_signature':
        return answer(200, { KeyId: keyArn, SigningAlgorithm: ALGORITHM });
      case 'refuses':
        return refusal(400, 'AccessDeniedException', 'User is not authorized to perform: kms:Sign on this resource');
      case 'wrong_credentials':
        return refusal(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
  }

  return fake;
}

function operationOf({ headers }: HttpCall): string {
  return headers['x-amz-target']?.replace(/^TrentService\./, '') ?? '';
}

function bodyOf({ body }: HttpCall): Readonly<Record<string, unknown>> {
  return JSON.parse(body.toString('utf8'));
}

/** `null`: there is nothing wrong with the call. */
function refusalOf(call: HttpCall, fake: FakeKms): HttpReply | null {
  const unsigned = signatureProblem(call, fake);
  if (unsigned !== null) return unsigned;
  if (fake.fault !== null) return refusal(fake.fault.status, fake.fault.name, 'It was told to.');
  const [operation, body] = [operationOf(call), bodyOf(call)];
  const known = FIELDS[operation] ?? [];
  const strange = Object.keys(body).filter((field) => !known.includes(field));
  if (strange.length > 0) return refusal(400, 'ValidationException', `unknown fields ${strange.join(', ')}`);
  if (body.KeyId !== fake.keyArn) return refusal(400, 'NotFoundException', `Key '${body.KeyId}' does not exist`);
  return operation === 'Sign' ? messageProblem(body) : null;
}

function messageProblem({
  Message,
  MessageType,
  SigningAlgorithm,
}: Readonly<Record<string, unknown>>): HttpReply | null {
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
function signatureProblem(call: HttpCall, { identity, clockSkewMs }: FakeKms): HttpReply | null {
  const { headers } = call;
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

function answer(status: number, body: object): HttpReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}

function refusal(status: number, name: string, message: string): HttpReply {
  return answer(status, { __type: name, message });
}
