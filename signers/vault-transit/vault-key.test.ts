import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../../gateway/policy/sources/testing/certificates.ts';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';
import { type OpenBaoServer, startOpenBao } from '../../test/fakes/openbao-server.ts';
import { startSpoiledHttp } from '../../test/fakes/spoiled-http.ts';
import type { Signer, SignResult } from '../signer.ts';
import { verifySignature } from '../verify.ts';
import { signResultOf } from './sign-answer.ts';
import { addressOf, openVaultScene, type VaultScene } from './testing/vault-scene.ts';
import { createVaultTransitSigner } from './vault-transit-signer.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-vault-'));
const [authority, stranger] = [makeAuthority(folder, 'ca'), makeAuthority(folder, 'other-ca')];
const [serverCertificate, clientCertificate] = [
  makeCertificate(folder, 'server', authority),
  makeCertificate(folder, 'client', authority),
];

let server: OpenBaoServer;
let tlsPort: number;
let scene: VaultScene;
const opened: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  tlsPort = await freePort();
  const config = join(folder, 'listener.hcl');
  writeFileSync(config, listenerWithTls(tlsPort));
  server = await startOpenBao(config);
  scene = await openVaultScene(server);
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
afterAll(async () => {
  await scene.service.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

function listenerWithTls(port: number): string {
  return `listener "tcp" {
  address = "127.0.0.1:${port}"
  tls_cert_file = "${serverCertificate.certFile}"
  tls_key_file = "${serverCertificate.keyFile}"
  tls_client_ca_file = "${authority.certFile}"
  tls_require_and_verify_client_cert = true
}
`;
}

function signerOf(changes: Partial<VaultScene['options']> = {}): Signer {
  const signer = createVaultTransitSigner({ ...scene.options, ...changes });
  opened.push(signer);
  return signer;
}

/** As somebody who may do everything, so that only the key can be wrong. */
function asRoot(changes: Partial<VaultScene['options']>): Signer {
  const token = { read: async () => server.rootToken, field: 'token_file' };
  return signerOf({ login: { kind: 'token', token }, ...changes });
}

function sign(signer: Signer, messageBytes: Uint8Array = randomBytes(80)): Promise<SignResult> {
  const signal = AbortSignal.timeout(5_000);
  return signer.sign(messageBytes, { kind: 'message', deadline: Date.now() + 5_000, idempotencyKey: 'k', signal });
}

const check = (signer: Signer) => signer.check(AbortSignal.timeout(5_000));

async function newKey(options: object): Promise<string> {
  const key = `key-${randomBytes(6).toString('hex')}`;
  await server.api('POST', `transit/keys/${key}`, options);
  return key;
}

describe('the key', () => {
  it('is described when all is well', async () => {
    expect(await check(signerOf())).toEqual({ kind: 'ready', detail: 'ed25519, version 1 of 1' });
  });

  it('that may be exported is usable, and the check says so', async () => {
    const key = await newKey({ type: 'ed25519', exportable: true });
    const result = await check(asRoot({ key, address: await addressOf(server, key) }));
    expect(result.kind === 'ready' ? result.detail : result.reason).toContain('who may export it holds the key');
  });

  it.each([
    ['of another type', { type: 'ecdsa-p256' }, 'key', 'of type ecdsa-p256, not ed25519'],
    ['with another key for each context', { type: 'ed25519', derived: true }, 'key', 'is derived'],
    ['of another address', { type: 'ed25519' }, 'address', 'has the address'],
  ])('%s is not taken', async (_name, options, field, reason) => {
    const result = await check(asRoot({ key: await newKey(options) }));
    expect(result).toMatchObject({ kind: 'failed', field });
    expect(result.kind === 'failed' ? result.reason : '').toContain(reason);
  });

  it('that is not there is refused, and the check says which key of the configuration is wrong', async () => {
    const signer = asRoot({ key: 'nobody' });
    expect(await sign(signer)).toMatchObject({ kind: 'refused' });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'key' });
  });

  it('is not there where the engine is not', async () => {
    const signer = asRoot({ mount: 'transit/of/others' });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'mount' });
  });

  it('signs with its pinned version after a rotation, and not with one that it may not use any more', async () => {
    const key = await newKey({ type: 'ed25519' });
    const address = await addressOf(server, key);
    const signer = asRoot({ key, address });
    await server.api('POST', `transit/keys/${key}/rotate`, {});
    const messageBytes = randomBytes(80);
    const result = await sign(signer, messageBytes);
    const signature = result.kind === 'signed' ? result.signature : new Uint8Array();
    expect(await verifySignature({ address, messageBytes, signature })).toBe(true);
    expect(await check(signer)).toEqual({ kind: 'ready', detail: 'ed25519, version 1 of 2' });
    await server.api('POST', `transit/keys/${key}/config`, { min_encryption_version: 2 });
    expect((await sign(signer)).kind).toBe('unavailable');
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'key_version' });
    expect(await check(asRoot({ key, address, keyVersion: 3 }))).toMatchObject({ field: 'key_version' });
    const second = { key, keyVersion: 2, address: await addressOf(server, key, 2) };
    expect((await check(asRoot(second))).kind).toBe('ready');
  });

  it('of others is refused by the policy of the token, and the check says so', async () => {
    const key = await newKey({ type: 'ed25519' });
    const signer = signerOf({ key, address: await addressOf(server, key) });
    expect(await sign(signer)).toMatchObject({ kind: 'refused' });
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'key' });
  });

  it('is bound to its version by the policy too', async () => {
    await server.api('POST', `transit/keys/${scene.key}/rotate`, {});
    const address = await addressOf(server, scene.key, 2);
    expect((await sign(signerOf())).kind).toBe('signed');
    expect((await sign(signerOf({ keyVersion: 2, address }))).kind).toBe('refused');
  });

  it('that may be read and not signed with does not pass the check', async () => {
    const other = await openVaultScene(server);
    opened.push(other.service);
    const policy = `path "transit/keys/${other.key}" { capabilities = ["read"] }`;
    await server.api('PUT', `sys/policies/acl/${other.role}`, { policy });
    const signer = createVaultTransitSigner(other.options);
    opened.push(signer);
    const result = await check(signer);
    expect(result).toMatchObject({ kind: 'failed', field: 'key' });
    expect(result.kind === 'failed' ? result.reason : '').toContain(`must allow update on transit/sign/${other.key}`);
  });
});

