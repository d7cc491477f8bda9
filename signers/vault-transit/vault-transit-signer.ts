// Owns the `vault-transit` signer: an Ed25519 key in the transit engine of HashiCorp Vault or OpenBao, one pinned version of it.
import { remoteSigner } from '../remote-signer.ts';
import type { Signer, SignerCheck } from '../signer.ts';
import { keyCheckOf } from './key-answer.ts';
import { lackingRights } from './rights.ts';
import { signResultOf } from './sign-answer.ts';
import { openVaultConnection, type VaultConnection, type VaultConnectionOptions } from './vault-connection.ts';
import { vaultPath } from './vault-http.ts';

export interface VaultTransitKey {
  /** Name from the configuration. */
  readonly name: string;
  /** Base58 address of the key. */
  readonly address: string;
  /** Where the transit engine is mounted: `transit`. */
  readonly mount: string;
  readonly key: string;
  /** From 1. */
  readonly keyVersion: number;
}

export type VaultTransitOptions = VaultTransitKey & VaultConnectionOptions;

/** Calls nothing yet: what does not work is shown by `check`. @throws Error when the URL is none. */
export function createVaultTransitSigner(options: VaultTransitOptions): Signer {
  return vaultTransitSigner(openVaultConnection(options), options);
}

/** Closes the connection when it is closed. */
export function vaultTransitSigner(
  vault: VaultConnection,
  { name, address, mount, key, keyVersion }: VaultTransitKey,
): Signer {
  const signPath = vaultPath(mount, 'sign', key);
  return remoteSigner({
    name,
    backend: 'vault-transit',
    address,
    sign: async (messageBytes, context) => {
      // As text, which is how a policy that pins the version compares it.
      const body = { input: Buffer.from(messageBytes).toString('base64'), key_version: String(keyVersion) };
      const answer = await vault.call({ method: 'POST', path: signPath, body }, context.signal);
      return signResultOf(answer, vault.host, keyVersion);
    },
    check: async (signal) => {
      const described = await vault.call({ method: 'GET', path: vaultPath(mount, 'keys', key) }, signal);
      const check = keyCheckOf(described, { host: vault.host, key, keyVersion, address });
      if (check.kind === 'failed') return check;
      const lacking = await lackingRights(vault, [{ capability: 'update', path: signPath }], signal);
      return lacking.length === 0 ? check : unsignable(vault.host, signPath);
    },
    close: vault.close,
  });
}

function unsignable(host: string, path: string): SignerCheck {
  const reason = `Vault ${host}: the policy of the token must allow update on ${path}`;
  return { kind: 'failed', field: 'key', reason };
}
