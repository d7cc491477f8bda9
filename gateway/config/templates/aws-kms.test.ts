import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { printProblem } from '../problem.ts';
import { createSectionReader, type SectionReader } from '../section-reader.ts';
import { awsKmsTemplateSchema, resolveAwsKmsTemplate } from './aws-kms.ts';

const AT = ['wallet_templates', 0];
const CREATOR = { region: 'eu-central-1' };
const GOOD = { name: 'agents', type: 'aws-kms', relayer: 'node', creator: CREATOR };
const ACCESS_KEY = { access_key_id: 'AKIAIOSFODNN7EXAMPLE', secret_access_key_env: 'SECRET' };
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow' }] });

let folder = '';
let reader: SectionReader;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-key-policy-'));
  await writeFile(join(folder, 'policy.json'), POLICY);
  await writeFile(join(folder, 'huge.json'), POLICY.padEnd(32_769));
  await writeFile(join(folder, 'list.json'), '[]');
  await writeFile(join(folder, 'broken.json'), POLICY.slice(1));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  const origin = { root: null, variableOf: () => undefined, lineOf: () => undefined, lineOfKey: () => undefined };
  reader = createSectionReader(folder, { SECRET: 'a secret' }, origin);
});

const resolved = async (entry: object) => resolveAwsKmsTemplate(reader, AT, awsKmsTemplateSchema.parse(entry));

describe('a wallet template of the type aws-kms', () => {
  it('needs no more than the region that keys are made in', async () => {
    const finds = { endpoint: null, accessKey: null };
    expect(await resolved(GOOD)).toEqual({
      kind: 'aws-kms',
      terms: { name: 'agents', relayers: ['node'], maxWallets: 100, allowExport: false, allowImport: false },
      signer: { ...finds, timeoutMs: null, maxInFlight: 64, maxWaiting: 256 },
      creator: {
        ...{ ...finds, region: 'eu-central-1', timeoutMs: 10_000, pendingWindowDays: 30 },
        ...{ keyPolicy: null, bypassPolicyLockoutSafetyCheck: false, tags: [] },
      },
    });
    expect(reader.problems).toEqual([]);
  });

  it('takes other credentials for each, a policy and tags', async () => {
    const tags = [{ key: 'team', value: 'payments' }];
    const policy = { key_policy_file: 'policy.json', bypass_policy_lockout_safety_check: true };
    const creator = { ...CREATOR, ...ACCESS_KEY, ...policy, tags, pending_window_days: 7 };
    expect(await resolved({ ...GOOD, signer: { timeout_ms: 900 }, creator })).toMatchObject({
      signer: { accessKey: null, timeoutMs: 900 },
      creator: {
        accessKey: { accessKeyId: ACCESS_KEY.access_key_id, field: 'secret_access_key_env' },
        ...{ keyPolicy: POLICY, bypassPolicyLockoutSafetyCheck: true, tags, pendingWindowDays: 7 },
      },
    });
    expect(reader.problems).toEqual([]);
  });

  const tag = (key: string) => ({ key, value: 'x' });
  it.each([
    [{ allow_export: true }, {}, 'allow_export: must be false for this type: no key leaves AWS KMS'],
    [{ allow_import: true }, {}, 'allow_import: must be false for this type'],
    [{ signer: { session_token_file: 'x' } }, {}, 'signer.session_token_file: is nothing without access_key_id'],
    [{}, { access_key_id: 'AKIAIOSFODNN7EXAMPLE' }, 'creator: needs secret_access_key_file'],
    [{}, { endpoint: 'http://kms.example.com' }, 'creator.endpoint: would send credentials in the clear'],
    [{}, { bypass_policy_lockout_safety_check: true }, 'is nothing without key_policy_file'],
    [{}, { key_policy_file: 'gone.json' }, 'cannot be read (ENOENT)'],
    [{}, { key_policy_file: 'huge.json' }, 'a key policy has at most 32768 bytes'],
    [{}, { key_policy_file: 'list.json' }, 'is no key policy'],
    [{}, { key_policy_file: 'broken.json' }, 'is no key policy'],
    [{}, { tags: [tag('a'), tag('b'), tag('a')] }, 'creator.tags[2].key: is the key of another tag here'],
  ])('is refused with %j and the creator %j', async (changes, creator, problem) => {
    await resolved({ ...GOOD, ...changes, creator: { ...CREATOR, ...creator } });
    expect(reader.problems.map((each) => printProblem('file', each)).join('\n')).toContain(problem);
  });

  it.each([
    [{ creator: {} }, 'region'],
    [{ creator: { region: 'Frankfurt' } }, 'must be a region of AWS'],
    [{ signer: { key_arn: 'arn:aws:kms:eu-central-1:111122223333:key/x' } }, 'key_arn'],
    [{ creator: { ...CREATOR, pending_window_days: 6 } }, 'pending_window_days'],
    [{ creator: { ...CREATOR, tags: [tag('aws:x')] } }, 'must not begin with aws:'],
    [{ creator: { ...CREATOR, tags: [tag('countersign:label')] } }, 'must not begin with aws: or countersign:'],
    [{ creator: { ...CREATOR, tags: [tag('a;b')] } }, 'must be of letters'],
  ])('has no such shape: %j', (changes, problem) => {
    const read = awsKmsTemplateSchema.safeParse({ ...GOOD, ...changes });
    expect(z.prettifyError(read.error ?? new z.ZodError([]))).toContain(problem);
  });
});
