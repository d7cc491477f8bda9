// Owns what the record keeps of a key that was made in Vault: its name and its version.
import * as z from 'zod';
import type { KeyReference } from '../key-creator.ts';

const referenceSchema = z.strictObject({
  key: z.string().regex(/^[\w.-]{1,128}$/),
  key_version: z.int().min(1).max(999_999_999),
});

export interface VaultKeyName {
  readonly key: string;
  readonly keyVersion: number;
}

export function vaultReferenceOf({ key, keyVersion }: VaultKeyName): KeyReference {
  return { key, key_version: keyVersion };
}

/** `null`: it is none of a key in Vault. */
export function vaultKeyNameOf(reference: KeyReference): VaultKeyName | null {
  const parsed = referenceSchema.safeParse(reference);
  return parsed.success ? { key: parsed.data.key, keyVersion: parsed.data.key_version } : null;
}
