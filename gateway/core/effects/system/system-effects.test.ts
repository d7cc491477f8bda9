import { createNoopSigner } from '@solana/kit';
import * as system from '@solana-program/system';
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getSyncNativeInstruction,
  getTransferInstruction,
} from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import { knownAddress } from '../../base58.ts';
import { NATIVE_MINT, SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../rent.ts';
import {
  judge,
  READONLY,
  READONLY_SIGNER,
  rawInstruction,
  tokenAccount,
  WRITABLE,
  WRITABLE_SIGNER,
} from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const FRIEND = keyAddress(3);
const FRESH = keyAddress(4);
const NONCE = keyAddress(5);
const [ATA] = await findAssociatedTokenPda({ owner: WALLET, mint: NATIVE_MINT, tokenProgram: TOKEN_PROGRAM });
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);
const fresh = createNoopSigner(FRESH);
const RECENT_BLOCKHASHES = knownAddress('SysvarRecentB1ockHashes11111111111111111111');
const RENT_SYSVAR = knownAddress('SysvarRent111111111111111111111111111111111');

const pay = (amount: bigint, destination = FRIEND, source = wallet) =>
  system.getTransferSolInstruction({ source, destination, amount });

describe('SOL transfers', () => {
  it('are summed gross, by asset and by recipient, and need no facts', () => {
    const { effects, rounds } = judge(WALLET, [pay(7n), pay(2n ** 64n - 1n, STRANGER), pay(3n)]);
    expect(rounds).toEqual([]);
    expect(effects.outflows).toEqual([{ asset: 'SOL', amount: 2n ** 64n + 9n, decimals: 9 }]);
    expect(effects.outflowsByRecipient).toEqual([
      { asset: 'SOL', recipient: FRIEND, amount: 10n },
      { asset: 'SOL', recipient: STRANGER, amount: 2n ** 64n - 1n },
    ]);
    expect(effects.transfers).toHaveLength(3);
    expect(effects.missing).toEqual([]);
  });

  it('that come back make no room', () => {
    const { effects } = judge(WALLET, [pay(100n), pay(100n, WALLET, stranger)]);
    expect(effects.outflows).toEqual([{ asset: 'SOL', amount: 100n, decimals: 9 }]);
    expect(effects.inflows).toEqual([{ asset: 'SOL', amount: 100n, decimals: 9 }]);
  });

  it('of others are listed and do not count', () => {
    const { effects } = judge(WALLET, [pay(9n, FRIEND, stranger)]);
    expect(effects.transfers).toHaveLength(1);
    expect([effects.outflows, effects.inflows]).toEqual([[], []]);
  });

  it('from the wallet to itself move nothing', () => {
    expect(judge(WALLET, [pay(9n, WALLET)]).effects.outflows).toEqual([]);
  });

  it('from an account derived from the wallet count as its own', () => {
    const instruction = system.getTransferSolWithSeedInstruction({
      source: FRESH,
      baseAccount: wallet,
      destination: STRANGER,
      amount: 5n,
      fromSeed: 'x',
      fromOwner: SYSTEM_PROGRAM,
    });
    const { effects } = judge(WALLET, [instruction]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 5n }]);
    expect(effects.transfers[0]).toMatchObject({ source: FRESH, sourceOwner: WALLET });
  });
});

