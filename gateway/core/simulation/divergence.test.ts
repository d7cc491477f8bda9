// Proves that every change of an account that is the wallet's, or in which it has a say, must stand in the effects.
import { none, some } from '@solana/kit';
import { getNonceEncoder, NonceState, NonceVersion } from '@solana-program/system';
import { getMultisigEncoder, getTokenEncoder, AccountState as TokenState } from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import type { AccountState } from '../effects/chain-facts.ts';
import { computeEffects } from '../effects/compute-effects.ts';
import type { Effects } from '../effects/effects.ts';
import { decodeInstructions, rawInstruction } from '../effects/testing/judge.ts';
import { NATIVE_MINT, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { findDivergences } from './divergence.ts';

const WALLET = keyAddress(1);
const OTHER = keyAddress(2);
const ACCOUNT = keyAddress(3);
const MINT = keyAddress(4);
const MULTISIG = keyAddress(5);
const PROGRAM = keyAddress(6);
const ENTRY = { instruction: 0, basis: 'message' } as const;

/** Nothing happens but the fee of 5,000 lamports. */
const QUIET = computeEffects(decodeInstructions(WALLET, [rawInstruction(PROGRAM, [], [])]), WALLET, {
  slot: 1n,
  accounts: new Map(),
});
const QUIET_OF_OTHER: Effects = { ...QUIET, fee: { ...QUIET.fee, payer: OTHER } };

describe('the wallet', () => {
  const before = plain(1_000_000n);

  it('may lose the fee and what the effects declare, and nothing more', () => {
    expect(changes(WALLET, before, plain(995_000n), QUIET)).toEqual([]);
    expect(changes(WALLET, before, plain(994_999n), QUIET)).toEqual(['lamports']);
    const paid: Effects = { ...QUIET, transfers: [transfer('SOL', 100n, WALLET, OTHER)] };
    expect(changes(WALLET, before, plain(994_900n), paid)).toEqual([]);
    expect(changes(WALLET, before, plain(994_899n), paid)).toEqual(['lamports']);
    const rented: Effects = { ...QUIET, creations: [creation(200n)] };
    expect(changes(WALLET, before, plain(994_800n), rented)).toEqual([]);
    expect(changes(WALLET, before, plain(994_799n), rented)).toEqual(['lamports']);
  });

  it('may keep what it need not pay, and get more', () => {
    expect(changes(WALLET, before, plain(2_000_000n), QUIET)).toEqual([]);
    expect(changes(WALLET, before, plain(1_000_000n), { ...QUIET, creations: [creation(200n)] })).toEqual([]);
  });

  it('cannot hide a loss behind what comes in', () => {
    const paidBack: Effects = { ...QUIET, transfers: [transfer('SOL', 500n, OTHER, WALLET)] };
    expect(changes(WALLET, before, plain(995_500n), paidBack)).toEqual([]);
    expect(changes(WALLET, before, plain(995_499n), paidBack)).toEqual(['lamports']);
    const unwrapped: Effects = { ...QUIET, transfers: [transfer(NATIVE_MINT, 500n, OTHER, WALLET)] };
    expect(changes(WALLET, before, plain(995_499n), unwrapped)).toEqual(['lamports']);
  });

  it('may be emptied only where the effects say so', () => {
    expect(changes(WALLET, before, null, QUIET)).toEqual(['lamports', 'closed']);
    const emptied: Effects = { ...QUIET, transfers: [transfer('SOL', 995_000n, WALLET, OTHER)] };
    expect(changes(WALLET, before, null, emptied)).toEqual([]);
  });

  it('is handed to no program but the declared one', () => {
    const assigned = { ...before, owner: PROGRAM };
    expect(changes(WALLET, before, assigned, QUIET_OF_OTHER)).toEqual(['owner_program']);
    expect(changes(WALLET, before, assigned, changing('system_assign', WALLET, OTHER))).toEqual(['owner_program']);
    expect(changes(WALLET, before, assigned, changing('system_assign', WALLET, PROGRAM))).toEqual([]);
  });

  it('gets no data unless they are declared', () => {
    const filled = { ...before, data: new Uint8Array(9) };
    expect(changes(WALLET, before, filled, QUIET_OF_OTHER)).toEqual(['data']);
    expect(changes(WALLET, before, filled, changing('system_allocate', WALLET, SYSTEM_PROGRAM))).toEqual([]);
  });
});

describe('a token account of the wallet', () => {
  const before = token({});
  const diff = (plan: Plan, effects: Effects = QUIET) => changes(ACCOUNT, before, token(plan), effects);

  it('may lose what the effects declare, and nothing more', () => {
    expect(diff({ amount: 999n })).toEqual(['token_amount']);
    const paid: Effects = { ...QUIET, transfers: [transfer(MINT, 10n, ACCOUNT, OTHER)] };
    expect(diff({ amount: 990n }, paid)).toEqual([]);
    expect(diff({ amount: 989n }, paid)).toEqual(['token_amount']);
    const burned: Effects = { ...QUIET, supplyChanges: [supply('burn', 10n)] };
    expect(diff({ amount: 990n }, burned)).toEqual([]);
    expect(diff({ amount: 989n }, burned)).toEqual(['token_amount']);
  });

  it('gets what the effects declare, less what the mint keeps', () => {
    expect(diff({ amount: 1_001n })).toEqual([]);
    const got: Effects = { ...QUIET, transfers: [{ ...transfer(MINT, 10n, OTHER, ACCOUNT), withheld: 3n }] };
    expect(diff({ amount: 1_007n }, got)).toEqual([]);
    expect(diff({ amount: 1_006n }, got)).toEqual(['token_amount']);
    expect(diff({ amount: 1_009n }, { ...QUIET, supplyChanges: [supply('mint', 10n)] })).toEqual(['token_amount']);
  });

  it('keeps its mint, its owner and its close authority unless a change is declared', () => {
    expect(diff({ mint: OTHER })).toEqual(['token_mint']);
    expect(diff({ owner: OTHER })).toEqual(['token_owner']);
    expect(diff({ owner: OTHER }, changing('token_account_owner', ACCOUNT, PROGRAM))).toEqual(['token_owner']);
    expect(diff({ owner: OTHER }, changing('token_account_owner', ACCOUNT, OTHER))).toEqual([]);
    expect(diff({ closeAuthority: OTHER })).toEqual(['close_authority']);
    expect(diff({ closeAuthority: OTHER }, changing('close_account', ACCOUNT, OTHER))).toEqual([]);
  });

  it('gets no delegate, and none with more, unless it is declared', () => {
    expect(diff({ delegate: OTHER, delegatedAmount: 5n })).toEqual(['token_delegate']);
    const approved: Effects = { ...QUIET, approvals: [approval(OTHER, 5n)] };
    expect(diff({ delegate: OTHER, delegatedAmount: 5n }, approved)).toEqual([]);
    expect(diff({ delegate: OTHER, delegatedAmount: 6n }, approved)).toEqual(['token_delegate']);
    expect(diff({ delegate: PROGRAM, delegatedAmount: 5n }, approved)).toEqual(['token_delegate']);
    const delegated = token({ delegate: OTHER, delegatedAmount: 5n });
    const more = token({ delegate: OTHER, delegatedAmount: 6n });
    expect(changes(ACCOUNT, delegated, more, QUIET)).toEqual(['token_delegate']);
    expect(changes(ACCOUNT, more, delegated, QUIET)).toEqual([]);
    expect(changes(ACCOUNT, delegated, before, QUIET)).toEqual([]);
  });

  it('is frozen, or freed, only where that is declared', () => {
    expect(diff({ state: TokenState.Frozen })).toEqual(['token_state']);
    expect(diff({ state: TokenState.Frozen }, changing('token_account_freeze', ACCOUNT, OTHER))).toEqual([]);
    expect(diff({ state: TokenState.Frozen }, changing('token_account_thaw', ACCOUNT, OTHER))).toEqual(['token_state']);
  });

  it('is closed only where that is declared', () => {
    expect(changes(ACCOUNT, before, null, QUIET)).toEqual(['lamports', 'closed']);
    const close = { ...ENTRY, account: ACCOUNT, owner: WALLET, destination: OTHER };
    const closed: Effects = { ...QUIET, closes: [close], transfers: [transfer('SOL', 2_039_280n, ACCOUNT, OTHER)] };
    expect(changes(ACCOUNT, before, null, closed)).toEqual([]);
    expect(diff({ owner: OTHER, amount: 0n }, closed)).toEqual([]);
  });

  it('stays a token account', () => {
    expect(changes(ACCOUNT, before, { ...before, data: new Uint8Array(165) }, QUIET)).toEqual(['token_account']);
    expect(changes(ACCOUNT, before, { ...before, owner: PROGRAM }, QUIET)).toEqual(['owner_program', 'token_account']);
  });

  it('of wrapped SOL counts lamports that are not counted as tokens yet', () => {
    const wrapped = token({ mint: NATIVE_MINT, isNative: true });
    const filled: Effects = { ...QUIET, transfers: [transfer(NATIVE_MINT, 50n, OTHER, ACCOUNT)] };
    expect(changes(ACCOUNT, wrapped, { ...wrapped, lamports: wrapped.lamports + 50n }, filled)).toEqual([]);
    expect(changes(ACCOUNT, wrapped, { ...wrapped, lamports: wrapped.lamports + 49n }, filled)).toEqual(['lamports']);
    const given = changing('token_account_owner', ACCOUNT, OTHER);
    const lent = token({ mint: NATIVE_MINT, isNative: true, closeAuthority: WALLET });
    expect(changes(ACCOUNT, lent, token({ mint: NATIVE_MINT, isNative: true, owner: OTHER }), given)).toEqual([]);
    expect(changes(ACCOUNT, token({ closeAuthority: WALLET }), token({ owner: OTHER }), given)).toEqual([
      'close_authority',
    ]);
  });

  it('of Token-2022 keeps its extensions unless an effect names it', () => {
    const extended = (setting: number) => ({
      ...before,
      owner: TOKEN_2022_PROGRAM,
      data: Uint8Array.from([...before.data, 2, 11, 0, 1, 0, setting]),
    });
    expect(changes(ACCOUNT, extended(1), extended(0), QUIET)).toEqual(['token_extensions']);
    const named: Effects = { ...QUIET, operations: [{ ...ENTRY, kind: 'cpi_guard_disable', account: ACCOUNT }] };
    expect(changes(ACCOUNT, extended(1), extended(0), named)).toEqual([]);
  });
});

describe('an account of somebody else', () => {
  const drained = { amount: 0n };

  it.each<readonly [string, Plan]>([
    ['has the wallet as delegate', { owner: OTHER, delegate: WALLET, delegatedAmount: 5n }],
    ['has the wallet as close authority', { owner: OTHER, closeAuthority: WALLET }],
    ['belongs to a multisig with the wallet in it', { owner: MULTISIG }],
  ])('counts when it %s', (_case, plan) => {
    expect(changes(ACCOUNT, token(plan), token({ ...plan, ...drained }), QUIET)).toEqual(['token_amount']);
  });

  it('counts when the effects count it', () => {
    const balance = {
      account: ACCOUNT,
      relation: 'controlled',
      asset: MINT,
      outflow: 0n,
      inflow: 0n,
      net: 0n,
    } as const;
    const plan = { owner: OTHER };
    const effects: Effects = { ...QUIET, protectedBalances: [balance] };
    expect(changes(ACCOUNT, token(plan), token({ ...plan, ...drained }), effects)).toEqual(['token_amount']);
  });

  it('does not count when the wallet has no say in it', () => {
    expect(changes(ACCOUNT, token({ owner: OTHER }), token({ owner: OTHER, ...drained }), QUIET)).toEqual([]);
    expect(changes(OTHER, plain(9n), null, QUIET)).toEqual([]);
  });
});

describe('an account that a program keeps for the wallet', () => {
  it('keeps its data and lamports unless an effect names it', () => {
    expect(changes(ACCOUNT, nonce(WALLET), nonce(OTHER), QUIET)).toEqual(['data']);
    const named: Effects = { ...QUIET, operations: [{ ...ENTRY, kind: 'nonce_authorize', account: ACCOUNT }] };
    expect(changes(ACCOUNT, nonce(WALLET), nonce(OTHER), named)).toEqual([]);
    expect(changes(ACCOUNT, nonce(WALLET), { ...nonce(WALLET), lamports: 1n }, named)).toEqual(['lamports']);
    expect(changes(ACCOUNT, nonce(WALLET), null, named)).toEqual(['lamports', 'closed']);
    const withdrawn: Effects = { ...named, transfers: [transfer('SOL', 1_447_680n, ACCOUNT, OTHER)] };
    expect(changes(ACCOUNT, nonce(WALLET), null, withdrawn)).toEqual([]);
  });

  it('does not count when it is another’s, or a program keeps it that may change it', () => {
    expect(changes(ACCOUNT, nonce(OTHER), nonce(WALLET), QUIET)).toEqual([]);
    expect(changes(ACCOUNT, { ...nonce(WALLET), owner: PROGRAM }, { ...nonce(OTHER), owner: PROGRAM }, QUIET)).toEqual(
      [],
    );
  });
});

/** Kinds of the divergences of one account. */
function changes(
  account: Address,
  before: AccountState,
  after: AccountState | null,
  effects: Effects,
): readonly string[] {
  const facts = {
    slot: 1n,
    accounts: new Map([
      [account, before],
      [MULTISIG, multisig()],
    ] as const),
  };
  const found = findDivergences({ wallet: WALLET, facts, after: new Map([[account, after]]), effects });
  for (const divergence of found) expect(divergence).toMatchObject({ account, detail: expect.stringMatching(/./) });
  return found.map(({ change }) => change);
}

function plain(lamports: bigint): AccountState {
  return { owner: SYSTEM_PROGRAM, lamports, data: new Uint8Array() };
}

interface Plan {
  readonly mint?: Address;
  readonly owner?: Address;
  readonly amount?: bigint;
  readonly delegate?: Address;
  readonly delegatedAmount?: bigint;
  readonly state?: TokenState;
  readonly isNative?: boolean;
  readonly closeAuthority?: Address;
}

function token(plan: Plan): AccountState {
  const { mint = MINT, owner = WALLET, amount = 1_000n, delegatedAmount = 0n, state = TokenState.Initialized } = plan;
  const data = getTokenEncoder().encode({
    mint,
    owner,
    amount,
    delegate: plan.delegate ?? null,
    delegatedAmount,
    state,
    isNative: plan.isNative === true ? some(2_039_280n) : none(),
    closeAuthority: plan.closeAuthority ?? null,
  });
  return { owner: TOKEN_PROGRAM, lamports: 2_039_280n, data: new Uint8Array(data) };
}

function multisig(): AccountState {
  const signers = [OTHER, WALLET, ...Array.from({ length: 9 }, () => SYSTEM_PROGRAM)];
  const data = getMultisigEncoder().encode({ m: 1, n: 2, isInitialized: true, signers });
  return { owner: TOKEN_PROGRAM, lamports: 1n, data: new Uint8Array(data) };
}

function nonce(authority: Address): AccountState {
  const state = { version: NonceVersion.Current, state: NonceState.Initialized, authority };
  const data = getNonceEncoder().encode({ ...state, blockhash: MINT, lamportsPerSignature: 5_000n });
  return { owner: SYSTEM_PROGRAM, lamports: 1_447_680n, data: new Uint8Array(data) };
}

function transfer(asset: string, amount: bigint, source: Address, destination: Address) {
  const names = { decimals: 9, sourceOwner: null, recipient: null, withheld: 0n };
  return { ...ENTRY, ...names, asset, amount, source, destination };
}

function creation(rentLamports: bigint) {
  const paid = { payer: WALLET, rentLamports, refundableTo: WALLET };
  return { ...ENTRY, ...paid, kind: 'new' as const, account: ACCOUNT, ownerProgram: TOKEN_PROGRAM };
}

function approval(delegate: Address, amount: bigint) {
  return { ...ENTRY, account: ACCOUNT, owner: WALLET, delegate, asset: MINT, amount };
}

function supply(kind: 'mint' | 'burn', amount: bigint) {
  return { ...ENTRY, kind, asset: MINT, account: ACCOUNT, amount };
}

function changing(kind: string, account: Address, to: Address): Effects {
  return { ...QUIET_OF_OTHER, authorityChanges: [{ ...ENTRY, kind, account, from: null, to }] };
}
