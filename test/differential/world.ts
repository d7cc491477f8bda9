// Owns a small world on LiteSVM for effects: a wallet, other parties, mints, token accounts of every kind, nonce accounts.
import { type Address, createAddressWithSeed, type EncodedAccount, lamports, none, some } from '@solana/kit';
import { getNonceEncoder, NonceState, NonceVersion } from '@solana-program/system';
import {
  AccountState,
  findAssociatedTokenPda,
  getMintEncoder,
  getMultisigEncoder,
  getTokenEncoder,
} from '@solana-program/token';
import { FeatureSet, LiteSVM } from 'litesvm';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { NATIVE_MINT, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { randomAddress } from './corpus.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface TokenAccountPlan {
  readonly address: Address;
  readonly mint: Address;
  readonly owner: Address;
  readonly amount: bigint;
  readonly delegate: Address | null;
  readonly closeAuthority: Address | null;
}

export interface World {
  readonly svm: LiteSVM;
  readonly wallet: Address;
  readonly others: readonly Address[];
  /** A multisig of which any one member may sign: the wallet and the first other. */
  readonly multisig: Address;
  /** Six decimals, wallet mints; no decimals, first other mints. */
  readonly mints: readonly [Address, Address];
  readonly tokenAccounts: readonly TokenAccountPlan[];
  readonly nonces: readonly { readonly address: Address; readonly authority: Address }[];
  /** A System account derived from the wallet. */
  readonly derived: { readonly address: Address; readonly seed: string };
  readonly nested: { readonly nested: Address; readonly destination: Address; readonly ownerAccount: Address };
  /** Every account as it is before each transaction. */
  readonly initial: readonly EncodedAccount[];
}

const SEED = 'pocket';

export async function createWorld(random: SeededRandom): Promise<World> {
  const wallet = randomAddress(random);
  const others = [randomAddress(random), randomAddress(random)];
  const mints = [randomAddress(random), randomAddress(random)] as const;
  const ownerAccount = await associated(wallet, mints[0]);
  const nested = await associated(ownerAccount, mints[1]);
  const destination = await associated(wallet, mints[1]);
  const multisig = randomAddress(random);
  const svm = new LiteSVM().withFeatureSet(FeatureSet.allEnabled()).withBuiltins().withDefaultPrograms();
  svm.withSigverify(false).withTransactionHistory(0n);
  const world = {
    svm,
    wallet,
    others,
    multisig,
    mints,
    tokenAccounts: planTokenAccounts(random, [wallet, ...others, multisig], mints, {
      ownerAccount,
      nested,
      destination,
    }),
    nonces: [wallet, others[0] ?? wallet].map((authority) => ({ address: randomAddress(random), authority })),
    derived: {
      address: await createAddressWithSeed({ baseAddress: wallet, seed: SEED, programAddress: SYSTEM_PROGRAM }),
      seed: SEED,
    },
    nested: { nested, destination, ownerAccount },
  };
  return { ...world, initial: initialAccounts(world) };
}

export async function associated(owner: Address, mint: Address): Promise<Address> {
  const [address] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM });
  return address;
}

/** Puts every account back to how it was, and starts a new blockhash. */
export function resetWorld(world: World, created: readonly Address[]): void {
  for (const address of created) world.svm.setAccount(account(address, SYSTEM_PROGRAM, 0n, new Uint8Array()));
  for (const initial of world.initial) world.svm.setAccount(initial);
  world.svm.expireBlockhash();
}

function initialAccounts(world: Omit<World, 'initial'>): readonly EncodedAccount[] {
  const systemAccounts = [world.wallet, ...world.others, world.derived.address];
  return [
    ...systemAccounts.map((address) => account(address, SYSTEM_PROGRAM, 1_000_000_000_000n, new Uint8Array())),
    ...world.mints.map((mint, i) => mintAccount(mint, world, i)),
    multisigAccount(world),
    ...world.tokenAccounts.map(tokenAccount),
    ...world.nonces.map(({ address, authority }) => nonceAccount(address, authority)),
  ];
}

