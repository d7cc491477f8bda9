import {
  AccountRole,
  createNoopSigner,
  getAddressEncoder,
  getProgramDerivedAddress,
  type Instruction,
} from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { Clock } from 'litesvm';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import { NATIVE_MINT_2022, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../transaction/programs/program-ids.ts';
import { rentExemption } from './rent.ts';
import { signatureCounter } from './testing/signature-counter.ts';
import {
  attempt,
  declaredLoss,
  freshKey,
  holdingOf,
  lamportsLost,
  mintOf,
  run,
  STRANGER,
  stateOf,
  stored,
  stranger,
  svm,
  WALLET,
  wallet,
} from './testing/token-2022-scene.ts';
import { extendedAccount, extendedMint, feeConfig, transferHook } from './testing/token-2022-state.ts';

const ONE = 1_000_000n;
const MAX = 2n ** 64n - 1n;

/** A mint, and accounts of it for the wallet and a stranger. */
function scene(
  extensions: readonly token.ExtensionArgs[],
  ofAccounts: readonly token.ExtensionArgs[] = [],
  amount = ONE,
) {
  const mint = stored(
    extendedMint({ extensions, supply: 2n * amount, mintAuthority: WALLET, freezeAuthority: WALLET }),
  );
  const of = (owner: Address) => stored(extendedAccount({ mint, owner, amount, extensions: ofAccounts }));
  return { mint, own: of(WALLET), strangers: of(STRANGER) };
}

async function associated(mint: Address, owner = WALLET): Promise<Address> {
  const [ata] = await token.findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_2022_PROGRAM });
  return ata;
}

const create = (mint: Address, ata: Address) =>
  token.getCreateAssociatedTokenIdempotentInstruction({
    ...{ payer: wallet, ata, owner: WALLET, mint, tokenProgram: TOKEN_2022_PROGRAM },
  });

describe('a transfer fee, executed', () => {
  const WITHHOLDING = [{ __kind: 'TransferFeeAmount', withheldAmount: 0n }] as const;

  it.each<[number, bigint, bigint]>([
    [1, MAX, 1n],
    [1, MAX, 10_001n],
    [250, MAX, 999_999n],
    [250, 100n, 999_999n],
    [10_000, MAX, 7n],
    [9_999, MAX, MAX / 4n],
    [0, MAX, 7n],
    [300, 0n, 7n],
    [1, MAX, 0n],
  ])('of %d basis points, at most %d, is kept of %d as the effects say', (basisPoints, maximum, amount) => {
    const { mint, own, strangers } = scene([feeConfig({ basisPoints, maximum })], WITHHOLDING, MAX / 4n);
    const transfer = token.getTransferCheckedInstruction({
      ...{ source: own, mint, destination: strangers, authority: wallet, amount, decimals: 6 },
    });
    const [said] = run(transfer).effects.transfers;
    expect(said?.withheld).toBe(holdingOf(strangers).withheld);
    expect(holdingOf(own).amount).toBe(MAX / 4n - amount);
    expect(holdingOf(strangers).amount).toBe(MAX / 4n + amount - (said?.withheld ?? 0n));
  });

  it('is at most what the effects say, in the epoch before a new fee and from it on', () => {
    const kept = [0n, 5n].map((epoch) => {
      const clock = svm.getClock();
      svm.setClock(
        new Clock(clock.slot, clock.epochStartTimestamp, epoch, clock.leaderScheduleEpoch, clock.unixTimestamp),
      );
      const fees = feeConfig({ basisPoints: 100, maximum: MAX }, { basisPoints: 300, maximum: MAX });
      if (fees.__kind !== 'TransferFeeConfig') throw new Error('no fees');
      const later = { ...fees, newerTransferFee: { ...fees.newerTransferFee, epoch: 5n } };
      const { mint, own, strangers } = scene([later], WITHHOLDING);
      const transfer = token.getTransferCheckedInstruction({
        ...{ source: own, mint, destination: strangers, authority: wallet, amount: 1_000n, decimals: 6 },
      });
      expect(run(transfer).effects.transfers[0]?.withheld).toBe(30n);
      return holdingOf(strangers).withheld;
    });
    expect(kept).toEqual([10n, 30n]);
  });

  it('that is stated wrongly is refused, and rightly is kept', () => {
    const { mint, own, strangers } = scene([feeConfig({ basisPoints: 100, maximum: MAX })], WITHHOLDING);
    const transfer = (fee: bigint) =>
      token.getTransferCheckedWithFeeInstruction({
        ...{ source: own, mint, destination: strangers, authority: wallet, amount: 1_000n, decimals: 6, fee },
      });
    expect(attempt(transfer(9n)).error).not.toBeNull();
    expect(run(transfer(10n)).effects.transfers[0]?.withheld).toBe(10n);
    expect(holdingOf(strangers).withheld).toBe(10n);
  });

  it('that was kept comes out as the effects say: of accounts, of the mint, and after a harvest', async () => {
    const kept = [{ __kind: 'TransferFeeAmount', withheldAmount: 11n }] as const;
    const { mint, own, strangers } = scene(
      [feeConfig({ basisPoints: 100, maximum: MAX }, undefined, STRANGER, 5n)],
      kept,
    );
    const receiver = { mint, feeReceiver: own, withdrawWithheldAuthority: stranger };
    const harvest = token.getHarvestWithheldTokensToMintInstruction({ mint, sources: [strangers] });
    const fromMint = token.getWithdrawWithheldTokensFromMintInstruction(receiver);
    const fromAccounts = token.getWithdrawWithheldTokensFromAccountsInstruction({
      ...{ ...receiver, numTokenAccounts: 2, sources: [own, own] },
    });
    // Harvested without its account being known, how much there is in the mint is not known.
    expect(attempt(harvest, fromMint).effects.missing).toMatchObject([{ fact: 'amount' }]);
    expect(holdingOf(own).amount).toBe(ONE + 16n);
    const { effects } = run(fromAccounts);
    expect(effects.transfers).toMatchObject([{ amount: 11n, recipient: WALLET }]);
    expect(effects.inflows).toEqual([{ asset: mint, amount: 11n, decimals: 6 }]);
    expect(holdingOf(own).amount).toBe(ONE + 27n);
  });
});