describe('a Vault that does not serve', () => {
  it('is not ambiguous while it is sealed, and signs when it is not any more', async () => {
    const signer = signerOf();
    expect((await sign(signer)).kind).toBe('signed');
    await server.seal();
    const [sealed, checked] = [await sign(signer), await check(signer)];
    await server.unseal();
    expect(sealed).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(checked).toMatchObject({ kind: 'failed', field: null });
    expect((await sign(signer)).kind).toBe('signed');
  });

  it('is left alone where its quota is used up', async () => {
    await server.api('POST', 'sys/quotas/rate-limit/wallet', { rate: 1, interval: '1h', path: 'transit' });
    const signer = signerOf();
    const results = [await sign(signer), await sign(signer)];
    await server.api('DELETE', 'sys/quotas/rate-limit/wallet');
    expect(results).toMatchObject([{ kind: 'signed' }, { kind: 'unavailable', ambiguous: false }]);
  });
});

describe('something in the place of Vault', () => {
  it.each([400, 403, 404, 429])('that answers %i in words of its own has refused nothing', async (status) => {
    const proxy = await startSpoiledHttp({
      asksForSignature: () => true,
      serve: async () => ({ status, body: '<html>Blocked</html>' }),
      spoil: async () => null,
    });
    opened.push(proxy);
    const signer = asRoot({ url: proxy.url });
    expect(await sign(signer)).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect((await check(signer)).kind).toBe('failed');
  });
});

describe('a Vault behind TLS that asks for certificates', () => {
  const tlsWith = (ca: string, client = clientCertificate) => ({
    ca: readFileSync(ca, 'utf8'),
    cert: readFileSync(client.certFile, 'utf8'),
    key: readFileSync(client.keyFile, 'utf8'),
  });

  it('is talked to with the right ones', async () => {
    const signer = signerOf({ url: `https://127.0.0.1:${tlsPort}`, tls: tlsWith(authority.certFile) });
    expect((await sign(signer)).kind).toBe('signed');
  });

  it.each([
    ['it shows a certificate of an authority that is not ours', stranger.certFile, clientCertificate],
    ['it does not know our certificate', authority.certFile, stranger],
  ])('is not signed with where %s', async (_name, ca, client) => {
    const signer = signerOf({ url: `https://127.0.0.1:${tlsPort}`, tls: tlsWith(ca, client) });
    expect((await sign(signer)).kind).toBe('unavailable');
    expect(await check(signer)).toMatchObject({ kind: 'failed', field: 'url' });
  });
});

describe('an answer to a call for a signature', () => {
  const base64 = randomBytes(64).toString('base64');
  const answered = (signature: unknown) =>
    signResultOf({ kind: 'answered', body: { data: { signature } } }, 'vault:8200', 1);

  it('is a signature of the pinned version', () => {
    expect(answered(`vault:v1:${base64}`)).toMatchObject({
      kind: 'signed',
      signature: new Uint8Array(Buffer.from(base64, 'base64')),
    });
  });

  it.each([
    ['another version', `vault:v2:${base64}`],
    ['the same version written otherwise', `vault:v01:${base64}`],
    ['no version', base64],
    ['a shorter signature', `vault:v1:${randomBytes(63).toString('base64')}`],
    ['a longer signature', `vault:v1:${randomBytes(65).toString('base64')}`],
    ['another alphabet', `vault:v1:${'-'.repeat(86)}==`],
    ['more behind it', `vault:v1:${base64}x`],
    ['no text', 7],
  ])('is none with %s, and may have been one', (_name, signature) => {
    expect(answered(signature)).toMatchObject({ kind: 'unavailable', ambiguous: true });
  });

  it.each([
    [307, [], false],
    [404, [], false],
    [412, [], false],
    [503, null, true],
    [503, ['Vault is sealed'], false],
    [502, null, true],
  ])('of status %i with %j is unavailable, ambiguous: %s', (status, errors, ambiguous) => {
    const answer = { kind: 'error', status, errors, reason: 'it said no' } as const;
    expect(signResultOf(answer, 'vault:8200', 1)).toMatchObject({ kind: 'unavailable', ambiguous });
  });
});
