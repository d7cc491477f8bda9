import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BundleSource } from './bundle-source.ts';
import { type HttpSourceOptions, openHttpSource } from './http-source.ts';
import { type BundleServer, startBundleServer } from './testing/bundle-server.ts';
import { type CertificateFiles, makeAuthority, makeCertificate } from './testing/certificates.ts';

let folder: string;
let authority: CertificateFiles;
let client: CertificateFiles;
let stranger: CertificateFiles;
let server: BundleServer;
let source: BundleSource | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-http-tls-'));
  authority = makeAuthority(folder, 'authority');
  client = makeCertificate(folder, 'client', authority);
  stranger = makeCertificate(folder, 'stranger', makeAuthority(folder, 'others'));
  server = await serve(makeCertificate(folder, 'server', authority));
});
afterEach(() => source?.close());
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function serve(own: CertificateFiles): Promise<BundleServer> {
  const [cert, key, ca] = [own.certFile, own.keyFile, authority.certFile].map((file) => readFileSync(file));
  if (cert === undefined || key === undefined || ca === undefined) throw new Error('openssl made no certificates');
  return startBundleServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true });
}

async function bringsBundle(more: Partial<HttpSourceOptions>): Promise<string> {
  await source?.close();
  source = openHttpSource({
    kind: 'http',
    url: server.url,
    longPollSeconds: 0,
    pollIntervalMs: 200,
    tokenFile: null,
    client,
    caFile: authority.certFile,
    ...more,
  });
  return (await source.next(null, AbortSignal.timeout(10_000))).token;
}

describe('a bundle server behind TLS', () => {
  it('is believed when the configured authority vouches for it, and shown the certificate', async () => {
    expect(await bringsBundle({})).toBe('"1"');
  });

  it('is not believed when another authority does, or nobody', async () => {
    await expect(bringsBundle({ caFile: null })).rejects.toThrow(
      /\(SELF_SIGNED_CERT_IN_CHAIN\)|\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/,
    );
    await expect(bringsBundle({ caFile: join(folder, 'others.pem') })).rejects.toThrow(
      /\(SELF_SIGNED_CERT_IN_CHAIN\)|\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/,
    );
  });

  it('is not believed under another name', async () => {
    const other = await serve(makeCertificate(folder, 'elsewhere', authority, '127.0.0.9'));
    try {
      await expect(bringsBundle({ url: other.url })).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
    } finally {
      await other.close();
    }
  });

  it('refuses who shows no certificate, or that of a stranger', async () => {
    await expect(bringsBundle({ client: null })).rejects.toThrow(/alert|connection broke/);
    await expect(bringsBundle({ client: stranger })).rejects.toThrow(/alert|connection broke/);
  });

  it('is shown the certificate that stands in the file now', async () => {
    const files = { certFile: join(folder, 'now.pem'), keyFile: join(folder, 'now.key') };
    await copyFile(stranger.certFile, files.certFile);
    await copyFile(stranger.keyFile, files.keyFile);
    await expect(bringsBundle({ client: files })).rejects.toThrow();
    await copyFile(client.certFile, files.certFile);
    await copyFile(client.keyFile, files.keyFile);
    if (source === null) throw new Error('no source is open');
    expect((await source.next(null, AbortSignal.timeout(10_000))).token).toBe('"1"');
  });

  it('says which file is not there', async () => {
    const missing = { ...client, keyFile: join(folder, 'gone.key') };
    await expect(bringsBundle({ client: missing })).rejects.toThrow('gone.key cannot be read (ENOENT)');
  });
});
