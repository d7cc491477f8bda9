// Owns what confidential transfers do: their amounts are hidden, so they are missing; what crosses between an account's plain and its
// hidden balance is stated.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { accountIn, integerIn } from '../instruction-parts.ts';
import { changeTokens, type Ledger, reportMissing } from '../ledger.ts';
import { countInflow, countOutflow, recordTransfer } from '../movements.ts';
import { mintInUse, noteMint } from './mint-facts.ts';
import { drawsOnWallet, requireTokenAccount } from './token-control.ts';
import { recordOperation, subjectOf } from './token-operation-effects.ts';
import type { Holding } from './token-state.ts';

/** What is hidden leaves every sum, and nobody sees where it goes next: it counts as paid to the account itself, not to its owner. */
export function depositConfidential(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'token_account_confidential_deposit');
  const { account, amount, asset, decimals } = crossing(ledger, instruction);
  if (drawsOnWallet(ledger, instruction, account)) countOutflow(ledger, { asset, amount, decimals }, account);
  changeTokens(ledger, account, -amount);
}

export function withdrawConfidential(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'token_account_confidential_withdraw');
  const { account, amount, asset, decimals, holding } = crossing(ledger, instruction);
  if (holding?.owner === ledger.wallet) countInflow(ledger, { asset, amount, decimals });
  changeTokens(ledger, account, amount);
}

/** The tokens stay in the account, so the list of transfers shows it as paying itself. */
function crossing(ledger: Ledger, instruction: KnownInstruction): Crossing {
  const account = subjectOf(instruction);
  const asset = accountIn(instruction, 'mint');
  const amount = integerIn(instruction, 'amount');
  const holding = requireTokenAccount(ledger, instruction, account);
  const { decimals } = mintInUse(ledger, instruction, asset);
  const ends = { source: account, sourceOwner: holding?.owner ?? null, destination: account, recipient: account };
  const debitsWallet = drawsOnWallet(ledger, instruction, account);
  recordTransfer(ledger, { instruction: instruction.index, asset, amount, decimals, ...ends }, debitsWallet);
  return { account, amount, asset, decimals, holding };
}

interface Crossing {
  readonly account: Address;
  readonly asset: Address;
  readonly amount: bigint;
  readonly decimals: number | null;
  readonly holding: Holding | null;
}

/** For what moves, makes or destroys a hidden amount. */
export function hiddenAmount(kind: string) {
  return (ledger: Ledger, instruction: KnownInstruction): void => {
    recordOperation(ledger, instruction, kind);
    const mint = accountIn(instruction, 'mint');
    noteMint(ledger, instruction.index, mint, instruction.program);
    reportMissing(ledger, 'amount', instruction.index, `${instruction.name} of ${mint} hides its amount`);
  };
}
