// Owns the way from the `vault-transit` entry of the configuration to the signer.
import type { Signer } from '../../signers/signer.ts';
import type { VaultConnectionOptions } from '../../signers/vault-transit/vault-connection.ts';
import type { VaultLogin } from '../../signers/vault-transit/vault-login.ts';
import { createVaultTransitSigner } from '../../signers/vault-transit/vault-transit-signer.ts';
import type { VaultAccountConfig, VaultLoginConfig, VaultTransitConfig } from '../config/signers/vault-transit.ts';
import { foreignFileSource, secretSource } from './secret-source.ts';
import { tlsOf } from './service-tls.ts';

/** Calls nothing yet. */
export function openVaultTransit(config: VaultTransitConfig, signerTimeoutMs: number): Signer {
  const { name, address, mount, key, keyVersion, timeoutMs } = config;
  const connection = vaultConnectionOf(config, timeoutMs ?? signerTimeoutMs);
  return createVaultTransitSigner({ ...connection, name, address, mount, key, keyVersion });
}

/** Throws SignerFault where a file of its TLS cannot be used. */
export function vaultConnectionOf(
  { url, namespace, login, tls }: VaultAccountConfig,
  timeoutMs: number,
): VaultConnectionOptions {
  return { url, namespace, timeoutMs, login: loginOf(login), tls: tlsOf(tls) };
}

function loginOf(login: VaultLoginConfig): VaultLogin {
  switch (login.kind) {
    case 'token':
      return { kind: 'token', token: { read: secretSource(login.token), field: login.field } };
    case 'approle': {
      const { mount, roleId, secretId, field } = login;
      return { kind: 'approle', mount, roleId, secretId: { read: secretSource(secretId), field } };
    }
    case 'kubernetes': {
      const { mount, role, jwtFile } = login;
      return { kind: 'kubernetes', mount, role, jwt: { read: foreignFileSource(jwtFile), field: 'jwt_file' } };
    }
  }
}
