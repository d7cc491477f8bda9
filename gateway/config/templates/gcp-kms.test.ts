import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { gcpKmsTemplateSchema, resolveGcpKmsTemplate } from './gcp-kms.ts';

const AT = ['wallet_templates', 0];
const KEY_RING = 'projects/treasury-1/locations/europe-west3/keyRings/agents';
const CREATOR = { key_ring: KEY_RING, protection_level: 'HSM' };
const GOOD = { name: 'agents', type: 'gcp-kms', relayer: 'node', creator: CREATOR };

let reader: SectionReader;
beforeEach(() => {
  const origin = { root: null, variableOf: () => undefined, lineOf: () => undefined, lineOfKey: () => undefined };
  reader = createSectionReader('/', {}, origin);
});

const resolved = async (entry: object) => resolveGcpKmsTemplate(reader, AT, gcpKmsTemplateSchema.parse(entry));

describe('a wallet template of the type gcp-kms', () => {
  it('needs a key ring, and to be told where keys are kept', async () => {
    const account = { endpoint: 'https://cloudkms.googleapis.com', keyFile: null };
    expect(await resolved({ ...GOOD, relayer_fallbacks: ['other'], signer: { max_waiting: 0 } })).toEqual({
      kind: 'gcp-kms',
      terms: { name: 'agents', relayers: ['node', 'other'], maxWallets: 100, allowExport: false, allowImport: false },
      signer: { ...account, timeoutMs: null, maxInFlight: 64, maxWaiting: 0 },
      creator: {
        ...account,
        ...{ keyRing: KEY_RING, protectionLevel: 'HSM', timeoutMs: 10_000, destroyScheduledDays: 30 },
      },
    });
    expect(reader.problems).toEqual([]);
  });

  it.each([
    [{ allow_export: true }, 'allow_export: must be false for this type: no key leaves Cloud KMS'],
    [{ allow_import: true }, 'allow_import: must be false for this type'],
    [{ signer: { endpoint: 'https://kms.example.com/v1' } }, 'signer.endpoint: must be the URL of the server alone'],
    [{ signer: { credentials_file: '/nowhere/x.json' } }, 'signer.credentials_file: /nowhere/x.json cannot be read'],
    [{ creator: { ...CREATOR, credentials_file: '/nowhere/x.json' } }, 'creator.credentials_file: /nowhere/x.json'],
  ])('is refused with %j', async (changes, problem) => {
    await resolved({ ...GOOD, ...changes });
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    [{ creator: { ...CREATOR, key_ring: `${KEY_RING}/cryptoKeys/x` } }, 'must be projects/…/locations/…/keyRings/…'],
    [{ creator: { ...CREATOR, key_ring: `${KEY_RING}?x` } }, 'must be projects/…/locations/…/keyRings/…'],
    [{ creator: { key_ring: KEY_RING } }, 'protection_level'],
    [{ creator: { ...CREATOR, protection_level: 'EXTERNAL' } }, 'protection_level'],
    [{ creator: { ...CREATOR, destroy_scheduled_days: 0 } }, 'destroy_scheduled_days'],
    [{ signer: { key_version: 'x' } }, 'key_version'],
  ])('has no such shape: %j', (changes, problem) => {
    const read = gcpKmsTemplateSchema.safeParse({ ...GOOD, ...changes });
    expect(z.prettifyError(read.error ?? new z.ZodError([]))).toContain(problem);
  });
});
