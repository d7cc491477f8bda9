// Owns what minting and burning do.
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, integerIn, signs } from '../instruction-parts.ts';
import { changeTokens, type Ledger } from '../ledger.ts';
import { countInflow, countOutflow } from '../movements.ts';
import { mintInUse } from './mint-facts.ts';
import { drawsOnWallet, requireTokenAccount } from './token-control.ts';

export function mintTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { account, mint, amount, decimals } = readSupplyChange(ledger, instruction);
  const holding = requireTokenAccount(ledger, instruction, account);
  ledger.effects.supplyChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: 'mint',
    asset: mint,
    account,
    amount,
  });
  changeTokens(ledger, account, amount);
  if (holding?.owner === ledger.wallet) countInflow(ledger, { asset: mint, amount, decimals });
}

/** Of a mint that permits each burn, the wallet's permission counts like its own tokens. */
export function burnTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { account, mint, amount, decimals } = readSupplyChange(ledger, instruction);
  const holding = requireTokenAccount(ledger, instruction, account);
  ledger.effects.supplyChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: 'burn',
    asset: mint,
    account,
    amount,
  });
  changeTokens(ledger, account, -amount);
  if (!drawsOnWallet(ledger, instruction, account) && !signs(instruction, ledger.wallet)) return;
  if (holding?.owner !== ledger.wallet) ledger.controlled.add(account);
  countOutflow(ledger, { asset: mint, amount, decimals }, null);
}

function readSupplyChange(ledger: Ledger, instruction: KnownInstruction) {
  const mint = accountIn(instruction, 'mint');
  const { decimals } = mintInUse(ledger, instruction, mint);
  return { account: accountIn(instruction, 'account'), mint, amount: integerIn(instruction, 'amount'), decimals };
}
