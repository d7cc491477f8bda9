import { describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const { path, loaded, problems } = useConfigFolder();

const ADDRESS = '4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T';
const KEY = 'projects/treasury-1/locations/europe-west3/keyRings/countersign/cryptoKeys/treasury';

/** A configuration whose only signer is this entry: lines of YAML. */
function withKms(...lines: readonly string[]): string {
  const entry = ['name: main', 'type: gcp-kms', `address: ${ADDRESS}`, ...lines];
  return GOOD.replace(/signers:\n(?: {2}.*\n)+/, `signers:\n  - ${entry.join('\n    ')}\n`);
}

const VERSION = `key_version: ${KEY}/cryptoKeyVersions/2`;

describe('a signer of the type gcp-kms', () => {
  it('finds credentials by itself, at the API of Google', async () => {
    const { signers } = await loaded(withKms(VERSION));
    expect(signers).toEqual([
      {
        kind: 'gcp-kms',
        name: 'main',
        address: ADDRESS,
        timeoutMs: null,
        maxInFlight: 64,
        maxWaiting: 256,
        keyVersion: `${KEY}/cryptoKeyVersions/2`,
        endpoint: 'https://cloudkms.googleapis.com',
        keyFile: null,
      },
    ]);
  });

  it('takes the key of a service account from a file', async () => {
    const { signers } = await loaded(withKms(VERSION, 'credentials_file: passphrase', 'timeout_ms: 900'));
    expect(signers).toMatchObject([{ timeoutMs: 900, keyFile: { kind: 'file', path: path('passphrase') } }]);
  });

  it('is lacking where that file is not there', async () => {
    const { lackingSigners } = await loaded(withKms(VERSION, 'credentials_file: gone'));
    expect(lackingSigners).toMatchObject([{ name: 'main', field: 'credentials_file' }]);
  });

  it.each([
    [[`key_version: ${KEY}`], 'signers[0].key_version: must be projects/'],
    [[`key_version: ${KEY}/cryptoKeyVersions/0`], 'signers[0].key_version: must be projects/'],
    [[`key_version: ${KEY}/cryptoKeyVersions/1:destroy`], 'signers[0].key_version: must be projects/'],
    [[`key_version: ../${KEY}/cryptoKeyVersions/1`], 'signers[0].key_version: must be projects/'],
    [
      [VERSION, 'endpoint: https://kms.example.com/v1'],
      'signers[0].endpoint: must be the URL of the server alone, without the path /v1: https://kms.example.com',
    ],
    [[VERSION, 'endpoint: http://kms.example.com'], 'signers[0].endpoint: would send credentials in the clear'],
  ])('is refused with %j', async (lines, problem) => {
    expect(await problems(withKms(...lines))).toEqual([expect.stringContaining(problem)]);
  });
});
