import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** A configuration whose only signer is this entry: lines of YAML. */
function withKms(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: aws-kms', `address: ${ADDRESS}`, ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

const KEY = `key_arn: ${ARN}`;
const ACCESS_KEY = ['access_key_id: AKIAIOSFODNN7EXAMPLE', 'secret_access_key_file: passphrase'];

describe('a signer of the type aws-kms', () => {
  it('finds credentials by itself', async () => {
    const { signers } = await loaded(withKms(KEY));
    expect(signers).toEqual([
      {
        kind: 'aws-kms',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        keyArn: ARN,
        endpoint: null,
        accessKey: null,
      },
    ]);
  });

  it('takes an access key, its secret and session token from files', async () => {
    const lines = [...ACCESS_KEY, 'session_token_file: passphrase', 'endpoint: http://127.0.0.1:4566'];
    const { signers } = await loaded(withKms(KEY, ...lines));
    const file = { kind: 'file', path: path('passphrase') };
    const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secret: file, sessionToken: file };
    expect(signers).toMatchObject([{ endpoint: 'http://127.0.0.1:4566', accessKey }]);
  });

  it.each([
    [['key_arn: arn:aws:kms:eu-central-1:111122223333:alias/treasury'], 'signers[0].key_arn: must be the ARN of a key'],
    [
      [KEY, 'secret_access_key_file: passphrase'],
      'signers[0].secret_access_key_file: is nothing without access_key_id',
    ],
    [[KEY, 'session_token_file: passphrase'], 'signers[0].session_token_file: is nothing without access_key_id'],
    [[KEY, 'access_key_id: AKIAIOSFODNN7EXAMPLE'], 'signers[0]: needs secret_access_key_file or secret_access_key_env'],
    [
      [KEY, 'access_key_id: short', 'secret_access_key_file: passphrase'],
      'signers[0].access_key_id: must be an access',
    ],
    [[KEY, 'endpoint: http://kms.example.com'], 'signers[0].endpoint: would send credentials in the clear'],
  ])('is refused with %j', async (lines, problem) => {
    expect(await problems(withKms(...lines))).toEqual([expect.stringContaining(problem)]);
  });
});
