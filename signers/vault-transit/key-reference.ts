// Owns what the record keeps of a key that was made in Vault: its name, its version and where it is.
import * as z from 'zod';
import type { KeyReference } from '../key-creator.ts';

const referenceSchema = z.strictObject({
  key: z.string().regex(/^[\w.-]{1,128}$/),
  key_version: z.int().min(1).max(999_999_999),
  /** With the namespace before it, if there is one: `team/transit`. */
  mount: z.string().min(1).max(512),
});

export interface VaultKeyName {
  readonly key: string;
  readonly keyVersion: number;
}

/** Where a transit engine is in a Vault, which may have another address tomorrow. */
export interface VaultPlace {
  readonly namespace: string | null;
  readonly mount: string;
}

export type VaultKeyReading =
  | ({ readonly kind: 'named' } & VaultKeyName)
  | { readonly kind: 'strange'; readonly reason: string };

export function vaultReferenceOf({ key, keyVersion }: VaultKeyName, place: VaultPlace): KeyReference {
  return { key, key_version: keyVersion, mount: pathOf(place) };
}

/** A key in another engine is none that can be asked for here: it would look as if it were gone. */
export function readVaultReference(reference: KeyReference, place: VaultPlace): VaultKeyReading {
  const parsed = referenceSchema.safeParse(reference);
  if (!parsed.success) {
    return { kind: 'strange', reason: 'what the record has of the key is no name and version of a key in Vault' };
  }
  const { key, key_version: keyVersion, mount } = parsed.data;
  if (mount === pathOf(place)) return { kind: 'named', key, keyVersion };
  const reason = `the key ${key} was made in another transit engine than that at ${pathOf(place)}, which the template names now`;
  return { kind: 'strange', reason };
}

function pathOf({ namespace, mount }: VaultPlace): string {
  return namespace === null ? mount : `${namespace}/${mount}`;
}
