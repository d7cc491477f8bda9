import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { localKeypairTemplateSchema, resolveLocalKeypairTemplate } from './local-keypair.ts';

const SIGNER = { passphrase_env: 'PASSPHRASE' };
const GOOD = { name: 'agents', type: 'local-keypair', relayer: 'node', signer: SIGNER };

let reader: SectionReader;
beforeEach(() => {
  const origin = { root: null, lineOf: () => undefined, lineOfKey: () => undefined, variableOf: () => undefined };
  reader = createSectionReader('/', { PASSPHRASE: 'correct horse battery' }, origin);
});

async function resolved(entry: object) {
  return resolveLocalKeypairTemplate(reader, ['wallet_templates', 0], localKeypairTemplateSchema.parse(entry));
}

describe('a wallet template of the type local-keypair', () => {
  it.each([GOOD, { ...GOOD, creator: {} }])('needs a passphrase and nothing that creates: %j', async (entry) => {
    expect(await resolved(entry)).toMatchObject({
      kind: 'local-keypair',
      terms: { name: 'agents', allowExport: false, allowImport: false },
      signer: { passphrase: { kind: 'value' }, allowMainnet: false },
    });
    expect(reader.problems).toEqual([]);
  });

  it('is refused without a passphrase that is there', async () => {
    expect(await resolved({ ...GOOD, signer: {} })).toBeUndefined();
    expect(await resolved({ ...GOOD, signer: { passphrase_env: 'NOBODY' } })).toBeUndefined();
    expect(reader.problems.map((each) => printProblem('file', each))).toEqual([
      expect.stringContaining('wallet_templates[0].signer: needs passphrase_file or passphrase_env'),
      expect.stringContaining('the environment variable NOBODY is not set'),
    ]);
  });

  it.each([
    [{ ...GOOD, signer: { ...SIGNER, keystore_file: 'main.json' } }, 'keystore_file'],
    [{ ...GOOD, creator: { passphrase_env: 'OTHER' } }, 'passphrase_env'],
    [{ ...GOOD, signer: undefined }, 'signer'],
  ])('has no such shape: %j', (entry, key) => {
    const read = localKeypairTemplateSchema.safeParse(entry);
    expect(z.prettifyError(read.error ?? new z.ZodError([]))).toContain(key);
  });
});
