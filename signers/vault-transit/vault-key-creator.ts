// Owns the creator of keys in the transit engine of HashiCorp Vault or OpenBao: each under its label, of type ed25519, in version 1.
import { closableCreator } from '../closable-creator.ts';
import type { CreateResult, KeyCreator } from '../key-creator.ts';
import { checkVaultCreator } from './creator-check.ts';
import { failureOf, unavailable } from './creator-failure.ts';
import { destroyVaultKey } from './destroy-key.ts';
import { exportVaultKey } from './export-key.ts';
import { importVaultKey } from './import-key.ts';
import type { VaultPlace } from './key-reference.ts';
import { openVaultConnection, type VaultConnection, type VaultConnectionOptions } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';
import { keyThere, lookAtKey } from './vault-keys.ts';

export interface VaultKeyCreatorOptions extends VaultConnectionOptions {
  /** Where the transit engine is mounted: `transit`. */
  readonly mount: string;
  /** Whether keys may be deleted through it. */
  readonly deletionAllowed: boolean;
  /** Whether keys are made so that they can be exported, and are. */
  readonly allowExport: boolean;
  readonly allowImport: boolean;
}

/** Calls nothing yet. @throws Error when the URL is none. */
export function createVaultKeyCreator(options: VaultKeyCreatorOptions): KeyCreator {
  const { mount, namespace, deletionAllowed, allowExport, allowImport } = options;
  const place = { mount, namespace };
  const engine = namespace === null ? mount : `${mount}, in the namespace ${namespace}`;
  const vault = openVaultConnection(options);
  const rights = { mount, destroys: deletionAllowed, exports: allowExport, imports: allowImport };
  return closableCreator({
    backend: 'vault-transit',
    create: (label, signal) => createKey(vault, place, { label, exportable: allowExport }, signal),
    findBy: (label) => `the key ${label} in the transit engine at ${engine}`,
    destroy: deletionAllowed ? (key, signal) => destroyVaultKey(vault, place, key, signal) : null,
    export: allowExport ? (key, signal) => exportVaultKey(vault, place, key, signal) : null,
    import: allowImport
      ? (label, seed, signal) => importVaultKey(vault, place, { label, seed, exportable: allowExport }, signal)
      : null,
    check: (signal) => checkVaultCreator(vault, rights, signal),
    close: vault.close,
  });
}

interface NewKey {
  readonly label: string;
  readonly exportable: boolean;
}

/** Vault leaves a key that is there already as it is, and says that it did what it was asked: so the key is looked at. */
async function createKey(
  vault: VaultConnection,
  place: VaultPlace,
  { label, exportable }: NewKey,
  signal: AbortSignal,
): Promise<CreateResult> {
  const { mount } = place;
  const path = vaultPath(mount, 'keys', label);
  const made = await vault.call({ method: 'POST', path, body: { type: 'ed25519', exportable } }, signal);
  if (made.kind !== 'answered') return failureOf(made, { capability: 'update', path });
  const look = await lookAtKey(vault, mount, label, signal);
  const wanted = { key: label, address: null, exportable, place };
  if (look.kind === 'there') return keyThere(look.description, wanted, vault.host);
  if (look.kind !== 'absent') return look;
  return unavailable(`Vault ${vault.host}: it said that it made the key ${label}, and has it not`);
}
