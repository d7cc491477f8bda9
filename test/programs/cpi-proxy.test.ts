// Proves that the proxy passes calls on with the signatures that it was given: nested, with an account twice, and behind a gate.
import {
  type Address,
  createNoopSigner,
  getTransactionDecoder,
  type Instruction,
  lamports,
  type TransactionSigner,
} from '@solana/kit';
import { getAssignInstruction, getTransferSolInstruction } from '@solana-program/system';
import { FailedTransactionMetadata, FeatureSet, LiteSVM } from 'litesvm';
import { beforeEach, describe, expect, it } from 'vitest';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from './cpi-proxy.ts';
import { through } from './through.ts';

const WALLET = keyAddress(100);
const OTHER = keyAddress(101);
const PROXY = keyAddress(102);
const SECOND_PROXY = keyAddress(103);
const GATED_PROXY = keyAddress(104);
const GATE = keyAddress(105);

let svm: LiteSVM;
beforeEach(() => {
  svm = new LiteSVM().withFeatureSet(FeatureSet.allEnabled()).withBuiltins().withDefaultPrograms();
  svm.withSigverify(false).withBlockhashCheck(false);
  svm.airdrop(WALLET, lamports(10_000_000_000n));
  svm.airdrop(OTHER, lamports(1_000_000_000n));
  svm.addProgram(PROXY, cpiProxy());
  svm.addProgram(SECOND_PROXY, cpiProxy());
  svm.addProgram(GATED_PROXY, cpiProxy({ gated: true }));
});

describe('the proxy program', () => {
  it('passes a transfer on', () => {
    expect(run(through(PROXY, transfer(OTHER, 5n)))).toBeNull();
    expect(svm.getBalance(OTHER)).toBe(1_000_000_005n);
  });

  it('passes on what another proxy passes on', () => {
    expect(run(through(SECOND_PROXY, through(PROXY, transfer(OTHER, 7n))))).toBeNull();
    expect(svm.getBalance(OTHER)).toBe(1_000_000_007n);
  });

  it('passes on an account that stands there twice', () => {
    expect(run(through(PROXY, transfer(WALLET, 7n)))).toBeNull();
  });

  it('hands the wallet to a program', () => {
    expect(run(through(PROXY, getAssignInstruction({ account: wallet(), programAddress: PROXY })))).toBeNull();
    expect(svm.getAccount(WALLET)).toMatchObject({ programAddress: PROXY });
  });

  it('passes on the error of whom it calls', () => {
    expect(run(through(PROXY, transfer(OTHER, 10n ** 15n)))).not.toBeNull();
  });

  it('does nothing as long as its gate is shut', () => {
    expect(run(through(GATED_PROXY, transfer(OTHER, 5n), GATE))).toBeNull();
    expect(svm.getBalance(OTHER)).toBe(1_000_000_000n);
    const open = { programAddress: PROXY, lamports: lamports(1_000_000n), data: new Uint8Array(1) };
    svm.setAccount({ address: GATE, executable: false, space: 1n, ...open });
    expect(run(through(GATED_PROXY, transfer(OTHER, 5n), GATE))).toBeNull();
    expect(svm.getBalance(OTHER)).toBe(1_000_000_005n);
  });
});

function wallet(): TransactionSigner {
  return createNoopSigner(WALLET);
}

function transfer(destination: Address, amount: bigint): Instruction {
  return getTransferSolInstruction({ source: wallet(), destination, amount });
}

/** The error, or `null`. */
function run(instruction: Instruction): string | null {
  const result = svm.sendTransaction(getTransactionDecoder().decode(wireTransaction(WALLET, [instruction])));
  return result instanceof FailedTransactionMetadata ? `${result.err()} ${result.meta().logs().join('\n')}` : null;
}
