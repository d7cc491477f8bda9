// Owns what happens to transfer fees that a mint and its token accounts keep: who may take them, and where they go.
import type { AccountInRole, KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { integerIn, signs } from '../instruction-parts.ts';
import { changeTokens, knownHolding, type Ledger, reportMissing, setHolding } from '../ledger.ts';
import { recordTransfer } from '../movements.ts';
import { knownMint, requireMint } from './mint-facts.ts';
import { requireTokenAccount } from './token-control.ts';
import { recordOperation, subjectOf } from './token-operation-effects.ts';
import { tokenRecipient } from './token-transfer-effects.ts';

/** Mint, destination and authority stand before the accounts that fees are taken from. */
const ACCOUNTS_BEFORE = 3;

/** Anyone may gather the fees in their mint: they stay those of who may withdraw them. */
export function harvestWithheld(ledger: Ledger, instruction: KnownInstruction): void {
  recordOperation(ledger, instruction, 'mint_withheld_harvest');
  const [, ...sources] = instruction.accounts;
  const address = subjectOf(instruction);
  let gathered: bigint | null = 0n;
  for (const source of new Set(sources.map((account) => account.address))) {
    const holding = knownHolding(ledger, source);
    // An account of another mint is passed over by the program.
    if (holding !== null && holding.mint !== address) continue;
    gathered = gathered === null || holding?.withheld == null ? null : gathered + holding.withheld;
    if (holding !== null) setHolding(ledger, source, { ...holding, withheld: 0n });
  }
  const mint = knownMint(ledger, address);
  if (mint === null) return;
  const withheld = mint.withheld === null || gathered === null ? null : mint.withheld + gathered;
  ledger.mints.set(address, { ...mint, withheld });
}

export function withdrawFromMint(ledger: Ledger, instruction: KnownInstruction): void {
  const address = subjectOf(instruction);
  const mint = requireMint(ledger, instruction.index, address, instruction.program);
  if (mint !== null) ledger.mints.set(address, { ...mint, withheld: 0n });
  payFees(ledger, instruction, mint === null ? 0n : mint.withheld);
}

export function withdrawFromAccounts(ledger: Ledger, instruction: KnownInstruction): void {
  const further = instruction.accounts.slice(ACCOUNTS_BEFORE);
  const count = Number(integerIn(instruction, 'num_token_accounts'));
  const sources = further.slice(Math.max(0, further.length - count));
  payFees(ledger, instruction, takeWithheld(ledger, instruction, sources));
}

/** `null`: not all is known. */
function takeWithheld(ledger: Ledger, instruction: KnownInstruction, sources: readonly AccountInRole[]): bigint | null {
  let total: bigint | null = 0n;
  for (const { address } of sources) {
    const holding = requireTokenAccount(ledger, instruction, address);
    if (holding === null || holding.mint !== subjectOf(instruction)) continue;
    total = total === null || holding.withheld === null ? null : total + holding.withheld;
    setHolding(ledger, address, { ...holding, withheld: 0n });
  }
  return total;
}

/** Listed as paid by the mint. All that is withheld is what it will be: it grows with every transfer of anybody. */
function payFees(ledger: Ledger, instruction: KnownInstruction, fees: bigint | null): void {
  const { index, program } = instruction;
  const [source, destination, authority] = instruction.accounts.map(({ address }) => address);
  if (source === undefined || destination === undefined || authority === undefined) {
    throw new Error(`${instruction.name} was decoded without its accounts`);
  }
  const mint = requireMint(ledger, index, source, program);
  const to = requireTokenAccount(ledger, instruction, destination);
  const recipient = tokenRecipient(ledger, instruction, destination, to);
  const amount = fees ?? 0n;
  const debitsWallet = signs(instruction, ledger.wallet);
  if (fees === null || (debitsWallet && recipient !== ledger.wallet)) {
    reportMissing(ledger, 'amount', index, `all fees that ${source} has kept go to ${destination}, however many`);
  }
  const movement = { asset: source, amount, decimals: mint?.decimals ?? null, source, destination, recipient };
  // Who may withdraw the fees has them.
  recordTransfer(ledger, { instruction: index, sourceOwner: authority, ...movement }, debitsWallet);
  changeTokens(ledger, destination, amount);
}
