// Owns the contract of the fee market: what was paid of late to be processed before others.
import type { Address } from '@solana/kit';

export interface FeeMarket {
  /**
   * Micro-lamports for each compute unit: for every recent slot (150 at most) the least that was enough for a transaction which writes
   * these accounts, 128 at most. 0: nothing had to be paid. Throws ChainUnavailable.
   */
  recentPrices(writable: readonly Address[], signal: AbortSignal): Promise<readonly bigint[]>;
}
