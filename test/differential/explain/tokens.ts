// Owns holding changes of token amounts, of fees that are kept, and of supplies against the effects.
import { type Address, NATIVE_SOL } from '../../../gateway/core/address.ts';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import type { Execution } from '../execution.ts';
import { isWrappedSol } from './said.ts';
import { readMint, readToken } from './token-fields.ts';

/** From least to most. */
type Range = readonly [bigint, bigint];
const NOTHING: Range = [0n, 0n];

export function tokenChanges(execution: Execution): readonly string[] {
  const { before, after } = execution;
  const amounts = expectedAmounts(execution);
  const kept = expectedFees(execution);
  return [...before].flatMap(([address, state]) => {
    const now = after.get(address) ?? null;
    return [
      ...outside(address, 'tokens', amountOf(now) - amountOf(state), amounts.get(address) ?? NOTHING),
      ...outside(address, 'fees kept', keptBy(now) - keptBy(state), kept.get(address) ?? NOTHING),
      ...wrongNative(execution, address, state, now),
      ...wrongSupply(execution, address, state, now),
    ];
  });
}

function outside(address: Address, what: string, change: bigint, [least, most]: Range): readonly string[] {
  if (change >= least && change <= most) return [];
  return [`${address}: ${what} changed by ${change}, effects say ${least} to ${most}`];
}

/** A fee that is kept is at most what the effects say, so no less than the rest comes in. */
function expectedAmounts({ effects }: Execution): ReadonlyMap<Address, Range> {
  const ranges = new Map<Address, Range>();
  const add = (account: Address, least: bigint, most = least): void => {
    const [low, high] = ranges.get(account) ?? NOTHING;
    ranges.set(account, [low + least, high + most]);
  };
  const hides = (instruction: number) =>
    effects.operations.some((it) => it.instruction === instruction && it.kind === 'token_account_confidential_deposit');
  const open = (instruction: number) =>
    effects.missing.some((it) => it.instruction === instruction && it.fact === 'amount');
  for (const { instruction, asset, amount, source, destination, withheld } of effects.transfers) {
    if (asset === NATIVE_SOL || isWrappedSol(asset)) continue;
    // A mint that pays fees out is no token account.
    if (source !== asset) add(source, -amount);
    if (hides(instruction)) continue;
    // What fees of a mint come to is at least what was known of them.
    const most = source === asset && open(instruction) ? MAX : amount;
    add(destination, amount - withheld, most);
  }
  for (const { kind, account, amount } of effects.supplyChanges) add(account, kind === 'mint' ? amount : -amount);
  return ranges;
}

const MAX = 2n ** 64n - 1n;

/** Fees come in by transfers, and leave where the effects tell of a harvest or a withdrawal of their mint. */
function expectedFees({ effects, before }: Execution): ReadonlyMap<Address, Range> {
  const ranges = new Map<Address, Range>();
  const emptied = new Set<Address>([
    ...effects.operations.filter(({ kind }) => kind === 'mint_withheld_harvest').map(({ account }) => account),
    ...effects.transfers.filter(({ source, asset }) => source === asset).map(({ source }) => source),
  ]);
  for (const [address, state] of before) {
    const mint = readToken(state)?.mint;
    const closed = effects.closes.some(({ account }) => account === address);
    const least = (mint !== undefined && emptied.has(mint)) || closed ? -keptBy(state) : 0n;
    ranges.set(address, [least, 0n]);
  }
  for (const { destination, withheld } of effects.transfers) {
    const [least, most] = ranges.get(destination) ?? NOTHING;
    ranges.set(destination, [least, most + withheld]);
  }
  return ranges;
}

/** Wrapped SOL is its transfers, or, where it was synced, what is above the rent. What is unwrapped into it counts only then. */
function wrongNative(
  { effects }: Execution,
  address: Address,
  before: AccountState | null,
  now: AccountState | null,
): readonly string[] {
  const [old, token] = [readToken(before), readToken(now)];
  if (old === null || token === null || now === null || !isWrappedSol(token.mint)) return [];
  if (effects.closes.some(({ account }) => account === address)) return [];
  let least = old.amount;
  let most = old.amount;
  for (const { asset, amount, source, destination } of effects.transfers) {
    if (!isWrappedSol(asset)) continue;
    if (source === address) {
      least -= amount;
      most -= amount;
    }
    if (destination === address) most += amount;
  }
  const synced = now.lamports - rentExemption(BigInt(now.data.length));
  if ((token.amount >= least && token.amount <= most) || token.amount === synced) return [];
  return [`${address}: wrapped SOL is ${token.amount}, effects say ${least} to ${most}, and ${synced} when synced`];
}

function wrongSupply(
  { effects }: Execution,
  mint: Address,
  before: AccountState | null,
  now: AccountState | null,
): readonly string[] {
  const [old, left] = [readMint(before), readMint(now)];
  if (left === null) return [];
  let said = old?.supply ?? 0n;
  for (const { kind, asset, amount } of effects.supplyChanges) {
    if (asset === mint) said += kind === 'mint' ? amount : -amount;
  }
  return left.supply === said ? [] : [`${mint}: the supply is ${left.supply}, effects say ${said}`];
}

function amountOf(state: AccountState | null): bigint {
  const token = readToken(state);
  return token === null || isWrappedSol(token.mint) ? 0n : token.amount;
}

export function keptBy(state: AccountState | null): bigint {
  const token = readToken(state);
  if (token === null || token.extensions.__option === 'None') return 0n;
  const kept = token.extensions.value.find(({ __kind }) => __kind === 'TransferFeeAmount');
  return kept?.__kind === 'TransferFeeAmount' ? kept.withheldAmount : 0n;
}
