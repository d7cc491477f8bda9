import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { fireblocksTemplateSchema, resolveFireblocksTemplate } from './fireblocks.ts';

const AT = ['wallet_templates', 0];
const ENV = { SIGNER_KEY: 'signer', SIGNER_PEM: 'signer pem', CREATOR_KEY: 'creator', CREATOR_PEM: 'creator pem' };
const SIGNER = { api_key_env: 'SIGNER_KEY', api_private_key_env: 'SIGNER_PEM' };
const CREATOR = { api_key_env: 'CREATOR_KEY', api_private_key_env: 'CREATOR_PEM' };
const GOOD = { name: 'agents', type: 'fireblocks', relayer: 'node', signer: SIGNER, creator: CREATOR };

let reader: SectionReader;
beforeEach(() => {
  reader = createSectionReader('/', ENV, {
    root: null,
    lineOf: () => undefined,
    lineOfKey: () => undefined,
    variableOf: () => undefined,
  });
});

async function resolved(entry: object) {
  return resolveFireblocksTemplate(reader, AT, fireblocksTemplateSchema.parse(entry));
}

describe('a wallet template of the type fireblocks', () => {
  it('needs an API user that has wallets sign, and one that makes them', async () => {
    expect(await resolved(GOOD)).toMatchObject({
      kind: 'fireblocks',
      terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
      signer: {
        url: 'https://api.fireblocks.io/v1',
        assetId: 'SOL',
        apiKey: { field: 'api_key_env' },
        apiPrivateKey: { field: 'api_private_key_env' },
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
      },
      creator: { apiKey: { field: 'api_key_env' }, hiddenOnUi: false },
    });
    expect(reader.problems).toEqual([]);
  });

  it.each([
    [{ ...GOOD, allow_export: true }, 'allow_export: must be false for this type'],
    [{ ...GOOD, allow_import: true }, 'allow_import: must be false for this type'],
    [{ ...GOOD, creator: {} }, 'creator: needs api_key_file or api_key_env'],
    [
      { ...GOOD, creator: { api_key_env: 'CREATOR_KEY' } },
      'creator: needs api_private_key_file or api_private_key_env',
    ],
    [{ ...GOOD, signer: { api_key_env: 'SIGNER_KEY' } }, 'signer: needs api_private_key_file or api_private_key_env'],
    [{ ...GOOD, signer: { ...SIGNER, url: 'https://api.fireblocks.io' } }, 'signer.url: must end with the version'],
  ])('is refused as %j', async (entry, problem) => {
    await resolved(entry);
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    [{ ...GOOD, signer: { ...SIGNER, vault_account_id: '7' } }, 'vault_account_id'],
    [{ ...GOOD, creator: { ...CREATOR, url: 'https://api.fireblocks.io/v1' } }, 'url'],
    [{ ...GOOD, creator: { ...CREATOR, hidden_on_ui: 'yes' } }, 'hidden_on_ui'],
  ])('has no such shape: %j', (entry, key) => {
    const read = fireblocksTemplateSchema.safeParse(entry);
    expect(z.prettifyError(read.error ?? new z.ZodError([]))).toContain(key);
  });
});
