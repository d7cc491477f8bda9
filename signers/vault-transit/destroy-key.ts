// Owns the end of a key in Vault: it is allowed to be deleted, and deleted, if it is the one that was made.
import type { CreatedKey, DestroyResult } from '../key-creator.ts';
import { failureOf, refused } from './creator-failure.ts';
import { addressOfVersion, isOneKey, type KeyDescription } from './key-answer.ts';
import { readVaultReference, type VaultPlace } from './key-reference.ts';
import type { VaultConnection } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';
import { lookAtKey } from './vault-keys.ts';

export async function destroyVaultKey(
  vault: VaultConnection,
  place: VaultPlace,
  created: CreatedKey,
  signal: AbortSignal,
): Promise<DestroyResult> {
  const { mount } = place;
  const reading = readVaultReference(created.reference, place);
  if (reading.kind === 'strange') return refused(reading.reason);
  const { key, keyVersion } = reading;
  const look = await lookAtKey(vault, mount, key, signal);
  if (look.kind === 'absent') return destroyed(`Vault ${vault.host}: there is no key ${key} any more`);
  if (look.kind !== 'there') return look;
  const problem = otherKeyProblem(look.description, keyVersion, created.address);
  if (problem !== null) return refused(`Vault ${vault.host}: the key ${key} ${problem}; nothing was deleted`);
  const failure = await deletion(vault, vaultPath(mount, 'keys', key), signal);
  if (failure === null)
    return destroyed(`Vault ${vault.host}: the key ${key} is deleted; backups of Vault may hold it`);
  if (failure.kind === 'unavailable') return failure;
  // Somebody else may have deleted it at the same time, which Vault answers like anything that is wrong.
  const after = await lookAtKey(vault, mount, key, signal);
  return after.kind === 'absent' ? destroyed(`Vault ${vault.host}: there is no key ${key} any more`) : failure;
}

/** All of its versions would be deleted: one that another wallet may have its address from is left alone. */
function otherKeyProblem(found: KeyDescription, keyVersion: number, address: string): string | null {
  const there = addressOfVersion(found, keyVersion);
  if (there !== address) return `has another address, ${there ?? 'of no Ed25519 key'}`;
  if (isOneKey(found)) return null;
  return `was rotated: it has version ${found.latest_version}, whose address would be lost too: delete it in Vault`;
}

/** `null`: it is done. */
async function deletion(vault: VaultConnection, path: string, signal: AbortSignal) {
  const config = `${path}/config`;
  const body = { deletion_allowed: true };
  const allowed = await vault.call({ method: 'POST', path: config, body }, signal);
  if (allowed.kind !== 'answered') return failureOf(allowed, { capability: 'update', path: config });
  const deleted = await vault.call({ method: 'DELETE', path }, signal);
  return deleted.kind === 'answered' ? null : failureOf(deleted, { capability: 'delete', path });
}

function destroyed(detail: string): DestroyResult {
  return { kind: 'destroyed', detail };
}
