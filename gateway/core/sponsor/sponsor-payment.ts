// Owns what the wallet gives its fee payer in the same transaction: how much is due, and how much arrives for certain.
import type { Effects, MintFacts, Transfer } from '../effects/effects.ts';
import { TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import type { SponsorPayment } from './sponsor-terms.ts';
import type { SponsoredActs } from './sponsored-acts.ts';

export type Settling =
  | { readonly kind: 'paid' }
  /** Base units of the mint. */
  | { readonly kind: 'too_little'; readonly due: bigint; readonly arrives: bigint }
  | { readonly kind: 'uncertain'; readonly due: bigint; readonly reason: string };

/** What is due for so many lamports, in base units of the mint, rounded up. */
export function dueFor(lamports: bigint, { price }: Pick<SponsorPayment, 'price'>): bigint {
  return (lamports * price.baseUnits + price.lamports - 1n) / price.lamports;
}

export function settle(payment: SponsorPayment, lamports: bigint, acts: SponsoredActs): Settling {
  const due = dueFor(lamports, payment);
  const reason = doubtOf(payment, acts);
  if (reason !== null) return { kind: 'uncertain', due, reason };
  const arrives = acts.effects[0].transfers
    .filter((transfer) => isPayment(transfer, payment, acts.wallet))
    .reduce((sum, { amount, withheld }) => sum + amount - withheld, 0n);
  return arrives >= due ? { kind: 'paid' } : { kind: 'too_little', due, arrives };
}

/** Only what the message itself moves, out of an account of the wallet's own: what a simulation shows need not happen again. */
function isPayment(transfer: Transfer, { mint, to }: Pick<SponsorPayment, 'mint' | 'to'>, wallet: string): boolean {
  const { basis, asset, source, sourceOwner, destination, recipient } = transfer;
  const isWallets = sourceOwner === wallet && recipient !== wallet && source !== destination;
  return basis !== 'simulation' && asset === mint && destination === to && isWallets;
}

/** Why nobody can say what arrives; `null`: what the transfers say. */
function doubtOf({ mint, to }: SponsorPayment, { effects, decoded, wallet }: SponsoredActs): string | null {
  if (effects.some((each) => isTakenBack(each, to))) return `the same transaction takes from ${to}, or changes it`;
  const [{ mints, transfers }] = effects;
  const payments = transfers.filter((transfer) => isPayment(transfer, { mint, to }, wallet));
  const facts = mints.find((each) => each.mint === mint);
  if (facts !== undefined) return payments.length === 0 ? null : doubtOfMint(facts);
  // Mints of SPL Token have no say in a transfer, and nobody reads them.
  const isPlain = payments.every(({ instruction }) => decoded.instructions[instruction]?.program === TOKEN_PROGRAM);
  return isPlain ? null : `the mint ${mint} could not be read`;
}

function isTakenBack({ transfers, closes, supplyChanges, approvals, authorityChanges }: Effects, to: string): boolean {
  return (
    transfers.some(({ source }) => source === to) ||
    supplyChanges.some(({ kind, account }) => kind === 'burn' && account === to) ||
    [...closes, ...approvals, ...authorityChanges].some(({ account }) => account === to)
  );
}

/** Its transfer fee is known, and what it withholds is not counted. */
function doubtOfMint({ transferHook, permanentDelegate }: MintFacts): string | null {
  if (transferHook !== null) return `a program that the mint names (its transfer hook ${transferHook}) has a say in it`;
  if (permanentDelegate !== null) return `${permanentDelegate} may take tokens of this mint back (permanent delegate)`;
  return null;
}
