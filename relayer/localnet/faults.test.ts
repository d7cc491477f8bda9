// Proves that each fault is what it is called, meets one facade only, and ends when it is cleared.
import { createSolanaRpc, generateKeyPairSigner, getBase58Decoder, type KeyPairSigner } from '@solana/kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../json-exact.ts';
import { type Localnet, startLocalnet } from './localnet.ts';
import { preflightError, rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';

let localnet: Localnet;
let good: string;
let faulty: string;
let payer: KeyPairSigner;

beforeAll(async () => {
  // A slot is long, so that none passes between two questions of one test unless it says so.
  localnet = await startLocalnet({ facades: 2, slotMilliseconds: 10_000 });
  [good, faulty] = [localnet.rpcUrls[0] ?? '', localnet.rpcUrls[1] ?? ''];
  payer = await fundedSigner(good);
  await rawCall(good, 'localnet_advanceSlots', [300]);
});
afterAll(() => localnet.stop());
afterEach(async () => {
  expect(await rawCall(faulty, 'localnet_clearFaults', [])).toEqual({ result: true });
});

const fault = (description: object) => rawCall(faulty, 'localnet_setFault', [description]);

async function signed(lamports = 5_000_000n): Promise<{ readonly wire: Uint8Array; readonly signature: string }> {
  const { value: lifetime } = await createSolanaRpc(good).getLatestBlockhash().send();
  const { address } = await generateKeyPairSigner();
  const wire = wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, address, lamports)]));
  return { wire, signature: getBase58Decoder().decode(wire.slice(1, 65)) };
}

async function statusAt(url: string, signature: string): Promise<unknown> {
  const { result } = await rawCall(url, 'getSignatureStatuses', [[signature], { searchTransactionHistory: true }]);
  const statuses = isRecord(result) ? result.value : undefined;
  return Array.isArray(statuses) ? statuses[0] : undefined;
}

async function slotAt(url: string): Promise<number> {
  return Number((await rawCall(url, 'getSlot', [{ commitment: 'processed' }])).result);
}

describe('facades', () => {
  it('show one chain', async () => {
    const { wire, signature } = await signed();
    expect(await sendRaw(good, wire)).toEqual({ result: signature });
    expect(await statusAt(faulty, signature)).toMatchObject({ err: null });
  });

  it('have faults of their own', async () => {
    await fault({ kind: 'serverError' });
    expect((await fetch(faulty, post('getSlot'))).status).toBe(500);
    expect(await slotAt(good)).toBeGreaterThan(0);
  });
});

describe('on the way', () => {
  it('rateLimit tells how long to rest, where it was told to', async () => {
    await fault({ kind: 'rateLimit', seconds: 7, times: 1 });
    await fault({ kind: 'rateLimit', times: 1 });
    const first = await fetch(faulty, post('getSlot'));
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7']);
    const second = await fetch(faulty, post('getSlot'));
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, null]);
  });

  it('slow answers right, and later', async () => {
    await fault({ kind: 'slow', milliseconds: 150 });
    const started = performance.now();
    expect(await slotAt(faulty)).toBe(await slotAt(good));
    expect(performance.now() - started).toBeGreaterThan(140);
  });
});

