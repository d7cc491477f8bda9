import { describe, expect, it } from 'vitest';
import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import type { AccountState } from '../chain-facts.ts';
import {
  everyAccountExtension,
  everyMintExtension,
  extendedAccount,
  extendedMint,
  feeConfig,
  transferHook,
} from '../testing/token-2022-state.ts';
import { readMint, transferFee } from './mint-state.ts';
import { readTokenAccount } from './token-state.ts';

const MINT = keyAddress(1);
const OWNER = keyAddress(2);
const KEY = keyAddress(3);

const account = (extensions = everyAccountExtension(KEY)) => extendedAccount({ mint: MINT, owner: OWNER, extensions });
const mint = (extensions = everyMintExtension(KEY)) => extendedMint({ extensions });

function changed(state: AccountState, change: (data: Uint8Array) => void): AccountState {
  const data = new Uint8Array(state.data);
  change(data);
  return { ...state, data };
}

function resized(state: AccountState, length: number): AccountState {
  const data = new Uint8Array(length);
  data.set(state.data.subarray(0, length));
  return { ...state, data };
}

describe('a token account', () => {
  it('of Token-2022 is read with every extension that there is', () => {
    expect(readTokenAccount(account())).toEqual({
      tokenProgram: TOKEN_2022_PROGRAM,
      mint: MINT,
      owner: OWNER,
      closeAuthority: null,
      amount: 1_000n,
      withheld: 9n,
      size: account().data.length,
      extensions: [
        'transfer_fee_amount',
        'confidential_transfer_account',
        'immutable_owner',
        'memo_transfer',
        'cpi_guard',
        'non_transferable_account',
        'transfer_hook_account',
        'confidential_transfer_fee_amount',
        'pausable_account',
      ],
    });
  });

  it('without extensions is 165 bytes under both programs', () => {
    const plain = account([]);
    expect(plain.data).toHaveLength(165);
    expect(readTokenAccount(plain)).toMatchObject({ owner: OWNER, extensions: [], withheld: 0n });
    expect(readTokenAccount({ ...plain, owner: TOKEN_PROGRAM })).toMatchObject({ tokenProgram: TOKEN_PROGRAM });
  });

  it('may have padding behind its extensions, of zeros', () => {
    const padded = resized(account(), account().data.length + 3);
    expect(readTokenAccount(padded)).toMatchObject({ owner: OWNER });
    expect(readTokenAccount(changed(padded, (data) => data.fill(1, data.length - 1)))).toBeNull();
  });

  it.each<[string, AccountState]>([
    ['of another program', { ...account(), owner: SYSTEM_PROGRAM }],
    ['with extensions, of SPL Token', { ...account(), owner: TOKEN_PROGRAM }],
    ['that is not initialized', changed(account(), (data) => data.fill(0, 108, 109))],
    ['in a state that there is not', changed(account(), (data) => data.fill(3, 108, 109))],
    ['with a delegate that is neither there nor not', changed(account(), (data) => data.fill(2, 72, 73))],
    ['with a close authority of which the tag is too large', changed(account(), (data) => data.fill(1, 129, 131))],
    ['that says to be a mint', changed(account(), (data) => data.fill(1, 165, 166))],
    ['that says to be nothing', changed(account(), (data) => data.fill(0, 165, 166))],
    ['of the size of a multisig', resized(account([{ __kind: 'ImmutableOwner' }]), 355)],
    ['cut in its last extension but one', resized(account(), account().data.length - 5)],
    ['cut in a length', resized(account([{ __kind: 'ImmutableOwner' }]), 169)],
    ['smaller than any', resized(account(), 164)],
    ['with an extension of a number that nobody knows', changed(account(), (data) => data.fill(29, 166, 167))],
    [
      'with an extension of a length that it has not',
      changed(resized(account([{ __kind: 'CpiGuard', lockCpi: true }]), 172), (data) => data.fill(2, 168, 169)),
    ],
    ['with an extension of mints', account(everyMintExtension(KEY).slice(1, 2))],
    ['with an extension twice', account([{ __kind: 'ImmutableOwner' }, { __kind: 'ImmutableOwner' }])],
  ])('%s cannot be read', (_what, state) => {
    expect(readTokenAccount(state)).toBeNull();
  });
});

