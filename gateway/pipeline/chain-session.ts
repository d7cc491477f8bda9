// Owns what one judgement reads of the chain: each account once, and how many round trips that took one after another.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { ChainUnavailable } from '../../relayer/chain-reader.ts';
import type { Address } from '../core/address.ts';
import type { AccountState } from '../core/effects/chain-facts.ts';
import { GatewayError } from '../core/errors.ts';
import type { ChainCache } from './chain-cache.ts';

export interface ChainSession {
  readonly cache: ChainCache;
  /** What was read so far. */
  readonly accounts: ReadonlyMap<Address, AccountState | null>;
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

export function openChainSession({ chain, chainCache }: ChainSessionDeps, signal: AbortSignal): ChainSession {
  const accounts = new Map<Address, AccountState | null>();
  const cached = new Map<Address, bigint>();
  let slot: bigint | null = null;
  let roundTrips = 0;
  const unread = (addresses: readonly Address[]) => addresses.filter((address) => !accounts.has(address));
  return {
    cache: chainCache,
    accounts,
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
      const [needed, also] = [unread(addresses), unread(welcome)];
      if (needed.length === 0 && also.length === 0) return;
      roundTrips += 1;
      const answer = await chainAnswer(chain.getAccounts(needed, signal, also));
      slot = slot === null || answer.slot < slot ? answer.slot : slot;
      for (const [address, state] of answer.accounts) {
        if (chainCache.note(address, state, answer.slot) === 'contradicts') throw contradiction(address);
        accounts.set(address, state);
      }
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
