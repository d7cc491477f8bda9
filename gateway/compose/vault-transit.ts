// Owns the way from the `vault-transit` entry of the configuration to the signer.
import type { Signer } from '../../signers/signer.ts';
import type { VaultLogin } from '../../signers/vault-transit/vault-login.ts';
import { createVaultTransitSigner } from '../../signers/vault-transit/vault-transit-signer.ts';
import type { VaultLoginConfig, VaultTransitConfig } from '../config/signers/vault-transit.ts';
import { foreignFileSource, secretSource } from './secret-source.ts';
import { tlsOf } from './service-tls.ts';

/** Calls nothing yet. */
export function openVaultTransit(config: VaultTransitConfig, signerTimeoutMs: number): Signer {
  return createVaultTransitSigner({
    ...config,
    timeoutMs: config.timeoutMs ?? signerTimeoutMs,
    login: loginOf(config.login),
    tls: tlsOf(config.tls),
  });
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