describe('what is told', () => {
  it('lag knows nothing of the newest slots: neither slot, landing, nor blockhash', async () => {
    const { wire, signature } = await signed();
    await sendRaw(good, wire);
    const other = await signed();
    await fault({ kind: 'lag', slots: 5 });
    expect(await slotAt(faulty)).toBe((await slotAt(good)) - 5);
    expect(await statusAt(faulty, signature)).toBeNull();
    expect(preflightError(await sendRaw(faulty, other.wire))).toBe('BlockhashNotFound');
    // What it does not simulate it hands on, to a leader that is not behind.
    expect(await sendRaw(faulty, other.wire, { skipPreflight: true })).toEqual({ result: other.signature });
    expect(await statusAt(good, other.signature)).toMatchObject({ err: null });
  });

  it('wrongSlot is off by so many slots in all that it tells', async () => {
    const { wire, signature } = await signed();
    await sendRaw(good, wire);
    await fault({ kind: 'wrongSlot', slots: -100 });
    expect(await slotAt(faulty)).toBe((await slotAt(good)) - 100);
    const height = async (url: string) => {
      const { result } = await rawCall(url, 'getLatestBlockhash', []);
      return isRecord(result) && isRecord(result.value) ? result.value : {};
    };
    const [right, wrong] = [await height(good), await height(faulty)];
    expect(wrong.blockhash).toBe(right.blockhash);
    expect(wrong.lastValidBlockHeight).toBe(Number(right.lastValidBlockHeight) - 100);
    const status = await statusAt(good, signature);
    const slot = isRecord(status) ? Number(status.slot) : Number.NaN;
    expect(await statusAt(faulty, signature)).toMatchObject({ slot: slot - 100, confirmationStatus: 'processed' });
  });

  it('staleBlockhash tells one that is about to die for the newest', async () => {
    const { value: newest } = await createSolanaRpc(good).getLatestBlockhash().send();
    await fault({ kind: 'staleBlockhash', slots: 140 });
    const { value: stale } = await createSolanaRpc(faulty).getLatestBlockhash().send();
    expect(stale.lastValidBlockHeight).toBe(newest.lastValidBlockHeight - 140n);
    expect((await rawCall(good, 'isBlockhashValid', [stale.blockhash])).result).toMatchObject({ value: true });
  });

  it('denyStatus and failStatus lie about what landed', async () => {
    const { wire, signature } = await signed();
    await sendRaw(good, wire);
    await fault({ kind: 'denyStatus', times: 1 });
    expect(await statusAt(faulty, signature)).toBeNull();
    await fault({ kind: 'failStatus', times: 1 });
    expect(await statusAt(faulty, signature)).toMatchObject({ err: { InstructionError: [0, { Custom: 4242 }] } });
    expect(await statusAt(faulty, signature)).toMatchObject({ err: null });
  });

  it('claimStatus shows as final without an error what failed, and what never landed', async () => {
    const never = await signed();
    const failing = await signed(100_000_000_000n);
    const skipped = [Buffer.from(failing.wire).toString('base64'), { encoding: 'base64', skipPreflight: true }];
    await rawCall(good, 'sendTransaction', skipped);
    await fault({ kind: 'claimStatus' });
    for (const { signature } of [never, failing]) {
      expect(await statusAt(faulty, signature)).toMatchObject({ err: null, confirmationStatus: 'finalized' });
    }
    expect(await statusAt(good, never.signature)).toBeNull();
    expect(await statusAt(good, failing.signature)).toMatchObject({ err: { InstructionError: [0, { Custom: 1 }] } });
  });
});

describe('what is sent', () => {
  it('drop takes it and sends it nowhere', async () => {
    const { wire, signature } = await signed();
    await fault({ kind: 'drop', method: 'sendTransaction', times: 1 });
    expect(await sendRaw(faulty, wire)).toEqual({ result: signature });
    expect(await statusAt(good, signature)).toBeNull();
    expect(await sendRaw(faulty, wire)).toEqual({ result: signature });
    expect(await statusAt(good, signature)).toMatchObject({ err: null });
  });

  it('forkAway shows it as landed everywhere until its fork dies; it never ran, and can land then', async () => {
    const { wire, signature } = await signed();
    const balance = async () => (await createSolanaRpc(good).getBalance(payer.address).send()).value;
    const before = await balance();
    await fault({ kind: 'forkAway', slots: 3, method: 'sendTransaction', times: 1 });
    expect(await sendRaw(faulty, wire)).toEqual({ result: signature });
    expect(await statusAt(good, signature)).toMatchObject({ err: null, confirmationStatus: 'processed' });
    await rawCall(good, 'localnet_advanceSlots', [2]);
    expect(await statusAt(good, signature)).toMatchObject({ confirmationStatus: 'confirmed' });
    expect(preflightError(await sendRaw(good, wire))).toBe('AlreadyProcessed');
    expect(await balance()).toBe(before);
    await rawCall(good, 'localnet_advanceSlots', [1]);
    expect(await statusAt(good, signature)).toBeNull();
    expect(await sendRaw(good, wire)).toEqual({ result: signature });
    expect(await balance()).toBeLessThan(before);
  });
});

it('refuses a fault that it does not know, or that is measured wrongly', async () => {
  for (const [description, told] of [
    [{ kind: 'melt' }, 'kind must be one of hang, rateLimit'],
    [{ kind: 'toString' }, 'kind must be one of'],
    [{ kind: 'lag', slots: 0 }, 'slots must be an integer from 1 to 100000'],
    [{ kind: 'lag', milliseconds: 5 }, 'unknown members: milliseconds'],
    [{ kind: 'drop', slots: 5 }, 'unknown members: slots'],
  ] as const) {
    expect((await fault(description)).error?.message).toContain(told);
  }
});

function post(method: string): RequestInit {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }) };
}