describe('new token accounts, executed', () => {
  const EXTENSIONS: readonly token.ExtensionArgs[] = [
    feeConfig({ basisPoints: 1, maximum: 1n }),
    transferHook(SYSTEM_PROGRAM),
    { __kind: 'NonTransferable' },
    { __kind: 'PausableConfig', authority: WALLET, paused: false },
    { __kind: 'DefaultAccountState', state: token.AccountState.Frozen },
    { __kind: 'PermanentDelegate', delegate: STRANGER },
  ];

  it('cost what the effects say and have the extensions that they say, for every set of those that matter', async () => {
    for (let set = 0; set < 2 ** EXTENSIONS.length; set++) {
      const { mint } = scene(EXTENSIONS.filter((_, i) => set & (1 << i)));
      const ata = await associated(mint);
      const execution = run(create(mint, ata));
      const [creation] = execution.effects.creations;
      expect(creation?.rentLamports).toBe(stateOf(ata)?.lamports);
      expect(lamportsLost(execution, WALLET)).toBe(declaredLoss(execution.effects, NATIVE_MINT_2022));
      expect(holdingOf(ata).extensions).toContain('immutable_owner');
    }
  });

  it('that grow cost no more than the effects say, and are followed to their new size', () => {
    const { own } = scene([]);
    const types = [token.ExtensionType.MemoTransfer, token.ExtensionType.CpiGuard];
    const grow = token.getReallocateInstruction({ token: own, payer: wallet, owner: wallet, newExtensionTypes: types });
    const execution = run(grow);
    const lost = lamportsLost(execution, WALLET) - execution.effects.fee.totalLamports;
    expect(lost).toBeLessThanOrEqual(execution.effects.rentLamports);
    // Three bytes at most are counted that are not taken.
    expect(execution.effects.rentLamports - lost).toBeLessThanOrEqual(rentExemption(3n) - rentExemption(0n));
    run(token.getEnableMemoTransfersInstruction({ token: own, owner: wallet }));
    expect(holdingOf(own).extensions).toEqual(['memo_transfer']);
  });

  it('of a mint made in the same transaction have what its extensions say', () => {
    const mint = createNoopSigner(freshKey());
    const at = { mint: mint.address };
    const extensions: readonly Instruction[] = [
      token.getInitializeTransferFeeConfigInstruction({
        ...{ ...at, transferFeeConfigAuthority: STRANGER, withdrawWithheldAuthority: STRANGER },
        ...{ transferFeeBasisPoints: 150, maximumFee: 77n },
      }),
      token.getInitializePermanentDelegateInstruction({ ...at, delegate: STRANGER }),
      token.getInitializeMintCloseAuthorityInstruction({ ...at, closeAuthority: WALLET }),
      token.getInitializeTransferHookInstruction({ ...at, authority: WALLET, programId: null }),
      token.getInitializeMetadataPointerInstruction({ ...at, authority: WALLET, metadataAddress: null }),
    ];
    const size = 166n + 112n + 36n + 36n + 68n + 68n;
    const account = createNoopSigner(freshKey());
    const make = (newAccount: typeof account, space: bigint) =>
      getCreateAccountInstruction({
        ...{ payer: wallet, newAccount, lamports: rentExemption(space), space, programAddress: TOKEN_2022_PROGRAM },
      });
    const { effects } = run(
      make(mint, size),
      ...extensions,
      token.getInitializeMint2Instruction({ ...at, decimals: 2, mintAuthority: WALLET, freezeAuthority: null }),
      make(account, 166n + 12n + 5n),
      token.getInitializeAccount3Instruction({ ...at, account: account.address, owner: WALLET }),
      token.getMintToInstruction({ ...at, token: account.address, mintAuthority: wallet, amount: 500n }),
    );
    const [said] = effects.mints;
    const onChain = mintOf(mint.address);
    expect(said).toMatchObject({ decimals: onChain.decimals, permanentDelegate: onChain.permanentDelegate });
    expect(said?.extensions).toEqual([...onChain.extensions].sort());
    expect(said?.transferFee).toEqual(onChain.transferFees[0]);
    expect(said?.transferHook).toBe(onChain.transferHook?.program);
    expect(effects.inflows).toEqual([{ asset: mint.address, amount: 500n, decimals: 2 }]);
    expect(holdingOf(account.address).amount).toBe(500n);
  });
});

