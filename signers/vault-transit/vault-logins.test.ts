import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OpenBaoServer, startOpenBao, textAt } from '../../test/fakes/openbao-server.ts';
import type { Signer, SignResult } from '../signer.ts';
import { verifySignature } from '../verify.ts';
import { addressOf, fixed, leastPolicy, newSecretId, openVaultScene, type VaultScene } from './testing/vault-scene.ts';
import type { VaultLogin } from './vault-login.ts';
import { createVaultTransitSigner } from './vault-transit-signer.ts';

const SOON = { timeout: 8_000, interval: 20 };

let server: OpenBaoServer;
const opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  server = await startOpenBao();
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});
afterAll(() => server.close());

async function sceneWith(lifetime?: object): Promise<VaultScene> {
  const scene = await openVaultScene(server, lifetime);
  opened.push(scene.service);
  return scene;
}

function signerOf(scene: VaultScene, changes: Partial<VaultScene['options']> = {}): Signer {
  const signer = createVaultTransitSigner({ ...scene.options, ...changes });
  opened.push(signer);
  return signer;
}

function sign(signer: Signer, messageBytes: Uint8Array = randomBytes(80)): Promise<SignResult> {
  const signal = AbortSignal.timeout(5_000);
  return signer.sign(messageBytes, { kind: 'message', deadline: Date.now() + 5_000, idempotencyKey: 'k', signal });
}

async function expectSigns(signer: Signer): Promise<void> {
  const messageBytes = randomBytes(80);
  const result = await sign(signer, messageBytes);
  if (result.kind !== 'signed') throw new Error(`${result.kind}: ${result.reason}`);
  expect(await verifySignature({ address: signer.address, messageBytes, signature: result.signature })).toBe(true);
}

function count(scene: VaultScene, end: string): number {
  return scene.asked.filter((path) => path.endsWith(end)).length;
}

async function tokenFor(scene: VaultScene, options: object): Promise<string> {
  return textAt(
    await server.api('POST', 'auth/token/create', { policies: [scene.role], ...options }),
    'auth',
    'client_token',
  );
}

/** What a file that somebody writes anew holds now. */
function rotating(first: string, field: string) {
  let text = first;
  const write = (next: string): void => {
    text = next;
  };
  return { write, secret: { read: async () => text, field } };
}

describe('a login by AppRole', () => {
  it('is made once, for many calls at once', async () => {
    const scene = await sceneWith();
    const signer = signerOf(scene);
    await Promise.all(Array.from({ length: 8 }, () => expectSigns(signer)));
    expect(count(scene, '/login')).toBe(1);
  });

  it('is renewed before it ends, and made anew when it cannot be renewed any more', async () => {
    const scene = await sceneWith({ token_ttl: '1s', token_max_ttl: '3s' });
    const signer = signerOf(scene);
    await expectSigns(signer);
    await vi.waitFor(() => expect(count(scene, '/renew-self')).toBeGreaterThan(1), SOON);
    await expectSigns(signer);
    await vi.waitFor(() => expect(count(scene, '/login')).toBeGreaterThan(1), SOON);
    await expectSigns(signer);
    // None of the calls found its token dead.
    expect(count(scene, '/lookup-self')).toBe(0);
  });

  it('is made anew when its token was revoked, and the call is made once more', async () => {
    const scene = await sceneWith();
    const signer = signerOf(scene);
    await expectSigns(signer);
    await server.api('PUT', 'sys/leases/revoke-prefix/auth/approle/login');
    await expectSigns(signer);
    expect(count(scene, '/login')).toBe(2);
  });

  it('takes the SecretID that the file holds by then', async () => {
    const scene = await sceneWith();
    const { options, role } = scene;
    if (options.login.kind !== 'approle') throw new Error('the scene logs in by AppRole');
    const file = rotating(await newSecretId(server, role), 'secret_id_file');
    const signer = signerOf(scene, { login: { ...options.login, secretId: file.secret } });
    await expectSigns(signer);
    await server.api('DELETE', `auth/approle/role/${role}`);
    await server.api('PUT', 'sys/leases/revoke-prefix/auth/approle/login');
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'secret_id_file' });
    await server.api('POST', `auth/approle/role/${role}`, { token_policies: [role], role_id: options.login.roleId });
    await server.api('POST', `auth/approle/role/${role}/role-id`, { role_id: options.login.roleId });
    file.write(`${await newSecretId(server, role)}\n`);
    await expectSigns(signer);
  });

  it('is not made where the login is mounted elsewhere, and says so', async () => {
    const scene = await sceneWith();
    const { login } = scene.options;
    if (login.kind !== 'approle') throw new Error('the scene logs in by AppRole');
    const signer = signerOf(scene, { login: { ...login, mount: 'approle-of-others' } });
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'auth_mount' });
  });

  it('says which secret cannot be read, and calls nothing', async () => {
    const scene = await sceneWith();
    const { login } = scene.options;
    if (login.kind !== 'approle') throw new Error('the scene logs in by AppRole');
    const read = () => Promise.reject(new Error('/run/secret-id: it cannot be read'));
    const signer = signerOf(scene, { login: { ...login, secretId: { read, field: 'secret_id_file' } } });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', reason: '/run/secret-id: it cannot be read' });
    expect(scene.asked).toEqual([]);
  });
});

