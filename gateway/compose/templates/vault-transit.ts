// Owns the way from a `vault-transit` wallet template to its creator of keys, and to signers that share one login.
import { readVaultReference } from '../../../signers/vault-transit/key-reference.ts';
import { openVaultConnection, sharedVaultConnection } from '../../../signers/vault-transit/vault-connection.ts';
import { createVaultKeyCreator } from '../../../signers/vault-transit/vault-key-creator.ts';
import { vaultTransitSigner } from '../../../signers/vault-transit/vault-transit-signer.ts';
import type { VaultTransitTemplate } from '../../config/templates/vault-transit.ts';
import { SignerFault } from '../unopened-signer.ts';
import { vaultConnectionOf } from '../vault-transit.ts';
import type { OpenedTemplate } from './opened-template.ts';

/** For one call. The first import makes Vault's wrapping key, an RSA key of 4096 bits: seconds. */
const CREATOR_TIMEOUT_MS = 30_000;

/** Calls nothing yet. Throws SignerFault where a file of its TLS cannot be used. */
export function openVaultTransitTemplate(
  { terms, signer: account, creator }: VaultTransitTemplate,
  signerTimeoutMs: number,
): OpenedTemplate {
  const { mount, namespace, timeoutMs, maxInFlight, maxWaiting } = account;
  const { name, allowExport, allowImport } = terms;
  const signing = vaultConnectionOf(account, timeoutMs ?? signerTimeoutMs);
  const connection = sharedVaultConnection(() => openVaultConnection(signing));
  return {
    creator: createVaultKeyCreator({
      ...vaultConnectionOf({ ...account, login: creator.login }, CREATOR_TIMEOUT_MS),
      ...{ mount, allowExport, allowImport, deletionAllowed: creator.deletionAllowed },
    }),
    openSigner: async ({ address, reference }) => {
      const reading = readVaultReference(reference, { mount, namespace });
      if (reading.kind === 'strange') throw new SignerFault(null, reading.reason);
      const { key, keyVersion } = reading;
      return vaultTransitSigner(connection(), { name, address, mount, key, keyVersion });
    },
    guard: { timeoutMs, maxInFlight, maxWaiting },
  };
}
