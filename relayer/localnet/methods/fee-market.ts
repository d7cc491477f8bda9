// Owns what the local chain tells of the price of compute units: the least that landed in each recent slot.
import { encodeBase58 } from '../../base58.ts';
import type { Chain } from '../chain.ts';
import { unitPriceOf } from '../fee.ts';
import type { LandedTransaction } from '../landed-transactions.ts';
import { addressAt, listAt, type Params } from '../params.ts';
import type { Methods } from './method.ts';

const RECENT_SLOTS = 150n;
const MOST_ACCOUNTS = 128;

export const feeMarketMethods: Methods = { getRecentPrioritizationFees };

/** A price is what it took to land in that slot at all, or for a transaction that writes one of the accounts, whichever is more. */
function getRecentPrioritizationFees(chain: Chain, params: Params): unknown {
  const asked = listAt(params[0] ?? [], 'addresses', MOST_ACCOUNTS).map((each) =>
    encodeBase58(addressAt(each, 'address')),
  );
  const newest = chain.clock.slot('processed');
  const oldest = newest > RECENT_SLOTS ? newest - RECENT_SLOTS + 1n : 1n;
  const least = leastPrices(chain, oldest, new Set(asked));
  const slots = Array.from({ length: Number(newest - oldest) + 1 }, (_, n) => oldest + BigInt(n));
  return slots.map((slot) => ({ slot, prioritizationFee: least.get(slot) ?? 0n }));
}

function leastPrices(chain: Chain, oldest: bigint, asked: ReadonlySet<string>): ReadonlyMap<bigint, bigint> {
  const ofAll = new Map<bigint, bigint>();
  const ofAsked = new Map<bigint, bigint>();
  for (const { signature, slot } of chain.landed.newest(Number.MAX_SAFE_INTEGER)) {
    const landed = slot < oldest ? undefined : chain.landed.transaction(signature);
    if (landed === undefined) continue;
    const price = unitPriceOf(landed.transaction);
    lower(ofAll, slot, price);
    if (writableIn(landed).some((address) => asked.has(address))) lower(ofAsked, slot, price);
  }
  return new Map([...ofAll, ...ofAsked]);
}

function lower(prices: Map<bigint, bigint>, slot: bigint, price: bigint): void {
  const known = prices.get(slot);
  if (known === undefined || price < known) prices.set(slot, price);
}

function writableIn({ transaction, loadedAddresses }: LandedTransaction): readonly string[] {
  const { keys, signers, readonlySigned, readonlyUnsigned } = transaction;
  const own = keys.filter((_, n) => (n < signers ? n < signers - readonlySigned : n < keys.length - readonlyUnsigned));
  return [...own.map(encodeBase58), ...loadedAddresses.writable];
}
