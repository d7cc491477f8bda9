import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedKey } from '../../../signers/key-creator.ts';
import { scriptedSigner } from '../../../signers/testing/scripted-signer.ts';
import type { TemplateConfig } from '../../config/templates/templates.ts';
import { createLog } from '../../telemetry/log.ts';
import type { ComposedTemplate } from './composed-template.ts';
import { openTemplates } from './open-templates.ts';
import { withSignerFields } from './signer-fields.ts';

const ID = '5aa3d0ba-5d12-4c4f-9b2c-1f6b1a7c9d10';
const RING = 'projects/p/locations/l/keyRings/r';
const ADDRESS = '11111111111111111111111111111112';
const absent = { kind: 'file', path: '/nowhere/secret' } as const;
const named = (field: string) => ({ secret: absent, field });
const accessKey = { accessKeyId: 'AKIA', secret: absent, sessionToken: null, field: 'secret_access_key_file' };
const call = { timeoutMs: 1_000, maxInFlight: 2, maxWaiting: 2 };
const appSecret = named('app_secret_file');
const apiPrivateKey = named('api_private_key_file');
const user = { apiKey: named('api_key_file'), apiPrivateKey: named('api_key_file') };
const terms = (name: string) => ({ name, relayers: [], maxWallets: 1, allowExport: false, allowImport: false });

/** Neither the secret of the signers nor that of the creator is there. */
const TEMPLATES: readonly TemplateConfig[] = [
  {
    kind: 'turnkey',
    terms: terms('turnkey'),
    signer: { url: 'https://localhost:1', organizationId: ID, subOrganizationId: null, apiPrivateKey, ...call },
    creator: { apiPrivateKey },
  },
  {
    kind: 'privy',
    terms: terms('privy'),
    signer: { url: 'https://localhost:1', appId: 'app', appSecret, authorizationKey: null, ...call },
    creator: { appSecret, ownerId: 'owner', policyId: null, signerId: null, signerPolicyId: null },
  },
  {
    kind: 'fireblocks',
    terms: terms('fireblocks'),
    signer: { url: 'https://localhost:1', assetId: 'SOL', ...user, ...call },
    creator: { ...user, hiddenOnUi: true },
  },
  {
    kind: 'aws-kms',
    terms: terms('aws-kms'),
    signer: { endpoint: 'https://localhost:1', accessKey, ...call },
    creator: {
      ...{ endpoint: 'https://localhost:1', accessKey, region: 'eu-central-1', timeoutMs: 1_000, keyPolicy: null },
      ...{ bypassPolicyLockoutSafetyCheck: false, tags: [], pendingWindowDays: 30 },
    },
  },
  {
    kind: 'gcp-kms',
    terms: terms('gcp-kms'),
    signer: { endpoint: 'https://localhost:1', keyFile: absent, ...call },
    creator: {
      ...{ endpoint: 'https://localhost:1', keyFile: absent, keyRing: RING },
      ...{ protectionLevel: 'HSM', timeoutMs: 1_000, destroyScheduledDays: 30 },
    },
  },
  {
    kind: 'local-keypair',
    terms: terms('local-keypair'),
    signer: { passphrase: absent, allowMainnet: false },
  },
];

const closing: (() => Promise<void>)[] = [];
let templates: ReadonlyMap<string, ComposedTemplate>;

function open(configs: readonly TemplateConfig[]): ReadonlyMap<string, ComposedTemplate> {
  const log = createLog('fatal', { write: () => undefined });
  const options = { templates: configs, genesisHash: ADDRESS, signerTimeoutMs: 1_000, log };
  return openTemplates(options, (close) => closing.push(close));
}

beforeAll(() => {
  templates = open(TEMPLATES);
});

afterAll(async () => {
  for (const close of closing) await close();
});

function templateNamed(name: string): ComposedTemplate {
  const found = templates.get(name);
  if (found === undefined) throw new Error(`${name} was not opened`);
  return found;
}

async function signerCheck(template: ComposedTemplate, reference: CreatedKey['reference']) {
  const signer = template.signerOf({ address: ADDRESS, reference }, null);
  try {
    return await signer.check(AbortSignal.timeout(5_000));
  } finally {
    await signer.close();
  }
}

describe('what a template lacks is named by where it stands in its entry', () => {
  it.each([
    ['turnkey', 'api_private_key_file', { organization_id: ID, wallet_id: ID }],
    ['privy', 'app_secret_file', { wallet_id: 'w'.repeat(24) }],
    ['fireblocks', 'api_key_file', { vault_account_id: '1', asset_id: 'SOL' }],
    ['aws-kms', 'secret_access_key_file', { key_arn: `arn:aws:kms:eu-central-1:111122223333:key/${ID}` }],
    ['gcp-kms', 'credentials_file', { key_version: `${RING}/cryptoKeys/k/cryptoKeyVersions/1` }],
  ])('%s: %s of who makes keys, and of who signs', async (name, field, reference) => {
    const template = templateNamed(name);
    const made = await template.opened.creator.check(AbortSignal.timeout(5_000));
    expect(made).toMatchObject({ kind: 'failed', field: `creator.${field}` });
    expect(await signerCheck(template, reference)).toMatchObject({ kind: 'failed', field: `signer.${field}` });
  });

  it('local-keypair: the one passphrase of both', async () => {
    const template = templateNamed('local-keypair');
    const failed = { kind: 'failed', field: 'signer.passphrase_file' };
    expect(await template.opened.creator.check(AbortSignal.timeout(5_000))).toMatchObject(failed);
    expect(await signerCheck(template, { keystore: '{}' })).toMatchObject(failed);
  });

  it('and what stands in the record of the key in none', async () => {
    const { opened } = templateNamed('gcp-kms');
    const check = async () => ({ kind: 'failed', field: 'key_version', reason: 'NOT_FOUND' }) as const;
    const misled = withSignerFields({ ...opened, openSigner: async () => ({ ...scriptedSigner('hot', []), check }) });
    const signer = await misled.openSigner({ address: ADDRESS, reference: {} });
    expect(await signer.check(AbortSignal.timeout(5_000))).toEqual({ ...(await check()), field: null });
  });
});