describe('wrapping SOL', () => {
  const create = (owner = WALLET, mint = NATIVE_MINT) =>
    getCreateAssociatedTokenIdempotentInstruction({ payer: wallet, ata: ATA, owner, mint });
  const sync = getSyncNativeInstruction({ account: ATA });

  it('into an account that the same transaction creates for the wallet leaves nothing but rent', () => {
    const { effects, rounds } = judge(WALLET, [create(), pay(500n, ATA), sync]);
    expect(effects.transfers[0]?.recipient).toBe(WALLET);
    expect(effects.outflows).toEqual([]);
    expect(effects.rentLamports).toBe(TOKEN_ACCOUNT_RENT);
    // It may be there already.
    expect(rounds).toEqual([[ATA]]);
  });

  it('into one that is created where it is already, and that another may close, pays the address, of whichever tokens it is', () => {
    for (const mint of [NATIVE_MINT, keyAddress(10)]) {
      const closable = tokenAccount({ mint, owner: WALLET, closeAuthority: STRANGER });
      const { effects } = judge(WALLET, [create(WALLET, mint), pay(500n, ATA)], [[ATA, closable]]);
      expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: ATA, amount: 500n }]);
    }
  });

  it('into an account created for somebody else pays that owner', () => {
    const { effects } = judge(WALLET, [create(FRIEND), pay(500n, ATA), sync]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: FRIEND, amount: 500n }]);
  });

  it('into an account that is created only afterwards pays the address: who owns it then is not known', () => {
    const { effects } = judge(WALLET, [pay(500n, ATA), create()]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: ATA, amount: 500n }]);
  });

  it('into the own account that exists leaves nothing, once the chain said whose it is', () => {
    const own = tokenAccount({ mint: NATIVE_MINT, owner: WALLET });
    expect(judge(WALLET, [pay(500n, ATA), sync], [[ATA, own]]).effects.outflows).toEqual([]);
    const others = tokenAccount({ mint: NATIVE_MINT, owner: STRANGER });
    const { effects } = judge(WALLET, [pay(500n, ATA), sync], [[ATA, others]]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 500n }]);
  });

  it('into an own account of which another may take the lamports pays the address', () => {
    const closable = tokenAccount({ mint: NATIVE_MINT, owner: WALLET, closeAuthority: STRANGER });
    const { effects } = judge(WALLET, [pay(500n, ATA), sync], [[ATA, closable]]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: ATA, amount: 500n }]);
  });
});

it('SOL that is sent into an account of other tokens stays there: the address is the recipient', () => {
  const account = keyAddress(9);
  const other = tokenAccount({ mint: keyAddress(10), owner: WALLET });
  const send = getTransferInstruction({ source: account, destination: account, authority: wallet, amount: 0n });
  const { effects } = judge(WALLET, [send, pay(5n, account)], [[account, other]]);
  expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: account, amount: 5n }]);
});

describe('new accounts', () => {
  const create = (lamports: bigint, payer = wallet) =>
    system.getCreateAccountInstruction({
      payer,
      newAccount: fresh,
      lamports,
      space: 80n,
      programAddress: TOKEN_PROGRAM,
    });

  it('cost rent up to their exemption; what is above is an outflow to them', () => {
    const rent = rentExemption(80n);
    expect(rent).toBe(1_447_680n);
    const { effects } = judge(WALLET, [create(rent + 5n)]);
    expect(effects.rentLamports).toBe(rent);
    expect(effects.creations).toEqual([
      {
        instruction: 0,
        basis: 'message',
        kind: 'new',
        account: FRESH,
        payer: WALLET,
        ownerProgram: TOKEN_PROGRAM,
        rentLamports: rent,
        // Nobody made it a token account of theirs yet.
        refundableTo: FRESH,
      },
    ]);
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: FRESH, amount: 5n }]);
    expect(judge(WALLET, [create(rent - 1n)]).effects).toMatchObject({ rentLamports: rent - 1n, outflows: [] });
  });

  it('that somebody else pays for cost the wallet nothing', () => {
    const { effects } = judge(WALLET, [create(10n ** 12n, stranger)]);
    expect(effects).toMatchObject({ rentLamports: 0n, outflows: [] });
    expect(effects.creations).toHaveLength(1);
  });

  it('count in the order of create_account_allow_prefund too', () => {
    const instruction = system.getCreateAccountAllowPrefundInstruction({
      newAccount: fresh,
      payer: wallet,
      lamports: rentExemption(0n) + 3n,
      space: 0n,
      programAddress: SYSTEM_PROGRAM,
    });
    const { effects } = judge(WALLET, [instruction]);
    expect(effects.rentLamports).toBe(rentExemption(0n));
    expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: FRESH, amount: 3n }]);
  });
});

