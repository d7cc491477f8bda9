// Proves that the local chain accepts and refuses transactions as the cluster does.
import { createSolanaRpc, generateKeyPairSigner, type KeyPairSigner, lamports } from '@solana/kit';
import {
  fetchNonce,
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  SYSTEM_PROGRAM_ADDRESS,
} from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendConfirmed } from './confirmed-sends.ts';
import { type Localnet, startLocalnet } from './localnet.ts';
import { preflightError, rawCall, sendRaw } from './testing/raw-rpc.ts';
import {
  fundedSigner,
  signedV1,
  signedWith,
  signedWithNonce,
  transferInstruction,
  wireOf,
} from './testing/signed-transaction.ts';

describe('the local chain', () => {
  let localnet: Localnet;
  let payer: KeyPairSigner;
  const rpc = () => createSolanaRpc(localnet.rpcUrl);
  const latest = async () => (await rpc().getLatestBlockhash({ commitment: 'processed' }).send()).value;
  const send = (wire: Uint8Array, config?: Readonly<Record<string, unknown>>) => sendRaw(localnet.rpcUrl, wire, config);
  const balance = async () => (await rpc().getBalance(payer.address).send()).value;
  const advance = (slots: number) => rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [slots]);
  const transfer = async (amount: bigint) => {
    const { address } = await generateKeyPairSigner();
    return wireOf(await signedWith(0, payer, await latest(), [transferInstruction(payer, address, amount)]));
  };

  beforeAll(async () => {
    localnet = await startLocalnet();
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());

  it('accepts a blockhash for 150 slots and refuses it afterwards', async () => {
    const early = await transfer(5_000_000n);
    const late = await transfer(5_000_000n);
    const { blockhash, lastValidBlockHeight } = await latest();
    await advance(100);
    expect(await send(early)).toHaveProperty('result');
    await advance(100);
    expect(preflightError(await send(late))).toBe('BlockhashNotFound');
    expect((await rpc().isBlockhashValid(blockhash).send()).value).toBe(false);
    expect(await rpc().getBlockHeight({ commitment: 'processed' }).send()).toBeGreaterThan(lastValidBlockHeight);
  });

  it('drops a stale transaction that skips preflight', async () => {
    const wire = await transfer(5_000_000n);
    await advance(200);
    const { result } = await send(wire, { skipPreflight: true });
    const statuses = await rawCall(localnet.rpcUrl, 'getSignatureStatuses', [[result]]);
    expect(statuses.result).toMatchObject({ value: [null] });
  });

  it('executes the same transaction once', async () => {
    const wire = await transfer(5_000_000n);
    const first = await send(wire);
    const before = await balance();
    expect(preflightError(await send(wire))).toBe('AlreadyProcessed');
    expect((await send(wire, { skipPreflight: true })).result).toBe(first.result);
    expect(await balance()).toBe(before);
  });

  it('refuses in preflight what would fail, and charges the fee when preflight is skipped', async () => {
    const wire = await transfer(1_000_000_000_000n);
    const before = await balance();
    const refused = await send(wire);
    expect(refused.error?.code).toBe(-32002);
    expect(preflightError(refused)).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(await balance()).toBe(before);
    const { result } = await send(wire, { skipPreflight: true });
    expect(before - (await balance())).toBe(5_000n);
    const statuses = await rawCall(localnet.rpcUrl, 'getSignatureStatuses', [[result]]);
    expect(statuses.result).toMatchObject({ value: [{ err: { InstructionError: [0, { Custom: 1 }] } }] });
  });

  it.each([0, 'legacy', 1] as const)('verifies signatures of version %s', async (version) => {
    const instructions = [transferInstruction(payer, payer.address, 1n)];
    const lifetime = await latest();
    const signed =
      version === 1
        ? await signedV1(payer, lifetime, instructions)
        : await signedWith(version, payer, lifetime, instructions);
    const wire = wireOf(signed);
    const forged = Uint8Array.from(wire);
    const inSignature = version === 1 ? wire.length - 1 : 64;
    forged[inSignature] = (forged[inSignature] ?? 0) ^ 1;
    expect((await send(forged)).error?.code).toBe(-32003);
    const before = await balance();
    await send(forged, { skipPreflight: true });
    expect(await balance()).toBe(before);
    expect(await send(wire)).toHaveProperty('result');
  });

  it('verifies signatures in a simulation only when it is asked to', async () => {
    const wire = await transfer(5_000_000n);
    wire.fill(0, 1, 65);
    const text = Buffer.from(wire).toString('base64');
    const simulate = (config: object) =>
      rawCall(localnet.rpcUrl, 'simulateTransaction', [text, { encoding: 'base64', ...config }]);
    expect((await simulate({})).result).toMatchObject({ value: { err: null } });
    expect((await simulate({ sigVerify: true })).error?.code).toBe(-32003);
    expect((await simulate({ sigVerify: true, replaceRecentBlockhash: true })).error?.code).toBe(-32602);
    expect((await send(wire)).error?.code).toBe(-32003);
  });

  it('knows durable nonces: valid for long, used once, used up by a failure', async () => {
    const nonceAccount = await generateKeyPairSigner();
    await sendConfirmed(localnet.rpcUrl, payer, [
      getCreateAccountInstruction({
        payer,
        newAccount: nonceAccount,
        lamports: lamports(2_000_000n),
        space: 80n,
        programAddress: SYSTEM_PROGRAM_ADDRESS,
      }),
      getInitializeNonceAccountInstruction({ nonceAccount: nonceAccount.address, nonceAuthority: payer.address }),
    ]);
    const stored = async () => (await fetchNonce(rpc(), nonceAccount.address)).data.blockhash;
    const withNonce = async (amount: bigint, value: string) =>
      wireOf(
        await signedWithNonce(payer, value, nonceAccount.address, [
          transferInstruction(payer, nonceAccount.address, amount),
        ]),
      );
    const first = await stored();
    const wire = await withNonce(1n, first);
    await advance(1_000);
    expect(await send(wire)).toHaveProperty('result');
    expect(preflightError(await send(wire))).toBe('BlockhashNotFound');
    const second = await stored();
    expect(second).not.toBe(first);
    await advance(1);
    const failing = await withNonce(1_000_000_000_000n, second);
    const before = await balance();
    await send(failing, { skipPreflight: true });
    expect(before - (await balance())).toBe(5_000n);
    expect(await stored()).not.toBe(second);
    await advance(1);
    expect(preflightError(await send(failing))).toBe('BlockhashNotFound');
  });

  it('pays out the same airdrop twice', async () => {
    const { address } = await generateKeyPairSigner();
    const ask = () => rpc().requestAirdrop(address, lamports(7_000_000n)).send();
    expect(await ask()).not.toBe(await ask());
    expect((await rpc().getBalance(address).send()).value).toBe(14_000_000n);
  });

  it('finalizes after 32 slots and moves commitments apart', async () => {
    const { result } = await send(await transfer(5_000_000n));
    const status = async () => rawCall(localnet.rpcUrl, 'getSignatureStatuses', [[result]]);
    await advance(1);
    expect((await status()).result).toMatchObject({ value: [{ confirmationStatus: 'confirmed' }] });
    await advance(31);
    expect((await status()).result).toMatchObject({ value: [{ confirmationStatus: 'finalized' }] });
    const slotAt = async (commitment: string) =>
      Number((await rawCall(localnet.rpcUrl, 'getSlot', [{ commitment }])).result);
    const finalized = await slotAt('finalized');
    expect((await slotAt('processed')) - finalized).toBeGreaterThanOrEqual(32);
  });

  it('tells the place of a block that it has, and says which it has not', async () => {
    const block = async (slot: unknown, config: object = {}) => rawCall(localnet.rpcUrl, 'getBlock', [slot, config]);
    const { result: finalized } = await rawCall(localnet.rpcUrl, 'getSlot', [{ commitment: 'finalized' }]);
    const slot = Number(finalized);
    expect((await block(slot)).result).toMatchObject({ blockHeight: slot - 1_000, parentSlot: slot - 1 });
    expect((await block(0)).result).toMatchObject({ blockHeight: 0, parentSlot: 0 });
    expect((await block(slot + 1_000_000)).error?.code).toBe(-32004);
    expect((await block(slot, { transactionDetails: 'full' })).error?.code).toBe(-32602);
    expect((await block(slot, { rewards: true })).error?.code).toBe(-32602);
    const pruning = await startLocalnet();
    const { result: first } = await rawCall(pruning.rpcUrl, 'localnet_pruneHistory', []);
    expect((await rawCall(pruning.rpcUrl, 'getFirstAvailableBlock', [])).result).toBe(first);
    expect((await rawCall(pruning.rpcUrl, 'getBlock', [Number(first) - 1])).error?.code).toBe(-32001);
    await pruning.stop();
  });

  it('tells a landed transaction in full', async () => {
    const wire = await transfer(5_000_000n);
    const { result: signature } = await send(wire);
    const config = { encoding: 'base64', commitment: 'processed', maxSupportedTransactionVersion: 0 };
    const { result } = await rawCall(localnet.rpcUrl, 'getTransaction', [signature, config]);
    expect(result).toMatchObject({
      transaction: [Buffer.from(wire).toString('base64'), 'base64'],
      version: 0,
      meta: { err: null, fee: 5_000 },
    });
    const old = await rawCall(localnet.rpcUrl, 'getTransaction', [signature, { commitment: 'processed' }]);
    expect(old.error?.code).toBe(-32015);
  });
});
