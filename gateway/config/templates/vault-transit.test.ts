import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { resolveVaultTransitTemplate, vaultTransitTemplateSchema } from './vault-transit.ts';

const AT = ['wallet_templates', 0];
const ENV = { SIGNER_SECRET: 'signer', CREATOR_TOKEN: 'creator' };
const SIGNER = {
  url: 'https://vault.example.com:8200',
  mount: 'wallets',
  auth: 'approle',
  role_id: 'signing',
  secret_id_env: 'SIGNER_SECRET',
};
const CREATOR = { auth: 'token', token_env: 'CREATOR_TOKEN' };
const GOOD = { name: 'agents', type: 'vault-transit', relayer: 'node', signer: SIGNER, creator: CREATOR };

let reader: SectionReader;
beforeEach(() => {
  const origin = { root: null, lineOf: () => undefined, lineOfKey: () => undefined, variableOf: () => undefined };
  reader = createSectionReader('/', ENV, origin);
});

async function resolved(entry: object) {
  return resolveVaultTransitTemplate(reader, AT, vaultTransitTemplateSchema.parse(entry));
}

describe('a wallet template of the type vault-transit', () => {
  it('needs a login that signs and one that makes keys, at one place, and deletes nothing unless it says so', async () => {
    expect(await resolved(GOOD)).toMatchObject({
      kind: 'vault-transit',
      terms: { name: 'agents', allowExport: false, allowImport: false },
      signer: {
        url: 'https://vault.example.com:8200',
        namespace: null,
        mount: 'wallets',
        login: { kind: 'approle', roleId: 'signing', field: 'secret_id_env' },
        tls: { ca: null, client: null },
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
      },
      creator: { login: { kind: 'token', field: 'token_env' }, deletionAllowed: false },
    });
    expect(reader.problems).toEqual([]);
  });

  it('may delete, export and import keys', async () => {
    const open = { allow_export: true, allow_import: true, creator: { ...CREATOR, deletion_allowed: true } };
    expect(await resolved({ ...GOOD, ...open })).toMatchObject({
      terms: { allowExport: true, allowImport: true },
      creator: { deletionAllowed: true },
    });
  });

  it.each([
    [{ ...GOOD, signer: { ...SIGNER, url: 'http://vault.example.com' } }, 'signer.url: would send credentials'],
    [{ ...GOOD, creator: { auth: 'token' } }, 'creator: needs token_file or token_env'],
    [
      { ...GOOD, creator: { auth: 'token', token_env: 'NOBODY' } },
      'creator.token_env: the environment variable NOBODY',
    ],
    [{ ...GOOD, creator: { ...CREATOR, role: 'x' } }, 'creator.role: is not for auth: token'],
    [{ ...GOOD, creator: { auth: 'kubernetes' } }, 'creator: needs role with auth: kubernetes'],
  ])('is refused as %j', async (entry, problem) => {
    await resolved(entry);
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    [{ ...GOOD, signer: { ...SIGNER, key: 'wallet' } }, 'key'],
    [{ ...GOOD, signer: { ...SIGNER, key_version: 1 } }, 'key_version'],
    [{ ...GOOD, creator: { ...CREATOR, url: 'https://vault.example.com:8200' } }, 'url'],
    [{ ...GOOD, creator: { ...CREATOR, deletion_allowed: 'yes' } }, 'deletion_allowed'],
    [{ ...GOOD, creator: undefined }, 'creator'],
  ])('has no such shape: %j', (entry, key) => {
    const read = vaultTransitTemplateSchema.safeParse(entry);
    expect(z.prettifyError(read.error ?? new z.ZodError([]))).toContain(key);
  });
});
