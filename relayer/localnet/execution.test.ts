// Proves what the local chain tells of executions: fees, loaded addresses, names of errors.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type Address,
  appendTransactionMessageInstructions,
  compressTransactionMessageUsingAddressLookupTables,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionDecoder,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getAddMemoInstruction } from '@solana-program/memo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from './localnet.ts';
import { createLookupTable } from './testing/lookup-table.ts';
import { preflightError, rawCall, sendRaw } from './testing/raw-rpc.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from './testing/signed-transaction.ts';
import { INSTRUCTION_ERRORS, TRANSACTION_ERRORS } from './transaction-error.ts';

describe('an execution on the local chain', () => {
  let localnet: Localnet;
  let payer: KeyPairSigner;
  const rpc = () => createSolanaRpc(localnet.rpcUrl);
  const latest = async () => (await rpc().getLatestBlockhash({ commitment: 'processed' }).send()).value;
  const balanceOf = async (address: Address) => (await rpc().getBalance(address).send()).value;
  const withLookup = async (instruction: Instruction, table: Address, addresses: Address[]) => {
    const lifetime = await latest();
    const signed = await pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(payer, message),
      (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
      (message) => appendTransactionMessageInstructions([instruction], message),
      (message) => compressTransactionMessageUsingAddressLookupTables(message, { [table]: addresses }),
      signTransactionMessageWithSigners,
    );
    return wireOf(signed);
  };

  beforeAll(async () => {
    localnet = await startLocalnet({ slotMilliseconds: 50 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());

  const memo = getAddMemoInstruction({ memo: 'hi' });
  const price = getSetComputeUnitPriceInstruction({ microLamports: 1_234_567n });
  it.each<readonly [string, readonly Instruction[]]>([
    ['no price', [memo]],
    ['a price and a limit', [getSetComputeUnitLimitInstruction({ units: 77_777 }), price, memo]],
    ['a price and no limit', [price, memo, memo]],
    ['a limit above the cap', [getSetComputeUnitLimitInstruction({ units: 4_000_000_000 }), price, memo]],
    ['only builtins', [price]],
  ])('costs what getFeeForMessage says: %s', async (_case, instructions) => {
    const wire = wireOf(await signedWith(0, payer, await latest(), instructions));
    const message = Buffer.from(getTransactionDecoder().decode(wire).messageBytes).toString('base64');
    const told = await rawCall(localnet.rpcUrl, 'getFeeForMessage', [message]);
    const before = await balanceOf(payer.address);
    expect(await sendRaw(localnet.rpcUrl, wire)).toHaveProperty('result');
    const charged = before - (await balanceOf(payer.address));
    expect(told.result).toMatchObject({ value: Number(charged) });
  });

  it('tells no fee for a message whose blockhash is dead', async () => {
    const wire = wireOf(await signedWith(0, payer, await latest(), [memo]));
    await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [200]);
    const message = Buffer.from(getTransactionDecoder().decode(wire).messageBytes).toString('base64');
    expect((await rawCall(localnet.rpcUrl, 'getFeeForMessage', [message])).result).toMatchObject({ value: null });
  });

  it('loads addresses through a lookup table, and tells which', async () => {
    const { address } = await generateKeyPairSigner();
    const table = await createLookupTable(localnet.rpcUrl, payer, [payer.address, address]);
    const wire = await withLookup(transferInstruction(payer, address, 5_000_000n), table, [payer.address, address]);
    const { result } = await sendRaw(localnet.rpcUrl, wire);
    expect(await balanceOf(address)).toBe(5_000_000n);
    const config = { commitment: 'processed', maxSupportedTransactionVersion: 0 };
    const landed = await rawCall(localnet.rpcUrl, 'getTransaction', [result, config]);
    expect(landed.result).toMatchObject({
      meta: { loadedAddresses: { writable: [address], readonly: [] } },
      transaction: { message: { addressTableLookups: [{ accountKey: table, writableIndexes: [1] }] } },
    });
  });

  it('refuses a lookup table that does not exist, or an index beyond it', async () => {
    const { address } = await generateKeyPairSigner();
    const { address: nowhere } = await generateKeyPairSigner();
    const transfer = transferInstruction(payer, address, 5_000_000n);
    const missing = await sendRaw(localnet.rpcUrl, await withLookup(transfer, nowhere, [address]));
    expect(missing.error).toMatchObject({
      code: -32602,
      message: expect.stringContaining('AddressLookupTableNotFound'),
    });
    const table = await createLookupTable(localnet.rpcUrl, payer, [payer.address]);
    const beyond = await sendRaw(localnet.rpcUrl, await withLookup(transfer, table, [payer.address, address]));
    expect(beyond.error).toMatchObject({
      code: -32602,
      message: expect.stringContaining('InvalidAddressLookupTableIndex'),
    });
  });

  it('refuses a payer that cannot pay, and a duplicate key, without charging anybody', async () => {
    const poor = await generateKeyPairSigner();
    const wire = wireOf(await signedWith(0, poor, await latest(), [memo]));
    expect(preflightError(await sendRaw(localnet.rpcUrl, wire))).toBe('AccountNotFound');
    const { result } = await sendRaw(localnet.rpcUrl, wire, { skipPreflight: true });
    const statuses = await rawCall(localnet.rpcUrl, 'getSignatureStatuses', [[result]]);
    expect(statuses.result).toMatchObject({ value: [null] });
    const transfer = wireOf(await signedWith(0, payer, await latest(), [transferInstruction(payer, poor.address, 1n)]));
    const keysAt = 1 + 64 + 1 + 3 + 1;
    transfer.copyWithin(keysAt + 32, keysAt, keysAt + 32);
    const simulated = await rawCall(localnet.rpcUrl, 'simulateTransaction', [
      Buffer.from(transfer).toString('base64'),
      { encoding: 'base64' },
    ]);
    expect(simulated.result).toMatchObject({ value: { err: 'AccountLoadedTwice' } });
  });

  it('names errors in the order of LiteSVM', () => {
    const declarations = readFileSync(createRequire(import.meta.url).resolve('litesvm/dist/internal.d.ts'), 'utf8');
    const namesOf = (enumeration: string) => {
      const [, body = ''] = new RegExp(`const enum ${enumeration} \\{([^}]*)\\}`).exec(declarations) ?? [];
      return [...body.matchAll(/(\w+) = (\d+)/g)].map(([, name, number], index) => {
        expect(number).toBe(String(index));
        return name;
      });
    };
    expect(TRANSACTION_ERRORS).toEqual(namesOf('TransactionErrorFieldless'));
    expect(INSTRUCTION_ERRORS).toEqual(namesOf('InstructionErrorFieldless'));
  });
});