describe('wrapped SOL of Token-2022, executed', () => {
  it('costs and returns lamports as the effects say', async () => {
    const ata = await associated(NATIVE_MINT_2022);
    const loss = (execution: ReturnType<typeof run>) => {
      expect(lamportsLost(execution, WALLET)).toBe(declaredLoss(execution.effects, NATIVE_MINT_2022));
      return execution;
    };
    if (stateOf(NATIVE_MINT_2022) === null) {
      const made = loss(run(token.getCreateNativeMintInstruction({ payer: wallet, nativeMint: NATIVE_MINT_2022 })));
      expect(made.effects.rentLamports).toBe(rentExemption(82n));
    }
    loss(run(create(NATIVE_MINT_2022, ata)));
    loss(
      run(
        getTransferSolInstruction({ source: wallet, destination: ata, amount: 5_000n }),
        token.getSyncNativeInstruction({ account: ata }),
      ),
    );
    expect(holdingOf(ata).amount).toBe(5_000n);
    loss(
      run(token.getUnwrapLamportsInstruction({ source: ata, destination: WALLET, authority: wallet, amount: 1_000n })),
    );
    const closed = loss(run(token.getCloseAccountInstruction({ account: ata, destination: WALLET, owner: wallet })));
    expect(closed.effects.transfers.map(({ asset, amount }) => [asset, amount])).toEqual([
      [NATIVE_MINT_2022, 4_000n],
      ['SOL', rentExemption(170n)],
    ]);
  });
});

describe('what others may do by the mint, executed', () => {
  it('a permanent delegate takes tokens of the wallet, and burns them', () => {
    const { mint, own, strangers } = scene([{ __kind: 'PermanentDelegate', delegate: STRANGER }]);
    const take = token.getTransferCheckedInstruction({
      ...{ source: own, mint, destination: strangers, authority: stranger, amount: 40n, decimals: 6 },
    });
    const burn = token.getBurnInstruction({ account: own, mint, authority: stranger, amount: 2n });
    const { effects } = run(take, burn);
    expect(effects.outflows).toEqual([{ asset: mint, amount: 42n, decimals: 6 }]);
    expect(holdingOf(own).amount).toBe(ONE - 42n);
  });

  it('the close authority of a mint gets its lamports', () => {
    const mint = stored(
      extendedMint({ extensions: [{ __kind: 'MintCloseAuthority', closeAuthority: WALLET }], supply: 0n }),
    );
    const held = stateOf(mint)?.lamports ?? 0n;
    const { effects } = run(token.getCloseAccountInstruction({ account: mint, destination: STRANGER, owner: wallet }));
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: held }]);
    expect(stateOf(mint)).toBeNull();
  });

  it('a mint that permits burns lets the wallet burn for others with their signature', () => {
    const { mint, strangers } = scene([{ __kind: 'PermissionedBurn', authority: WALLET }]);
    const burn = token.getPermissionedBurnInstruction({
      ...{ account: strangers, mint, permissionedBurnAuthority: wallet, authority: stranger, amount: 9n },
    });
    expect(run(burn).effects.outflows).toEqual([{ asset: mint, amount: 9n, decimals: 6 }]);
    expect(holdingOf(strangers).amount).toBe(ONE - 9n);
  });
});

