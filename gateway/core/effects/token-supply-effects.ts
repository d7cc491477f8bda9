// Owns what minting and burning do.
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { accountIn, integerIn } from './instruction-parts.ts';
import { changeTokens, type Ledger, requireHolding } from './ledger.ts';
import { countInflow, countOutflow } from './movements.ts';
import { drawsOnWallet } from './token-control.ts';
import { transferDecimals } from './token-transfer-effects.ts';

export function mintTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { account, mint, amount, decimals } = readSupplyChange(ledger, instruction);
  const holding = requireHolding(ledger, account, instruction.index);
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

export function burnTokens(ledger: Ledger, instruction: KnownInstruction): void {
  const { account, mint, amount, decimals } = readSupplyChange(ledger, instruction);
  requireHolding(ledger, account, instruction.index);
  ledger.effects.supplyChanges.push({
    instruction: instruction.index,
    basis: ledger.basis,
    kind: 'burn',
    asset: mint,
    account,
    amount,
  });
  changeTokens(ledger, account, -amount);
  if (drawsOnWallet(ledger, instruction, account)) countOutflow(ledger, { asset: mint, amount, decimals }, null);
}

function readSupplyChange(ledger: Ledger, instruction: KnownInstruction) {
  const mint = accountIn(instruction, 'mint');
  const decimals = transferDecimals(ledger, instruction, mint);
  return { account: accountIn(instruction, 'account'), mint, amount: integerIn(instruction, 'amount'), decimals };
}
