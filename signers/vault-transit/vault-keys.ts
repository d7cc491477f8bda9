// Owns the look at a key in Vault that was made, or brought, through the gateway: whether it is there, and is what it should be.
import type { CreateResult } from '../key-creator.ts';
import { type CreatorFailure, failureOf, refused, unavailable } from './creator-failure.ts';
import { addressOfVersion, isOneKey, type KeyDescription, keyDescriptionOf } from './key-answer.ts';
import { type VaultPlace, vaultReferenceOf } from './key-reference.ts';
import type { VaultConnection } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';

export type KeyLook =
  | { readonly kind: 'there'; readonly description: KeyDescription }
  | { readonly kind: 'absent' }
  | CreatorFailure;

/** The one that signs: a key that nobody changed has no other. */
const FIRST_VERSION = 1;

export async function lookAtKey(
  vault: VaultConnection,
  mount: string,
  key: string,
  signal: AbortSignal,
): Promise<KeyLook> {
  const path = vaultPath(mount, 'keys', key);
  const answer = await vault.call({ method: 'GET', path }, signal);
  if (answer.kind === 'answered') {
    const description = keyDescriptionOf(answer.body);
    if (description !== null) return { kind: 'there', description };
    return unavailable(`Vault ${vault.host}: it described the key ${key} in a way that makes no sense`);
  }
  // Where the mount is, and the key is not, Vault has nothing to say.
  if (answer.kind === 'error' && answer.status === 404 && answer.errors?.length === 0) return { kind: 'absent' };
  return failureOf(answer, { capability: 'read', path });
}

export interface WantedKey {
  readonly key: string;
  /** Base58, of a key that was brought; `null`: it was made in Vault. */
  readonly address: string | null;
  /** Whether people may take it out of Vault. */
  readonly exportable: boolean;
  readonly place: VaultPlace;
}

/** Refused where it is not the key that is wanted: somebody else made it, or has changed it since. */
export function keyThere(
  found: KeyDescription,
  { key, address, exportable, place }: WantedKey,
  host: string,
): CreateResult {
  const there = addressOfVersion(found, FIRST_VERSION);
  const problem =
    typeProblem(found) ?? originProblem(found, address, there) ?? (exportable ? null : exitProblem(found));
  if (problem === null && there !== null) {
    return {
      kind: 'created',
      key: { address: there, reference: vaultReferenceOf({ key, keyVersion: FIRST_VERSION }, place) },
    };
  }
  const why = problem ?? 'has no public key in version 1';
  return refused(`Vault ${host}: there is a key ${key} already, and it ${why}; find out who made it`);
}

function typeProblem(found: KeyDescription): string | null {
  if (found.type !== 'ed25519') return `is of type ${found.type}, not ed25519`;
  if (found.derived === true) return 'is derived: it has another public key for each context';
  return isOneKey(found) ? null : `was rotated: it has version ${found.latest_version}`;
}

function originProblem(found: KeyDescription, address: string | null, there: string | null): string | null {
  if (address !== null)
    return there === address ? null : `has the address ${there ?? 'of no Ed25519 key'}, not ${address}`;
  return found.imported_key === true ? 'was imported: whoever brought it holds it' : null;
}

function exitProblem(found: KeyDescription): string | null {
  const isOpen = found.exportable === true || found.allow_plaintext_backup === true;
  return isOpen
    ? 'may be taken out of Vault (exportable, allow_plaintext_backup), which allow_export: false rules out'
    : null;
}
