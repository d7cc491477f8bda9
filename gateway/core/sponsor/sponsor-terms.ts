// Owns the terms on which the gateway's own fee payer pays for a transaction, as the configuration sets them.
import type { Address } from '../address.ts';

/** Lamports, all of them. */
export interface SponsorTerms {
  /** Name of the relayer from the configuration. */
  readonly name: string;
  readonly address: Address;
  /** Fee and rent of one transaction, at most. */
  readonly maxPerTransaction: bigint;
  /** In any 24 hours, for one agent. */
  readonly perAgentPerDay: bigint;
  /** In any 24 hours, for all together. */
  readonly perDay: bigint;
  /** Whose rent it pays beside the fee. */
  readonly accountRent: 'none' | 'associated_token_accounts';
  /** What the wallet gives for it in the same transaction; `null`: nothing. */
  readonly payment: SponsorPayment | null;
  /** A balance below this needs a person. */
  readonly alertBelow: bigint;
}

export interface SponsorPayment {
  readonly mint: Address;
  /** Token account that must get it. */
  readonly to: Address;
  /** So many base units of the mint for so many lamports; both above zero. */
  readonly price: { readonly baseUnits: bigint; readonly lamports: bigint };
}
