import { createNoopSigner, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../address.ts';
import { NATIVE_MINT, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import { keyAddress } from '../../transaction/testing/wire-builder.ts';
import { TOKEN_ACCOUNT_RENT } from '../rent.ts';
import { type Chain, judge, mintAccount, tokenAccount } from '../testing/judge.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const FRIEND = keyAddress(3);
const MINT = keyAddress(4);
const OWN = keyAddress(5);
const OTHER_OWN = keyAddress(6);
const FRIENDS = keyAddress(7);
const STRANGERS = keyAddress(8);
const FRESH = keyAddress(9);
const MULTISIG = keyAddress(10);
const associated = { owner: WALLET, mint: MINT, tokenProgram: TOKEN_PROGRAM };
const [OWN_ASSOCIATED] = await token.findAssociatedTokenPda(associated);
const wallet = createNoopSigner(WALLET);
const stranger = createNoopSigner(STRANGER);

const CHAIN: Chain = [
  [OWN, tokenAccount({ mint: MINT, owner: WALLET })],
  [OTHER_OWN, tokenAccount({ mint: MINT, owner: WALLET })],
  [FRIENDS, tokenAccount({ mint: MINT, owner: FRIEND })],
  [STRANGERS, tokenAccount({ mint: MINT, owner: STRANGER })],
  [MINT, mintAccount(6)],
];

const send = (destination: Address, amount = 5n, source = OWN, authority = wallet) =>
  token.getTransferCheckedInstruction({ source, mint: MINT, destination, authority, amount, decimals: 6 });
const sendUnchecked = (destination: Address, authority = wallet, source = OWN) =>
  token.getTransferInstruction({ source, destination, authority, amount: 5n });

function outflows(instructions: readonly Instruction[], chain = CHAIN) {
  return judge(WALLET, instructions, chain).effects.outflowsByRecipient;
}

describe('token transfers', () => {
  it('count by mint and by the owner of the receiving account', () => {
    const { effects, rounds } = judge(
      WALLET,
      [send(FRIENDS), send(FRIENDS, 7n), send(STRANGERS, 2n ** 64n - 1n)],
      CHAIN,
    );
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 2n ** 64n + 11n, decimals: 6 }]);
    expect(effects.outflowsByRecipient).toEqual([
      { asset: MINT, recipient: FRIEND, amount: 12n },
      { asset: MINT, recipient: STRANGER, amount: 2n ** 64n - 1n },
    ]);
    expect(effects.transfers[0]).toMatchObject({ source: OWN, sourceOwner: WALLET, destination: FRIENDS });
    expect(rounds).toEqual([[OWN, FRIENDS, STRANGERS]]);
  });

  it('without a mint take mint and decimals from the chain, in a second round', () => {
    const { effects, rounds } = judge(WALLET, [sendUnchecked(FRIENDS)], CHAIN);
    expect(effects.transfers[0]).toMatchObject({ asset: MINT, decimals: 6, recipient: FRIEND });
    expect(rounds).toEqual([[OWN, FRIENDS], [MINT]]);
    expect(effects.missing).toEqual([]);
  });

  it('into the associated account of the wallet leave nothing, and to the same account move nothing', () => {
    const chain: Chain = [...CHAIN, [OWN_ASSOCIATED, tokenAccount({ mint: MINT, owner: WALLET })]];
    expect(outflows([send(OWN_ASSOCIATED), send(OWN)], chain)).toEqual([]);
  });

  it('into an account of the wallet that could be closed and made anew for another leave it', () => {
    expect(outflows([send(OTHER_OWN)])).toEqual([{ asset: MINT, recipient: OTHER_OWN, amount: 5n }]);
  });

  it('that a delegate signs leave the wallet all the same', () => {
    expect(outflows([send(STRANGERS, 5n, OWN, stranger)])).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
  });

  it('that the wallet signs as delegate or as member of a multisig count like its own', () => {
    const chain: Chain = [...CHAIN, [FRESH, tokenAccount({ mint: MINT, owner: MULTISIG })]];
    const byMember = token.getTransferInstruction({
      source: FRESH,
      destination: STRANGERS,
      authority: MULTISIG,
      multiSigners: [wallet],
      amount: 5n,
    });
    expect(outflows([byMember], chain)).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
    expect(outflows([send(STRANGERS, 5n, FRIENDS)])).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
    expect(outflows([send(OWN, 5n, FRIENDS)])).toEqual([{ asset: MINT, recipient: OWN, amount: 5n }]);
  });

  it('of others to the wallet flow in', () => {
    const { effects } = judge(WALLET, [send(OWN, 5n, STRANGERS, stranger)], CHAIN);
    expect(effects.inflows).toEqual([{ asset: MINT, amount: 5n, decimals: 6 }]);
    expect(effects.outflows).toEqual([]);
  });

  it.each<[string, Chain]>([
    ['does not exist', []],
    ['is of another program', [[FRIENDS, { ...tokenAccount({ mint: MINT, owner: FRIEND }), owner: STRANGER }]]],
    ['has another size', [[FRIENDS, { owner: TOKEN_PROGRAM, lamports: 1n, data: new Uint8Array(170) }]]],
    ['is not initialized', [[FRIENDS, { owner: TOKEN_PROGRAM, lamports: 1n, data: new Uint8Array(165) }]]],
  ])('name what is missing where the receiving account %s, and still count', (_what, chain) => {
    const { effects } = judge(WALLET, [send(FRIENDS)], [...chain, [OWN, tokenAccount({ mint: MINT, owner: WALLET })]]);
    expect(effects.missing).toEqual([
      { fact: 'token_account', instruction: 0, detail: expect.stringContaining(FRIENDS) },
    ]);
    expect(effects.transfers[0]?.recipient).toBeNull();
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 5n, decimals: 6 }]);
  });

  it('name their mint where no account says it, and count under an asset that no rule can name', () => {
    const { effects } = judge(WALLET, [sendUnchecked(FRIENDS)]);
    expect(effects.missing.map(({ fact }) => fact)).toEqual(['token_account', 'token_account']);
    expect(effects.outflows).toEqual([{ asset: OWN, amount: 5n, decimals: null }]);
  });

  it('name a mint that cannot be read', () => {
    const chain = CHAIN.filter(([address]) => address !== MINT);
    const { effects } = judge(WALLET, [sendUnchecked(FRIENDS)], chain);
    expect(effects.missing).toEqual([
      { fact: 'mint', instruction: 0, detail: expect.stringContaining('does not exist') },
    ]);
    expect(effects.transfers[0]?.decimals).toBeNull();
  });

  it('of wrapped SOL have no recipient where a third party can close the account', () => {
    const chain: Chain = [
      [OWN, tokenAccount({ mint: NATIVE_MINT, owner: WALLET })],
      [FRIENDS, tokenAccount({ mint: NATIVE_MINT, owner: FRIEND, closeAuthority: STRANGER })],
    ];
    const { effects } = judge(WALLET, [sendUnchecked(FRIENDS)], chain);
    expect(effects.transfers[0]?.recipient).toBeNull();
    expect(effects.missing[0]?.detail).toContain(`can be closed by ${STRANGER}`);
    const place = { payer: wallet, ata: FRIENDS, owner: FRIEND, mint: NATIVE_MINT };
    const create = token.getCreateAssociatedTokenIdempotentInstruction(place);
    expect(judge(WALLET, [create, sendUnchecked(FRIENDS)], chain).effects.transfers[0]?.recipient).toBeNull();
  });
});

