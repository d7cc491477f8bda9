// Owns the names that the whole gateway uses for accounts on chain.
import type { Address } from '@solana/kit';

export type { Address };

/** The asset id of native SOL; every other asset is the base58 address of its mint. Wrapped SOL is another asset. */
export const NATIVE_SOL = 'SOL';
