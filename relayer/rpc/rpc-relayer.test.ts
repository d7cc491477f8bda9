// Proves that the RPC relayer hands on the very bytes, and says "unknown" whenever they may have been broadcast.
import { createSolanaRpc, generateKeyPairSigner, getBase58Decoder, type KeyPairSigner } from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from '../localnet/localnet.ts';
import { rawCall } from '../localnet/testing/raw-rpc.ts';
import {
  constantLifetime,
  fundedSigner,
  signedV1,
  signedWith,
  transferInstruction,
  wireOf,
} from '../localnet/testing/signed-transaction.ts';
import type { Relayer } from '../relayer.ts';
import { answerError, answerResult, type NastyServer, OUTAGES, startNastyServer } from './testing/nasty-server.ts';
import { rpcRelayerTo } from './testing/rpc-relayer-to.ts';

const { signal } = new AbortController();

describe('an RPC relayer to a working chain', () => {
  let localnet: Localnet;
  let relayer: Relayer;
  let payer: KeyPairSigner;
  const signed = async (version: 'legacy' | 0 | 1, amount: bigint) => {
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const { address } = await generateKeyPairSigner();
    const instructions = [transferInstruction(payer, address, amount)];
    return wireOf(
      version === 1
        ? await signedV1(payer, lifetime, instructions)
        : await signedWith(version, payer, lifetime, instructions),
    );
  };

  beforeAll(async () => {
    localnet = await startLocalnet();
    relayer = rpcRelayerTo([localnet.rpcUrl]);
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());

  it.each(['legacy', 0, 1] as const)('sends a transaction of version %s', async (version) => {
    const wire = await signed(version, 5_000_000n);
    expect(await relayer.submit(wire, signal)).toEqual({ kind: 'accepted' });
    const signature = getBase58Decoder().decode(version === 1 ? wire.slice(-64) : wire.slice(1, 65));
    const { result } = await rawCall(localnet.rpcUrl, 'getSignatureStatuses', [[signature]]);
    expect(result).toMatchObject({ value: [{ err: null }] });
  });

  it('tells a repetition, a dead blockhash, a failing preflight and malformed bytes apart', async () => {
    const wire = await signed(0, 5_000_000n);
    const old = await signed(0, 5_000_000n);
    await relayer.submit(wire, signal);
    expect(await relayer.submit(wire, signal)).toMatchObject({ kind: 'rejected', code: 'ALREADY_PROCESSED' });
    await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [200]);
    expect(await relayer.submit(old, signal)).toMatchObject({ kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND' });
    const failing = await relayer.submit(await signed(0, 1_000_000_000_000n), signal);
    expect(failing).toMatchObject({ kind: 'rejected', code: 'OTHER' });
    expect(failing).toMatchObject({ reason: expect.stringContaining('{"InstructionError":[0,{"Custom":1}]}') });
    for (const bytes of [new Uint8Array(), wire.subarray(1), new Uint8Array(1_300)]) {
      expect(await relayer.submit(bytes, signal)).toMatchObject({ kind: 'rejected', code: 'OTHER' });
    }
  });

  it('tells a fee payer that has no SOL, or too little, from all else that fails', async () => {
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const poor = await generateKeyPairSigner();
    const unpaid = () => signedWith(0, poor, lifetime, [transferInstruction(poor, payer.address, 1n)]).then(wireOf);
    const code = 'FEE_PAYER_LACKS_SOL';
    const nothing = expect.stringContaining('preflight: "AccountNotFound"');
    expect(await relayer.submit(await unpaid(), signal)).toEqual({ kind: 'rejected', code, reason: nothing });
    await rawCall(localnet.rpcUrl, 'localnet_setAccount', [
      poor.address,
      { owner: SYSTEM_PROGRAM_ADDRESS, lamports: 1_000, data: '' },
    ]);
    const tooLittle = expect.stringContaining('"InsufficientFundsForFee"');
    expect(await relayer.submit(await unpaid(), signal)).toEqual({ kind: 'rejected', code, reason: tooLittle });
  });

  it('lets a failing transaction land when it skips preflight', async () => {
    const blunt = rpcRelayerTo([localnet.rpcUrl], { skipPreflight: true });
    expect(await blunt.submit(await signed(0, 1_000_000_000_000n), signal)).toEqual({ kind: 'accepted' });
  });

  it('does not know what became of it when the answer is lost, and learns it by sending again', async () => {
    const wire = await signed(0, 5_000_000n);
    await rawCall(localnet.rpcUrl, 'localnet_setFault', [{ kind: 'loseAnswer', method: 'sendTransaction', times: 1 }]);
    const fresh = rpcRelayerTo([localnet.rpcUrl]);
    expect(await fresh.submit(wire, signal)).toMatchObject({ kind: 'unknown' });
    expect(await fresh.submit(wire, signal)).toMatchObject({ kind: 'rejected', code: 'ALREADY_PROCESSED' });
  });
});

describe('an RPC relayer to a node that misbehaves', () => {
  let server: NastyServer;
  let relayer: Relayer;
  let wire: Uint8Array;

  beforeAll(async () => {
    const payer = await generateKeyPairSigner();
    const instructions = [transferInstruction(payer, payer.address, 1n)];
    wire = wireOf(await signedWith(0, payer, constantLifetime(), instructions));
  });
  beforeEach(async () => {
    server = await startNastyServer();
    relayer = rpcRelayerTo([`${server.url}/?api-key=s3cretkey`], { timeoutMs: 300 });
  });
  afterEach(() => server.close());

  it.each(OUTAGES)('does not know what became of it when the node %s', async (_case, behaviour) => {
    server.behave(behaviour);
    const result = await relayer.submit(wire, signal);
    expect(result.kind).toBe('unknown');
    expect(JSON.stringify(result)).not.toContain('s3cretkey');
  });

  it('does not take another signature, or none, for its own', async () => {
    for (const result of [null, 7, '', '1'.repeat(64), ['x']]) {
      server.behave(answerResult(result));
      expect(await relayer.submit(wire, signal)).toMatchObject({ kind: 'unknown' });
    }
  });

  it('does not know what became of it when the node names a reason that is none of the transaction’s', async () => {
    const codes = [-32000, -32001, -32004, -32005, -32601, -32603, 429];
    for (const error of codes.map((code) => ({ code, message: 'Blockhash not found' }))) {
      server.behave(answerError(error));
      expect(await relayer.submit(wire, signal), String(error.code)).toMatchObject({ kind: 'unknown' });
    }
    for (const data of [undefined, null, 'BlockhashNotFound', {}, { err: null }]) {
      server.behave(answerError({ code: -32002, message: 'Blockhash not found', data }));
      expect(await relayer.submit(wire, signal), JSON.stringify(data)).toMatchObject({ kind: 'unknown' });
    }
  });

  it('reads the structured error, never the text', async () => {
    const answer = (err: unknown) => answerError({ code: -32002, message: 'BlockhashNotFound', data: { err } });
    server.behave(answer('AlreadyProcessed'));
    expect(await relayer.submit(wire, signal)).toMatchObject({ code: 'ALREADY_PROCESSED' });
    server.behave(answer({ InstructionError: [0, 'BlockhashNotFound'] }));
    expect(await relayer.submit(wire, signal)).toMatchObject({ code: 'OTHER' });
  });

  it('sends the bytes as they are, without retries by the node', async () => {
    server.behave(() => undefined);
    await relayer.submit(wire, signal);
    expect(server.calls).toMatchObject([
      {
        method: 'sendTransaction',
        params: [
          Buffer.from(wire).toString('base64'),
          { encoding: 'base64', skipPreflight: false, preflightCommitment: 'confirmed', maxRetries: 0 },
        ],
      },
    ]);
  });

  it('gives up when its caller does, before and while it waits', async () => {
    const patient = rpcRelayerTo([server.url], { timeoutMs: 60_000 });
    server.behave(() => undefined);
    expect(await patient.submit(wire, AbortSignal.abort())).toMatchObject({ kind: 'unknown' });
    expect(server.calls).toEqual([]);
    const controller = new AbortController();
    const submitted = patient.submit(wire, controller.signal);
    await expect.poll(() => server.calls.length).toBe(1);
    controller.abort();
    expect(await submitted).toMatchObject({ kind: 'unknown' });
  });
});
