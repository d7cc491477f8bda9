// Owns a Cloud KMS for tests that is as strict as the real one where our calls could be wrong: token, audience, clock, resource name, fields and
// checksums. It misbehaves on request. It serves a metadata server too, which gives tokens to whoever runs on the machine.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
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
  /** What is answered in place of the right fields. */
  describe: Readonly<Record<string, unknown>>;
  /** Every call is answered so. */
  fault: { readonly httpStatus: number; readonly status: string } | null;
  permissions: readonly string[];
  /** The account has another key from now on; the JSON file of that. */
  readonly rotateAccountKey: () => string;
  /** The token that the metadata server gives, and that is good. */
  metadataToken: string;
}

const EMAIL = 'countersign@treasury.iam.gserviceaccount.com';
const AUDIENCE = 'https://cloudkms.googleapis.com/';
const USE_TO_SIGN = 'cloudkms.cryptoKeyVersions.useToSign';
const METADATA = '/computeMetadata/v1/';
/** Made once: it takes a while. */
const firstAccountKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

export async function startFakeCloudKms(): Promise<FakeCloudKms> {
  const [pair, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const ring = 'projects/treasury/locations/europe-west3/keyRings/countersign';
  const keyVersion = `${ring}/cryptoKeys/key-${randomBytes(4).toString('hex')}/cryptoKeyVersions/1`;
  const pem = String(pair.publicKey.export({ format: 'pem', type: 'spki' }));
  let accountKey = firstAccountKey;
  const keyFile = serviceAccountFile(accountKey.privateKey);
  const signed = (message: Buffer, key: KeyObject) => {
    const signature = sign(null, message, key);
    const right = { name: keyVersion, verifiedDataCrc32c: true, protectionLevel: 'HSM' };
    const fields = { ...right, signature: signature.toString('base64'), signatureCrc32c: String(crc32c(signature)) };
    return answer(200, { ...fields, ...fake.describe });
  };
  const http = await startSpoiledHttp({
    asksForSignature: ({ path }) => path.endsWith(':asymmetricSign'),
    serve: async (call) => {
      if (call.path.startsWith(METADATA)) return metadata(call, fake.metadataToken);
      return refusalOf(call, fake, accountKey.publicKey) ?? served(call);
    },
    spoil: async (how, call) => (call.path.startsWith(METADATA) ? null : spoiled(how, call)),
  });
  const publicKey = Buffer.from(pair.publicKey.export({ format: 'der', type: 'spki' })).subarray(-32);
  const settings = {
    describe: {},
    fault: null,
    permissions: [USE_TO_SIGN],
    metadataToken: randomBytes(24).toString('hex'),
  };
  const rotateAccountKey = (): string => {
    accountKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
    return serviceAccountFile(accountKey.privateKey);
  };
  const fake: FakeCloudKms = { ...http, keyVersion, publicKey, keyFile, rotateAccountKey, ...settings };

  function served(call: HttpCall): HttpReply {
    if (call.path.endsWith('/publicKey')) {
      const fields = {
        name: keyVersion,
        pem,
        pemCrc32c: String(crc32c(Buffer.from(pem))),
        algorithm: 'EC_SIGN_ED25519',
      };
      return answer(200, { ...fields, protectionLevel: 'HSM', ...fake.describe });
    }
    if (call.path.endsWith(':testIamPermissions')) return answer(200, { permissions: fake.permissions });
    return signed(dataOf(call), pair.privateKey);
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
        return signed(Buffer.concat([dataOf(call), Buffer.of(0)]), pair.privateKey);
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
  if (token !== fake.metadataToken && !isGoodToken(token, accountKey)) {
    return refusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
  if (fake.fault !== null) return refusal(fake.fault.httpStatus, fake.fault.status, 'It was told to.');
  const key = fake.keyVersion.replace(/\/cryptoKeyVersions\/1$/, '');
  const [reads, permissions] = [`/v1/${fake.keyVersion}/publicKey`, `/v1/${key}:testIamPermissions`];
  if (call.method === 'GET' && call.path === reads) return null;
  if (call.method === 'POST' && call.path === permissions) return null;
  if (call.method !== 'POST' || call.path !== `/v1/${fake.keyVersion}:asymmetricSign`) {
    return refusal(404, 'NOT_FOUND', `${call.path} not found.`);
  }
  return signProblem(call);
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
function isGoodToken(token: string, accountKey: KeyObject): boolean {
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
  return isSigned && header.alg === 'RS256' && iss === EMAIL && sub === EMAIL && aud === AUDIENCE && isNow;
}

function metadata({ path, headers }: HttpCall, token: string): HttpReply {
  const flavored = { 'metadata-flavor': 'Google' };
  if (headers['metadata-flavor'] !== 'Google') return { status: 403, headers: flavored, body: '' };
  if (!path.includes('/token')) return { status: 200, headers: flavored, body: '' };
  const body = JSON.stringify({ access_token: token, expires_in: 3_600, token_type: 'Bearer' });
  return { status: 200, headers: { ...flavored, 'content-type': 'application/json' }, body };
}

export function serviceAccountFile(key: KeyObject): string {
  const fields = { type: 'service_account', project_id: 'treasury', private_key_id: 'fake-key-1', client_email: EMAIL };
  return JSON.stringify({ ...fields, private_key: key.export({ format: 'pem', type: 'pkcs8' }) });
}

/** By its definition, a bit at a time. */
function crc32c(bytes: Uint8Array): number {
  let remainder = ~0;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  }
  return ~remainder >>> 0;
}

/** PEM of another kind of key, with its checksum. */
export function otherPem(kind: 'ed25519' | 'ec'): { readonly pem: string; readonly pemCrc32c: string } {
  const { privateKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const pem = String(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }));
  return { pem, pemCrc32c: String(crc32c(Buffer.from(pem))) };
}

function answer(status: number, body: object, headers = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    body: JSON.stringify(body),
  };
}

function refusal(code: number, status: string, message: string, headers = {}): HttpReply {
  return answer(code, { error: { code, message, status } }, headers);
}
