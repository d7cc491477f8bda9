// Owns the end of keys in Cloud KMS: a version is scheduled for destruction, and can be restored until then.
import { cleanText } from '../../net/endpoint.ts';
import type { DestroyResult, KeyReference } from '../key-creator.ts';
import type { KmsHttp } from './kms-http.ts';
import { type KeyVersion, versionIn } from './kms-new-key.ts';

const KEY_VERSION = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[\w-]+\/cryptoKeyVersions\/\d+$/;

export async function destroyVersion(
  http: KmsHttp,
  { key_version: keyVersion }: KeyReference,
  signal: AbortSignal,
): Promise<DestroyResult> {
  if (typeof keyVersion !== 'string' || !KEY_VERSION.test(keyVersion)) {
    return { kind: 'refused', reason: 'the record names no key version of Cloud KMS' };
  }
  const answer = await http.call(`${keyVersion}:destroy`, {}, signal);
  if (answer.kind === 'answered') {
    return (
      destroyed(http.about, versionIn(answer.body, keyVersion)) ?? {
        kind: 'unavailable',
        reason: `${http.about}: its answer does not say that ${keyVersion} will be destroyed`,
      }
    );
  }
  const { kind, reason } = answer.failure;
  if (answer.status === 'NOT_FOUND' && kind === 'refused') {
    return { kind: 'destroyed', detail: `${http.about} has no ${keyVersion} any more` };
  }
  if (answer.status !== 'FAILED_PRECONDITION') return { kind, reason };
  // It may be on its way out already.
  const described = await http.call(keyVersion, null, signal);
  if (described.kind === 'failed') return { kind: 'unavailable', reason: described.failure.reason };
  return destroyed(http.about, versionIn(described.body, keyVersion)) ?? { kind, reason };
}

/** `null`: it is not. */
function destroyed(about: string, version: KeyVersion | null): DestroyResult | null {
  if (version?.state === 'DESTROYED') return { kind: 'destroyed', detail: `${about} has destroyed ${version.name}` };
  if (version?.state !== 'DESTROY_SCHEDULED') return null;
  const at = cleanText(version.destroyTime, []) || 'a date that it does not tell';
  const detail = `${about} destroys ${version.name} on ${at}; until then it can be restored there`;
  return { kind: 'destroyed', detail };
}
