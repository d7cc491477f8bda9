// Owns what the world of a token program looks like: mints, accounts of everybody, multisigs.
import { type Address, createNoopSigner, type TransactionSigner } from '@solana/kit';
import type { SeededRandom } from '../seeded-random.ts';

/** What sets a mint of Token-2022 apart from the others of its world. */
export type MintKind =
  | 'plain'
  | 'native'
  | 'fee'
  | 'coming_fee'
  | 'delegated'
  | 'soulbound'
  | 'frozen'
  | 'interest'
  | 'scaled'
  | 'pausable'
  | 'hook'
  | 'named'
  /** With room for a name and a group, and neither. */
  | 'unnamed'
  | 'permissioned_burn'
  | 'confidential'
  | 'closable';

export interface MintPlan {
  readonly address: Address;
  readonly kind: MintKind;
  readonly decimals: number;
  readonly mintAuthority: Address | null;
  readonly freezeAuthority: Address | null;
  /** Of every extension. */
  readonly authority: Address;
}

export interface TokenAccountPlan {
  readonly address: Address;
  readonly mint: Address;
  readonly owner: Address;
  readonly amount: bigint;
  readonly delegate: Address | null;
  readonly closeAuthority: Address | null;
}

export interface MultisigPlan {
  readonly address: Address;
  readonly required: number;
  readonly members: readonly Address[];
}

export interface TokenWorld {
  readonly program: Address;
  readonly mints: readonly MintPlan[];
  readonly accounts: readonly TokenAccountPlan[];
  readonly multisigs: readonly MultisigPlan[];
}

export interface Authority {
  readonly authority: Address | TransactionSigner;
  readonly multiSigners: TransactionSigner[];
}

/** As many members of a multisig as it takes, or the owner itself. */
export function authorityOf(random: SeededRandom, { multisigs }: TokenWorld, owner: Address): Authority {
  const multisig = multisigs.find(({ address }) => address === owner);
  if (multisig === undefined) return { authority: createNoopSigner(owner), multiSigners: [] };
  const start = random.below(multisig.members.length);
  const members = [...multisig.members.slice(start), ...multisig.members.slice(0, start)];
  return { authority: owner, multiSigners: members.slice(0, multisig.required).map((it) => createNoopSigner(it)) };
}

export function mintOf({ mints }: TokenWorld, address: Address): MintPlan {
  const mint = mints.find((it) => it.address === address);
  if (mint === undefined) throw new Error(`the world has no mint ${address}`);
  return mint;
}

/** Of each mint, accounts of everybody: plain ones, delegated ones, empty ones, one that somebody else may close. */
export function planAccounts(
  fresh: () => Address,
  parties: { readonly wallet: Address; readonly other: Address; readonly multisigs: readonly Address[] },
  mints: readonly MintPlan[],
): readonly TokenAccountPlan[] {
  const { wallet, other, multisigs } = parties;
  const plans: TokenAccountPlan[] = [];
  for (const { address: mint, kind } of mints) {
    if (kind === 'closable') continue;
    const plain = { mint, amount: 5_000_000n, delegate: null, closeAuthority: null };
    for (const owner of [wallet, other, ...multisigs]) {
      plans.push({ ...plain, address: fresh(), owner });
      if (multisigs.includes(owner) && kind !== 'plain') continue;
      plans.push({ ...plain, address: fresh(), owner, delegate: owner === wallet ? other : wallet });
    }
    plans.push({ ...plain, address: fresh(), owner: other, amount: 0n, closeAuthority: wallet });
    plans.push({ ...plain, address: fresh(), owner: wallet, amount: 0n });
  }
  return plans;
}