function mintAccount(mint: Address, world: Pick<World, 'wallet' | 'others'>, index: number): EncodedAccount {
  const [first = world.wallet] = world.others;
  const data = getMintEncoder().encode({
    mintAuthority: some(index === 0 ? world.wallet : first),
    supply: 10n ** 15n,
    decimals: index === 0 ? 6 : 0,
    isInitialized: true,
    freezeAuthority: some(first),
  });
  return account(mint, TOKEN_PROGRAM, rentExemption(82n) + 700n, new Uint8Array(data));
}

function multisigAccount(world: Pick<World, 'wallet' | 'others' | 'multisig'>): EncodedAccount {
  const [first = world.wallet] = world.others;
  const signers = [world.wallet, first, ...Array.from({ length: 9 }, () => SYSTEM_PROGRAM)];
  const data = getMultisigEncoder().encode({ m: 1, n: 2, isInitialized: true, signers });
  return account(world.multisig, TOKEN_PROGRAM, rentExemption(355n) + 900n, new Uint8Array(data));
}

function nonceAccount(address: Address, authority: Address): EncodedAccount {
  const state = { version: NonceVersion.Current, state: NonceState.Initialized, authority };
  const data = getNonceEncoder().encode({ ...state, blockhash: authority, lamportsPerSignature: 5_000n });
  return account(address, SYSTEM_PROGRAM, rentExemption(80n) + 5_000_000n, new Uint8Array(data));
}

function tokenAccount(plan: TokenAccountPlan): EncodedAccount {
  const native = plan.mint === NATIVE_MINT;
  const data = getTokenEncoder().encode({
    mint: plan.mint,
    owner: plan.owner,
    amount: plan.amount,
    delegate: plan.delegate === null ? none() : some(plan.delegate),
    state: AccountState.Initialized,
    isNative: native ? some(TOKEN_ACCOUNT_RENT) : none(),
    delegatedAmount: plan.delegate === null ? 0n : plan.amount / 2n,
    closeAuthority: plan.closeAuthority === null ? none() : some(plan.closeAuthority),
  });
  return account(plan.address, TOKEN_PROGRAM, TOKEN_ACCOUNT_RENT + (native ? plan.amount : 300n), new Uint8Array(data));
}

function planTokenAccounts(
  random: SeededRandom,
  owners: readonly Address[],
  mints: readonly Address[],
  associatedAccounts: { ownerAccount: Address; nested: Address; destination: Address },
): readonly TokenAccountPlan[] {
  const [wallet, other] = owners;
  const [first, second] = mints;
  if (wallet === undefined || other === undefined || first === undefined || second === undefined)
    throw new Error('too few');
  const plain = { amount: 5_000_000n, delegate: null, closeAuthority: null };
  const plans: TokenAccountPlan[] = [
    { ...plain, address: associatedAccounts.ownerAccount, mint: first, owner: wallet },
    { ...plain, address: associatedAccounts.nested, mint: second, owner: associatedAccounts.ownerAccount },
    { ...plain, address: associatedAccounts.destination, mint: second, owner: wallet },
  ];
  for (const mint of [...mints, NATIVE_MINT]) {
    for (const owner of owners) {
      plans.push({ ...plain, address: randomAddress(random), mint, owner });
      plans.push({
        ...plain,
        address: randomAddress(random),
        mint,
        owner,
        delegate: owner === wallet ? other : wallet,
      });
    }
    plans.push({ ...plain, address: randomAddress(random), mint, owner: other, amount: 0n, closeAuthority: wallet });
    plans.push({ ...plain, address: randomAddress(random), mint, owner: wallet, amount: 0n });
  }
  return plans;
}

function account(address: Address, programAddress: Address, amount: bigint, data: Uint8Array): EncodedAccount {
  const space = BigInt(data.length);
  return { address, programAddress, lamports: lamports(amount), data, executable: false, space };
}
