// Proves that bytes which would abort LiteSVM are refused as errors, and that the chain lives on.
import { createSolanaRpc, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from './localnet.ts';
import { mutate, seededNumbers } from './testing/mutations.ts';
import { rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedV1, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';

const MUTATIONS = 500;
const SEED = 20261121;

describe('malformed input to the local chain', () => {
  let localnet: Localnet;
  let payer: KeyPairSigner;
  const valid = async (version: 'legacy' | 0 | 1) => {
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const instructions = [transferInstruction(payer, payer.address, 1n)];
    const signed =
      version === 1
        ? await signedV1(payer, lifetime, instructions)
        : await signedWith(version, payer, lifetime, instructions);
    return wireOf(signed);
  };

  beforeAll(async () => {
    localnet = await startLocalnet({ slotMilliseconds: 50 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());

  it(`survives ${MUTATIONS} mutated transactions, simulated and sent`, async () => {
    const bases = [await valid('legacy'), await valid(0), await valid(1)];
    const next = seededNumbers(SEED);
    let refused = 0;
    for (let index = 0; index < MUTATIONS; index++) {
      const text = Buffer.from(mutate(bases[index % 3] ?? new Uint8Array(), next)).toString('base64');
      const method = next(2) === 0 ? 'simulateTransaction' : 'sendTransaction';
      const skipPreflight = method === 'sendTransaction' && next(2) === 0;
      const flags = method === 'sendTransaction' ? { skipPreflight } : { replaceRecentBlockhash: true };
      const answer = await rawCall(localnet.rpcUrl, method, [text, { encoding: 'base64', ...flags }]);
      expect(answer.error?.code ?? 0, `mutation ${index}: ${text}`).not.toBe(-32603);
      if (answer.error?.code === -32602) refused++;
    }
    expect(refused).toBeGreaterThan(MUTATIONS / 2);
    expect(await sendRaw(localnet.rpcUrl, await valid(0))).toHaveProperty('result');
  });

  it.each([
    ['not base64', ['!!!!', { encoding: 'base64' }]],
    ['unpadded base64', ['AAA', { encoding: 'base64' }]],
    ['not base58', ['0OIl']],
    ['empty', ['', { encoding: 'base64' }]],
    ['a number', [7]],
    ['nothing', []],
    ['another encoding', ['AA==', { encoding: 'hex' }]],
    ['a flag that is no boolean', ['AA==', { encoding: 'base64', skipPreflight: 'yes' }]],
    ['a configuration that is no object', ['AA==', 'base64']],
  ])('answers invalid params to a transaction that is %s', async (_case, params) => {
    expect((await rawCall(localnet.rpcUrl, 'sendTransaction', params)).error?.code).toBe(-32602);
  });

  it.each([
    ['getBalance', ['not an address']],
    ['getBalance', ['1'.repeat(40_000)]],
    ['getMultipleAccounts', [new Array(101).fill('11111111111111111111111111111111')]],
    ['getSignatureStatuses', [['11111111111111111111111111111111']]],
    ['requestAirdrop', ['11111111111111111111111111111111', -1]],
    ['requestAirdrop', ['11111111111111111111111111111111', 1.5]],
    ['requestAirdrop', ['11111111111111111111111111111111', 2n ** 64n]],
    ['getSlot', [{ commitment: 'maybe' }]],
    ['getAccountInfo', ['11111111111111111111111111111111', { dataSlice: { offset: -1, length: 1 } }]],
  ])('answers invalid params to %s with what it does not take', async (method, params) => {
    expect((await rawCall(localnet.rpcUrl, method, params)).error?.code).toBe(-32602);
  });

  it('says when a method does not exist, also for names of object members', async () => {
    for (const method of ['getEverything', 'constructor', '__proto__', 'toString']) {
      expect((await rawCall(localnet.rpcUrl, method, [])).error?.code).toBe(-32601);
    }
  });

  it('answers bodies that are no JSON-RPC call with an error', async () => {
    const post = async (body: string) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(localnet.rpcUrl, { method: 'POST', headers, body });
      return { status: response.status, text: await response.text() };
    };
    expect((await post('{')).text).toContain('-32700');
    expect((await post('['.repeat(20_000))).text).toContain('-32700');
    expect((await post('[]')).text).toContain('-32600');
    expect((await post('"call"')).text).toContain('-32600');
    expect((await post('x'.repeat(60_000))).status).toBe(413);
    const getSlot = { jsonrpc: '2.0', id: 'a', method: 'getSlot' };
    expect(JSON.parse((await post(JSON.stringify([getSlot, getSlot]))).text)).toMatchObject([{ id: 'a' }, { id: 'a' }]);
  });

  it('takes JSON only, so that no web page can reach the faucet', async () => {
    const headers = { 'content-type': 'text/plain' };
    const response = await fetch(localnet.rpcUrl, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(415);
  });
});
