// Owns the way of a key out of Vault, where it was made exportable.
import * as z from 'zod';
import { base58FromBytes, KEY_BYTES, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import type { CreatedKey, ExportResult } from '../key-creator.ts';
import { failureOf, refused, unavailable } from './creator-failure.ts';
import { readVaultReference, type VaultPlace } from './key-reference.ts';
import type { VaultConnection } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';

/** Of Ed25519: seed and public key, as Go has them. */
const PRIVATE_KEY_BYTES = 2 * KEY_BYTES;

const exportAnswer = z.object({ data: z.object({ keys: z.record(z.string(), z.base64().max(1024)) }) });

export async function exportVaultKey(
  vault: VaultConnection,
  place: VaultPlace,
  created: CreatedKey,
  signal: AbortSignal,
): Promise<ExportResult> {
  const reading = readVaultReference(created.reference, place);
  if (reading.kind === 'strange') return refused(reading.reason);
  const version = String(reading.keyVersion);
  const path = vaultPath(place.mount, 'export', 'signing-key', reading.key, version);
  const answer = await vault.call({ method: 'GET', path }, signal);
  if (answer.kind === 'answered') {
    const parsed = exportAnswer.safeParse(answer.body);
    const seed = parsed.success ? seedIn(parsed.data.data.keys[version] ?? '', created.address) : null;
    if (seed !== null) return { kind: 'exported', seed };
    return unavailable(`Vault ${vault.host}: what it answered is not the key of ${created.address}`);
  }
  const isAbsent = answer.kind === 'error' && answer.status === 404 && answer.errors?.length === 0;
  if (isAbsent) return refused(`Vault ${vault.host}: there is no key ${reading.key}`);
  return failureOf(answer, { capability: 'read', path });
}

/** `null`: it is not that of the address. The base64 of it stays in memory until that is used again: texts cannot be wiped. */
function seedIn(base64: string, address: string): Uint8Array<ArrayBuffer> | null {
  const decoded = Buffer.from(base64, 'base64');
  try {
    if (decoded.length !== PRIVATE_KEY_BYTES) return null;
    const seed = new Uint8Array(decoded.subarray(0, KEY_BYTES));
    if (base58FromBytes(publicKeyBytes(privateKeyFromSeed(seed))) === address) return seed;
    seed.fill(0);
    return null;
  } finally {
    decoded.fill(0);
  }
}
