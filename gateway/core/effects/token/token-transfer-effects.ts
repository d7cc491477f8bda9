// Owns what token transfers do, with or without the mint named.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, integerIn, optionalAccountIn, optionalIntegerIn } from '../instruction-parts.ts';
import { changeTokens, changeWithheld, type Ledger, moveLamports, onlyOwnerCloses, reportMissing } from '../ledger.ts';
import { askForCloser, recordTransfer } from '../movements.ts';
import { type MintInUse, mintInUse } from './mint-facts.ts';
import { type Mint, transferFee } from './mint-state.ts';
import { drawsOnWallet, requireTokenAccount } from './token-control.ts';
import { type Holding, isNative, isNativeMint } from './token-state.ts';
import { requireNoHook } from './transfer-hook.ts';

export function transferTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { index } = instruction;
  const source = accountIn(instruction, 'source');
  const destination = accountIn(instruction, 'destination');
  const amount = integerIn(instruction, 'amount');
  const from = requireTokenAccount(ledger, instruction, source);
  const to = source === destination ? from : requireTokenAccount(ledger, instruction, destination);
  // The chain refuses a mint that is not the one of both accounts.
  const asset = optionalAccountIn(instruction, 'mint') ?? from?.mint ?? to?.mint ?? null;
  const { mint, decimals } = asset === null ? UNKNOWN : mintInUse(ledger, instruction, asset);
  if (asset !== null && mint !== null) requireNoHook(ledger, instruction, asset, mint);
  const withheld = source === destination ? 0n : feeOf(instruction, mint, amount);
  recordTransfer(
    ledger,
    {
      instruction: index,
      // Without a mint the account itself stands as asset: no rule names it, and `missing` says why.
      asset: asset ?? source,
      amount,
      decimals,
      source,
      sourceOwner: from?.owner ?? null,
      destination,
      recipient: tokenRecipient(ledger, instruction, destination, to),
      withheld,
    },
    drawsOnWallet(ledger, instruction, source),
  );
  changeTokens(ledger, source, -amount);
  changeTokens(ledger, destination, amount - withheld);
  changeWithheld(ledger, destination, withheld);
  if (asset !== null && isNativeMint(asset)) moveLamports(ledger, source, destination, amount);
}

/** A stated fee is the only one with which the chain executes the transfer. None is more than the amount. */
function feeOf(instruction: KnownInstruction, mint: Mint | null, amount: bigint): bigint {
  const fee = optionalIntegerIn(instruction, 'fee') ?? (mint === null ? 0n : transferFee(mint, amount));
  return fee < amount ? fee : amount;
}

const UNKNOWN: MintInUse = { mint: null, decimals: null };

/**
 * Whoever else may close the account can take wrapped SOL that is in it, and can close any other while it is empty and make it
 * anew for another owner before this transaction lands: then its owner now is not the one who receives.
 */
export function tokenRecipient(
  ledger: Ledger,
  instruction: KnownInstruction,
  account: Address,
  holding: Holding | null,
): Address | null {
  if (holding === null) return null;
  if (isNative(holding)) askForCloser(ledger, account);
  if (onlyOwnerCloses(holding)) return holding.owner;
  const detail = `${account} can be closed by ${holding.closeAuthority}, who is not its owner`;
  reportMissing(ledger, 'token_account', instruction.index, detail);
  return null;
}