describe('a token that is given', () => {
  const by = (secret: Extract<VaultLogin, { kind: 'token' }>['token']) =>
    ({ login: { kind: 'token', token: secret } }) as const;

  it('is renewed while it can be', async () => {
    const scene = await sceneWith();
    const signer = signerOf(scene, by(fixed(await tokenFor(scene, { period: '2s' }), 'token_file')));
    await expectSigns(signer);
    await vi.waitFor(() => expect(count(scene, '/renew-self')).toBeGreaterThan(1), SOON);
    await expectSigns(signer);
    expect(count(scene, '/lookup-self')).toBe(1);
  });

  it('is read again: the next call carries the new one', async () => {
    const scene = await sceneWith();
    const [first, second] = [await tokenFor(scene, {}), await tokenFor(scene, {})];
    const file = rotating(first, 'token_file');
    const signer = signerOf(scene, by(file.secret));
    await expectSigns(signer);
    await server.api('POST', 'auth/token/revoke', { token: first });
    const result = await sign(signer);
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'token_file' });
    file.write(second);
    await expectSigns(signer);
  });

  it('signs without the right to look itself up', async () => {
    const scene = await sceneWith();
    const token = await tokenFor(scene, { no_default_policy: true, ttl: '1h' });
    const signer = signerOf(scene, by(fixed(token, 'token_file')));
    await expectSigns(signer);
    expect((await signer.check(AbortSignal.timeout(5_000))).kind).toBe('ready');
  });

  it('is not sent where it cannot be one', async () => {
    const scene = await sceneWith();
    const signer = signerOf(scene, by(fixed('two\r\nx-injected: lines', 'token_file')));
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await signer.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'token_file' });
    expect(scene.asked).toEqual([]);
  });
});

describe('a login by Kubernetes', () => {
  it('shows the token of the service account as it is now, and signs with what it gets', async () => {
    const scene = await sceneWith();
    const cluster = await startCluster();
    opened.push(cluster);
    await server.api('POST', 'sys/auth/k8s', { type: 'kubernetes' });
    const config = { kubernetes_host: cluster.url, token_reviewer_jwt: 'reviewer', kubernetes_ca_cert: CERTIFICATE };
    await server.api('POST', 'auth/k8s/config', {
      ...config,
      disable_local_ca_jwt: true,
      disable_iss_validation: true,
    });
    const bound = { bound_service_account_names: ['gateway'], bound_service_account_namespaces: ['prod'] };
    await server.api('POST', 'auth/k8s/role/gateway', { ...bound, token_policies: [scene.role] });
    const file = rotating(serviceAccountToken('gateway'), 'jwt_file');
    const login = { kind: 'kubernetes', mount: 'k8s', role: 'gateway', jwt: file.secret } as const;
    await expectSigns(signerOf(scene, { login }));
    const roleless = signerOf(scene, { login: { ...login, role: 'nobody' } });
    expect(await roleless.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'role' });
    file.write(serviceAccountToken('stranger'));
    const stranger = signerOf(scene, { login });
    expect(await sign(stranger)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await stranger.check(AbortSignal.timeout(5_000))).toMatchObject({ kind: 'failed', field: 'jwt_file' });
    expect(cluster.reviewed()).toBeGreaterThan(0);
  });
});

describe('a namespace', () => {
  it('holds key and login of its own', async () => {
    await server.api('POST', 'sys/namespaces/team', {});
    const inTeam = (method: string, path: string, body?: object) => server.api(method, path, body, 'team');
    await inTeam('POST', 'sys/mounts/transit', { type: 'transit' });
    await inTeam('POST', 'transit/keys/wallet', { type: 'ed25519' });
    await inTeam('PUT', 'sys/policies/acl/wallet', { policy: leastPolicy('wallet') });
    const token = textAt(await inTeam('POST', 'auth/token/create', { policies: ['wallet'] }), 'auth', 'client_token');
    const scene = await sceneWith();
    const address = await addressOf({ ...server, api: (method, path, body) => inTeam(method, path, body) }, 'wallet');
    const login = { kind: 'token', token: fixed(token, 'token_file') } as const;
    const there = { key: 'wallet', address, login };
    const signer = signerOf(scene, { ...there, namespace: 'team' });
    await expectSigns(signer);
    expect((await signer.check(AbortSignal.timeout(5_000))).kind).toBe('ready');
    expect((await sign(signerOf(scene, there))).kind).not.toBe('signed');
  });
});

/** Any will do: the cluster below has no TLS. */
const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBGTCBwKADAgECAgEBMAoGCCqGSM49BAMCMA0xCzAJBgNVBAMMAmNhMB4XDTI2',
  '-----END CERTIFICATE-----',
].join('\n');

function serviceAccountToken(name: string): string {
  const part = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
  const namespace = 'prod';
  const claims = { iss: 'kubernetes', 'kubernetes.io': { namespace, serviceaccount: { name, uid: `uid-${name}` } } };
  return `${part({ alg: 'RS256' })}.${part({ ...claims, iat: 1, nbf: 1, exp: 4_000_000_000 })}.${randomBytes(64).toString('base64url')}`;
}

/** An API server that knows one call: it believes every token, as the one of the account that it names. */
async function startCluster() {
  let reviewed = 0;
  const cluster = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const review = JSON.parse(Buffer.concat(chunks).toString());
    const claims = JSON.parse(Buffer.from(review.spec.token.split('.')[1], 'base64url').toString());
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    const user = { username: `system:serviceaccount:${namespace}:${serviceaccount.name}`, uid: serviceaccount.uid };
    reviewed += 1;
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...review, status: { authenticated: true, user: { ...user, groups: [] } } }));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  cluster.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = cluster.address();
  const close = () => new Promise<void>((done) => void cluster.close(() => done()).closeAllConnections());
  return { url: `http://127.0.0.1:${Object(address).port}`, reviewed: () => reviewed, close };
}
