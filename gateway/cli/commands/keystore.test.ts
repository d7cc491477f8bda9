import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../../../signers/ed25519-key.ts';
import { openLocalKeypairSigner } from '../../../signers/local-keypair/local-keypair-signer.ts';
import { secretSource } from '../../compose/secret-source.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const CLUSTER = { genesisHash: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG' };
const SEED = Buffer.alloc(32, 9);
const PUBLIC_KEY = publicKeyBytes(privateKeyFromSeed(SEED));
const KEYPAIR = Buffer.concat([SEED, PUBLIC_KEY]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-keystore-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
}

async function create(passphraseFile: string, ...more: readonly string[]) {
  const terminal = fakeTerminal({});
  const output = join(folder, 'treasury.json');
  const code = await terminal.run(
    'keystore',
    'create',
    '--output',
    output,
    '--passphrase-file',
    passphraseFile,
    ...more,
  );
  return { code, output, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

/** As the gateway opens it. */
async function addressIn(keystorePath: string, passphraseFile: string): Promise<string> {
  const passphrase = await secretSource({ kind: 'file', path: passphraseFile })();
  const options = { name: 'main', keystorePath, passphrase, cluster: CLUSTER, allowMainnet: false };
  const signer = await openLocalKeypairSigner(options);
  await signer.close();
  return signer.address;
}

describe('countersign keystore create', () => {
  it('makes a new key, which the gateway opens with the same file of the passphrase, spaces and all', async () => {
    const passphraseFile = write('passphrase', ' correct horse battery \r\n');
    const { code, output, out, err } = await create(passphraseFile);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(await addressIn(output, passphraseFile));
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a file of the Solana CLI', `${JSON.stringify([...KEYPAIR])}\n`],
    ['base58, as wallets export it', `${base58FromBytes(KEYPAIR)}\n`],
  ])('imports %s', async (_form, text) => {
    const passphraseFile = write('passphrase', 'correct horse battery\n');
    const { code, output, out } = await create(passphraseFile, '--import', write('key', text));
    expect({ code, out }).toEqual({ code: 0, out: base58FromBytes(PUBLIC_KEY) });
    expect(await addressIn(output, passphraseFile)).toBe(out);
  });

  it.each([
    ['a file that holds no key', ['correct horse battery', 'a poem, by nobody'], /this is no key: expected 64 bytes/],
    ['a passphrase that is short', ['short', JSON.stringify([...KEYPAIR])], /at least 12 characters/],
  ])('refuses %s, and shows nothing of it', async (_what, [passphrase = '', key = ''], said) => {
    const { code, out, err } = await create(write('passphrase', passphrase), '--import', write('key', key));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(said);
    expect(err).not.toContain(passphrase);
    expect(err).not.toContain(key);
  });

  it('says which file is not there', async () => {
    const { code, err } = await create(join(folder, 'gone'));
    expect(code).toBe(1);
    expect(err).toContain(join(folder, 'gone'));
  });
});