describe('accounts that change inside the transaction', () => {
  it('belong to whom they are created for', () => {
    const ata = token.getCreateAssociatedTokenIdempotentInstruction({
      payer: wallet,
      ata: FRESH,
      owner: FRIEND,
      mint: MINT,
    });
    const { effects, rounds } = judge(WALLET, [ata, send(FRESH)], CHAIN);
    expect(effects.outflowsByRecipient).toEqual([{ asset: MINT, recipient: FRIEND, amount: 5n }]);
    expect(rounds).toEqual([[OWN]]);
    expect(effects.rentLamports).toBe(TOKEN_ACCOUNT_RENT);
    const initialize = token.getInitializeAccount3Instruction({ account: FRESH, mint: MINT, owner: STRANGER });
    expect(outflows([initialize, send(FRESH)])).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
  });

  it('belong to whom they are handed before the tokens come', () => {
    const hand = token.getSetAuthorityInstruction({
      owned: OTHER_OWN,
      owner: wallet,
      authorityType: token.AuthorityType.AccountOwner,
      newAuthority: STRANGER,
    });
    expect(outflows([hand, send(OTHER_OWN)])).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
    expect(outflows([send(OTHER_OWN), hand])).toEqual([{ asset: MINT, recipient: OTHER_OWN, amount: 5n }]);
    const { effects } = judge(WALLET, [hand, send(STRANGERS, 3n, OTHER_OWN, stranger)], CHAIN);
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 3n, decimals: 6 }]);
  });

  it('are not the wallet’s own any more once closed and made again for somebody else', () => {
    const empty: Chain = [...CHAIN, [FRESH, tokenAccount({ mint: MINT, owner: WALLET, amount: 0n })]];
    const close = token.getCloseAccountInstruction({ account: FRESH, destination: WALLET, owner: wallet });
    const create = system.getCreateAccountInstruction({
      payer: stranger,
      newAccount: createNoopSigner(FRESH),
      lamports: TOKEN_ACCOUNT_RENT,
      space: 165n,
      programAddress: TOKEN_PROGRAM,
    });
    const initialize = token.getInitializeAccount3Instruction({ account: FRESH, mint: MINT, owner: STRANGER });
    const { effects } = judge(WALLET, [close, create, initialize, send(FRESH)], empty);
    expect(effects.outflowsByRecipient).toEqual([{ asset: MINT, recipient: STRANGER, amount: 5n }]);
    const gone = judge(WALLET, [close, send(FRESH)], empty).effects;
    expect(gone.missing[0]?.detail).toContain('no token account at this point');
  });
});

