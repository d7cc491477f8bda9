import { createNoopSigner, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import * as loader from '@solana-program/loader-v3';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import {
  CONFIG_PROGRAM,
  LOADER_V3_PROGRAM,
  NATIVE_MINT,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../transaction/programs/program-ids.ts';
import { keyAddress } from '../transaction/testing/wire-builder.ts';
import { judge } from './testing/judge.ts';
import { extendedAccount } from './testing/token-2022-state.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const FRESH = keyAddress(3);
const HELD = keyAddress(4);
const wallet = createNoopSigner(WALLET);
const NOBODY = SYSTEM_PROGRAM;
const TABLE = await tables.findAddressLookupTablePda({ authority: STRANGER, recentSlot: 1n });

const create = (programAddress: Address) =>
  system.getCreateAccountInstruction({
    payer: wallet,
    newAccount: createNoopSigner(FRESH),
    lamports: 1_000_000n,
    space: 165n,
    programAddress,
  });
const initialize = (owner: Address) =>
  token.getInitializeAccount3Instruction({ account: FRESH, mint: NATIVE_MINT, owner });
const closeTo = (destination: Address) =>
  token.getCloseAccountInstruction({ account: FRESH, destination, owner: wallet });
const setCloser = (newAuthority: Address) =>
  token.getSetAuthorityInstruction({
    owned: FRESH,
    owner: wallet,
    authorityType: token.AuthorityType.CloseAccount,
    newAuthority,
  });
const mint2022 = token2022.getInitializeMint2Instruction({
  mint: FRESH,
  decimals: 0,
  mintAuthority: WALLET,
  freezeAuthority: null,
});

describe('the rent that is paid for an account can be taken back by', () => {
  it.each<[string, readonly Instruction[], Address | 'nobody']>([
    ['the owner of a token account', [create(TOKEN_PROGRAM), initialize(STRANGER)], STRANGER],
    [
      'who may close a token account in place of its owner',
      [create(TOKEN_PROGRAM), initialize(WALLET), setCloser(STRANGER)],
      STRANGER,
    ],
    ['whoever initializes a token account first', [create(TOKEN_PROGRAM)], FRESH],
    ['nobody once the account is closed', [create(TOKEN_PROGRAM), initialize(WALLET), closeTo(WALLET)], 'nobody'],
    [
      'whoever comes first where it is made again',
      [create(TOKEN_PROGRAM), initialize(WALLET), closeTo(WALLET), create(TOKEN_PROGRAM)],
      FRESH,
    ],
    [
      'nobody of a mint',
      [
        create(TOKEN_PROGRAM),
        token.getInitializeMint2Instruction({
          mint: FRESH,
          decimals: 0,
          mintAuthority: STRANGER,
          freezeAuthority: null,
        }),
      ],
      'nobody',
    ],
    [
      'the close authority of a mint',
      [
        create(TOKEN_2022_PROGRAM),
        token2022.getInitializeMintCloseAuthorityInstruction({ mint: FRESH, closeAuthority: STRANGER }),
        mint2022,
      ],
      STRANGER,
    ],
    ['nobody of a mint of Token-2022 without one', [create(TOKEN_2022_PROGRAM), mint2022], 'nobody'],
    [
      'nobody of a multisig',
      [create(TOKEN_PROGRAM), token.getInitializeMultisig2Instruction({ multisig: FRESH, m: 1, signers: [STRANGER] })],
      'nobody',
    ],
    ['who has the key of an account without a program', [create(SYSTEM_PROGRAM)], FRESH],
    [
      'the authority of a nonce account',
      [
        create(SYSTEM_PROGRAM),
        system.getInitializeNonceAccountInstruction({ nonceAccount: FRESH, nonceAuthority: STRANGER }),
      ],
      STRANGER,
    ],
    [
      'the withdrawer of a stake account',
      [
        create(STAKE_PROGRAM),
        stake.getInitializeInstruction({
          stake: FRESH,
          arg0: { staker: WALLET, withdrawer: STRANGER },
          arg1: { unixTimestamp: 0n, epoch: 0n, custodian: NOBODY },
        }),
      ],
      STRANGER,
    ],
    [
      'the authority of a buffer',
      [
        create(LOADER_V3_PROGRAM),
        loader.getInitializeBufferInstruction({ sourceAccount: FRESH, bufferAuthority: STRANGER }),
      ],
      STRANGER,
    ],
    [
      'the authority of a lookup table',
      [
        tables.getCreateLookupTableInstruction({
          address: TABLE,
          authority: STRANGER,
          payer: wallet,
          recentSlot: 1n,
        }),
      ],
      STRANGER,
    ],
    ['a program whose accounts are not known', [create(CONFIG_PROGRAM)], CONFIG_PROGRAM],
  ])('%s', (_name, instructions, holder) => {
    const { effects } = judge(WALLET, instructions);
    expect(effects.creations.at(-1)?.refundableTo).toBe(holder);
  });

  it('the owner of a token account that becomes larger', () => {
    const larger = token2022.getReallocateInstruction({
      token: HELD,
      payer: wallet,
      owner: createNoopSigner(STRANGER),
      newExtensionTypes: [token2022.ExtensionType.MemoTransfer],
    });
    const held = extendedAccount({ mint: keyAddress(5), owner: STRANGER });
    const { effects } = judge(WALLET, [larger], [[HELD, held]]);
    expect(effects.creations).toMatchObject([{ kind: 'larger', account: HELD, refundableTo: STRANGER }]);
    expect(judge(WALLET, [larger]).effects.creations).toMatchObject([{ refundableTo: HELD }]);
  });
});
