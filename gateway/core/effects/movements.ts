// Owns adding up what leaves the wallet and what reaches it; one movement at a time, gross.
import type { Address } from '../address.ts';
import type { Asset, AssetTotal, Transfer } from './effects.ts';
import { knownHolding, type Ledger, lookUp, ownerHoldsLamports } from './ledger.ts';
import { isAssociatedAddress } from './token/associated-address.ts';

/** A transfer as an instruction states it: without `withheld` no fee is kept by its mint. */
export type Movement = Omit<Transfer, 'basis' | 'withheld'> & { readonly withheld?: bigint };

/**
 * Lists a transfer and counts it. `debitsWallet`: the wallet pays, owns the debited account, or signs for it.
 * Nothing leaves where the wallet moves into an account that stays its own, or an account pays itself.
 */
export function recordTransfer(ledger: Ledger, transfer: Movement, debitsWallet: boolean): void {
  const { wallet } = ledger;
  const { asset, amount, decimals, source, sourceOwner, destination, withheld = 0n } = transfer;
  const recipient = debitsWallet && source !== destination ? lastingRecipient(ledger, transfer) : transfer.recipient;
  ledger.effects.transfers.push({ ...transfer, recipient, withheld, basis: ledger.basis });
  if (debitsWallet && sourceOwner !== wallet) ledger.controlled.add(source);
  if (source === destination) return;
  const withinWallet = sourceOwner === wallet && recipient === wallet;
  if (debitsWallet && !withinWallet) countOutflow(ledger, { asset, amount, decimals }, recipient);
  // What a mint keeps is gone, also where the rest stays the wallet's.
  if (debitsWallet && withinWallet && withheld > 0n) countOutflow(ledger, { asset, amount: withheld, decimals }, null);
  if (recipient === wallet && sourceOwner !== wallet) {
    countInflow(ledger, { asset, amount: amount - withheld, decimals });
  }
}

/**
 * An account of the wallet at an address that somebody may hold the key of is a recipient of its own: closed by another transaction
 * of the wallet, it could be made anew for another owner before this one lands.
 */
function lastingRecipient(ledger: Ledger, { destination, recipient }: Movement): Address | null {
  const { wallet } = ledger;
  if (recipient !== wallet || destination === wallet) return recipient;
  if (ledger.settled.has(destination)) return wallet;
  const holding = knownHolding(ledger, destination);
  if (holding === null) return destination;
  return isAssociatedAddress(destination, wallet, holding.mint, holding.tokenProgram) ? wallet : destination;
}

/** `recipient` null: burned, or not established. */
export function countOutflow(ledger: Ledger, total: AssetTotal, recipient: Address | null): void {
  add(ledger.outflows, total);
  if (recipient === null) return;
  const { asset, amount } = total;
  const key = `${asset} ${recipient}`;
  const before = ledger.outflowsByRecipient.get(key)?.amount ?? 0n;
  ledger.outflowsByRecipient.set(key, { asset, recipient, amount: before + amount });
}

export function countInflow(ledger: Ledger, total: AssetTotal): void {
  add(ledger.inflows, total);
}

/**
 * Who has the lamports that are sent to an account: the account itself, except where it is known to be wrapped SOL of an
 * owner whom nobody else can close out, or an associated token account that this transaction creates.
 */
export function lamportRecipient(ledger: Ledger, destination: Address): Address {
  askForCloser(ledger, destination);
  const holding = knownHolding(ledger, destination);
  if (holding === null) return destination;
  const ownerHolds = ownerHoldsLamports(holding) || (ledger.associated.has(destination) && !holding.closeAuthority);
  return ownerHolds ? holding.owner : destination;
}

/**
 * An associated account that a transaction creates may be there already, and have somebody else who closes it and takes its lamports:
 * the chain must be asked.
 */
export function askForCloser(ledger: Ledger, account: Address): void {
  if (ledger.associated.has(account)) lookUp(ledger, account);
}

function add(totals: Map<Asset, AssetTotal>, { asset, amount, decimals }: AssetTotal): void {
  const before = totals.get(asset);
  totals.set(asset, {
    asset,
    amount: (before?.amount ?? 0n) + amount,
    decimals: before?.decimals ?? decimals,
  });
}
