// Proves that an unmodified @solana/kit client works against the local chain.
import { zstdDecompressSync } from 'node:zlib';
import {
  appendTransactionMessageInstruction,
  assertIsSendableTransaction,
  assertIsTransactionWithBlockhashLifetime,
  compileTransaction,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  type KeyPairSigner,
  pipe,
  sendAndConfirmTransactionFactory,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getAddMemoInstruction } from '@solana-program/memo';
import {
  fetchToken,
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getTransferCheckedInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from './localnet.ts';
import { createTestToken } from './test-token.ts';
import { rawCall, sendRaw } from './testing/raw-rpc.ts';
import {
  constantLifetime,
  fundedSigner,
  signedV1,
  signedWith,
  transferInstruction,
  wireOf,
} from './testing/signed-transaction.ts';

describe('a kit client of the local chain', () => {
  let localnet: Localnet;
  let payer: KeyPairSigner;
  const rpc = () => createSolanaRpc(localnet.rpcUrl);
  const latest = async () => (await rpc().getLatestBlockhash({ commitment: 'confirmed' }).send()).value;

  beforeAll(async () => {
    localnet = await startLocalnet({ slotMilliseconds: 50 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());

  it('sends a transfer and is told over WebSocket when it is confirmed', async () => {
    const { address } = await generateKeyPairSigner();
    const rpcSubscriptions = createSolanaRpcSubscriptions(localnet.wsUrl);
    const sendAndConfirm = sendAndConfirmTransactionFactory({ rpc: rpc(), rpcSubscriptions });
    const transaction = await signedWith(0, payer, await latest(), [transferInstruction(payer, address, 5_000_000n)]);
    assertIsSendableTransaction(transaction);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await sendAndConfirm(transaction, { commitment: 'confirmed' });
    expect((await rpc().getBalance(address).send()).value).toBe(5_000_000n);
  });

  it('sees a transaction become finalized', async () => {
    const { address } = await generateKeyPairSigner();
    const rpcSubscriptions = createSolanaRpcSubscriptions(localnet.wsUrl);
    const wire = await signedWith('legacy', payer, await latest(), [transferInstruction(payer, address, 5_000_000n)]);
    const signature = await rpc().sendTransaction(getBase64EncodedWireTransaction(wire), { encoding: 'base64' }).send();
    const notifications = await rpcSubscriptions
      .signatureNotifications(signature, { commitment: 'finalized' })
      .subscribe({ abortSignal: AbortSignal.timeout(10_000) });
    for await (const { value } of notifications) {
      expect(value).toEqual({ err: null });
      break;
    }
    const [status] = (await rpc().getSignatureStatuses([signature]).send()).value;
    expect(status).toMatchObject({ confirmationStatus: 'finalized', confirmations: null, err: null });
  });

  it('keeps exact amounts above 2^53', async () => {
    const { address } = await generateKeyPairSigner();
    // kit refuses to send so large an argument.
    await rawCall(localnet.rpcUrl, 'requestAirdrop', [address, 9_007_199_254_740_993n]);
    expect((await rpc().getBalance(address).send()).value).toBe(9_007_199_254_740_993n);
  });

  it('transfers a test token', async () => {
    const { address: recipient } = await generateKeyPairSigner();
    const token = await createTestToken(localnet.rpcUrl, { owner: payer.address, amount: 1_000_000_000n });
    const [ata] = await findAssociatedTokenPda({
      owner: recipient,
      mint: token.mint,
      tokenProgram: TOKEN_PROGRAM_ADDRESS,
    });
    const instructions = [
      getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner: recipient, mint: token.mint }),
      getTransferCheckedInstruction({
        source: token.tokenAccount,
        mint: token.mint,
        destination: ata,
        authority: payer,
        amount: 250_000_000n,
        decimals: 6,
      }),
    ];
    expect(
      await sendRaw(localnet.rpcUrl, wireOf(await signedWith(0, payer, await latest(), instructions))),
    ).toHaveProperty('result');
    expect((await fetchToken(rpc(), ata)).data.amount).toBe(250_000_000n);
    expect((await fetchToken(rpc(), token.tokenAccount)).data.amount).toBe(750_000_000n);
    const owned = await rpc().getTokenAccountsByOwner(recipient, { mint: token.mint }, { encoding: 'base64' }).send();
    expect(owned.value.map((entry) => entry.pubkey)).toEqual([ata]);
    expect((await rpc().getTokenAccountBalance(ata).send()).value).toEqual({
      amount: '250000000',
      decimals: 6,
      uiAmount: 250,
      uiAmountString: '250',
    });
  });

  it('simulates an unsigned transaction with its inner instructions, without changing anything', async () => {
    const { address: owner } = await generateKeyPairSigner();
    const { mint } = await createTestToken(localnet.rpcUrl, { owner: payer.address, amount: 1n });
    const [ata] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayer(payer.address, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(constantLifetime(), m),
      (m) =>
        appendTransactionMessageInstruction(
          getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner, mint }),
          m,
        ),
    );
    const wire = getBase64EncodedWireTransaction(compileTransaction(message));
    const { value } = await rpc()
      .simulateTransaction(wire, {
        encoding: 'base64',
        replaceRecentBlockhash: true,
        innerInstructions: true,
        accounts: { encoding: 'base64', addresses: [ata] },
      })
      .send();
    expect(value.err).toBeNull();
    expect(value.innerInstructions?.[0]?.instructions.length).toBeGreaterThanOrEqual(3);
    expect(value.accounts?.[0]?.owner).toBe(TOKEN_PROGRAM_ADDRESS);
    expect((await rpc().getAccountInfo(ata, { encoding: 'base64' }).send()).value).toBeNull();
  });

  it('runs a version 1 transaction and the newest memo program', async () => {
    const wire = wireOf(await signedV1(payer, await latest(), [getAddMemoInstruction({ memo: 'héllo' })]));
    expect(await sendRaw(localnet.rpcUrl, wire)).toHaveProperty('result');
  });

  it('reads accounts in every encoding and in slices', async () => {
    const { mint } = await createTestToken(localnet.rpcUrl, { owner: payer.address, amount: 7n });
    const dataSlice = { offset: 44, length: 2 };
    const inBase64 = await rpc().getAccountInfo(mint, { encoding: 'base64', dataSlice }).send();
    expect(inBase64.value?.data).toEqual([Buffer.from([6, 1]).toString('base64'), 'base64']);
    const inBase58 = await rpc().getAccountInfo(mint, { encoding: 'base58', dataSlice }).send();
    expect(inBase58.value?.data).toEqual(['TW', 'base58']);
    const compressed = await rpc().getAccountInfo(mint, { encoding: 'base64+zstd', dataSlice }).send();
    expect(zstdDecompressSync(Buffer.from(compressed.value?.data[0] ?? '', 'base64'))).toEqual(Buffer.from([6, 1]));
  });

  it('tells the same genesis hash and what else a client asks for', async () => {
    expect(await rpc().getGenesisHash().send()).toBe('GUXepyW7NQJUnFLT5DhsafodTah5PvknAFdYmoapxvSj');
    expect(await rpc().getHealth().send()).toBe('ok');
    expect(await rpc().getMinimumBalanceForRentExemption(165n).send()).toBe(2_039_280n);
    const epoch = await rpc().getEpochInfo({ commitment: 'processed' }).send();
    expect(epoch.absoluteSlot).toBe(epoch.epoch * epoch.slotsInEpoch + epoch.slotIndex);
    expect(epoch.blockHeight).toBeLessThan(epoch.absoluteSlot);
  });
});
