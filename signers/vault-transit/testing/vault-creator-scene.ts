// Owns what the tests of keys that are made in Vault share: an engine of its own in a real OpenBao, a role that may only make keys there
// and one that may only sign with them, and a service in front of the server that misbehaves on request.
import { randomUUID } from 'node:crypto';
import { Secret } from '../../../gateway/config/secret.ts';
import type { VaultLoginConfig } from '../../../gateway/config/signers/vault-transit.ts';
import type { VaultTransitTemplate } from '../../../gateway/config/templates/vault-transit.ts';
import type { CreatorService } from '../../../test/conformance/key-creator.ts';
import { type OpenBaoServer, textAt } from '../../../test/fakes/openbao-server.ts';
import {
  type HttpCall,
  type HttpReply,
  type SpokenMisbehaviour,
  startSpoiledHttp,
} from '../../../test/fakes/spoiled-http.ts';
import { enableAppRole, forwarded, newSecretId, vaultErrors } from './vault-scene.ts';

export interface VaultCreatorScene {
  /** Where the engine is mounted. */
  readonly mount: string;
  readonly service: CreatorService;
  /** Everything allowed; creator and signers log in by AppRole, through the misbehaving service. */
  readonly template: VaultTransitTemplate;
  /** Logins that got a token so far. */
  readonly logins: () => number;
}

/** What docs/signers/vault-transit.md gives those who sign with keys that were made. */
export function signingPolicy(mount: string): string {
  return `path "${mount}/sign/+" {
  capabilities        = ["update"]
  required_parameters = ["input", "key_version"]
  allowed_parameters  = { "input" = [], "key_version" = ["1"] }
}
path "${mount}/keys/+" {
  capabilities = ["read"]
}
`;
}

/** What it gives those who make them, with and without `allow_export`, `deletion_allowed` and `allow_import`. */
export function creatingPolicy(mount: string, allowed: { readonly all: boolean }): string {
  const making = `path "${mount}/keys/+" {
  capabilities       = ["read", "update"${allowed.all ? ', "delete"' : ''}]
  allowed_parameters = { "type" = ["ed25519"], "exportable" = [${allowed.all}] }
}
`;
  if (!allowed.all) return making;
  return `${making}path "${mount}/keys/+/config" {
  capabilities       = ["update"]
  allowed_parameters = { "deletion_allowed" = [true] }
}
path "${mount}/wrapping_key" {
  capabilities = ["read"]
}
path "${mount}/keys/+/import" {
  capabilities       = ["update"]
  allowed_parameters = { "ciphertext" = [], "type" = ["ed25519"], "hash_function" = [], "allow_rotation" = [false], "exportable" = [true] }
}
path "${mount}/export/signing-key/+/1" {
  capabilities = ["read"]
}
`;
}

/** The keys of all scenes are in one engine, and each counts its own: they are used one after the other. */
export async function openVaultCreatorScene(server: OpenBaoServer): Promise<VaultCreatorScene> {
  const mount = 'wallets';
  await enableWallets(server, mount);
  await enableAppRole(server);
  const creator = await loginWith(server, creatingPolicy(mount, { all: true }));
  const signer = await loginWith(server, signingPolicy(mount));
  const secrets = [server.rootToken, creator.secretId, signer.secretId];
  let logins = 0;
  const http = await startSpoiledHttp({
    asksForSignature: ({ method, path }) => isChange(method, path.replace(`/v1/${mount}/`, '')),
    serve: async (call) => {
      const reply = await forwarded(server, call);
      if (call.path.endsWith('/login') && reply.status === 200) {
        logins += 1;
        secrets.push(textAt(JSON.parse(reply.body), 'auth', 'client_token'));
      }
      return reply;
    },
    spoil: async (how, call) => spoiled(how, call),
  });
  const made = new Set<string>();
  const service = {
    misbehave: http.misbehave,
    changeCalls: http.signCalls,
    keysMade: async () => {
      for (const key of await keysOf(server, mount)) made.add(key);
      return made.size;
    },
    secrets,
    echoed: http.echoed,
    close: http.close,
  };
  const place = { url: http.url, namespace: null, mount, tls: { ca: null, client: null } };
  const calls = { timeoutMs: 5_000, maxInFlight: 64, maxWaiting: 256 };
  const terms = { name: 'made', relayers: ['node'], maxWallets: 100, allowExport: true, allowImport: true };
  return {
    mount,
    service,
    template: {
      kind: 'vault-transit',
      terms,
      signer: { ...place, ...calls, login: signer.login },
      creator: { login: creator.login, deletionAllowed: true },
    },
    logins: () => logins,
  };
}

/** With a role that has this policy and no other. */
export async function loginWith(
  server: OpenBaoServer,
  policy: string,
): Promise<{ readonly login: VaultLoginConfig; readonly secretId: string }> {
  const role = `role-${randomUUID()}`;
  await server.api('PUT', `sys/policies/acl/${role}`, { policy });
  await server.api('POST', `auth/approle/role/${role}`, { token_policies: [role], token_ttl: '1h' });
  const roleId = textAt(await server.api('GET', `auth/approle/role/${role}/role-id`), 'data', 'role_id');
  const secretId = await newSecretId(server, role);
  const secret = { kind: 'value', secret: new Secret(secretId) } as const;
  return { login: { kind: 'approle', mount: 'approle', roleId, secretId: secret, field: 'secret_id_env' }, secretId };
}

async function enableWallets(server: OpenBaoServer, mount: string): Promise<void> {
  const enabled = JSON.stringify(await server.api('GET', 'sys/mounts'));
  if (enabled.includes(`"${mount}/"`)) return;
  await server.api('POST', `sys/mounts/${mount}`, { type: 'transit' });
  // An RSA key of 4096 bits, made when it is asked for first.
  await server.api('GET', `${mount}/wrapping_key`);
}

function isChange(method: string, path: string): boolean {
  if (path.startsWith('export/')) return true;
  return path.startsWith('keys/') && method !== 'GET';
}

async function keysOf(server: OpenBaoServer, mount: string): Promise<readonly string[]> {
  // Where there is none, it is not found.
  const headers = { 'x-vault-token': server.rootToken };
  const answer = await fetch(`${server.url}/v1/${mount}/keys?list=true`, { headers });
  const { data } = JSON.parse(await answer.text());
  return data?.keys ?? [];
}

/** In the words of the real one. */
function spoiled(how: SpokenMisbehaviour, { path }: HttpCall): HttpReply | null {
  switch (how) {
    case 'rate_limited':
      return vaultErrors(429, 'request path "transit": rate limit quota exceeded', { 'retry-after': '7' });
    case 'server_error':
      return vaultErrors(500, '1 error occurred:\n\t* internal error\n\n');
    case 'refuses':
      return vaultErrors(403, '1 error occurred:\n\t* permission denied\n\n');
    case 'wrong_credentials':
      return path.endsWith('/login')
        ? vaultErrors(400, 'invalid role or secret ID')
        : vaultErrors(403, 'permission denied');
    case 'wrong_signature':
    case 'other_message':
    case 'other_key':
    case 'no_signature':
      throw new Error(`nobody asked for ${how}`);
  }
}
