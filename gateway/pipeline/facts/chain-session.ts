// Owns what one judgement reads of the chain: each account once, and how many round trips that took one after another.
import type { ChainAccounts, ChainReader } from '../../../relayer/chain-reader.ts';
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { Address } from '../../core/address.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ChainCache } from './chain-cache.ts';
import { mustBeSettled } from './glimpsed-account.ts';

export interface ChainSession {
  readonly chain: ChainReader;
  readonly cache: ChainCache;
  readonly wallet: Address;
  readonly signal: AbortSignal;
  /** What was read so far, and facts may be built on. */
  accounts: ReadonlyMap<Address, AccountState | null>;
  /** Accounts that were merely welcome, as one node told them or the beginning of them: to compare a simulation with. */
  glimpsed: ReadonlyMap<Address, AccountState | null>;
  /** The oldest slot of what was read; `null`: nothing was. */
  slot: bigint | null;
  roundTrips: number;
  /** Slots of what was taken from the cache, by address. */
  cached: ReadonlyMap<Address, bigint>;
}

export interface ChainSessionDeps {
  readonly chain: ChainReader;
  readonly chainCache: ChainCache;
}

/** Most judgements read nothing, so that maps of their own would be waste. */
const NONE: ReadonlyMap<Address, never> = new Map<Address, never>();

export function openChainSession(
  { chain, chainCache }: ChainSessionDeps,
  wallet: Address,
  signal: AbortSignal,
): ChainSession {
  return {
    chain,
    cache: chainCache,
    wallet,
    signal,
    accounts: NONE,
    glimpsed: NONE,
    slot: null,
    roundTrips: 0,
    cached: NONE,
  };
}

export function useCached(session: ChainSession, address: Address, slot: bigint): void {
  session.cached = new Map([...session.cached, [address, slot]]);
}

/**
 * One round trip, none when everything was read before; one more where the nodes must agree on something of the wallet and do not at
 * first. `welcome`: as in ChainReader. Throws CHAIN_UNAVAILABLE.
 */
export async function readAccounts(
  session: ChainSession,
  addresses: readonly Address[],
  welcome: readonly Address[] = [],
): Promise<void> {
  const { accounts, glimpsed } = session;
  const needed = addresses.filter((address) => !accounts.has(address));
  const also = welcome.filter((address) => !accounts.has(address) && !glimpsed.has(address));
  if (needed.length === 0 && also.length === 0) return;
  const unsettled = takeIn(session, await ask(session, needed, also));
  if (unsettled.length > 0) takeIn(session, await ask(session, unsettled, []));
}

function ask(
  session: ChainSession,
  addresses: readonly Address[],
  welcome: readonly Address[],
): Promise<ChainAccounts> {
  session.roundTrips += 1;
  return chainAnswer(session.chain.getAccounts(addresses, session.signal, welcome));
}

/** Answers which accounts must be read again. */
function takeIn(session: ChainSession, { accounts, glimpsed, slot }: ChainAccounts): readonly Address[] {
  session.slot = session.slot === null || slot < session.slot ? slot : session.slot;
  for (const [address, state] of accounts) {
    if (session.cache.note(address, state, slot) === 'contradicts') throw contradiction(address);
  }
  session.accounts = new Map([...session.accounts, ...accounts]);
  const unsettled = [...glimpsed].filter(([address, told]) => mustBeSettled(address, told, session.wallet));
  const busy = new Map(glimpsed);
  for (const [address] of unsettled) busy.delete(address);
  session.glimpsed = new Map([...session.glimpsed, ...[...busy].map(firstTold)]);
  return unsettled.map(([address]) => address);
}

function firstTold([address, told]: readonly [Address, readonly (AccountState | null)[]]) {
  return [address, told[0] ?? null] as const;
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
