// Owns a small world on LiteSVM for effects: a wallet, other parties, and accounts of every kind that known programs keep.
import {
  type Address,
  address,
  type Blockhash,
  blockhash,
  createAddressWithSeed,
  type EncodedAccount,
  getAddressDecoder,
  getAddressEncoder,
} from '@solana/kit';
import { getNonceEncoder, NonceState, NonceVersion } from '@solana-program/system';
import { findAssociatedTokenPda } from '@solana-program/token';
import { FeatureSet, LiteSVM } from 'litesvm';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import {
  MEMO_PROGRAM_V2,
  MEMO_PROGRAM_V4,
  NATIVE_MINT,
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { randomAddress } from './corpus.ts';
import type { Execution } from './execution.ts';
import type { SeededRandom } from './seeded-random.ts';
import { classicAccounts } from './world/classic-tokens.ts';
import { emptyAccount, encodedAccount } from './world/encoded-account.ts';
import { EXTENDED_KINDS, extendedAccounts } from './world/extended-tokens.ts';
import { planTables, RECENT_SLOT, SLOT, type TableWorld, tableAccounts, tablesOf } from './world/lookup-tables.ts';
import { type ProgramWorld, planPrograms, programAccounts } from './world/programs.ts';
import { planStakes, type StakeWorld, stakeAccounts, voteAccounts } from './world/stakes.ts';
import { type MintPlan, type MultisigPlan, planAccounts, type TokenWorld } from './world/token-world.ts';

export interface NoncePlan {
  readonly address: Address;
  readonly authority: Address;
  /** What stands in a transaction in the place of its blockhash. */
  readonly value: Blockhash;
}

/** An associated account that is owned by another, as it happens by mistake. */
export interface NestedPlan {
  readonly tokens: TokenWorld;
  readonly nestedTokens: TokenWorld;
  readonly nested: Address;
  readonly nestedMint: Address;
  readonly ownerAccount: Address;
  readonly ownerMint: Address;
  readonly destination: Address;
}

export interface World {
  readonly svm: LiteSVM;
  readonly wallet: Address;
  readonly others: readonly [Address, Address];
  readonly classic: TokenWorld;
  readonly extended: TokenWorld;
  readonly nonces: readonly NoncePlan[];
  /** Of the first format, which anybody may bring up to date. */
  readonly legacyNonce: Address;
  /** A System account derived from the wallet. */
  readonly derived: { readonly address: Address; readonly seed: string };
  readonly nested: readonly NestedPlan[];
  readonly stakes: StakeWorld;
  readonly tables: TableWorld;
  readonly programs: ProgramWorld;
  /** A program that nobody knows, which passes calls on. */
  readonly proxy: Address;
  /** Every account as it is before each transaction. */
  readonly initial: ReadonlyMap<Address, EncodedAccount>;
}

const SEED = 'pocket';
const RICH = 1_000_000_000_000n;

export async function createWorld(random: SeededRandom): Promise<World> {
  const fresh = () => randomAddress(random);
  const wallet = fresh();
  const others = [fresh(), fresh()] as const;
  const [other] = others;
  const classicPlan = planTokens(fresh, wallet, others, TOKEN_PROGRAM);
  const extendedPlan = planTokens(fresh, wallet, others, TOKEN_2022_PROGRAM);
  const { classic, extended, nested } = await withNested(wallet, classicPlan, extendedPlan);
  const plan = {
    ...{ wallet, others, classic, extended, nested },
    nonces: [wallet, other].map((authority) => ({ address: fresh(), authority, value: blockhash(authority) })),
    legacyNonce: fresh(),
    derived: {
      address: await createAddressWithSeed({ baseAddress: wallet, seed: SEED, programAddress: SYSTEM_PROGRAM }),
      seed: SEED,
    },
    stakes: await planStakes(fresh, wallet, other),
    programs: await planPrograms(fresh, wallet, other),
    proxy: fresh(),
  };
  const changed = await planTables(fresh, wallet, other);
  const svm = openChain(plan);
  const accounts = initialAccounts(svm, plan);
  const addresses = accounts.map(({ address }) => address).filter((address) => address !== wallet);
  const tables = { ...changed, used: tablesOf(fresh, [...addresses, ...COMMON]) };
  const initial = new Map([...accounts, ...tableAccounts(tables)].map((account) => [account.address, account]));
  for (const account of initial.values()) svm.setAccount(account);
  return { ...plan, tables, svm, initial };
}

/** What stands among the accounts of many instructions without being of the world. */
const COMMON: readonly Address[] = [NATIVE_MINT, NATIVE_MINT_2022, SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM];

type Plan = Omit<World, 'svm' | 'tables' | 'initial'>;

/** Refuses to deploy programs of the versions before the last; those for tests are of the first. */
const ONLY_NEW_PROGRAMS = 'B8JJXCy5amZyWG9r7EnUYLwzXSXTxG7GZ1qZ1qggo83g';

function openChain({ wallet, others, proxy }: Pick<Plan, 'wallet' | 'others' | 'proxy'>): LiteSVM {
  const features = FeatureSet.allEnabled();
  features.deactivate(new Uint8Array(getAddressEncoder().encode(address(ONLY_NEW_PROGRAMS))));
  const svm = new LiteSVM().withFeatureSet(features).withBuiltins().withPrecompiles().withDefaultPrograms();
  svm.withSigverify(false).withTransactionHistory(0n);
  svm.warpToSlot(SLOT);
  svm.setSlotHashes([{ slot: RECENT_SLOT, hash: getAddressDecoder().decode(new Uint8Array(32).fill(7)) }]);
  for (const address of [wallet, ...others]) svm.setAccount(systemAccount(address));
  svm.addProgram(proxy, cpiProxy());
  // The newest id of Memo is not on LiteSVM; the program is the same.
  const memo = svm.getAccount(MEMO_PROGRAM_V2);
  if (memo.exists) svm.addProgram(MEMO_PROGRAM_V4, new Uint8Array(memo.data));
  return svm;
}

export async function associated(
  owner: Address,
  mint: Address,
  tokenProgram: Address = TOKEN_PROGRAM,
): Promise<Address> {
  const [address] = await findAssociatedTokenPda({ owner, mint, tokenProgram });
  return address;
}

/** Puts the accounts that a transaction could change back to how they were, and starts a new blockhash. */
export function resetWorld(world: World, { decoded, before }: Pick<Execution, 'decoded' | 'before'>): void {
  const { svm, initial } = world;
  for (const { address, writable } of decoded.accounts) {
    const account = initial.get(address) ?? (before.get(address) === null ? emptyAccount(address) : null);
    if (writable && account !== null) svm.setAccount(account);
  }
  svm.expireBlockhash();
}

function initialAccounts(svm: LiteSVM, plan: Plan): readonly EncodedAccount[] {
  return [
    ...[plan.wallet, ...plan.others, plan.derived.address].map(systemAccount),
    ...classicAccounts(plan.classic),
    ...extendedAccounts(plan.extended),
    ...plan.nonces.map((it) => nonceAccount(it, NonceVersion.Current)),
    nonceAccount({ address: plan.legacyNonce, authority: plan.wallet }, NonceVersion.Legacy),
    ...stakeAccounts(plan.stakes),
    ...voteAccounts(svm, plan.stakes),
    ...programAccounts(plan.programs),
  ];
}

function systemAccount(address: Address): EncodedAccount {
  return encodedAccount(address, { owner: SYSTEM_PROGRAM, lamports: RICH, data: new Uint8Array() });
}

/** Its value is the address of its authority, so that it differs from that of another. */
function nonceAccount(
  { address, authority }: Pick<NoncePlan, 'address' | 'authority'>,
  version: NonceVersion,
): EncodedAccount {
  const state = { version, state: NonceState.Initialized, authority };
  const data = getNonceEncoder().encode({ ...state, blockhash: authority, lamportsPerSignature: 5_000n });
  const lamports = rentExemption(80n) + 5_000_000n;
  return encodedAccount(address, { owner: SYSTEM_PROGRAM, lamports, data: new Uint8Array(data) });
}

function planTokens(
  fresh: () => Address,
  wallet: Address,
  others: readonly [Address, Address],
  program: Address,
): TokenWorld {
  const [other, third] = others;
  const multisigs: readonly MultisigPlan[] = [
    { address: fresh(), required: 1, members: [wallet, other] },
    { address: fresh(), required: 2, members: [wallet, other, third] },
  ];
  const native = program === TOKEN_PROGRAM ? NATIVE_MINT : NATIVE_MINT_2022;
  const kinds = program === TOKEN_PROGRAM ? (['plain', 'plain', 'native'] as const) : EXTENDED_KINDS;
  const mints = kinds.map((kind, i): MintPlan => {
    const isNative = kind === 'native';
    return {
      ...{ address: isNative ? native : fresh(), kind, decimals: isNative ? 9 : i === 1 ? 0 : 6 },
      mintAuthority: isNative ? null : i % 2 === 0 ? wallet : other,
      freezeAuthority: isNative ? null : other,
      authority: i % 3 === 2 ? other : wallet,
    };
  });
  const parties = { wallet, other, multisigs: multisigs.map(({ address }) => address) };
  return { program, mints, accounts: planAccounts(fresh, parties, mints), multisigs };
}

/** Each way round: the nested account of either token program, under an account of the first. */
async function withNested(
  wallet: Address,
  classic: TokenWorld,
  extended: TokenWorld,
): Promise<Pick<World, 'classic' | 'extended' | 'nested'>> {
  const added = new Map<Address, TokenWorld['accounts'][number][]>();
  const add = async (owner: Address, mint: Address, { program }: TokenWorld) => {
    const address = await associated(owner, mint, program);
    const list = added.get(program) ?? [];
    const plain = { amount: 5_000_000n, delegate: null, closeAuthority: null };
    if (!list.some((it) => it.address === address)) list.push({ ...plain, address, mint, owner });
    added.set(program, list);
    return address;
  };
  const nested: NestedPlan[] = [];
  for (const [tokens, nestedTokens] of [
    [classic, classic],
    [classic, extended],
    [extended, classic],
    [extended, extended],
  ] as const) {
    const ownerMint = mintAt(tokens, 0);
    const nestedMint = mintAt(nestedTokens, tokens === nestedTokens && tokens === classic ? 1 : 0);
    const ownerAccount = await add(wallet, ownerMint, tokens);
    const accounts = {
      nested: await add(ownerAccount, nestedMint, nestedTokens),
      destination: await add(wallet, nestedMint, nestedTokens),
    };
    nested.push({ tokens, nestedTokens, ownerMint, nestedMint, ownerAccount, ...accounts });
  }
  const grown = (world: TokenWorld): TokenWorld => {
    return { ...world, accounts: [...world.accounts, ...(added.get(world.program) ?? [])] };
  };
  return { classic: grown(classic), extended: grown(extended), nested };
}

function mintAt({ mints }: TokenWorld, index: number): Address {
  const mint = mints[index];
  if (mint === undefined) throw new Error('the world has too few mints');
  return mint.address;
}
