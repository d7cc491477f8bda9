// Owns what enters and leaves each account that the wallet owns or controls, gross and net; fee and rent stand apart.
import type { Address } from '../address.ts';
import type { Asset, ProtectedBalance } from './effects.ts';
import type { Ledger } from './ledger.ts';

type Sums = { -readonly [K in 'outflow' | 'inflow']: bigint } & Pick<
  ProtectedBalance,
  'account' | 'relation' | 'asset'
>;

/** In the order in which the accounts are first touched. Moves between the wallet's own accounts count on both. */
export function protectedBalances(ledger: Ledger): readonly ProtectedBalance[] {
  const sums = new Map<string, Sums>();
  const at = (account: Address, asset: Asset): Sums | null => {
    const relation = relationOf(ledger, account);
    if (relation === null) return null;
    const key = `${account} ${asset}`;
    const sum = sums.get(key) ?? { account, relation, asset, outflow: 0n, inflow: 0n };
    sums.set(key, sum);
    return sum;
  };
  for (const { asset, amount, withheld, source, destination } of ledger.effects.transfers) {
    const from = at(source, asset);
    if (from !== null) from.outflow += amount;
    const to = at(destination, asset);
    if (to !== null) to.inflow += amount - withheld;
  }
  for (const { kind, account, asset, amount } of ledger.effects.supplyChanges) {
    const holder = asset === null ? null : at(account, asset);
    if (holder === null) continue;
    if (kind === 'mint') holder.inflow += amount;
    else holder.outflow += amount;
  }
  return [...sums.values()].map((sum) => ({ ...sum, net: sum.inflow - sum.outflow }));
}

function relationOf(ledger: Ledger, account: Address): ProtectedBalance['relation'] | null {
  if (account === ledger.wallet) return 'wallet';
  if (ledger.walletHoldings.has(account)) return 'owned';
  return ledger.controlled.has(account) ? 'controlled' : null;
}
