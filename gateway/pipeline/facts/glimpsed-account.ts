// Owns which accounts a simulation may be compared with though no fact may be built on them: busy ones that are nobody's concern.
import type { Address } from '../../core/address.ts';
import { decodeBase58 } from '../../core/base58.ts';
import type { AccountState } from '../../core/effects/chain-facts.ts';
import { TOKEN_ACCOUNT_SIZE } from '../../core/effects/token/token-state.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';

/** Of a token account: what every trade changes. */
const AMOUNT = { start: 64, end: 72 };

/**
 * Whether an account must be read again until the nodes agree: it has to do with the wallet, or they tell different things of what does
 * not change from slot to slot. A pool that is traded in every slot need not be the same for both.
 */
export function mustBeSettled(address: Address, told: readonly (AccountState | null)[], wallet: Address): boolean {
  const [first = null] = told;
  return (
    address === wallet || told.some((state) => names(state, wallet)) || told.some((state) => !isAlike(first, state))
  );
}

function names(state: AccountState | null, wallet: Address): boolean {
  if (state === null) return false;
  const key = Buffer.from(decodeBase58(wallet) ?? []);
  return Buffer.from(state.data.buffer, state.data.byteOffset, state.data.byteLength).includes(key);
}

function isAlike(one: AccountState | null, other: AccountState | null): boolean {
  if (one === null || other === null) return one === other;
  if (one.owner !== other.owner) return false;
  if (one.owner !== TOKEN_PROGRAM && one.owner !== TOKEN_2022_PROGRAM) return true;
  const steady = ({ data }: AccountState) => [
    data.subarray(0, AMOUNT.start),
    data.subarray(AMOUNT.end, TOKEN_ACCOUNT_SIZE),
  ];
  const [these, those] = [steady(one), steady(other)];
  return these.every((part, index) => Buffer.compare(part, those[index] ?? part) === 0);
}
