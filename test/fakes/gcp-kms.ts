// Owns a Cloud KMS for tests that is as strict as the real one where our calls could be wrong: token, audience, clock, resource name, fields and
// checksums. It misbehaves on request. It serves a metadata server too, which gives tokens to whoever runs on the machine.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { answer, crc32c, refusal } from './gcp-kms-answers.ts';
import { type CloudKmsKeys, createCloudKmsKeys, notEnabled, rightFor } from './gcp-kms-keys.ts';
import {
  type HttpCall,
  type HttpReply,
  type SpoiledHttp,
  type SpokenMisbehaviour,
  startSpoiledHttp,
} from './spoiled-http.ts';

export interface FakeCloudKms extends SpoiledHttp {
  readonly keyVersion: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** The JSON file of a service account that may call. */
  readonly keyFile: string;
  /** The JSON file of one that may make and destroy keys, and not sign. */
  readonly creatorKeyFile: string;
  readonly keyRing: string;
  readonly keys: CloudKmsKeys;
  /** Calls that are to make or destroy keys. */
  readonly changeCalls: () => number;
  /** So many times a version shows as one that is still generated. */
  pendingReads: number;
  /** What is answered in place of the right fields. */
  describe: Readonly<Record<string, unknown>>;
  /** Every call is answered so. */
  fault: { readonly httpStatus: number; readonly status: string } | null;
  permissions: readonly string[];
  creatorPermissions: readonly string[];
  /** The account has another key from now on; the JSON file of that. */
  readonly rotateAccountKey: () => string;
  /** The token that the metadata server gives, and that is good. */
  metadataToken: string;
}

const EMAIL = 'countersign@treasury.iam.gserviceaccount.com';
const CREATOR_EMAIL = 'countersign-creator@treasury.iam.gserviceaccount.com';
const AUDIENCE = 'https://cloudkms.googleapis.com/';
const USE_TO_SIGN = 'cloudkms.cryptoKeyVersions.useToSign';
const VIEW_PUBLIC_KEY = 'cloudkms.cryptoKeyVersions.viewPublicKey';
const METADATA = '/computeMetadata/v1/';
/** Made once: it takes a while. */
const firstAccountKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** `spoils`: which calls go wrong when it misbehaves. */
export async function startFakeCloudKms(spoils: 'signatures' | 'changes' = 'signatures'): Promise<FakeCloudKms> {
  const keyRing = 'projects/treasury/locations/europe-west3/keyRings/countersign';
  const keys = createCloudKmsKeys(keyRing, () => {
    if (fake.pendingReads <= 0) return 0;
    fake.pendingReads -= 1;
    return fake.pendingReads + 1;
  });
  const other = generateKeyPairSync('ed25519');
  const { name: keyVersion, publicKey, privateKey } = keys.make(`key-${randomBytes(4).toString('hex')}`);
  let accountKey = firstAccountKey;
  const keyFile = serviceAccountFile(accountKey.privateKey);
  const creatorKeyFile = serviceAccountFile(accountKey.privateKey, CREATOR_EMAIL);
  let changeCalls = 0;
  const signed = (message: Buffer, key: KeyObject, name = keyVersion) => {
    const signature = sign(null, message, key);
    const right = { name, verifiedDataCrc32c: true, protectionLevel: 'HSM' };
    const fields = { ...right, signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)) };
    return answer(200, { ...fields, ...fake.describe });
  };
  const http = await startSpoiledHttp({
    asksForSignature: ({ method, path }) => {
      const isChange = method === 'POST' && (path.includes('/cryptoKeys?') || path.endsWith(':destroy'));
      if (isChange) changeCalls += 1;
      return spoils === 'changes' ? isChange : path.endsWith(':asymmetricSign');
    },
    serve: async (call) => {
      if (call.path.startsWith(METADATA)) return metadata(call, fake.metadataToken);
      return refusalOf(call, fake, accountKey.publicKey) ?? served(call);
    },
    spoil: async (how, call) => (call.path.startsWith(METADATA) ? null : spoiled(how, call)),
  });
  const settings = {
    describe: {},
    fault: null,
    permissions: [USE_TO_SIGN, VIEW_PUBLIC_KEY],
    creatorPermissions: [
      'cryptoKeys.create',
      ...['get', 'viewPublicKey', 'destroy'].map((each) => `cryptoKeyVersions.${each}`),
    ].map((right) => `cloudkms.${right}`),
    pendingReads: 0,
    metadataToken: randomBytes(24).toString('hex'),
  };
  const rotateAccountKey = (): string => {
    accountKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return serviceAccountFile(accountKey.privateKey);
  };
  const known = { keyVersion, publicKey, keyFile, creatorKeyFile, keyRing, keys, changeCalls: () => changeCalls };
  const fake: FakeCloudKms = { ...http, ...known, rotateAccountKey, ...settings };

  function served(call: HttpCall): HttpReply {
    if (call.path.endsWith(':testIamPermissions')) return answer(200, { permissions: permissionsOf(call) });
    const served = keys.served(call);
    if (served !== null) {
      const replaced = call.path.endsWith('/publicKey') && served.status === 200;
      return replaced ? answer(200, { ...JSON.parse(served.body), ...fake.describe }) : served;
    }
    const version = keys.find(call.path.slice('/v1/'.length).replace(/:asymmetricSign$/, ''));
    if (version === null) return refusal(404, 'NOT_FOUND', `${call.path} not found.`);
    return notEnabled(version) ?? signed(dataOf(call), version.privateKey, version.name);
  }

  /** Of those that are asked for. */
  function permissionsOf(call: HttpCall): readonly string[] {
    const asked: readonly string[] = JSON.parse(call.body.toString()).permissions;
    return asked.filter((right) => rightsOf(call, fake).includes(right));
  }

  function spoiled(how: SpokenMisbehaviour, call: HttpCall): HttpReply {
    switch (how) {
      case 'rate_limited':
        return refusal(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric', { 'retry-after': '3' });
      case 'server_error':
        return refusal(500, 'INTERNAL', 'Internal error encountered.');
      case 'wrong_signature': {
        const signature = randomBytes(64);
        const fields = { signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)) };
        return answer(200, { name: keyVersion, verifiedDataCrc32c: true, ...fields });
      }
      case 'other_message':
        return signed(Buffer.concat([dataOf(call), Buffer.of(0)]), privateKey);
      case 'other_key':
        return signed(dataOf(call), other.privateKey);
      case 'no_signature':
        return answer(200, { name: keyVersion, verifiedDataCrc32c: true });
      case 'refuses':
        return refusal(403, 'PERMISSION_DENIED', `Permission '${USE_TO_SIGN}' denied on resource`);
      case 'wrong_credentials':
        return refusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    }
  }

  return fake;
}

