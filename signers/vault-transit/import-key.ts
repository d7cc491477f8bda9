// Owns the way of a key into Vault: wrapped for it, under its label, and looked at afterwards.
import * as z from 'zod';
import { base58FromBytes, KEY_BYTES, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import type { CreateResult } from '../key-creator.ts';
import { type CreatorFailure, failureOf, refused, unavailable } from './creator-failure.ts';
import type { VaultPlace } from './key-reference.ts';
import type { VaultConnection } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';
import { keyThere, lookAtKey } from './vault-keys.ts';
import { wrappingKeyOf, wrapSeed } from './wrapped-seed.ts';

const wrappingKeyAnswer = z.object({ data: z.object({ public_key: z.string().max(8_192) }) });

export interface BroughtKey {
  readonly label: string;
  /** Left as it is. */
  readonly seed: Uint8Array;
  readonly exportable: boolean;
}

export async function importVaultKey(
  vault: VaultConnection,
  place: VaultPlace,
  { label, seed, exportable }: BroughtKey,
  signal: AbortSignal,
): Promise<CreateResult> {
  const { mount } = place;
  if (seed.length !== KEY_BYTES)
    return refused(`the seed of an Ed25519 key has ${KEY_BYTES} bytes, not ${seed.length}`);
  const address = base58FromBytes(publicKeyBytes(privateKeyFromSeed(seed)));
  const wanted = { key: label, address, exportable, place };
  const before = await lookAtKey(vault, mount, label, signal);
  if (before.kind === 'there') return keyThere(before.description, wanted, vault.host);
  if (before.kind !== 'absent') return before;
  const failure = await bring(vault, mount, { label, seed, exportable }, signal);
  if (failure !== null && failure.kind !== 'not brought') return failure;
  const after = await lookAtKey(vault, mount, label, signal);
  if (after.kind === 'there') return keyThere(after.description, wanted, vault.host);
  if (after.kind !== 'absent') return after;
  return failure?.why ?? unavailable(`Vault ${vault.host}: it said that it took the key ${label}, and has it not`);
}

/** `null`: it is done. `not brought`: Vault says so, as it does where somebody else has brought the key at the same time. */
async function bring(
  vault: VaultConnection,
  mount: string,
  { label, seed, exportable }: BroughtKey,
  signal: AbortSignal,
): Promise<null | CreatorFailure | { readonly kind: 'not brought'; readonly why: CreatorFailure }> {
  const keyPath = vaultPath(mount, 'wrapping_key');
  const given = await vault.call({ method: 'GET', path: keyPath }, signal);
  if (given.kind !== 'answered') return failureOf(given, { capability: 'read', path: keyPath });
  const parsed = wrappingKeyAnswer.safeParse(given.body);
  const wrappingKey = parsed.success ? wrappingKeyOf(parsed.data.data.public_key) : null;
  if (wrappingKey === null) return unavailable(`Vault ${vault.host}: it gave no RSA key to wrap a key with`);
  const path = vaultPath(mount, 'keys', label, 'import');
  const ciphertext = wrapSeed(seed, wrappingKey);
  const terms = { type: 'ed25519', hash_function: 'SHA256', allow_rotation: false, exportable };
  const answer = await vault.call({ method: 'POST', path, body: { ciphertext, ...terms } }, signal);
  if (answer.kind === 'answered') return null;
  const failure = failureOf(answer, { capability: 'update', path });
  return answer.kind === 'error' ? { kind: 'not brought', why: failure } : failure;
}
