// Owns what one judgement reads of the chain: each account once, and how many round trips that took one after another.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { ChainUnavailable } from '../../relayer/chain-reader.ts';
import type { Address } from '../core/address.ts';
import type { AccountState } from '../core/effects/chain-facts.ts';
import { GatewayError } from '../core/errors.ts';
import type { ChainCache } from './chain-cache.ts';
import { mustBeSettled } from './glimpsed-account.ts';

export interface ChainSession {
  readonly cache: ChainCache;
  /** What was read so far, and facts may be built on. */
  readonly accounts: ReadonlyMap<Address, AccountState | null>;
  /** Accounts that were merely welcome, as one node told them or the beginning of them: to compare a simulation with. */
  readonly glimpsed: ReadonlyMap<Address, AccountState | null>;
  /** The oldest slot of that; `null`: nothing was read. */
  readonly slot: bigint | null;
  readonly roundTrips: number;
  /** Slots of what came from the cache, by address. */
  readonly cached: ReadonlyMap<Address, bigint>;
  /** Says that something was taken from the cache. */
  useCached(address: Address, slot: bigint): void;
  /** One round trip, none when everything was read before. `welcome`: as in ChainReader. Throws CHAIN_UNAVAILABLE. */
  read(addresses: readonly Address[], welcome?: readonly Address[]): Promise<void>;
}

export interface ChainSessionDeps {
  readonly chain: ChainReader;
  readonly chainCache: ChainCache;
}

export function openChainSession(
  { chain, chainCache }: ChainSessionDeps,
  wallet: Address,
  signal: AbortSignal,
): ChainSession {
  const accounts = new Map<Address, AccountState | null>();
  const glimpsed = new Map<Address, AccountState | null>();
  const cached = new Map<Address, bigint>();
  let slot: bigint | null = null;
  let roundTrips = 0;
  const ask = async (addresses: readonly Address[], welcome: readonly Address[]): Promise<readonly Address[]> => {
    roundTrips += 1;
    const answer = await chainAnswer(chain.getAccounts(addresses, signal, welcome));
    slot = slot === null || answer.slot < slot ? answer.slot : slot;
    for (const [address, state] of answer.accounts) {
      if (chainCache.note(address, state, answer.slot) === 'contradicts') throw contradiction(address);
      accounts.set(address, state);
    }
    const unsettled: Address[] = [];
    for (const [address, told] of answer.glimpsed) {
      if (mustBeSettled(address, told, wallet)) unsettled.push(address);
      else glimpsed.set(address, told[0] ?? null);
    }
    return unsettled;
  };
  return {
    cache: chainCache,
    accounts,
    glimpsed,
    cached,
    get slot() {
      return slot;
    },
    get roundTrips() {
      return roundTrips;
    },
    useCached: (address, readAt) => {
      cached.set(address, readAt);
    },
    read: async (addresses, welcome = []) => {
      const needed = addresses.filter((address) => !accounts.has(address));
      const also = welcome.filter((address) => !accounts.has(address) && !glimpsed.has(address));
      if (needed.length === 0 && also.length === 0) return;
      const unsettled = await ask(needed, also);
      if (unsettled.length > 0) await ask(unsettled, []);
    },
  };
}

function contradiction(address: Address): GatewayError {
  return new GatewayError(
    'CHAIN_UNAVAILABLE',
    `the chain tells two things of ${address} that cannot both be true: entries of a lookup table and decimals of a mint never change; ` +
      'nothing was signed',
  );
}

export async function chainAnswer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ChainUnavailable)) throw error;
    throw new GatewayError('CHAIN_UNAVAILABLE', `the chain cannot be asked: ${error.message}; nothing was signed`, {
      cause: error,
    });
  }
}