function dataOf({ body }: HttpCall): Buffer {
  return Buffer.from(JSON.parse(body.toString()).data, 'base64');
}

/** `null`: there is nothing wrong with the call. */
function refusalOf(call: HttpCall, fake: FakeCloudKms, accountKey: KeyObject): HttpReply | null {
  const token = /^Bearer (\S+)$/.exec(call.headers.authorization ?? '')?.[1] ?? '';
  if (token !== fake.metadataToken && !isGoodToken(token, accountKey, emailIn(call))) {
    return refusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
  if (fake.fault !== null) return refusal(fake.fault.httpStatus, fake.fault.status, 'It was told to.');
  const right = rightFor(call);
  if (right !== null && !rightsOf(call, fake).includes(right)) {
    return refusal(403, 'PERMISSION_DENIED', `Permission '${right}' denied on resource (or it may not exist).`);
  }
  const place = call.path.replace(/^\/v1\//, '');
  if (!place.startsWith(fake.keyRing)) return refusal(404, 'NOT_FOUND', `${call.path} not found.`);
  if (call.path.endsWith(':testIamPermissions') && call.method === 'POST') return null;
  return call.path.endsWith(':asymmetricSign') ? signProblem(call) : null;
}

function rightsOf(call: HttpCall, fake: FakeCloudKms): readonly string[] {
  return emailIn(call) === CREATOR_EMAIL ? fake.creatorPermissions : fake.permissions;
}

/** As the token says; that of the metadata server is of the signer's account. */
function emailIn({ headers }: HttpCall): string {
  const [, claims] = /^Bearer [^.]+\.([^.]+)\./.exec(headers.authorization ?? '') ?? [];
  if (claims === undefined) return EMAIL;
  const { iss } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return iss === CREATOR_EMAIL ? CREATOR_EMAIL : EMAIL;
}

function signProblem({ headers, body }: HttpCall): HttpReply | null {
  const fields = JSON.parse(body.toString());
  if (headers['content-type'] !== 'application/json' || Object.keys(fields).sort().join() !== 'data,dataCrc32c') {
    return refusal(400, 'INVALID_ARGUMENT', 'exactly one of data and digest, with its checksum, as JSON');
  }
  const data = Buffer.from(String(fields.data), 'base64');
  if (data.toString('base64') !== fields.data) return refusal(400, 'INVALID_ARGUMENT', 'data is not base64');
  if (fields.dataCrc32c === String(crc32c(data))) return null;
  return refusal(400, 'INVALID_ARGUMENT', 'The checksum in field data_crc32c did not match the data in field data.');
}

/** A JWT that the service account made itself (RS256), for this service, for an hour at most. */
function isGoodToken(token: string, accountKey: KeyObject, email: string): boolean {
  const [head = '', claims = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || signature === '') return false;
  const [header, { iss, sub, aud, iat, exp }] = [head, claims].map((part) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()),
  );
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    accountKey,
    Buffer.from(signature, 'base64url'),
  );
  const now = Date.now() / 1000;
  const isNow = iat <= now + 60 && now < exp && exp - iat <= 3_600;
  return isSigned && header.alg === 'RS256' && iss === email && sub === email && aud === AUDIENCE && isNow;
}

function metadata({ path, headers }: HttpCall, token: string): HttpReply {
  const flavored = { 'metadata-flavor': 'Google' };
  if (headers['metadata-flavor'] !== 'Google') return { status: 403, headers: flavored, body: '' };
  if (!path.includes('/token')) return { status: 200, headers: flavored, body: '' };
  const body = JSON.stringify({ access_token: token, expires_in: 3_600, token_type: 'Bearer' });
  return { status: 200, headers: { ...flavored, 'content-type': 'application/json' }, body };
}

export function serviceAccountFile(key: KeyObject, email = EMAIL): string {
  const fields = { type: 'service_account', project_id: 'treasury', private_key_id: 'fake-key-1', client_email: email };
  return JSON.stringify({ ...fields, private_key: key.export({ format: 'pem', type: 'pkcs8' }) });
}

/** PEM of another kind of key, with its checksum. */
export function otherPem(kind: 'ed25519' | 'ec'): { readonly pem: string; readonly pemCrc32c: string } {
  const { privateKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const pem = String(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }));
  return { pem, pemCrc32c: String(crc32c(Buffer.from(pem))) };
}
