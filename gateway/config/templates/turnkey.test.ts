import { beforeEach, describe, expect, it } from 'vitest';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { resolveTurnkeyTemplate, turnkeyTemplateSchema } from './turnkey.ts';

const AT = ['wallet_templates', 0];
const ENV = { SIGNING_KEY: 'signs', CREATING_KEY: 'creates' };
const [PARENT, CHILD] = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const SIGNER = { organization_id: PARENT, api_private_key_env: 'SIGNING_KEY' };
const CREATOR = { api_private_key_env: 'CREATING_KEY' };
const GOOD = { name: 'agents', type: 'turnkey', relayer: 'node', signer: SIGNER, creator: CREATOR };

let reader: SectionReader;
beforeEach(() => {
  const origin = { root: null, lineOf: () => undefined, lineOfKey: () => undefined, variableOf: () => undefined };
  reader = createSectionReader('/', ENV, origin);
});

async function resolved(entry: object) {
  return resolveTurnkeyTemplate(reader, AT, turnkeyTemplateSchema.parse(entry));
}

describe('a wallet template of the type turnkey', () => {
  it('needs a user that signs, and one that creates', async () => {
    const template = await resolved({ ...GOOD, signer: { ...SIGNER, sub_organization_id: CHILD, timeout_ms: 700 } });
    expect(template).toMatchObject({
      kind: 'turnkey',
      terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
      signer: {
        url: 'https://api.turnkey.com',
        organizationId: PARENT,
        subOrganizationId: CHILD,
        timeoutMs: 700,
        maxInFlight: 64,
        maxWaiting: 256,
      },
      creator: { apiPrivateKey: { field: 'api_private_key_env' } },
    });
    const secrets = [template?.signer.apiPrivateKey.secret, template?.creator.apiPrivateKey.secret];
    expect(secrets.map((secret) => (secret?.kind === 'value' ? secret.secret.reveal() : null))).toEqual([
      'signs',
      'creates',
    ]);
    expect(reader.problems).toEqual([]);
  });

  it.each([
    [{ ...GOOD, allow_export: true }, 'allow_export: must be false for this type'],
    [{ ...GOOD, allow_import: true }, 'allow_import: must be false for this type'],
    [{ ...GOOD, creator: {} }, 'creator: needs api_private_key_file or api_private_key_env'],
    [{ ...GOOD, signer: { organization_id: PARENT } }, 'signer: needs api_private_key_file or api_private_key_env'],
    [{ ...GOOD, signer: { ...SIGNER, url: 'http://api.turnkey.com' } }, 'signer.url: would send credentials'],
  ])('is refused as %j', async (entry, problem) => {
    await resolved(entry);
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    ['a wallet', { ...GOOD, signer: { ...SIGNER, wallet_id: CHILD } }],
    ['an address', { ...GOOD, signer: { ...SIGNER, address: '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T' } }],
    ['an organization of the creator', { ...GOOD, creator: { ...CREATOR, organization_id: CHILD } }],
    ['no creator', { ...GOOD, creator: undefined }],
  ])('has no shape with %s', (_name, entry) => {
    expect(turnkeyTemplateSchema.safeParse(entry).success).toBe(false);
  });
});
