import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { getBase58Decoder } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../ed25519-key.ts';
import { createKeystore } from './create-keystore.ts';
import { openLocalKeypairSigner } from './local-keypair-signer.ts';

const passphrase = 'correct horse battery staple';
const cluster = { genesisHash: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' };
const mainnet = { genesisHash: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d' };
const scryptCost = 2 ** 14;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-keystore-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `${files}.json`);
}

/** A key as other tools hold it, and where it must lead. */
function newKeypair(): { readonly seed: Buffer; readonly bytes: Buffer; readonly address: string } {
  const seed = randomBytes(32);
  const publicKey = publicKeyBytes(privateKeyFromSeed(seed));
  return { seed, bytes: Buffer.concat([seed, publicKey]), address: base58FromBytes(publicKey) };
}

function open(keystorePath: string, changes: Partial<Parameters<typeof openLocalKeypairSigner>[0]> = {}) {
  return openLocalKeypairSigner({ name: 'main', keystorePath, passphrase, cluster, allowMainnet: false, ...changes });
}

/** Everything that an error could show anybody. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(error)}`;
  }
  throw new Error('expected a failure');
}

async function edited(
  path: string,
  edit: (keystore: Record<string, Record<string, unknown>>) => void,
): Promise<string> {
  const keystore = JSON.parse(await readFile(path, 'utf8'));
  edit(keystore);
  const to = newPath();
  await writeFile(to, JSON.stringify(keystore), { mode: 0o600 });
  return to;
}

describeSignerConformance('local-keypair', async () => {
  const { bytes, address } = newKeypair();
  const keystorePath = newPath();
  await createKeystore({ path: keystorePath, passphrase, importFrom: bytes, scryptCost });
  return { signer: await open(keystorePath), backend: 'local-keypair', address };
});

describe('createKeystore', () => {
  it('makes a new key each time', async () => {
    const made = await Promise.all([1, 2].map(() => createKeystore({ path: newPath(), passphrase, scryptCost })));
    expect(new Set(made.map(({ address }) => address)).size).toBe(2);
  });

  it('imports the file of the Solana CLI, base58 and raw bytes, and wipes what it was given', async () => {
    const { bytes, address } = newKeypair();
    const forms = [
      Buffer.from(`${JSON.stringify([...bytes])}\n`),
      Buffer.from(JSON.stringify([...bytes], null, 2)),
      Buffer.from(getBase58Decoder().decode(bytes)),
      Buffer.from(bytes),
    ];
    for (const importFrom of forms) {
      expect(await createKeystore({ path: newPath(), passphrase, importFrom, scryptCost })).toEqual({ address });
      expect(importFrom.every((byte) => byte === 0)).toBe(true);
    }
  });

  it.each([
    ['nothing', () => ''],
    ['63 numbers', (bytes: Buffer) => JSON.stringify([...bytes.subarray(0, 63)])],
    ['65 numbers', (bytes: Buffer) => JSON.stringify([...bytes, 1])],
    ['a number over 255', (bytes: Buffer) => JSON.stringify([256, ...bytes.subarray(1)])],
    ['a negative number', (bytes: Buffer) => JSON.stringify([-1, ...bytes.subarray(1)])],
    ['an array that does not end', (bytes: Buffer) => JSON.stringify([...bytes]).slice(0, -1)],
    ['base58 of the seed alone', (bytes: Buffer) => getBase58Decoder().decode(bytes.subarray(0, 32))],
    [
      'a public key of another seed',
      (bytes: Buffer) => JSON.stringify([...bytes.subarray(0, 63), (bytes[63] ?? 0) ^ 1]),
    ],
    ['a megabyte', () => '['.padEnd(1_000_000, '1,')],
  ])('refuses to import %s, and wipes it', async (_name, form) => {
    const { bytes } = newKeypair();
    const importFrom = Buffer.from(form(bytes));
    const path = newPath();
    expect(await failureOf(createKeystore({ path, passphrase, importFrom, scryptCost }))).toMatch(
      /KeystoreError: (this is no key|the key does not fit itself)/,
    );
    expect(importFrom.every((byte) => byte === 0)).toBe(true);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  it('writes a file that only its owner may open, and leaves no draft beside it', async () => {
    const alone = join(folder, 'alone');
    await mkdir(alone);
    const path = join(alone, 'keystore.json');
    await createKeystore({ path, passphrase, scryptCost });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(alone)).toEqual(['keystore.json']);
  });

  it('never overwrites a file, whatever it is', async () => {
    const path = newPath();
    await writeFile(path, 'precious');
    const failure = await failureOf(createKeystore({ path, passphrase, scryptCost }));
    expect(failure).toContain('never overwritten');
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  it('lets one of two win that write the same file at once', async () => {
    const path = newPath();
    const made = await Promise.allSettled([1, 2].map(() => createKeystore({ path, passphrase, scryptCost })));
    const [winner, ...others] = made.filter((result) => result.status === 'fulfilled');
    expect(others).toEqual([]);
    expect((await open(path)).address).toBe(winner?.value.address);
  });

  it('refuses a short passphrase and a cheap key derivation', async () => {
    expect(await failureOf(createKeystore({ path: newPath(), passphrase: 'short', scryptCost }))).toContain(
      '12 characters',
    );
    await expect(createKeystore({ path: newPath(), passphrase, scryptCost: 2 ** 10 })).rejects.toThrow();
  });

  it('does not hold the key in the file, in any of its forms', async () => {
    const { seed, bytes } = newKeypair();
    const path = newPath();
    const forms = secretForms(seed, bytes);
    await createKeystore({ path, passphrase, importFrom: bytes, scryptCost });
    const text = await readFile(path, 'utf8');
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
  });
});

/** How a key or a passphrase could show up in a text. */
function secretForms(seed: Buffer, bytes: Buffer): readonly string[] {
  return [
    passphrase,
    seed.toString('hex'),
    seed.toString('base64').slice(0, 40),
    [...seed].join(','),
    [...seed].join(', '),
    base58FromBytes(seed),
    base58FromBytes(bytes),
  ];
}

