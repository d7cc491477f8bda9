import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateFiles, makeAuthority, makeCertificate } from '../../policy/sources/testing/certificates.ts';
import { type BarePostgres, startBarePostgres } from '../testing/bare-postgres.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { DEFAULT_DATABASE_LIMITS } from './connect.ts';
import { openDatabase } from './database.ts';

let folder: string;
let authority: CertificateFiles;
let other: CertificateFiles;
let named: BarePostgres;
let misnamed: BarePostgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-tls-'));
  authority = makeAuthority(folder, 'authority');
  other = makeAuthority(folder, 'other');
  [named, misnamed] = await Promise.all([startWith('named', '127.0.0.1'), startWith('misnamed', '127.0.0.2')]);
}, 60_000);

afterAll(async () => {
  await Promise.all([named.remove(), misnamed.remove()]);
  await rm(folder, { recursive: true });
});

function startWith(name: string, address: string): Promise<BarePostgres> {
  const { certFile, keyFile } = makeCertificate(folder, name, authority, address);
  const settings = [
    'ssl=on',
    `ssl_cert_file=${certFile}`,
    `ssl_key_file=${keyFile}`,
    `ssl_ca_file=${authority.certFile}`,
  ];
  return startBarePostgres(settings, [folder, certFile, keyFile, authority.certFile]);
}

const USES_TLS = { name: 'uses_tls', text: 'SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()' };

async function connected(url: string, parameters: string, column = 'ssl'): Promise<unknown> {
  const limits = { ...DEFAULT_DATABASE_LIMITS, poolSize: 1 };
  const database = openDatabase({ url: `${url}?${parameters}`, applicationName: 'test', limits, log: () => {} });
  try {
    return (await database.query(USES_TLS, []))[0]?.[column];
  } finally {
    await database.end();
  }
}

const unavailable = { reason: 'STORE_UNAVAILABLE' };

describe('the connection to a server with a certificate', () => {
  it('is encrypted with verify-full, and with an authority alone', async () => {
    expect(await connected(named.url, `sslmode=verify-full&sslrootcert=${authority.certFile}`)).toBe(true);
    expect(await connected(named.url, `sslrootcert=${authority.certFile}`)).toBe(true);
    expect(await connected(named.url, 'sslmode=disable')).toBe(false);
  });

  it('shows a certificate of the gateway where it has one', async () => {
    const { certFile, keyFile } = makeCertificate(folder, 'gateway', authority);
    const parameters = `sslrootcert=${authority.certFile}`;
    expect(await connected(named.url, parameters, 'client_dn')).toBeNull();
    const shown = await connected(named.url, `${parameters}&sslcert=${certFile}&sslkey=${keyFile}`, 'client_dn');
    expect(shown).toBe('/CN=gateway');
  });

  it('is not made when another authority vouches for it, in any mode', async () => {
    for (const mode of ['verify-full', 'verify-ca']) {
      const connecting = connected(named.url, `sslmode=${mode}&sslrootcert=${other.certFile}`);
      await expect(connecting).rejects.toMatchObject(unavailable);
    }
    await expect(connected(named.url, 'sslmode=verify-full')).rejects.toMatchObject(unavailable);
  });

  it('is not made when it is of another name, but with verify-ca', async () => {
    const parameters = `sslrootcert=${authority.certFile}`;
    await expect(connected(misnamed.url, `sslmode=verify-full&${parameters}`)).rejects.toMatchObject(unavailable);
    expect(await connected(misnamed.url, `sslmode=verify-ca&${parameters}`)).toBe(true);
  });
});

it('a server without a certificate is not talked to in the clear instead', async () => {
  const database = await createTestDatabase();
  await expect(connected(database.url, `sslrootcert=${authority.certFile}`)).rejects.toMatchObject(unavailable);
  await database.drop();
});

it('says which file of an authority cannot be read', async () => {
  const file = join(tmpdir(), 'countersign-no-such-authority.pem');
  await expect(connected(named.url, `sslrootcert=${file}`)).rejects.toThrow(`(ENOENT): ${file}`);
});
