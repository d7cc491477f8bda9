// Proves that what landed is listed by the addresses that it names.
import { createSolanaRpc, generateKeyPairSigner, type KeyPairSigner, type Signature, signature } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from './localnet.ts';
import { rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';

let localnet: Localnet;
let payer: KeyPairSigner;
let recipient: KeyPairSigner;
let sent: readonly Signature[];

const rpc = () => createSolanaRpc(localnet.rpcUrl);

beforeAll(async () => {
  localnet = await startLocalnet({ slotMilliseconds: 50 });
  payer = await fundedSigner(localnet.rpcUrl);
  recipient = await fundedSigner(localnet.rpcUrl);
  const { value: lifetime } = await rpc().getLatestBlockhash().send();
  const signatures: Signature[] = [];
  for (const amount of [1n, 2n, 3n]) {
    const instruction = transferInstruction(payer, recipient.address, amount);
    const { result } = await sendRaw(localnet.rpcUrl, wireOf(await signedWith(0, payer, lifetime, [instruction])));
    signatures.push(signature(String(result)));
  }
  sent = signatures;
  await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [40]);
});

afterAll(() => localnet.stop());

async function listed(config: Parameters<ReturnType<typeof rpc>['getSignaturesForAddress']>[1] = {}) {
  const entries = await rpc().getSignaturesForAddress(payer.address, config).send();
  return entries.map((entry) => entry.signature);
}

describe('getSignaturesForAddress', () => {
  it('lists the newest first, for whoever is named in the message', async () => {
    expect(await listed()).toEqual(sent.toReversed());
    const received = await rpc().getSignaturesForAddress(recipient.address).send();
    expect(received.map((entry) => entry.signature)).toEqual(sent.toReversed());
    expect(received[0]).toMatchObject({ err: null, memo: null, confirmationStatus: 'finalized' });
    expect(
      await rpc()
        .getSignaturesForAddress((await generateKeyPairSigner()).address)
        .send(),
    ).toEqual([]);
  });

  it('leaves out what before and until name, and stops at the limit', async () => {
    const [first, , last] = sent;
    if (first === undefined || last === undefined) throw new Error('nothing was sent');
    expect(await listed({ before: last, until: first })).toEqual([sent[1]]);
    expect(await listed({ limit: 1 })).toEqual([last]);
    expect(await listed({ before: last, limit: 1 })).toEqual([sent[1]]);
  });

  it('refuses to list while it has not finalized the slot that the caller has seen', async () => {
    const finalized = await rpc().getSlot({ commitment: 'finalized' }).send();
    const list = (minContextSlot: bigint) =>
      rawCall(localnet.rpcUrl, 'getSignaturesForAddress', [payer.address, { minContextSlot }]);
    expect((await list(finalized)).error).toBeUndefined();
    expect((await list(finalized + 1_000n)).error?.code).toBe(-32016);
  });

  it('refuses a limit that a cluster refuses', async () => {
    const { error } = await rawCall(localnet.rpcUrl, 'getSignaturesForAddress', [payer.address, { limit: 1001 }]);
    expect(error?.code).toBe(-32602);
  });
});
