import { createNoopSigner, type Instruction } from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { NATIVE_MINT_2022, SYSTEM_PROGRAM, TOKEN_2022_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { rentExemption } from '../rent.ts';
import {
  associated,
  create,
  declaredLoss,
  freshKey,
  holdingOf,
  lamportsLost,
  mintOf,
  run,
  STRANGER,
  scene,
  stateOf,
  WALLET,
  wallet,
} from '../testing/token-2022-scene.ts';
import { feeConfig, transferHook } from '../testing/token-2022-state.ts';

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
