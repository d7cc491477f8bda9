// Owns the keys of a Cloud KMS for tests: they are made in its key ring, described and destroyed under the limits of the real one.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { answer, crc32c, refusal } from './gcp-kms-answers.ts';
import type { HttpCall, HttpReply } from './spoiled-http.ts';

export interface CloudKmsVersion {
  /** Resource name. */
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly pem: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  state: string;
  algorithm: string;
  protectionLevel: string;
  importJob?: string;
  generationFailureReason?: string;
  /** RFC 3339. */
  destroyTime?: string;
  readonly destroyScheduledMs: number;
}

export interface CloudKmsKeys {
  readonly all: readonly CloudKmsVersion[];
  readonly make: (id: string, terms?: Readonly<Record<string, unknown>>) => CloudKmsVersion;
  readonly find: (name: string) => CloudKmsVersion | null;
  /** `null`: it is none of the calls that make, describe or destroy keys. */
  readonly served: (call: HttpCall) => HttpReply | null;
}

/** Operations and the rights that they need. */
export function rightFor({ method, path }: HttpCall): string | null {
  if (method === 'POST' && path.includes('/cryptoKeys?')) return 'cloudkms.cryptoKeys.create';
  if (path.endsWith('/publicKey')) return 'cloudkms.cryptoKeyVersions.viewPublicKey';
  if (path.endsWith(':destroy')) return 'cloudkms.cryptoKeyVersions.destroy';
  if (path.endsWith(':asymmetricSign')) return 'cloudkms.cryptoKeyVersions.useToSign';
  return path.endsWith(':testIamPermissions') ? null : 'cloudkms.cryptoKeyVersions.get';
}

const VERSION_PATH = /^\/v1\/(projects\/.+\/cryptoKeyVersions\/\d+)(|\/publicKey|:destroy)$/;

/** `pendingReads`: so many times a version that was made shows as one that is still generated. */
export function createCloudKmsKeys(ring: string, pendingReads: () => number): CloudKmsKeys {
  const all: CloudKmsVersion[] = [];
  const find = (name: string) => all.find((each) => each.name === name) ?? null;
  const make = (id: string, { protectionLevel = 'HSM', destroyScheduledDuration = '2592000s' } = {}) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const made: CloudKmsVersion = {
      name: `${ring}/cryptoKeys/${id}/cryptoKeyVersions/1`,
      privateKey,
      pem: String(publicKey.export({ format: 'pem', type: 'spki' })),
      publicKey: Buffer.from(publicKey.export({ format: 'der', type: 'spki' })).subarray(-32),
      state: 'ENABLED',
      algorithm: 'EC_SIGN_ED25519',
      protectionLevel,
      destroyScheduledMs: Number.parseInt(destroyScheduledDuration, 10) * 1_000,
    };
    all.push(made);
    return made;
  };
  const created = (call: HttpCall): HttpReply => {
    const query = new URL(call.path, 'http://fake').searchParams;
    const id = query.get('cryptoKeyId') ?? '';
    const body = JSON.parse(call.body.toString());
    const problem = [...query.keys()].join() === 'cryptoKeyId' ? keyProblem(id, body) : 'unknown parameters';
    if (problem !== null) return refusal(400, 'INVALID_ARGUMENT', problem);
    if (find(`${ring}/cryptoKeys/${id}/cryptoKeyVersions/1`) !== null) {
      return refusal(409, 'ALREADY_EXISTS', `CryptoKey ${ring}/cryptoKeys/${id} already exists.`);
    }
    const { destroyScheduledDuration, versionTemplate } = body;
    make(id, { protectionLevel: versionTemplate.protectionLevel, destroyScheduledDuration });
    return answer(200, { name: `${ring}/cryptoKeys/${id}`, ...body, createTime: new Date().toISOString() });
  };
  const served = (call: HttpCall): HttpReply | null => {
    if (call.method === 'POST' && call.path.startsWith(`/v1/${ring}/cryptoKeys?`)) return created(call);
    const [, name = '', action] = VERSION_PATH.exec(call.path) ?? [];
    if (name === '') return null;
    const version = find(name);
    if (version === null) return refusal(404, 'NOT_FOUND', `${name} not found.`);
    if (call.method === 'GET' && action === '') return answer(200, described(version, pendingReads()));
    if (call.method === 'GET' && action === '/publicKey') return publicKeyOf(version);
    if (call.method === 'POST' && action === ':destroy') return destroyed(version, call);
    return refusal(404, 'NOT_FOUND', `${call.method} ${call.path} not found.`);
  };
  return { all, make, find, served };
}

/** What is wrong with a key that is to be made. */
function keyProblem(
  id: string,
  { purpose, versionTemplate, destroyScheduledDuration, ...rest }: ToMake,
): string | null {
  const { algorithm, protectionLevel, ...other } = versionTemplate ?? {};
  const strange = Object.keys({ ...rest, ...other });
  if (strange.length > 0) return `Unknown name "${strange[0]}"`;
  if (!/^[a-zA-Z0-9_-]{1,63}$/.test(id)) return `cryptoKeyId must match [a-zA-Z0-9_-]{1,63}`;
  if (purpose !== 'ASYMMETRIC_SIGN' || algorithm !== 'EC_SIGN_ED25519') return `no test needs ${algorithm}`;
  if (protectionLevel !== 'SOFTWARE' && protectionLevel !== 'HSM') return `no test needs ${protectionLevel}`;
  const seconds = Number(/^(\d+)s$/.exec(String(destroyScheduledDuration))?.[1]);
  return seconds >= 86_400 && seconds <= 120 * 86_400 ? null : 'destroyScheduledDuration is out of range';
}

interface ToMake {
  readonly purpose?: unknown;
  readonly versionTemplate?: Readonly<Record<string, unknown>>;
  readonly destroyScheduledDuration?: unknown;
}

function described(version: CloudKmsVersion, pendingReads: number): object {
  const { name, algorithm, protectionLevel, importJob, generationFailureReason, destroyTime } = version;
  const state = pendingReads > 0 ? 'PENDING_GENERATION' : version.state;
  return { name, state, algorithm, protectionLevel, importJob, generationFailureReason, destroyTime };
}

function publicKeyOf(version: CloudKmsVersion): HttpReply {
  const { name, pem, algorithm, protectionLevel } = version;
  const pemCrc32c = String(crc32c(Buffer.from(pem)));
  return notEnabled(version) ?? answer(200, { name, pem, pemCrc32c, algorithm, protectionLevel });
}

/** `null`: it is. */
export function notEnabled({ name, state }: CloudKmsVersion): HttpReply | null {
  if (state === 'ENABLED') return null;
  return refusal(400, 'FAILED_PRECONDITION', `${name} is not enabled, current state is: ${state}.`);
}

function destroyed(version: CloudKmsVersion, { body }: HttpCall): HttpReply {
  if (body.toString() !== '{}') return refusal(400, 'INVALID_ARGUMENT', 'the body must be empty');
  if (version.state !== 'ENABLED' && version.state !== 'DISABLED') {
    const problem = `${version.name} has invalid state ${version.state} for destruction.`;
    return refusal(400, 'FAILED_PRECONDITION', problem);
  }
  version.state = 'DESTROY_SCHEDULED';
  version.destroyTime = new Date(Date.now() + version.destroyScheduledMs).toISOString();
  return answer(200, described(version, 0));
}
