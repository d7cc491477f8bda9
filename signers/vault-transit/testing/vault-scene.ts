// Owns what the tests of vault-transit share: a key in a real OpenBao, a role that may sign with it and nothing else, and a service in
// front of the server that misbehaves on request.
import { randomBytes, randomUUID } from 'node:crypto';
import type { NamedSecret } from '../../../net/named-secret.ts';
import { type OpenBaoServer, textAt } from '../../../test/fakes/openbao-server.ts';
import { type HttpCall, type HttpReply, type SpoiledHttp, startSpoiledHttp } from '../../../test/fakes/spoiled-http.ts';
import { base58FromBytes } from '../../ed25519-key.ts';
import type { VaultTransitOptions } from '../vault-transit-signer.ts';

export interface VaultScene {
  readonly key: string;
  readonly address: string;
  /** Name of the AppRole and of its policy. */
  readonly role: string;
  /** Everything secret that the signer was given so far. */
  readonly secrets: readonly string[];
  readonly service: SpoiledHttp;
  /** With AppRole, through the misbehaving service. */
  readonly options: VaultTransitOptions;
  /** Paths below `/v1/` that were asked for, in their order. */
  readonly asked: readonly string[];
}

/** What docs/signers/vault-transit.md gives the gateway. */
export function leastPolicy(key: string): string {
  return `path "transit/sign/${key}" {
  capabilities        = ["update"]
  required_parameters = ["input", "key_version"]
  allowed_parameters  = { "input" = [], "key_version" = ["1"] }
}
path "transit/keys/${key}" {
  capabilities = ["read"]
}
`;
}

/** `lifetime`: of tokens, as the AppRole has it. */
export async function openVaultScene(
  server: OpenBaoServer,
  lifetime: object = { token_ttl: '1h' },
): Promise<VaultScene> {
  const role = `role-${randomUUID()}`;
  const [key, otherKey] = [`wallet-${randomUUID()}`, `wallet-${randomUUID()}`];
  for (const name of [key, otherKey]) await server.api('POST', `transit/keys/${name}`, { type: 'ed25519' });
  await server.api('PUT', `sys/policies/acl/${role}`, { policy: leastPolicy(key) });
  await enableAppRole(server);
  await server.api('POST', `auth/approle/role/${role}`, { token_policies: [role], ...lifetime });
  const roleId = textAt(await server.api('GET', `auth/approle/role/${role}/role-id`), 'data', 'role_id');
  const secretId = await newSecretId(server, role);
  const [asked, secrets]: [string[], string[]] = [[], [secretId, server.rootToken]];
  const service = await startSpoiledHttp({
    asksForSignature: ({ path }) => path.startsWith('/v1/transit/sign/'),
    serve: async (call) => {
      const path = call.path.replace('/v1/', '');
      asked.push(path);
      const reply = await forwarded(server, call);
      if (path.endsWith('/login') && reply.status === 200)
        secrets.push(textAt(JSON.parse(reply.body), 'auth', 'client_token'));
      return reply;
    },
    spoil: (how, call) => spoiled(server, how, call, otherKey),
  });
  const login = { kind: 'approle', mount: 'approle', roleId, secretId: fixed(secretId) } as const;
  const address = await addressOf(server, key);
  const place = { url: service.url, namespace: null, mount: 'transit', key, keyVersion: 1 };
  const options = { name: 'vault', address, ...place, login, timeoutMs: 5_000 };
  return { key, address, role, secrets, service, options, asked };
}

export function fixed(secret: string, field = 'secret_id_file'): NamedSecret {
  return { read: async () => secret, field };
}

export async function newSecretId(server: OpenBaoServer, role: string): Promise<string> {
  return textAt(await server.api('POST', `auth/approle/role/${role}/secret-id`), 'data', 'secret_id');
}

/** By another way than the signer's: with the root token. */
export async function addressOf(server: OpenBaoServer, key: string, version = 1, mount = 'transit'): Promise<string> {
  const described = await server.api('GET', `${mount}/keys/${key}`);
  return base58FromBytes(Buffer.from(textAt(described, 'data', 'keys', String(version), 'public_key'), 'base64'));
}

export async function enableAppRole(server: OpenBaoServer): Promise<void> {
  const enabled = JSON.stringify(await server.api('GET', 'sys/auth'));
  if (!enabled.includes('"approle/"')) await server.api('POST', 'sys/auth/approle', { type: 'approle' });
}

export async function forwarded(server: OpenBaoServer, { method, path, headers, body }: HttpCall): Promise<HttpReply> {
  const passed = Object.entries(headers).filter(([name]) => name.startsWith('x-vault-') || name === 'content-type');
  const sent = { method, headers: Object.fromEntries(passed), ...(body.length === 0 ? {} : { body }) };
  const answer = await fetch(`${server.url}${path}`, sent);
  return { status: answer.status, headers: { 'content-type': 'application/json' }, body: await answer.text() };
}

export function vaultErrors(status: number, text: string, headers = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ errors: [text] }),
  };
}

function data(fields: object): HttpReply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ data: fields }) };
}

/** In the words of the real one, each of them as it was seen to answer. */
async function spoiled(
  server: OpenBaoServer,
  how: Parameters<Parameters<typeof startSpoiledHttp>[0]['spoil']>[0],
  call: HttpCall,
  otherKey: string,
): Promise<HttpReply | null> {
  const asRoot = { ...call, headers: { ...call.headers, 'x-vault-token': server.rootToken } };
  switch (how) {
    case 'rate_limited':
      return vaultErrors(429, 'request path "transit/sign": rate limit quota exceeded', { 'retry-after': '7' });
    case 'server_error':
      return vaultErrors(500, '1 error occurred:\n\t* internal error\n\n');
    case 'wrong_signature':
      return data({ signature: `vault:v1:${randomBytes(64).toString('base64')}`, key_version: 1 });
    case 'other_message':
      return forwarded(server, { ...asRoot, body: Buffer.from('{"input":"b3RoZXI=","key_version":1}') });
    case 'other_key':
      return forwarded(server, { ...asRoot, path: `/v1/transit/sign/${otherKey}` });
    case 'no_signature':
      return data({});
    case 'refuses':
      return vaultErrors(403, '1 error occurred:\n\t* permission denied\n\n');
    case 'wrong_credentials':
      return call.path.endsWith('/login')
        ? vaultErrors(400, 'invalid role or secret ID')
        : vaultErrors(403, 'permission denied');
  }
}