describe('rights', () => {
  it('given to a delegate are listed with owner, mint and amount', () => {
    const approve = token.getApproveInstruction({
      source: OWN,
      delegate: STRANGER,
      owner: wallet,
      amount: 2n ** 64n - 1n,
    });
    const { effects } = judge(WALLET, [approve], CHAIN);
    expect(effects.approvals).toEqual([
      {
        instruction: 0,
        basis: 'state',
        account: OWN,
        owner: WALLET,
        delegate: STRANGER,
        asset: MINT,
        amount: 2n ** 64n - 1n,
      },
    ]);
  });

  it.each([
    [token.AuthorityType.MintTokens, 'mint_tokens'],
    [token.AuthorityType.FreezeAccount, 'freeze_account'],
    [token.AuthorityType.AccountOwner, 'token_account_owner'],
    [token.AuthorityType.CloseAccount, 'close_account'],
  ])('of kind %d that are set are listed as %s', (authorityType, kind) => {
    const set = (newAuthority: Address | null) =>
      token.getSetAuthorityInstruction({ owned: OWN, owner: wallet, authorityType, newAuthority });
    const { effects } = judge(WALLET, [set(STRANGER), set(null)], CHAIN);
    expect(effects.authorityChanges).toEqual([
      { instruction: 0, basis: 'message', kind, account: OWN, from: WALLET, to: STRANGER },
      { instruction: 1, basis: 'message', kind, account: OWN, from: WALLET, to: null },
    ]);
  });

  it('taken by freezing are listed', () => {
    const freeze = token.getFreezeAccountInstruction({ account: OWN, mint: MINT, owner: stranger });
    expect(judge(WALLET, [freeze], CHAIN).effects.authorityChanges).toMatchObject([
      { kind: 'token_account_freeze', account: OWN },
    ]);
  });
});

describe('supply', () => {
  it('that the wallet burns leaves it, to nobody', () => {
    const burn = token.getBurnCheckedInstruction({
      account: OWN,
      mint: MINT,
      authority: wallet,
      amount: 4n,
      decimals: 6,
    });
    const { effects } = judge(WALLET, [burn], CHAIN);
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 4n, decimals: 6 }]);
    expect(effects.outflowsByRecipient).toEqual([]);
    expect(effects.supplyChanges).toEqual([
      { instruction: 0, basis: 'state', kind: 'burn', asset: MINT, account: OWN, amount: 4n },
    ]);
  });

  it('that is minted to the wallet flows in', () => {
    const mint = token.getMintToInstruction({ mint: MINT, token: OWN, mintAuthority: stranger, amount: 4n });
    expect(judge(WALLET, [mint], CHAIN).effects.inflows).toEqual([{ asset: MINT, amount: 4n, decimals: 6 }]);
  });
});

describe('a batch', () => {
  it('has the effects of its parts, one after the other', () => {
    const parts = [
      send(FRIENDS),
      token.getApproveInstruction({ source: OWN, delegate: STRANGER, owner: wallet, amount: 1n }),
    ];
    const batched = judge(WALLET, [token.getBatchInstruction(parts)], CHAIN).effects;
    const single = judge(WALLET, [parts[0] ?? send(FRIENDS)], CHAIN).effects;
    expect(batched.outflowsByRecipient).toEqual(single.outflowsByRecipient);
    expect(batched.approvals).toHaveLength(1);
  });
});
