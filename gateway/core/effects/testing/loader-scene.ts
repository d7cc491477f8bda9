// Owns a scene for the upgradeable loader: a wallet on LiteSVM that writes, deploys and changes programs, judged and then executed.
import {
  type Address,
  createNoopSigner,
  getAddressEncoder,
  getProgramDerivedAddress,
  type Instruction,
} from '@solana/kit';
import * as loader from '@solana-program/loader-v3';
import { getCreateAccountInstruction } from '@solana-program/system';
import { LiteSVM } from 'litesvm';
import { expect } from 'vitest';
import { encodeLegacy } from '../../../../test/differential/corpus.ts';
import { type Execution, judgeAndExecute } from '../../../../test/differential/execution.ts';
import { LOADER_V3_PROGRAM, MEMO_PROGRAM_V2 } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { Effects } from '../effects.ts';
import { rentExemption } from '../rent.ts';

export const WALLET = keyAddress(1);
export const STRANGER = keyAddress(2);
export const PROGRAM = keyAddress(4);
export const wallet = createNoopSigner(WALLET);
export const stranger = createNoopSigner(STRANGER);
export const PROGRAM_SIZE = 36n;
export const BUFFER_HEADER = 37n;

export const svm = new LiteSVM().withSigverify(false).withTransactionHistory(0n);
export const elf = new Uint8Array(elfOf(MEMO_PROGRAM_V2));
export const PROGRAM_DATA = await programData(PROGRAM);
let keys = 100;
let slot = 10n;

/** An address that nothing stands at yet. */
export function freshKey(): Address {
  return keyAddress(keys++);
}

function elfOf(program: Address): Uint8Array {
  const account = svm.getAccount(program);
  if (!account.exists) throw new Error(`${program} is not on LiteSVM`);
  return new Uint8Array(account.data);
}

export async function programData(program: Address): Promise<Address> {
  const seeds = [getAddressEncoder().encode(program)];
  const [derived] = await getProgramDerivedAddress({ programAddress: LOADER_V3_PROGRAM, seeds });
  return derived;
}

/** Judges, executes, and holds the lamports of the wallet and of everybody against the effects. */
export function run(...instructions: Instruction[]): Execution {
  svm.expireBlockhash();
  const execution = judgeAndExecute(svm, encodeLegacy(WALLET, svm.latestBlockhash(), instructions), WALLET);
  expect(execution.error).toBeNull();
  expect(execution.effects.missing.filter(({ fact }) => fact !== 'amount')).toEqual([]);
  return execution;
}

/** What the effects say an account's lamports change by, rent and fee included. */
function declared(effects: Effects, account: Address): bigint {
  let change = effects.fee.payer === account ? -effects.fee.totalLamports : 0n;
  for (const { source, destination, amount } of effects.transfers) {
    if (source === account) change -= amount;
    if (destination === account) change += amount;
  }
  for (const { payer, account: created, rentLamports } of effects.creations) {
    if (payer === account) change -= rentLamports;
    if (created === account) change += rentLamports;
  }
  return change;
}

export function changed({ before, after }: Execution, account: Address): bigint {
  return (after.get(account)?.lamports ?? 0n) - (before.get(account)?.lamports ?? 0n);
}

/** Every account's lamports change by what the effects say. */
export function expectExplained(execution: Execution): void {
  for (const account of execution.before.keys()) {
    expect([account, declared(execution.effects, account)]).toEqual([account, changed(execution, account)]);
  }
}

/** A buffer of the wallet that holds a program. */
export function writtenBuffer(extra = 0n, initialize = WALLET): Address {
  const buffer = freshKey();
  const space = BUFFER_HEADER + BigInt(elf.length);
  const create = getCreateAccountInstruction({
    payer: wallet,
    newAccount: createNoopSigner(buffer),
    lamports: rentExemption(space) + extra,
    space,
    programAddress: LOADER_V3_PROGRAM,
  });
  const created = run(
    create,
    loader.getInitializeBufferInstruction({ sourceAccount: buffer, bufferAuthority: initialize }),
  );
  expectExplained(created);
  expect(created.effects.operations).toMatchObject([{ kind: 'program_buffer_initialize', account: buffer }]);
  for (let offset = 0; offset < elf.length; offset += 900) {
    const bytes = elf.subarray(offset, offset + 900);
    const write = loader.getWriteInstruction({ bufferAccount: buffer, bufferAuthority: wallet, offset, bytes });
    const written = run(write);
    expectExplained(written);
    expect(written.decoded.instructions[0]).toMatchObject({
      name: 'write',
      arguments: { offset: BigInt(offset), length: BigInt(bytes.length) },
    });
    expect(written.effects.operations).toMatchObject([{ kind: 'program_buffer_write', account: buffer }]);
  }
  return buffer;
}

export function upgrade(buffer: Address, spill: Address): Instruction {
  return loader.getUpgradeInstruction({
    programDataAccount: PROGRAM_DATA,
    programAccount: PROGRAM,
    bufferAccount: buffer,
    spillAccount: spill,
    authority: wallet,
  });
}

export function deploy(program: Address, programDataAccount: Address, buffer: Address): Execution {
  return run(
    getCreateAccountInstruction({
      payer: wallet,
      newAccount: createNoopSigner(program),
      lamports: rentExemption(PROGRAM_SIZE),
      space: PROGRAM_SIZE,
      programAddress: LOADER_V3_PROGRAM,
    }),
    loader.getDeployWithMaxDataLenInstruction({
      payerAccount: wallet,
      programDataAccount,
      programAccount: program,
      bufferAccount: buffer,
      authority: wallet,
      maxDataLen: elf.length + 100,
    }),
  );
}

export function setAuthority(account: Address, ...newAuthority: readonly Address[]): Instruction {
  const [given = STRANGER] = newAuthority;
  const instruction = loader.getSetAuthorityInstruction({
    bufferOrProgramDataAccount: account,
    currentAuthority: wallet,
    newAuthority: given,
  });
  // For none the published client puts the loader in its place, which the runtime then makes the authority.
  return { ...instruction, accounts: instruction.accounts.slice(0, 2 + newAuthority.length) };
}

export function closeBuffer(buffer: Address, destinationAccount: Address): Instruction {
  const accounts = { bufferOrProgramDataAccount: buffer, destinationAccount, authority: wallet };
  return loader.getCloseInstruction(accounts);
}

export function nextSlot(): void {
  slot += 1n;
  svm.warpToSlot(slot);
}