describe('a mint', () => {
  it('of Token-2022 is read with every extension that there is', () => {
    expect(readMint(mint())).toMatchObject({
      tokenProgram: TOKEN_2022_PROGRAM,
      decimals: 6,
      closeAuthority: KEY,
      permanentDelegate: KEY,
      transferHook: { program: KEY, authority: KEY },
      transferFees: [
        { basisPoints: 100, maximum: 50n },
        { basisPoints: 200, maximum: 20n },
      ],
      withheld: 7n,
    });
    expect(readMint(mint())?.extensions).toHaveLength(everyMintExtension(KEY).length);
  });

  it('names nobody where an authority is all zeros', () => {
    const state = mint([transferHook(SYSTEM_PROGRAM), { __kind: 'PermanentDelegate', delegate: SYSTEM_PROGRAM }]);
    expect(readMint(state)).toMatchObject({
      permanentDelegate: null,
      transferHook: { program: null, authority: null },
      closeAuthority: null,
    });
  });

  it('without extensions is 82 bytes under both programs', () => {
    const plain = mint([]);
    expect(plain.data).toHaveLength(82);
    expect(readMint(plain)).toMatchObject({ extensions: [], transferHook: null, transferFees: [] });
    expect(readMint({ ...plain, owner: TOKEN_PROGRAM })).toMatchObject({ tokenProgram: TOKEN_PROGRAM, decimals: 6 });
  });

  it.each<[string, AccountState]>([
    ['of another program', { ...mint(), owner: SYSTEM_PROGRAM }],
    ['with extensions, of SPL Token', { ...mint(), owner: TOKEN_PROGRAM }],
    ['that is not initialized', changed(mint(), (data) => data.fill(0, 45, 46))],
    ['that says to be a token account', changed(mint(), (data) => data.fill(2, 165, 166))],
    ['with something before its extensions', changed(mint(), (data) => data.fill(1, 120, 121))],
    ['between the two sizes', resized(mint(), 120)],
    ['that ends before it says what it is', resized(mint(), 165)],
    ['with an extension of accounts', mint(everyAccountExtension(KEY).slice(2, 3))],
    ['that is a token account', account([])],
  ])('%s cannot be read', (_what, state) => {
    expect(readMint(state)).toBeNull();
  });
});

describe('a transfer fee', () => {
  const feeOf = (older: [number, bigint], newer: [number, bigint], amount: bigint) => {
    const [from, to] = [older, newer].map(([basisPoints, maximum]) => ({ basisPoints, maximum }));
    const state = readMint(mint([feeConfig(from ?? { basisPoints: 0, maximum: 0n }, to)]));
    return state === null ? null : transferFee(state, amount);
  };

  it.each<[string, [number, bigint], [number, bigint], bigint, bigint]>([
    ['is rounded up', [1, 100n], [1, 100n], 1n, 1n],
    ['is exact where it divides', [250, 10_000n], [250, 10_000n], 400n, 10n],
    ['stops at its maximum', [5_000, 20n], [5_000, 20n], 1_000n, 20n],
    ['is nothing of nothing', [5_000, 20n], [5_000, 20n], 0n, 0n],
    ['of no basis points is nothing', [0, 20n], [0, 20n], 1_000n, 0n],
    ['is the larger one, now', [300, 1_000n], [100, 1_000n], 10_000n, 300n],
    ['is the larger one, to come', [100, 1_000n], [300, 1_000n], 10_000n, 300n],
    ['is exact at the top of a u64', [10_000, 2n ** 64n - 1n], [0, 0n], 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['is exact beyond 2^53', [1, 2n ** 64n - 1n], [0, 0n], 2n ** 64n - 1n, 1_844_674_407_370_956n],
  ])('%s', (_what, older, newer, amount, fee) => {
    expect(feeOf(older, newer, amount)).toBe(fee);
  });
});
