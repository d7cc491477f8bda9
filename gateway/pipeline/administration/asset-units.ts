// Owns how amounts of tokens are to be written for people: decimals as the chain tells them, and else as the policy's data say.
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/base58.ts';
import { readMint } from '../../core/effects/token/mint-state.ts';
import { type AssetUnit, assetUnit } from '../../core/explanation/amounts.ts';
import type { ChainCache } from '../facts/chain-cache.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface ToldUnit extends AssetUnit {
  /** Else the policy's data told, because the chain did not. */
  readonly fromChain: boolean;
}

export type AssetUnitDeps = Pick<PipelineDeps, 'policy'> & {
  readonly chain: Pick<ChainReader, 'getAccounts'>;
  /** Looked at, and left as it is: what is read so that people can read amounts is nothing to judge by. */
  readonly chainCache: Pick<ChainCache, 'decimals'>;
};

/** By asset; those of which nobody tells are not in it. Never throws. */
export type TellUnits = (assets: Iterable<string>) => Promise<ReadonlyMap<string, ToldUnit>>;

/** The chain is not waited for much longer than it takes to answer. */
const ANSWER_MS = 2_000;
/** So often it is asked of one mint at most, by however many people. */
const REMEMBERED_MS = 30_000;
const MOST_REMEMBERED = 10_000;

interface Remembered {
  /** `null`: the chain did not tell. */
  readonly decimals: number | null;
  readonly until: number;
}

/** `now`: milliseconds, never going back. */
export function createAssetUnits(deps: AssetUnitDeps, now: () => number = () => performance.now()): TellUnits {
  const remembered = new Map<Address, Remembered>();
  /** `undefined`: it has to be asked for. */
  function known(mint: Address): number | null | undefined {
    const cached = deps.chainCache.decimals(mint);
    if (cached !== null) return cached.decimals;
    const last = remembered.get(mint);
    return last !== undefined && now() < last.until ? last.decimals : undefined;
  }
  async function ask(mints: readonly Address[]): Promise<void> {
    if (mints.length === 0) return;
    if (remembered.size + mints.length > MOST_REMEMBERED) remembered.clear();
    const told = await decimalsOnChain(deps.chain, mints);
    for (const mint of mints) remembered.set(mint, { decimals: told.get(mint) ?? null, until: now() + REMEMBERED_MS });
  }
  return async (assets) => {
    const mints = [...new Set(assets)].flatMap((asset) => parseAddress(asset) ?? []);
    await ask(mints.filter((mint) => known(mint) === undefined));
    const named = deps.policy.current().assets;
    const units = new Map<string, ToldUnit>();
    for (const mint of mints) {
      const [onChain, byPolicy] = [known(mint) ?? null, named.get(mint)];
      const decimals = onChain ?? byPolicy?.decimals;
      if (decimals === undefined) continue;
      units.set(mint, { ...assetUnit(decimals, byPolicy), fromChain: onChain !== null });
    }
    return units;
  };
}

async function decimalsOnChain(
  chain: AssetUnitDeps['chain'],
  mints: readonly Address[],
): Promise<ReadonlyMap<Address, number>> {
  const told = new Map<Address, number>();
  try {
    const { accounts } = await chain.getAccounts(mints, AbortSignal.timeout(ANSWER_MS));
    for (const [mint, state] of accounts) {
      const read = state === null ? null : readMint(state);
      if (read !== null) told.set(mint, read.decimals);
    }
  } catch {
    // Whoever asks is told that the chain did not tell.
  }
  return told;
}
