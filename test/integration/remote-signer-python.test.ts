// Owns the proof that the signer in docs/signers/remote.md serves as it stands there, with certificates made by the commands of that page.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../gateway/state/embedded/postmaster.ts';
import { base58FromBytes, privateKeyFromSeed, publicKeyBytes } from '../../signers/ed25519-key.ts';
import { openRemoteSigner } from '../../signers/remote/remote-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import { askedBytes } from '../conformance/asked-bytes.ts';
import { describeSignerConformance } from '../conformance/signer-conformance.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLE = join(ROOT, 'examples/python/remote_signer.py');
const PAGE = readFileSync(join(ROOT, 'docs/signers/remote.md'), 'utf8');
const PUBLIC_KEY = publicKeyBytes(privateKeyFromSeed(Buffer.alloc(32, 5)));
const ADDRESS = base58FromBytes(PUBLIC_KEY);

let folder: string;
let target: string;
let server: ChildProcess;
const opened: Signer[] = [];

/** The block of the page that begins with this line. */
function block(language: string, first: string): string {
  const blocks = [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([^\`]+)\`\`\``, 'g'))].map(([, text = '']) => text);
  const found = blocks.find((text) => text.startsWith(first));
  if (found === undefined) throw new Error(`the page has no block of ${language} that begins with ${first}`);
  return found;
}

beforeAll(async () => {
  await promisify(execFile)(join(ROOT, 'scripts', 'python-env.sh'));
  folder = await mkdtemp(join(tmpdir(), 'countersign-python-signer-'));
  execFileSync('bash', ['-euc', block('sh', '# The authority')], { cwd: folder, stdio: 'pipe' });
  const keypair = [...Buffer.alloc(32, 5), ...PUBLIC_KEY];
  await writeFile(join(folder, 'key.json'), JSON.stringify(keypair), { mode: 0o600 });
  target = `127.0.0.1:${await freePort()}`;
  server = spawn(join(ROOT, '.cache/python/bin/python'), [EXAMPLE, 'key.json', target], { cwd: folder });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const said: string[] = [];
  server.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  server.once('exit', () => reject(new Error(`the server ended before it served: ${said.join('')}`)));
  if (server.stdout !== null) createInterface({ input: server.stdout }).once('line', () => resolve());
  await ready;
}, 300_000);

afterAll(async () => {
  await Promise.all(opened.map((signer) => signer.close()));
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
  await rm(folder, { recursive: true, force: true });
});

function open(key = 'treasury'): Signer {
  const file = (name: string) => join(folder, name);
  const files = { caFile: file('ca.pem'), certFile: file('gateway.pem'), keyFile: file('gateway.key') };
  // The certificate of the page is for a name, not for this address.
  const tls = { ...files, serverName: 'signer.internal' };
  const signer = openRemoteSigner({ name: 'own', address: ADDRESS, target, key, tls });
  opened.push(signer);
  return signer;
}

describeSignerConformance('remote, before the example in Python,', async () => ({
  signer: open(),
  backend: 'remote',
  address: ADDRESS,
  wantsTransactions: true,
}));

describe('the example of a signer in Python', () => {
  const bounds = { deadline: Date.now() + 60_000, idempotencyKey: 'one', signal: new AbortController().signal };

  it('stands on the page', () => {
    expect(block('python', '"""Serves SignerService')).toBe(readFileSync(EXAMPLE, 'utf8'));
  });

  it('is ready for a check, for its own key only', async () => {
    const signal = AbortSignal.timeout(5_000);
    expect(await open().check(signal)).toEqual({ kind: 'ready', detail: 'a file, for a start' });
    expect(await open('other').check(signal)).toMatchObject({ kind: 'failed', field: 'key' });
  });

  it('refuses a message that is not of the transaction, and one that is of none', async () => {
    const asked = { address: ADDRESS, wantsTransactions: true };
    const { messageBytes } = askedBytes(asked, 50);
    const { wireTransaction } = askedBytes(asked, 50);
    const refused = { kind: 'refused' };
    expect(await open().sign(messageBytes, { ...bounds, kind: 'transaction', wireTransaction })).toMatchObject(refused);
    expect(await open().sign(messageBytes, { ...bounds, kind: 'message' })).toMatchObject(refused);
  });
});
