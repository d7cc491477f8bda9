// Proves that the RPC chain reader reads a chain exactly.
import { address, createSolanaRpc, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChainReader, ChainUnavailable } from '../chain-reader.ts';
import { type Localnet, startLocalnet } from '../localnet/localnet.ts';
import { rawCall, sendRaw } from '../localnet/testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from '../localnet/testing/signed-transaction.ts';
import { createRpcChainReader } from './rpc-chain-reader.ts';

const { signal } = new AbortController();
/** Of the local chain, by default. */
const SLOT_MS = 400;
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
const HASH = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';
const SIGNATURE = '1'.repeat(64);

describe('an RPC chain reader of a working chain', () => {
  let localnet: Localnet;
  let reader: ChainReader;
  let payer: KeyPairSigner;

  beforeAll(async () => {
    localnet = await startLocalnet();
    reader = createRpcChainReader({ url: localnet.rpcUrl, timeoutMs: 5_000 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(async () => {
    await reader.close();
    await localnet.stop();
  });

  it('reads accounts, absent ones as null, with the slot', async () => {
    const { address: nobody } = await generateKeyPairSigner();
    const { slot, accounts } = await reader.getAccounts([payer.address, nobody, SYSTEM_PROGRAM], signal);
    expect(accounts.get(payer.address)).toEqual({
      owner: SYSTEM_PROGRAM,
      lamports: 10_000_000_000n,
      data: new Uint8Array(),
    });
    expect(accounts.get(nobody)).toBeNull();
    expect(Buffer.from(accounts.get(SYSTEM_PROGRAM)?.data ?? []).toString()).toBe('solana_system_program');
    expect(slot).toBeGreaterThan(0n);
  });

  it('reads more than a hundred accounts, and none', async () => {
    const signers = await Promise.all(Array.from({ length: 250 }, generateKeyPairSigner));
    const addresses = [...signers.map((signer) => signer.address), payer.address, payer.address];
    const { accounts } = await reader.getAccounts(addresses, signal);
    expect(accounts.size).toBe(251);
    expect(accounts.get(payer.address)?.lamports).toBe(10_000_000_000n);
    expect((await reader.getAccounts([], signal)).accounts.size).toBe(0);
  });

  it('reads welcome accounts in the same round trip', async () => {
    const { accounts } = await reader.getAccounts([payer.address], signal, [SYSTEM_PROGRAM, payer.address]);
    expect([...accounts.keys()]).toEqual([payer.address, SYSTEM_PROGRAM]);
  });

  it('has the blockhash at hand once it was asked for', async () => {
    const other = createRpcChainReader({ url: localnet.rpcUrl, timeoutMs: 5_000 });
    expect(other.blockhashAtHand()).toBeNull();
    const latest = await other.getLatestBlockhash(signal);
    expect(other.blockhashAtHand()).toEqual(latest);
    await other.close();
  });

  it('reads lamports above 2^53 exactly', async () => {
    const { address: rich } = await generateKeyPairSigner();
    await rawCall(localnet.rpcUrl, 'requestAirdrop', [rich, 9_007_199_254_740_993n]);
    expect((await reader.getAccounts([rich], signal)).accounts.get(rich)?.lamports).toBe(9_007_199_254_740_993n);
  });

  it('tells whether a blockhash is alive, and how far the chain is', async () => {
    const { blockhash, lastValidBlockHeight } = await reader.getLatestBlockhash(signal);
    expect(await reader.isBlockhashValid(blockhash, 'processed', signal)).toMatchObject({ isValid: true });
    expect(await reader.isBlockhashValid(HASH, 'processed', signal)).toMatchObject({ isValid: false });
    expect(await reader.getBlockHeight('confirmed', signal)).toBeLessThan(lastValidBlockHeight);
    const finalized = await reader.getBlockHeight('finalized', signal);
    expect(finalized).toBeLessThan(await reader.getBlockHeight('processed', signal));
  });

  it('tells the status of signatures: unknown, landed, landed with an error', async () => {
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const send = async (amount: bigint) => {
      const signed = await signedWith(0, payer, lifetime, [transferInstruction(payer, payer.address, amount)]);
      return String((await sendRaw(localnet.rpcUrl, wireOf(signed), { skipPreflight: true })).result);
    };
    const signatures = [await send(1n), SIGNATURE, await send(1_000_000_000_000n)];
    const [landed, unknown, failed] = (await reader.getSignatureStatuses(signatures, signal)).statuses;
    expect(unknown).toBeNull();
    expect(landed).toMatchObject({ error: null });
    expect(failed?.error).toMatch(/^\{"InstructionError":\[0,/);
    await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [40]);
    const later = await reader.getSignatureStatuses(signatures, signal);
    expect(later.statuses[0]?.commitment).toBe('finalized');
    expect(later.slot).toBeGreaterThan(landed?.slot ?? later.slot);
    expect((await reader.getSignatureStatuses([], signal)).statuses).toEqual([]);
  });

  it('tells the newest finalized block, and accounts as of then', async () => {
    const { slot, blockHeight } = await reader.getFinalizedBlock(signal);
    expect(blockHeight).toBe(slot - 1000n);
    const read = await reader.getFinalizedAccounts([payer.address, payer.address], signal);
    expect(read.slot).toBeGreaterThanOrEqual(slot);
    expect([...read.accounts.keys()]).toEqual([payer.address]);
    expect((await reader.getFinalizedAccounts([], signal)).accounts.size).toBe(0);
  });

  it('tells the slot and the time of the newest finalized block, which are behind those of the newest one', async () => {
    const { slot: finalized } = await reader.getFinalizedBlock(signal);
    const { slot, unixSeconds } = await reader.getFinalizedClock(signal);
    expect(slot).toBeGreaterThanOrEqual(finalized);
    const behindMs = Date.now() - Number(unixSeconds) * 1_000;
    const depthMs = 32 * SLOT_MS;
    expect(behindMs).toBeGreaterThanOrEqual(depthMs);
    expect(behindMs).toBeLessThan(depthMs + 5_000);
    const { blockhash } = await reader.getLatestBlockhash(signal);
    const validity = await reader.isBlockhashValid(blockhash, 'finalized', signal);
    expect(validity.slot).toBeLessThan((await reader.isBlockhashValid(blockhash, 'processed', signal)).slot);
  });

  it('tells the oldest block, of a whole history and of one that was pruned', async () => {
    const pruning = await startLocalnet();
    const of = createRpcChainReader({ url: pruning.rpcUrl, timeoutMs: 5_000 });
    expect(await of.getOldestBlock(signal)).toEqual({ slot: 0n, blockHeight: 0n });
    const { address: somebody } = await generateKeyPairSigner();
    const { result: signature } = await rawCall(pruning.rpcUrl, 'requestAirdrop', [somebody, 1_000_000]);
    await rawCall(pruning.rpcUrl, 'localnet_advanceSlots', [40]);
    await rawCall(pruning.rpcUrl, 'localnet_pruneHistory', []);
    const { slot, blockHeight } = await of.getOldestBlock(signal);
    expect(slot).toBeGreaterThan(1_000n);
    expect(blockHeight).toBe(slot - 1_000n);
    expect((await of.getSignatureStatuses([String(signature)], signal)).statuses).toEqual([null]);
    await of.close();
    await pruning.stop();
  });

  it('tells the genesis hash', async () => {
    expect(await reader.getGenesisHash(signal)).toBe('GUXepyW7NQJUnFLT5DhsafodTah5PvknAFdYmoapxvSj');
  });

  it('is unavailable while the chain is away, and recovers by itself', async () => {
    const chain = await startLocalnet();
    const port = Number(new URL(chain.rpcUrl).port);
    const away = createRpcChainReader({ url: chain.rpcUrl, timeoutMs: 2_000 });
    await away.getGenesisHash(signal);
    await chain.stop();
    await expect(away.getGenesisHash(signal)).rejects.toThrow(ChainUnavailable);
    const back = await startLocalnet({ port });
    expect(await away.getGenesisHash(signal)).toBe('GUXepyW7NQJUnFLT5DhsafodTah5PvknAFdYmoapxvSj');
    await back.stop();
    await away.close();
  });
});
