// Owns plots that make the wallet pay rent which a stranger can take back, or rent without end.
import { type Address, getAddressDecoder, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import * as loader from '@solana-program/loader-v3';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { expect } from 'vitest';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import {
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import type { Harm } from './attack.ts';
import { RECENT_SLOT } from './fork.ts';
import { tableAccount } from './kept-accounts.ts';
import { gainsLamports, type Plot } from './plot.ts';
import { signer, type Victim } from './victim.ts';

const RENT = 'RENT_LIMIT_EXCEEDED';
const RENT_TAKER = 'RENT_RECIPIENT_NOT_ALLOWED';
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';

export const FRESH = keyAddress(401);
/** A lookup table and a token account of the stranger. */
export const STRANGERS_TABLE = keyAddress(402);
export const STRANGERS_HELD = keyAddress(404);

export const RENT_PLOTS: readonly Plot[] = [
  [
    'of an associated account of a stranger, who closes it',
    async (v) => [await createAssociated(v, keyAddress(424))],
    [RENT_TAKER],
    (victim) => async (fork) => {
      const { stranger } = victim;
      const close = {
        account: await associated(victim, keyAddress(424)),
        destination: stranger,
        owner: signer(keyAddress(424)),
      };
      await fork.act(victim.friend, [token.getCloseAccountInstruction(close)]);
      await gainsLamports(victim, stranger, TOKEN_ACCOUNT_RENT)(fork);
    },
  ],
  [
    'of a token account of a stranger, who closes it',
    ({ mint, stranger, wallet }) => [
      create(wallet, TOKEN_PROGRAM, 165n),
      token.getInitializeAccount3Instruction({ account: FRESH, mint, owner: stranger }),
    ],
    [RENT_TAKER],
    closes,
  ],
  [
    'of a token account that a stranger initializes and closes',
    ({ wallet }) => [create(wallet, TOKEN_PROGRAM, 165n)],
    [RENT_TAKER],
    (v) => async (fork) => {
      await fork.act(v.friend, [
        token.getInitializeAccount3Instruction({ account: FRESH, mint: v.mint, owner: v.stranger }),
      ]);
      await closes(v)(fork);
    },
  ],
  [
    'of a mint that a stranger may close',
    ({ wallet, stranger }) => [
      create(wallet, TOKEN_2022_PROGRAM, 202n),
      token2022.getInitializeMintCloseAuthorityInstruction({ mint: FRESH, closeAuthority: stranger }),
      token2022.getInitializeMint2Instruction({
        mint: FRESH,
        decimals: 0,
        mintAuthority: wallet,
        freezeAuthority: null,
      }),
    ],
    [RENT_TAKER],
    (victim) => async (fork) => {
      const { stranger, friend } = victim;
      const close = { account: FRESH, destination: stranger, owner: signer(stranger) };
      await fork.act(friend, [token2022.getCloseAccountInstruction(close)]);
      await gainsLamports(victim, stranger, rentExemption(202n))(fork);
    },
  ],
  [
    'of a nonce whose authority is a stranger',
    ({ stranger, wallet }) => [
      create(wallet, SYSTEM_PROGRAM, 80n),
      system.getInitializeNonceAccountInstruction({ nonceAccount: FRESH, nonceAuthority: stranger }),
    ],
    [AUTHORITY, RENT_TAKER],
    // A withdrawal of everything must wait for another blockhash, which a fork does not have.
    (victim) => async (fork) => {
      const { stranger } = victim;
      const nonce = Buffer.from((await fork.account(FRESH))?.data ?? []);
      expect(getAddressDecoder().decode(nonce.subarray(8, 40))).toBe(stranger);
    },
  ],
  [
    'of a buffer whose authority is a stranger',
    ({ stranger, wallet }) => [
      create(wallet, LOADER_V3_PROGRAM, 37n),
      loader.getInitializeBufferInstruction({ sourceAccount: FRESH, bufferAuthority: stranger }),
    ],
    [RENT_TAKER],
    (victim) => async (fork) => {
      const { stranger, friend } = victim;
      const close = {
        bufferOrProgramDataAccount: FRESH,
        destinationAccount: stranger,
        authority: signer(stranger),
      };
      await fork.act(friend, [loader.getCloseInstruction(close)]);
      await gainsLamports(victim, stranger, rentExemption(37n))(fork);
    },
  ],
  [
    'of a lookup table whose authority is a stranger',
    async ({ wallet, stranger }) => {
      const table = await tables.findAddressLookupTablePda({ authority: stranger, recentSlot: RECENT_SLOT });
      const payer = signer(wallet);
      return [
        tables.getCreateLookupTableInstruction({
          address: table,
          authority: stranger,
          payer,
          recentSlot: RECENT_SLOT,
        }),
      ];
    },
    [AUTHORITY, RENT_TAKER],
    (victim) => async (fork) => {
      const { stranger } = victim;
      const [table] = await tables.findAddressLookupTablePda({ authority: stranger, recentSlot: RECENT_SLOT });
      const { data } = (await fork.account(table)) ?? { data: new Uint8Array() };
      expect(Buffer.from(data).includes(Buffer.from(tableAccount(stranger, []).data.subarray(22, 54)))).toBe(true);
    },
  ],
  [
    'of the entries of a table of a stranger',
    ({ wallet, stranger }) => [
      tables.getExtendLookupTableInstruction({
        address: STRANGERS_TABLE,
        authority: signer(stranger),
        payer: signer(wallet),
        addresses: Array.from({ length: 25 }, (_, n) => keyAddress(430 + n)),
      }),
    ],
    [RENT, RENT_TAKER],
    () => async (fork) => expect(await fork.lamports(STRANGERS_TABLE)).toBe(rentExemption(56n + 25n * 32n)),
  ],
  [
    'of more room in a token account of a stranger',
    ({ wallet, stranger }) => [
      token2022.getReallocateInstruction({
        token: STRANGERS_HELD,
        payer: signer(wallet),
        owner: signer(stranger),
        newExtensionTypes: [
          token2022.ExtensionType.ConfidentialTransferAccount,
          token2022.ExtensionType.MemoTransfer,
          token2022.ExtensionType.CpiGuard,
        ],
      }),
    ],
    [RENT_TAKER],
    ({ gateway }) =>
      async (fork) =>
        expect(
          (await fork.lamports(STRANGERS_HELD)) - ((await gateway.account(STRANGERS_HELD))?.lamports ?? 0n),
        ).toBeGreaterThan(2_000_000n),
  ],
];

export async function associated({ mint }: Victim, owner: Address): Promise<Address> {
  const [ata] = await token.findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM });
  return ata;
}

/** Paid by the wallet. */
export async function createAssociated(victim: Victim, owner: Address): Promise<Instruction> {
  const place = { owner, mint: victim.mint, ata: await associated(victim, owner) };
  return token.getCreateAssociatedTokenIdempotentInstruction({ payer: signer(victim.wallet), ...place });
}

/** With the rent and no more. */
export function create(wallet: Address, programAddress: Address, space: bigint): Instruction {
  const place = { payer: signer(wallet), newAccount: signer(FRESH), programAddress };
  return system.getCreateAccountInstruction({ ...place, lamports: rentExemption(space), space });
}

function closes(victim: Victim): Harm {
  const { stranger, friend } = victim;
  return async (fork) => {
    const close = { account: FRESH, destination: stranger, owner: signer(stranger) };
    await fork.act(friend, [token.getCloseAccountInstruction(close)]);
    await gainsLamports(victim, stranger, TOKEN_ACCOUNT_RENT)(fork);
  };
}