describe('a transfer hook, executed', () => {
  const program = freshKey();
  svm.addProgram(program, signatureCounter());
  const hook = transferHook(program);

  /** The list that says which further accounts the hook is called with. */
  async function listed(mint: Address, further: Address): Promise<Address> {
    const seeds = ['extra-account-metas', getAddressEncoder().encode(mint)];
    const [address] = await getProgramDerivedAddress({ programAddress: program, seeds });
    const data = new Uint8Array(51);
    data.set([105, 37, 101, 197, 75, 251, 102, 26, 39, 0, 0, 0, 1]);
    // No seeds, the address itself, signs, can be written.
    data.set([0, ...getAddressEncoder().encode(further), 1, 1], 16);
    return stored({ owner: program, lamports: rentExemption(51n), data }, address);
  }

  it('is called on every transfer, with further accounts that the mint chooses', async () => {
    const { mint, own, strangers } = scene([hook], [{ __kind: 'TransferHookAccount', transferring: false }]);
    const list = await listed(mint, WALLET);
    const plain = token.getTransferCheckedInstruction({
      ...{ source: strangers, mint, destination: own, authority: stranger, amount: 5n, decimals: 6 },
    });
    const further = [program, list].map((address) => ({ address, role: AccountRole.READONLY }));
    const withFurther = {
      ...plain,
      accounts: [...plain.accounts, { address: WALLET, role: AccountRole.WRITABLE_SIGNER }, ...further],
    };
    // Without its program the hook cannot be called, so nothing moves.
    expect(attempt(plain).error).not.toBeNull();
    const { error, effects } = attempt(withFurther);
    expect(effects.missing).toMatchObject([{ fact: 'transfer_hook', instruction: 0 }]);
    expect(effects.cpiSigners).toEqual([{ instruction: 0, basis: 'state', program, signer: WALLET }]);
    // The program as LiteSVM has it takes the signature away; as it was before, the hook would fail with 1.
    expect(error).toBeNull();
    expect(holdingOf(own).amount).toBe(ONE + 5n);
  });

  it('that is set after the judgement can be called only where there are further accounts', async () => {
    const { mint, own, strangers } = scene(
      [transferHook(SYSTEM_PROGRAM, STRANGER)],
      [{ __kind: 'TransferHookAccount', transferring: false }],
    );
    const transfer = token.getTransferCheckedInstruction({
      ...{ source: own, mint, destination: strangers, authority: wallet, amount: 5n, decimals: 6 },
    });
    run(transfer);
    run(token.getUpdateTransferHookInstruction({ mint, authority: stranger, programId: program }));
    expect(attempt(transfer).error).not.toBeNull();
    expect(mintOf(mint).transferHook).toEqual({ program, authority: STRANGER });
  });
});

it('what is hidden by a confidential deposit leaves the visible balance', () => {
  const hidden = new Uint8Array(64);
  const { mint, own } = scene(
    [
      {
        __kind: 'ConfidentialTransferMint',
        authority: WALLET,
        autoApproveNewAccounts: true,
        auditorElgamalPubkey: null,
      },
    ],
    [
      {
        __kind: 'ConfidentialTransferAccount',
        ...{ approved: true, elgamalPubkey: SYSTEM_PROGRAM, availableBalance: hidden },
        ...{ pendingBalanceLow: hidden, pendingBalanceHigh: hidden },
        ...{ decryptableAvailableBalance: hidden.subarray(0, 36), allowConfidentialCredits: true },
        ...{ allowNonConfidentialCredits: true, pendingBalanceCreditCounter: 0n },
        ...{ maximumPendingBalanceCreditCounter: 9n, expectedPendingBalanceCreditCounter: 0n },
        ...{ actualPendingBalanceCreditCounter: 0n },
      },
    ],
  );
  const deposit = token.getConfidentialDepositInstruction({
    token: own,
    mint,
    authority: wallet,
    amount: 30n,
    decimals: 6,
  });
  const { effects } = run(deposit);
  expect(effects.outflowsByRecipient).toEqual([{ asset: mint, recipient: own, amount: 30n }]);
  expect(holdingOf(own).amount).toBe(ONE - 30n);
});