describe('the wallet handed to a program', () => {
  it.each([
    ['assign', system.getAssignInstruction({ account: wallet, programAddress: TOKEN_PROGRAM })],
    [
      'create_account_allow_prefund without lamports',
      system.getCreateAccountAllowPrefundInstruction({
        newAccount: wallet,
        lamports: 0n,
        space: 0n,
        programAddress: TOKEN_PROGRAM,
      }),
    ],
    [
      'create_account',
      system.getCreateAccountInstruction({
        payer: stranger,
        newAccount: wallet,
        lamports: 1n,
        space: 0n,
        programAddress: TOKEN_PROGRAM,
      }),
    ],
  ])('by %s is a change of authority', (_how, instruction) => {
    expect(judge(WALLET, [instruction]).effects.authorityChanges).toEqual([
      {
        instruction: 0,
        basis: 'message',
        kind: 'system_assign',
        account: WALLET,
        from: SYSTEM_PROGRAM,
        to: TOKEN_PROGRAM,
      },
    ]);
  });

  it('made anew with data is given data, also where it stays one of System', () => {
    const accounts = { newAccount: wallet, lamports: 0n, space: 80n, programAddress: SYSTEM_PROGRAM };
    const { effects } = judge(WALLET, [system.getCreateAccountAllowPrefundInstruction(accounts)]);
    expect(effects.authorityChanges.map(({ kind, account }) => [kind, account])).toEqual([
      ['system_allocate', WALLET],
      ['system_assign', WALLET],
    ]);
  });

  it('or given data is one as well, and so is what is derived from it', () => {
    const allocate = system.getAllocateInstruction({ newAccount: wallet, space: 1n });
    const seeded = { baseAccount: wallet, base: WALLET, seed: 's', programAddress: TOKEN_PROGRAM };
    const assign = system.getAssignWithSeedInstruction({ account: FRESH, ...seeded });
    const both = system.getAllocateWithSeedInstruction({ newAccount: FRESH, space: 1n, ...seeded });
    const { effects } = judge(WALLET, [allocate, assign, both]);
    expect(effects.authorityChanges.map(({ kind, account }) => [kind, account])).toEqual([
      ['system_allocate', WALLET],
      ['system_assign', FRESH],
      ['system_allocate', FRESH],
      ['system_assign', FRESH],
    ]);
  });
});

describe('nonce accounts', () => {
  it('are named with what happens to them', () => {
    const accounts = { nonceAccount: NONCE, nonceAuthority: wallet };
    const { effects } = judge(WALLET, [
      system.getAdvanceNonceAccountInstruction(accounts),
      system.getAuthorizeNonceAccountInstruction({ ...accounts, newNonceAuthority: STRANGER }),
      system.getInitializeNonceAccountInstruction({ nonceAccount: FRESH, nonceAuthority: STRANGER }),
      system.getUpgradeNonceAccountInstruction({ nonceAccount: NONCE }),
    ]);
    expect(effects.operations.map(({ kind }) => kind)).toEqual([
      'nonce_advance',
      'nonce_authorize',
      'nonce_initialize',
      'nonce_upgrade',
    ]);
    expect(effects.authorityChanges).toEqual([
      { instruction: 1, basis: 'message', kind: 'nonce_authority', account: NONCE, from: WALLET, to: STRANGER },
      { instruction: 2, basis: 'message', kind: 'nonce_authority', account: FRESH, from: null, to: STRANGER },
    ]);
  });

  it('pay out of the wallet wherever among the accounts its signature stands', () => {
    const usual = system.getWithdrawNonceAccountInstruction({
      nonceAccount: NONCE,
      recipientAccount: STRANGER,
      nonceAuthority: wallet,
      withdrawAmount: 5n,
    });
    const hidden = rawInstruction(
      SYSTEM_PROGRAM,
      [
        [NONCE, WRITABLE],
        [STRANGER, WRITABLE],
        [RECENT_BLOCKHASHES, READONLY],
        [RENT_SYSVAR, READONLY],
        [FRIEND, READONLY_SIGNER],
        [WALLET, WRITABLE_SIGNER],
      ],
      [5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0],
    );
    for (const instruction of [usual, hidden]) {
      const { effects } = judge(WALLET, [instruction]);
      expect(effects.outflowsByRecipient).toEqual([{ asset: 'SOL', recipient: STRANGER, amount: 5n }]);
      expect(effects.operations).toEqual([
        { instruction: 0, basis: 'message', kind: 'nonce_withdraw', account: NONCE },
      ]);
    }
  });
});
