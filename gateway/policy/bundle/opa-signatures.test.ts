import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOpa, runOpa } from '../build/opa.ts';
import type { BundleFiles } from './bundle.ts';
import { SIGNATURE_ALGORITHMS } from './bundle-key.ts';
import { readArchive } from './read-archive.ts';
import { signBundle } from './sign-bundle.ts';
import { keyPair } from './testing/signing-keys.ts';
import { verifySignatures } from './verify-signatures.ts';
import { writeArchive } from './write-archive.ts';

/** Every kind of text and number that the two could hash differently. */
const TEXTS = `"\\u0001\\b\\f\\n\\r\\t\\u007f\\u2028\\u2029<>&\\/\\"\\\\ü😀"`;
const DATA = `{ "z": [1.0, -0, 1e5, 1E+05, 18446744073709551617, 0.10, true, null],
  "text": ${TEXTS}, "keys": {"\uffee": 1, "😀": 2, "a": 3, "A": 4, "": 5, "\u2028": 6, "<": 7}, "empty": [{}, [], ""] }`;

const bytes = (text: string) => new TextEncoder().encode(text);
const FILES: BundleFiles = new Map([
  ['.manifest', bytes('{\n "revision": "r1", "roots": [""], "metadata": {"b": 1.0, "a": "<"}, "rego_version": 1 }\n')],
  ['data.json', bytes(DATA)],
  ['schema/data.json', bytes('{ "b": 1, "a": 2 }')],
  ['rules/main.rego', bytes('package main\n\nanswer := data.z[4]\n')],
  ['idls/x.json', bytes('{ "b": 1, "a": 2 }')],
]);

let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'countersign-signatures-'));
});

afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

const opa = (directory: string, args: readonly string[]) => runOpa(findOpa(), args, directory);

async function put(directory: string, files: BundleFiles): Promise<string> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

describe.each(SIGNATURE_ALGORITHMS)('a signature by %s', (algorithm) => {
  const { signing, verifying } = keyPair(algorithm, 'release', 'write');
  let keys: string;

  beforeAll(async () => {
    keys = await put(
      join(work, algorithm),
      new Map([
        ['private.pem', bytes(signing.privateKeyPem)],
        ['public.pem', bytes(verifying.publicKeyPem)],
        ['claims.json', bytes('{"keyid": "release", "scope": "write"}')],
      ]),
    );
  });

  /** `opa build --verification-key` checks what it is given before it builds. */
  function checkByOpa(archive: string): Promise<string> {
    const verification = ['--verification-key', 'public.pem', '--verification-key-id', 'release', '--scope', 'write'];
    const build = ['build', '--signing-alg', algorithm, '--signing-key', 'private.pem', ...verification];
    return opa(keys, [...build, '--output', `${archive}.out`, '--bundle', archive]);
  }

  it('of ours is accepted by opa, and refused once a byte is another', async () => {
    const signed = signBundle(FILES, signing);
    const archive = join(keys, 'ours.tar.gz');
    await writeFile(archive, writeArchive(signed));
    expect(await checkByOpa(archive)).toBe('');
    const changed = join(keys, 'changed.tar.gz');
    await writeFile(changed, writeArchive(new Map([...signed, ['rules/main.rego', bytes('package main\n')]])));
    await expect(checkByOpa(changed)).rejects.toThrow('digest mismatch');
  });

  it('of `opa sign` is accepted here', async () => {
    const directory = await put(join(keys, 'by-opa'), FILES);
    const flags = ['--signing-key', '../private.pem', '--signing-alg', algorithm, '--claims-file', '../claims.json'];
    await opa(directory, ['sign', ...flags, '--bundle', '.']);
    const signature = new Uint8Array(await readFile(join(directory, '.signatures.json')));
    const signed = new Map([...FILES, ['.signatures.json', signature]]);
    expect(verifySignatures(signed, [verifying], 'x')).toEqual({ keyId: 'release' });
    expect(() => verifySignatures(new Map([...signed, ['idls/x.json', bytes('{}')]]), [verifying], 'x')).toThrow(
      'idls/x.json is not as it was signed',
    );
  });

  it('of `opa build` is accepted here, in its archive', async () => {
    const sources = await put(join(keys, 'sources'), new Map([...FILES].filter(([path]) => path !== '.manifest')));
    const flags = ['--signing-key', '../private.pem', '--signing-alg', algorithm, '--claims-file', '../claims.json'];
    await opa(sources, ['build', ...flags, '-r', 'r2', '-o', '../built.tar.gz', '-b', '.']);
    const files = readArchive(await readFile(join(keys, 'built.tar.gz')), 'x');
    expect([...files.keys()].sort()).toEqual(['.manifest', '.signatures.json', 'data.json', 'rules/main.rego']);
    expect(verifySignatures(files, [verifying], 'x')).toEqual({ keyId: 'release' });
  });
});
