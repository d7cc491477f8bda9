// Owns the rent exemption: what an account must hold to stay, which is what a new one costs.

const LAMPORTS_PER_BYTE = 6_960n;
const ACCOUNT_OVERHEAD = 128n;

/** Lamports that make an account with `space` bytes of data rent exempt (solana-rent: 3480 a byte-year, two years). */
export function rentExemption(space: bigint): bigint {
  return (ACCOUNT_OVERHEAD + space) * LAMPORTS_PER_BYTE;
}

/** Of an SPL Token account, 165 bytes. */
export const TOKEN_ACCOUNT_RENT = rentExemption(165n);
