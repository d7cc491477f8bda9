import { chmod, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { GOOD, useConfigFolder } from '../testing/config-folder.ts';

const folder = useConfigFolder();
const ADDRESS = '4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM';

beforeAll(async () => {
  await chmod(folder.path('cert.pem'), 0o644);
  await writeFile(folder.path('key.pem'), 'a key', { mode: 0o600 });
});

const TLS = ['ca_file: cert.pem', 'client_cert_file: cert.pem', 'client_key_file: key.pem'];

function withSigner(...keys: readonly string[]): string {
  const lines = ['type: remote', 'name: hsm', `address: ${ADDRESS}`, ...keys];
  return GOOD.replace('relayers:', `  - ${lines.join('\n    ')}\nrelayers:`);
}

describe('a signer of the type remote', () => {
  it('is called by mutual TLS, with files that are beside the configuration', async () => {
    const text = withSigner('target: hsm.internal:7443', 'key: treasury', ...TLS, 'server_name: signer');
    expect((await folder.loaded(text)).signers[1]).toEqual({
      kind: 'remote',
      name: 'hsm',
      address: ADDRESS,
      timeoutMs: null,
      maxInFlight: 64,
      maxWaiting: 256,
      target: 'hsm.internal:7443',
      key: 'treasury',
      tls: {
        caFile: folder.path('cert.pem'),
        certFile: folder.path('cert.pem'),
        keyFile: folder.path('key.pem'),
        serverName: 'signer',
      },
    });
  });

  it.each(['127.0.0.1:7443', '[::1]:7443', 'localhost:7443'])('may be called in the clear at %s', async (target) => {
    const { signers } = await folder.loaded(withSigner(`target: '${target}'`, 'key: treasury'));
    expect(signers[1]).toMatchObject({ target, tls: null });
  });

  it.each([
    [
      'off loopback in the clear',
      ['target: 10.0.0.7:7443'],
      'signers[1]: needs ca_file, client_cert_file and client_key_file: off loopback',
    ],
    [
      'with one of the three files',
      ['target: h:1', 'ca_file: cert.pem'],
      'signers[1]: needs ca_file, client_cert_file and client_key_file, all three or none',
    ],
    [
      'with a name and no files',
      ['target: 127.0.0.1:1', 'server_name: a'],
      'signers[1]: needs ca_file, client_cert_file and client_key_file, all three or none',
    ],
    ['at a URL', ['target: https://h:1', ...TLS], 'signers[1].target: must be host:port, such as hsm.internal:7443'],
    ['at a socket', ['target: unix:/run/signer.sock', ...TLS], 'signers[1].target: must be host:port'],
    ['at no port', ['target: h:0', ...TLS], 'signers[1].target: must be host:port'],
    [
      'with a key for all to see',
      ['target: h:1', 'ca_file: cert.pem', 'client_cert_file: cert.pem', 'client_key_file: open'],
      'signers[1].client_key_file: everybody on this machine may open',
    ],
    ['with a file that is not there', ['target: h:1', 'ca_file: gone.pem', ...TLS.slice(1)], 'signers[1].ca_file: '],
  ])('is refused %s', async (_how, keys, problem) => {
    expect(await folder.problems(withSigner('key: treasury', ...keys))).toEqual([expect.stringContaining(problem)]);
  });

  it('is refused with a name of the key that no header could hold, or none', async () => {
    expect(await folder.problems(withSigner('target: 127.0.0.1:1', "key: 'a b'"))).toEqual([
      expect.stringContaining('signers[1].key: must be 1 to 256 printable ASCII characters'),
    ]);
    expect(await folder.problems(withSigner('target: 127.0.0.1:1'))).toEqual([expect.stringContaining('key')]);
  });
});
