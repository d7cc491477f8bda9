// Owns how amounts of tokens are to be written for people: decimals as the chain tells them, and else as the policy's data say.
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/base58.ts';
import { readMint } from '../../core/effects/token/mint-state.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface AssetUnit {
  readonly decimals: number;
  /** `null`: the policy's data do not name it, or with other decimals than it has. */
  readonly symbol: string | null;
  /** Else the policy's data told, because the chain did not. */
  readonly fromChain: boolean;
}

export type AssetUnitDeps = Pick<PipelineDeps, 'chainCache' | 'policy'> & {
  readonly chain: Pick<ChainReader, 'getAccounts'>;
};

/** The chain is not waited for much longer than it takes to answer. */
const ANSWER_MS = 2_000;

/** By asset; those of which nobody tells are not in it. Never throws. */
export async function assetUnits(
  deps: AssetUnitDeps,
  assets: Iterable<string>,
): Promise<ReadonlyMap<string, AssetUnit>> {
  const mints = [...new Set(assets)].flatMap((asset) => parseAddress(asset) ?? []);
  const told = await decimalsOf(deps, mints);
  const named = deps.policy.current().assets;
  const units = new Map<string, AssetUnit>();
  for (const mint of mints) {
    const [onChain, byPolicy] = [told.get(mint), named.get(mint)];
    const decimals = onChain ?? byPolicy?.decimals;
    if (decimals === undefined) continue;
    const symbol = byPolicy?.decimals === decimals ? byPolicy.symbol : null;
    units.set(mint, { decimals, symbol, fromChain: onChain !== undefined });
  }
  return units;
}

async function decimalsOf(
  { chain, chainCache }: AssetUnitDeps,
  mints: readonly Address[],
): Promise<ReadonlyMap<Address, number>> {
  const told = new Map<Address, number>();
  for (const mint of mints) {
    const known = chainCache.decimals(mint);
    if (known !== null) told.set(mint, known.decimals);
  }
  const unknown = mints.filter((mint) => !told.has(mint));
  if (unknown.length === 0) return told;
  try {
    const { accounts, slot } = await chain.getAccounts(unknown, AbortSignal.timeout(ANSWER_MS));
    for (const [mint, state] of accounts) {
      const read = state === null ? null : readMint(state);
      if (read === null || chainCache.note(mint, state, slot) === 'contradicts') continue;
      told.set(mint, read.decimals);
    }
  } catch {
    // Whoever asks is told that the chain did not tell.
  }
  return told;
}