describe('openLocalKeypairSigner', () => {
  let keystore: string;
  let address: string;
  let forms: readonly string[];
  beforeAll(async () => {
    const { seed, bytes } = newKeypair();
    forms = secretForms(seed, bytes);
    keystore = newPath();
    ({ address } = await createKeystore({ path: keystore, passphrase, importFrom: bytes, scryptCost }));
  });

  const expectRefusal = async (work: Promise<unknown>, message: string | RegExp) => {
    const failure = await failureOf(work);
    expect(failure).toMatch(message);
    expect(forms.filter((form) => failure.includes(form))).toEqual([]);
  };

  it('opens with its passphrase, however its characters are composed', async () => {
    const path = newPath();
    await createKeystore({ path, passphrase: 'caf\u00e9 au lait 12', scryptCost });
    await expect(open(path, { passphrase: 'cafe\u0301 au lait 12' })).resolves.toBeDefined();
  });

  it('refuses a wrong passphrase', async () => {
    await expectRefusal(
      open(keystore, { passphrase: `${passphrase} ` }),
      'its passphrase is another one, or it was changed',
    );
    await expectRefusal(open(keystore, { passphrase: '' }), 'its passphrase is another one, or it was changed');
  });

  it('refuses a file in which one byte of the sealed key, its tag, nonce or salt was changed', async () => {
    const flip = (text: unknown) => {
      const bytes = Buffer.from(String(text), 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString('base64');
    };
    for (const [part, field] of [
      ['cipher', 'ciphertext'],
      ['cipher', 'tag'],
      ['cipher', 'nonce'],
      ['kdf', 'salt'],
    ] as const) {
      const path = await edited(keystore, (document) => {
        const section = document[part];
        if (section !== undefined) section[field] = flip(section[field]);
      });
      await expectRefusal(open(path), 'its passphrase is another one, or it was changed');
    }
  });

  it('refuses a file that claims the address of another wallet', async () => {
    const path = await edited(keystore, (document) => Object.assign(document, { address: newKeypair().address }));
    await expectRefusal(open(path), 'its passphrase is another one, or it was changed');
  });

  it.each([
    ['another version', { version: 2 }, 'version is not right'],
    ['no address', { address: undefined }, 'address is not right'],
    ['a cheap key derivation', { kdf: { name: 'scrypt', n: 2, r: 8, p: 1, salt: '' } }, 'kdf.n is not right'],
    ['one that takes all memory', { kdf: { name: 'scrypt', n: 2 ** 30, r: 8, p: 1, salt: '' } }, 'kdf.n is not right'],
    [
      'a short tag',
      { cipher: { name: 'aes-256-gcm', nonce: '', ciphertext: '', tag: '' } },
      'cipher.nonce is not right',
    ],
    ['a field that nobody knows', { more: 1 }, 'the document is not right'],
  ])('refuses a file with %s', async (_name, change, message) => {
    const path = await edited(keystore, (document) => Object.assign(document, change));
    await expectRefusal(open(path), message);
  });

  it.each([
    ['that is empty', '', 'it is not JSON'],
    ['that was cut', '{"version": 1, "addr', 'it is not JSON'],
    ['that is too large for one', ' '.repeat(70_000), 'at most 65536'],
  ])('refuses a file %s', async (_name, text, message) => {
    const path = newPath();
    await writeFile(path, text, { mode: 0o600 });
    await expectRefusal(open(path), message);
  });

  it('refuses the plain file of the Solana CLI, and does not quote it', async () => {
    const { seed, bytes } = newKeypair();
    const path = newPath();
    await writeFile(path, JSON.stringify([...bytes]), { mode: 0o600 });
    const failure = await failureOf(open(path));
    expect(failure).toContain('is a plain key, not a keystore');
    expect(secretForms(seed, bytes).filter((form) => failure.includes(form))).toEqual([]);
  });

  it.each([0o640, 0o604, 0o660, 0o622, 0o666])('refuses a file of mode %o, and says how to mend it', async (mode) => {
    const path = await edited(keystore, () => undefined);
    await chmod(path, mode);
    await expectRefusal(open(path), `chmod 600 ${path}`);
  });

  it('refuses a symbolic link, a folder and a file that is not there', async () => {
    const link = newPath();
    await symlink(keystore, link);
    await expectRefusal(open(link), 'is a symbolic link');
    await expectRefusal(open(folder), 'is not a regular file');
    await expectRefusal(open(newPath()), 'there is no keystore at');
  });

  it('refuses mainnet before it reads the key, unless it is forced', async () => {
    await expectRefusal(open(newPath(), { cluster: mainnet }), 'a local keypair does not sign for mainnet');
    expect((await open(keystore, { cluster: mainnet, allowMainnet: true })).address).toBe(address);
  });

  it('shows no secret when it is printed', async () => {
    const signer = await open(keystore);
    const shown = `${inspect(signer, { depth: 10, showHidden: true })} ${JSON.stringify(signer)}`;
    expect(forms.filter((form) => shown.includes(form))).toEqual([]);
  });
});
