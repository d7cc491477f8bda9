// Owns a scene for Token-2022: a wallet on LiteSVM whose transactions are judged and then executed.
import { type Address, createNoopSigner, type Instruction, lamports } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { FeatureSet, LiteSVM } from 'litesvm';
import { expect } from 'vitest';
import { encodeLegacy } from '../../../../test/differential/corpus.ts';
import { type Execution, judgeAndExecute } from '../../../../test/differential/execution.ts';
import { TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import type { Effects } from '../effects.ts';
import { type Mint, readMint } from '../token/mint-state.ts';
import { type Holding, readTokenAccount } from '../token/token-state.ts';
import { extendedAccount, extendedMint } from './token-2022-state.ts';

export const WALLET = keyAddress(1);
export const STRANGER = keyAddress(2);
export const wallet = createNoopSigner(WALLET);
export const stranger = createNoopSigner(STRANGER);

export const svm = new LiteSVM()
  .withFeatureSet(FeatureSet.allEnabled())
  .withBuiltins()
  .withDefaultPrograms()
  .withSigverify(false)
  .withTransactionHistory(0n);
let keys = 1_000;

for (const address of [WALLET, STRANGER]) svm.airdrop(address, lamports(10n ** 12n));

/** An address that nothing stands at yet. */
export function freshKey(): Address {
  return keyAddress(keys++);
}

/** Puts an account on the chain, at an address of its own where none is given. */
export function stored(state: AccountState, address = freshKey()): Address {
  const { owner: programAddress, data, lamports: amount } = state;
  svm.setAccount({
    ...{ address, programAddress, data, lamports: lamports(amount) },
    ...{ executable: false, space: BigInt(data.length) },
  });
  return address;
}

export function stateOf(address: Address): AccountState | null {
  const account = svm.getAccount(address);
  if (!account.exists || account.lamports === 0n) return null;
  return { owner: account.programAddress, lamports: account.lamports, data: new Uint8Array(account.data) };
}

/** Judges and executes; the wallet pays the fee. */
export function attempt(...instructions: readonly Instruction[]): Execution {
  svm.expireBlockhash();
  return judgeAndExecute(svm, encodeLegacy(WALLET, svm.latestBlockhash(), instructions), WALLET);
}

/** The same, where it must succeed and nothing may be missing. */
export function run(...instructions: readonly Instruction[]): Execution {
  const execution = attempt(...instructions);
  expect(execution.error).toBeNull();
  expect(execution.effects.missing).toEqual([]);
  return execution;
}

export function holdingOf(address: Address): Holding {
  const state = stateOf(address);
  const holding = state === null ? null : readTokenAccount(state);
  if (holding === null) throw new Error(`${address} is no token account`);
  return holding;
}

export function mintOf(address: Address): Mint {
  const state = stateOf(address);
  const mint = state === null ? null : readMint(state);
  if (mint === null) throw new Error(`${address} is no mint`);
  return mint;
}

export function lamportsLost({ before, after }: Execution, account: Address): bigint {
  return (before.get(account)?.lamports ?? 0n) - (after.get(account)?.lamports ?? 0n);
}

/** Lamports that the effects let leave the wallet, less those that come in. */
export function declaredLoss({ fee, rentLamports, transfers }: Effects, asset: string): bigint {
  let loss = fee.totalLamports + rentLamports;
  for (const transfer of transfers) {
    if (transfer.asset !== 'SOL' && transfer.asset !== asset) continue;
    if (transfer.source === WALLET) loss += transfer.amount;
    if (transfer.destination === WALLET) loss -= transfer.amount;
  }
  return loss;
}

/** What each account of a scene holds, where the test does not say. */
export const ONE = 1_000_000n;

/** A mint, and accounts of it for the wallet and a stranger. */
export function scene(
  extensions: readonly token.ExtensionArgs[],
  ofAccounts: readonly token.ExtensionArgs[] = [],
  amount = ONE,
) {
  const mint = stored(
    extendedMint({ extensions, supply: 2n * amount, mintAuthority: WALLET, freezeAuthority: WALLET }),
  );
  const of = (owner: Address) => stored(extendedAccount({ mint, owner, amount, extensions: ofAccounts }));
  return { mint, own: of(WALLET), strangers: of(STRANGER) };
}

export async function associated(mint: Address, owner = WALLET): Promise<Address> {
  const [ata] = await token.findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_2022_PROGRAM });
  return ata;
}

export const create = (mint: Address, ata: Address) =>
  token.getCreateAssociatedTokenIdempotentInstruction({
    ...{ payer: wallet, ata, owner: WALLET, mint, tokenProgram: TOKEN_2022_PROGRAM },
  });
