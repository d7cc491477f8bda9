// Owns holding the wallet's sums against what it really lost, and what is said of single accounts against what they really gained.
import { type Address, NATIVE_SOL } from '../../../gateway/core/address.ts';
import type { Execution } from '../execution.ts';
import { isWrappedSol } from './said.ts';
import { readToken } from './token-fields.ts';

/** What the wallet and its token accounts lost is at most what the sums say. */
export function walletLosses({ effects, before, after }: Execution, wallet: Address): readonly string[] {
  const own = [...before].filter(([address, state]) => {
    const now = readToken(after.get(address) ?? null);
    return address === wallet || readToken(state)?.owner === wallet || now?.owner === wallet;
  });
  const sum = (asset: string): bigint => effects.outflows.find((total) => total.asset === asset)?.amount ?? 0n;
  let lamports = 0n;
  const tokens = new Map<Address, bigint>();
  for (const [address, state] of own) {
    lamports += (state?.lamports ?? 0n) - (after.get(address)?.lamports ?? 0n);
    const [old, now] = [readToken(state), readToken(after.get(address) ?? null)];
    const mint = old?.mint ?? now?.mint;
    if (mint === undefined || isWrappedSol(mint)) continue;
    tokens.set(mint, (tokens.get(mint) ?? 0n) + (old?.amount ?? 0n) - (now?.amount ?? 0n));
  }
  const fee = effects.fee.payer === wallet ? effects.fee.totalLamports : 0n;
  const wrapped = effects.outflows.filter(({ asset }) => isWrappedSol(asset)).reduce((all, it) => all + it.amount, 0n);
  const allowed = sum(NATIVE_SOL) + wrapped + effects.rentLamports + fee;
  const problems = lamports <= allowed ? [] : [`the wallet lost ${lamports} lamports, effects allow ${allowed}`];
  for (const [mint, lost] of tokens) {
    if (lost > sum(mint)) problems.push(`the wallet lost ${lost} of ${mint}, effects say ${sum(mint)}`);
  }
  return problems;
}

/** An account that the wallet owns, or merely controls, has its balance listed, and it says what happened. */
export function protectedAccounts({ effects, before, after }: Execution, wallet: Address): readonly string[] {
  return [...before].flatMap(([address, state]) => {
    const [old, now] = [readToken(state), readToken(after.get(address) ?? null)];
    const mint = old?.mint ?? now?.mint;
    if (mint === undefined || isWrappedSol(mint)) return [];
    const listed = effects.protectedBalances.find((it) => it.account === address && it.asset === mint);
    const change = (now?.amount ?? 0n) - (old?.amount ?? 0n);
    const isOwn = old?.owner === wallet || now?.owner === wallet;
    if (listed === undefined) return isOwn && change !== 0n ? [`${address} is the wallet's and is not listed`] : [];
    // With a fee that is kept, what comes in is at least what is said; what is hidden or gathered is no inflow of it.
    const open = effects.missing.some(({ fact }) => fact === 'amount');
    const hides = effects.operations.some((it) => it.account === address && it.kind.includes('confidential'));
    if (change >= listed.net || open || hides) return [];
    return [`${address} changed by ${change}, its listed balance says ${listed.net}`];
  });
}

/** Where the owner of a credited token account did not change in between, it is the recipient. */
export function recipients({ effects, before, after }: Execution): readonly string[] {
  const moved = new Set(effects.authorityChanges.map(({ account }) => account));
  const closed = new Set(effects.closes.map(({ account }) => account));
  return effects.transfers.flatMap(({ asset, source, destination, recipient }) => {
    if (asset === NATIVE_SOL || recipient === null || moved.has(destination) || closed.has(destination)) return [];
    const holder = readToken(after.get(destination) ?? null) ?? readToken(before.get(destination) ?? null);
    // Unwrapped SOL goes to accounts of any kind.
    const owner = holder === null ? destination : holder.owner;
    // What the wallet moves to an account of its own that somebody may hold the key of is said to go to that account, and so is what
    // is hidden in one.
    return owner === recipient || recipient === destination || source === destination
      ? []
      : [`${destination} belongs to ${owner}, effects say ${recipient}`];
  });
}
