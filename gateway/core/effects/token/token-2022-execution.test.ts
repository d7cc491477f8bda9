import { AccountRole, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { Clock } from 'litesvm';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { SYSTEM_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { rentExemption } from '../rent.ts';
import { signatureCounter } from '../testing/signature-counter.ts';
import {
  attempt,
  freshKey,
  holdingOf,
  mintOf,
  ONE,
  run,
  STRANGER,
  scene,
  stateOf,
  stored,
  stranger,
  svm,
  WALLET,
  wallet,
} from '../testing/token-2022-scene.ts';
import { extendedMint, feeConfig, transferHook } from '../testing/token-2022-state.ts';

const MAX = 2n ** 64n - 1n;
const WITHHOLDING = [{ __kind: 'TransferFeeAmount', withheldAmount: 0n }] as const;

describe('a transfer fee, executed', () => {
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

it('a batch does what its parts do, one after the other', () => {
  const { mint, own, strangers } = scene([feeConfig({ basisPoints: 100, maximum: MAX })], WITHHOLDING);
  const send = (amount: bigint) =>
    token.getTransferCheckedInstruction({
      ...{ source: own, mint, destination: strangers, authority: wallet, amount, decimals: 6 },
    });
  const { effects } = run(token.getBatchInstruction([send(1_000n), send(2_000n)]));
  expect(effects.transfers.map(({ amount, withheld }) => [amount, withheld])).toEqual([
    [1_000n, 10n],
    [2_000n, 20n],
  ]);
  expect(effects.outflows).toEqual([{ asset: mint, amount: 3_000n, decimals: 6 }]);
  expect(holdingOf(own).amount).toBe(ONE - 3_000n);
});
