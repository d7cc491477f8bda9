import { beforeEach, describe, expect, it } from 'vitest';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { privyTemplateSchema, resolvePrivyTemplate } from './privy.ts';

const AT = ['wallet_templates', 0];
const ENV = { SECRET: 'one', CREATING_SECRET: 'another', KEY: 'key' };
const SIGNER = { app_id: 'cm4db8x9t000ccn87pctvcg9j', app_secret_env: 'SECRET', authorization_key_env: 'KEY' };
const CREATOR = { app_secret_env: 'CREATING_SECRET', owner_id: 'owners00', signer_id: 'signers0' };
const GOOD = { name: 'agents', type: 'privy', relayer: 'node', signer: SIGNER, creator: CREATOR };

let reader: SectionReader;
beforeEach(() => {
  const origin = { root: null, lineOf: () => undefined, lineOfKey: () => undefined, variableOf: () => undefined };
  reader = createSectionReader('/', ENV, origin);
});

async function resolved(entry: object) {
  return resolvePrivyTemplate(reader, AT, privyTemplateSchema.parse(entry));
}

describe('a wallet template of the type privy', () => {
  it('needs an app, a key that signs, and whose the wallets are', async () => {
    const creator = { ...CREATOR, policy_id: 'policy-1', signer_policy_id: 'policy-2' };
    expect(await resolved({ ...GOOD, creator })).toMatchObject({
      kind: 'privy',
      terms: { name: 'agents', relayers: ['node'] },
      signer: {
        url: 'https://api.privy.io',
        appId: SIGNER.app_id,
        appSecret: { field: 'app_secret_env' },
        authorizationKey: { field: 'authorization_key_env' },
        timeoutMs: null,
      },
      creator: { ownerId: 'owners00', policyId: 'policy-1', signerId: 'signers0', signerPolicyId: 'policy-2' },
    });
    expect(reader.problems).toEqual([]);
  });

  it('may have the owner sign', async () => {
    const { signer_id: _, ...creator } = CREATOR;
    expect(await resolved({ ...GOOD, creator })).toMatchObject({ creator: { signerId: null, signerPolicyId: null } });
    expect(reader.problems).toEqual([]);
  });

  it.each([
    [{ ...GOOD, allow_export: true }, 'allow_export: must be false for this type'],
    [{ ...GOOD, allow_import: true }, 'allow_import: must be false for this type'],
    [{ ...GOOD, creator: { owner_id: 'owners00' } }, 'creator: needs app_secret_file or app_secret_env'],
    [
      { ...GOOD, signer: { app_id: SIGNER.app_id, app_secret_env: 'SECRET' } },
      'signer: needs authorization_key_file or authorization_key_env',
    ],
    [{ ...GOOD, creator: { ...CREATOR, signer_id: 'owners00' } }, 'creator.signer_id: is the owner'],
    [
      { ...GOOD, creator: { ...CREATOR, signer_id: undefined, signer_policy_id: 'policy-2' } },
      'creator.signer_policy_id: binds the key quorum of signer_id',
    ],
  ])('is refused as %j', async (entry, problem) => {
    await resolved(entry);
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    ['a wallet', { ...GOOD, signer: { ...SIGNER, wallet_id: 'fmfdj6yqly31huorjqzq38zc' } }],
    ['an app of the creator', { ...GOOD, creator: { ...CREATOR, app_id: SIGNER.app_id } }],
    ['wallets without an owner', { ...GOOD, creator: { app_secret_env: 'CREATING_SECRET' } }],
    ['an id that is none', { ...GOOD, creator: { ...CREATOR, owner_id: 'the treasurers' } }],
  ])('has no shape with %s', (_name, entry) => {
    expect(privyTemplateSchema.safeParse(entry).success).toBe(false);
  });
});
