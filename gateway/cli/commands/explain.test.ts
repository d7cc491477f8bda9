import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../../core/base58.ts';
import { dataPlane, type Plane } from '../../rpc/testing/planes.ts';
import {
  AGENT,
  REQUEST_ID,
  sampleEffects,
  samplePolicyInput,
  sampleRequest,
  sampleTransaction,
  WALLET,
} from '../../rpc/testing/samples.ts';
import { fakeTerminal } from '../testing/fake-terminal.ts';

const WIRE = Uint8Array.from([1, ...new Array(64).fill(0), 0x80, 7, 0xff]);
const BASE64 = Buffer.from(WIRE).toString('base64');
const SIGNATURE = encodeBase58(new Uint8Array(64).fill(5));

let plane: Plane;
let folder: string;
let asked: unknown[];
let wallets: { id: string; address: typeof WALLET }[];

beforeEach(async () => {
  asked = [];
  wallets = [{ id: 'treasury', address: WALLET }];
  folder = mkdtempSync(join(tmpdir(), 'countersign-explain-'));
  plane = await dataPlane({
    listWallets: async () => wallets.map((wallet) => ({ ...wallet, feePayer: null })),
    evaluateTransaction: async (_agent, ask) => {
      asked.push([ask.walletName, Buffer.from(ask.transaction).toString('base64'), ask.setFreshBlockhash]);
      return {
        decision: sampleRequest().judgement.decision,
        transaction: sampleTransaction(),
        effects: sampleEffects(),
        budgets: [],
        messageDigest: new Uint8Array(32),
        policyInput: samplePolicyInput(),
      };
    },
    getTransaction: async (_agent, by) => {
      asked.push(by);
      const request = sampleRequest();
      return { ...request, judgement: { ...request.judgement, policyInput: samplePolicyInput() } };
    },
  });
});
afterEach(async () => {
  await plane.close();
  rmSync(folder, { recursive: true, force: true });
});

async function explain(...args: readonly string[]) {
  const key = plane.principals.add({ ...AGENT, id: 'explainer' });
  const person = fakeTerminal({ COUNTERSIGN_DATA_ADDRESS: plane.address, COUNTERSIGN_API_KEY: key });
  const code = await person.run('explain', ...args);
  return { code, out: person.out, err: person.err.join('\n') };
}

describe('countersign explain', () => {
  it('shows what a transaction would do and what the policy says of it', async () => {
    const { code, out } = await explain(BASE64);
    expect(code).toBe(0);
    expect(asked).toEqual([['treasury', BASE64, false]]);
    const screen = out.join('\n');
    for (const text of [
      'Transaction version 0, 215 bytes',
      '0  system transfer_sol',
      '1  UNREADABLE instruction of an unknown program',
      'moves            18446744073.709551615 SOL (18446744073709551615 lamports)',
      'NOT KNOWN        mint: the mint could not be read',
      'The policy allows it (revision rev-1)',
    ]) {
      expect(screen).toContain(text);
    }
  });

  it('takes a file with the bytes, or with their base64', async () => {
    const [raw, text] = [join(folder, 'raw.bin'), join(folder, 'tx.txt')];
    writeFileSync(raw, WIRE);
    writeFileSync(text, `${BASE64}\n`);
    expect((await explain(raw, '--set-fresh-blockhash')).code).toBe(0);
    expect((await explain(text, '--wallet', 'other')).code).toBe(0);
    expect(asked).toEqual([
      ['treasury', BASE64, true],
      ['other', BASE64, false],
    ]);
  });

  it.each([
    [REQUEST_ID, { kind: 'request_id', requestId: REQUEST_ID }],
    [SIGNATURE, { kind: 'signature', signature: SIGNATURE }],
  ])('finds the recorded request %s', async (name, by) => {
    const { code, out } = await explain(name);
    expect(code).toBe(0);
    expect(asked).toEqual([by]);
    expect(out.join('\n')).toContain('The policy allows it');
  });

  it('prints the policy input itself, byte for byte', async () => {
    const { out } = await explain(BASE64, '--json');
    expect(out).toEqual([new TextDecoder().decode(samplePolicyInput())]);
  });

  it('asks for the wallet where there are several, and says which', async () => {
    wallets.push({ id: 'petty-cash', address: WALLET });
    const { code, err } = await explain(BASE64);
    expect(code).toBe(2);
    expect(err).toContain('--wallet is needed, one of treasury, petty-cash');
    expect(asked).toEqual([]);
  });

  it('says of anything else what it takes', async () => {
    const { code, err } = await explain('no/such file');
    expect(code).toBe(2);
    expect(err).toContain('neither a file that exists nor base64, a request id or a signature');
    expect((await explain(folder)).err).toContain(`${folder} is a directory`);
    expect((await explain(WALLET)).err).toContain(`${WALLET} is an address`);
    const urlSafe = join(folder, 'url-safe');
    writeFileSync(urlSafe, 'AQAAAAAA-_AA');
    expect((await explain(urlSafe)).err).toContain(
      `${urlSafe} holds neither the bytes of a transaction nor their base64`,
    );
    const huge = join(folder, 'huge');
    writeFileSync(huge, Buffer.alloc(20_000));
    expect((await explain(huge)).err).toContain('has 20000 bytes; a transaction has at most 4096');
    expect(asked).toEqual([]);
  });
});
