// Owns a small chain for programs that keep lamports in accounts of their own: each transaction is judged, executed and compared.
import { type Instruction, lamports } from '@solana/kit';
import { getStakeStateAccountDecoder } from '@solana-program/stake';
import { FeatureSet, LiteSVM } from 'litesvm';
import type { Address } from '../../gateway/core/address.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { encodeLegacy } from './corpus.ts';
import { type Execution, judgeAndExecute } from './execution.ts';

export interface Scene {
  readonly svm: LiteSVM;
  readonly wallet: Address;
}

export function openScene(wallet: Address, others: readonly Address[]): Scene {
  const svm = new LiteSVM().withFeatureSet(FeatureSet.allEnabled()).withBuiltins().withDefaultPrograms();
  svm.withSigverify(false);
  for (const address of [wallet, ...others]) {
    put(svm, address, { owner: SYSTEM_PROGRAM, lamports: 1_000_000_000_000n, data: new Uint8Array() });
  }
  return { svm, wallet };
}

export function put(
  svm: LiteSVM,
  address: Address,
  state: { readonly owner: Address; readonly lamports: bigint; readonly data: Uint8Array },
): void {
  svm.setAccount({
    address,
    programAddress: state.owner,
    lamports: lamports(state.lamports),
    data: state.data,
    executable: false,
    space: BigInt(state.data.length),
  });
}

export interface Run {
  /** Of the fee; the wallet when not given. */
  readonly payer?: Address;
  /** Account that was there before, and gets what the wallet pays for rent without a creation. */
  readonly grows?: Address;
}

/** Judges and executes; throws when it does not succeed on chain, or when lamports moved otherwise than the effects say. */
export function run({ svm, wallet }: Scene, instructions: readonly Instruction[], how: Run = {}): Execution {
  const wire = encodeLegacy(how.payer ?? wallet, svm.latestBlockhash(), instructions);
  const execution = judgeAndExecute(svm, wire, wallet);
  svm.expireBlockhash();
  if (execution.error !== null) throw new Error(`it failed: ${execution.error}`);
  const told = toldChanges(execution, wallet, how.grows ?? null);
  for (const [address, before] of execution.before) {
    const change = (execution.after.get(address)?.lamports ?? 0n) - (before?.lamports ?? 0n);
    const expected = told.get(address) ?? 0n;
    if (change !== expected) throw new Error(`${address} changed by ${change}, and the effects say ${expected}`);
  }
  return execution;
}

/** The error of a transaction that must fail on chain. */
export function runRefused({ svm, wallet }: Scene, instructions: readonly Instruction[]): string {
  const execution = judgeAndExecute(svm, encodeLegacy(wallet, svm.latestBlockhash(), instructions), wallet);
  svm.expireBlockhash();
  if (execution.error === null) throw new Error('it succeeded');
  return execution.error;
}

export function stakeAuthorities({ svm }: Scene, address: Address) {
  const account = svm.getAccount(address);
  if (!account.exists) throw new Error(`${address} does not exist`);
  const { state } = getStakeStateAccountDecoder().decode(account.data);
  if (state.__kind !== 'Initialized' && state.__kind !== 'Stake') throw new Error(`${address} is ${state.__kind}`);
  return state.fields[0].authorized;
}

export function lamportsAt({ svm }: Scene, address: Address): bigint {
  return svm.getBalance(address) ?? 0n;
}

function toldChanges({ effects }: Execution, wallet: Address, grows: Address | null): ReadonlyMap<Address, bigint> {
  const changes = new Map<Address, bigint>();
  const add = (address: Address, change: bigint) => changes.set(address, (changes.get(address) ?? 0n) + change);
  add(effects.fee.payer, -effects.fee.totalLamports);
  for (const { source, destination, amount } of effects.transfers) {
    add(source, -amount);
    add(destination, amount);
  }
  let rent = effects.rentLamports;
  for (const { account, payer, rentLamports } of effects.creations) {
    add(payer, -rentLamports);
    add(account, rentLamports);
    if (payer === wallet) rent -= rentLamports;
  }
  if (rent !== 0n && grows === null) throw new Error(`the effects name ${rent} lamports of rent for nothing`);
  add(wallet, -rent);
  add(grows ?? wallet, rent);
  return changes;
}
