// Owns what a transaction costs its fee payer: the fee, and the rent of accounts that it opens for others.
import type { AccountCreation, Effects } from '../effects/effects.ts';
import { rentExemption } from '../effects/rent.ts';
import { TOKEN_2022_PROGRAM } from '../transaction/programs/program-ids.ts';

/**
 * Of a Token-2022 account with all extensions that mints force on it. A mint may be closed and made anew with more of them before the
 * transaction lands.
 */
const LARGEST_TOKEN_2022_RENT = rentExemption(256n);

/** Lamports, at most: an idempotent create counts although it may turn out to be free. */
export function sponsoredLamports(
  {
    fee,
    creations,
  }: Pick<Effects, 'creations'> & { readonly fee: { readonly payer: string; readonly totalLamports: bigint } },
  payer: string,
): bigint {
  const own = fee.payer === payer ? fee.totalLamports : 0n;
  return creations.filter((created) => created.payer === payer).reduce((sum, created) => sum + rentOf(created), own);
}

function rentOf({ ownerProgram, rentLamports }: AccountCreation): bigint {
  const isUncertain = ownerProgram === TOKEN_2022_PROGRAM && rentLamports < LARGEST_TOKEN_2022_RENT;
  return isUncertain ? LARGEST_TOKEN_2022_RENT : rentLamports;
}
