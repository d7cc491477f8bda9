import { AccountRole, type Address, getAddressDecoder, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import * as loader from '@solana-program/loader-v3';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { extendedAccount, extendedMint } from '../../gateway/core/effects/testing/token-2022-state.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted, type Harm } from './attack.ts';
import { type AttackedGateway, allProgramsListed, type Scene, startAttackedGateway } from './attacked-gateway.ts';
import { RECENT_SLOT } from './fork.ts';
import { tableAccount } from './kept-accounts.ts';
import {
  mintOf,
  OWN_PROGRAM,
  openVictim,
  SOL,
  signer,
  VICTIMS_BUFFER,
  VICTIMS_DEAD_TABLE,
  VICTIMS_NONCE,
  type Victim,
} from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const RENT = 'RENT_LIMIT_EXCEEDED';
const RENT_TAKER = 'RENT_RECIPIENT_NOT_ALLOWED';
const CLOSE = 'CLOSE_DESTINATION_NOT_ALLOWED';
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';

const FRESH = keyAddress(401);
const STRANGERS_TABLE = keyAddress(402);
const STRANGERS_MINT = keyAddress(403);
const STRANGERS_HELD = keyAddress(404);
/** The wallet is its mint authority; it holds 3 SOL too many. */
const RICH_MINT = keyAddress(405);
const SIMULATED = keyAddress(406);
const STRANGERS = [keyAddress(411), keyAddress(412), keyAddress(413)];

let gateway: AttackedGateway;
let victim: Victim;

/** An author who thought of everything that the wallet keeps, and permits all that it may want to do with it. */
function generous(scene: Scene) {
  const programs = [TOKEN_PROGRAM, TOKEN_2022_PROGRAM, SYSTEM_PROGRAM, ADDRESS_LOOKUP_TABLE_PROGRAM, LOADER_V3_PROGRAM];
  const simulated = { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' };
  return allProgramsListed(
    scene,
    { [SIMULATED]: simulated },
    {
      account_owner_programs: Object.fromEntries(programs.map((program) => [program, 'known'])),
      operations: {
        [VICTIMS_NONCE]: ['nonce_withdraw'],
        [FRESH]: ['nonce_initialize', 'program_buffer_initialize'],
        [VICTIMS_BUFFER]: ['program_buffer_close'],
        [OWN_PROGRAM]: ['program_upgrade', 'program_close'],
        [VICTIMS_DEAD_TABLE]: ['lookup_table_close'],
        [STRANGERS_TABLE]: ['lookup_table_extend'],
        [STRANGERS_HELD]: ['token_account_reallocate'],
      },
    },
  );
}

beforeAll(async () => {
  const programs = new Map([OWN_PROGRAM, SIMULATED].map((program) => [program, cpiProxy()] as const));
  gateway = await startAttackedGateway(generous, programs);
  victim = await openVictim(gateway);
  const { wallet, stranger, mint } = victim;
  await gateway.put(STRANGERS_TABLE, tableAccount(stranger, []));
  await gateway.put(STRANGERS_MINT, extendedMint());
  await gateway.put(STRANGERS_HELD, extendedAccount({ mint: STRANGERS_MINT, owner: stranger, amount: 0n }));
  const rich = mintOf({ mintAuthority: wallet });
  await gateway.put(RICH_MINT, { ...rich, lamports: rich.lamports + 3n * SOL });
  for (const owner of STRANGERS) {
    const place = { owner, mint, ata: await associated(owner) };
    await gateway.land([token.getCreateAssociatedTokenIdempotentInstruction({ payer: gateway.attacker, ...place })]);
  }
});

afterAll(async () => {
  await gateway.stop();
});

describe('[7 rent and closes] rent', () => {
  it('of many accounts is denied', async () => {
    const { mint } = victim;
    const owners = [keyAddress(421), keyAddress(422), keyAddress(423)];
    const creates = await Promise.all(owners.map((owner) => createAssociated(owner, mint)));
    await expectThwarted(gateway, creates, [RENT, RENT_TAKER], async (fork) => {
      for (const owner of owners) expect(await fork.lamports(await associated(owner))).toBe(TOKEN_ACCOUNT_RENT);
    });
  });

  it('that is due only when the accounts are closed before is denied: an idempotent create may be no no-op', async () => {
    const { mint, wallet, stranger } = victim;
    const creates = await Promise.all(STRANGERS.map((owner) => createAssociated(owner, mint)));
    expect((await gateway.verdictOn(creates)).toSorted()).toEqual([RENT, RENT_TAKER].toSorted());
    const fork = gateway.fork();
    const before = await fork.lamports(wallet);
    expect(await fork.land(wireTransaction(wallet, creates))).toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(5_000n);
    for (const owner of STRANGERS) {
      const close = { account: await associated(owner), destination: stranger, owner: signer(owner) };
      await fork.act(stranger, [token.getCloseAccountInstruction(close)]);
    }
    expect(await fork.land(wireTransaction(wallet, creates))).toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(10_000n + 3n * TOKEN_ACCOUNT_RENT);
  });

  it('is denied behind a program that may be simulated, though its simulation shows a no-op', async () => {
    const { mint } = victim;
    const creates = await Promise.all(STRANGERS.map((owner) => createAssociated(owner, mint)));
    const hidden = creates.map((create) => through(SIMULATED, create));
    expect((await gateway.verdictOn(hidden)).toSorted()).toEqual([RENT, RENT_TAKER].toSorted());
  });

  type Case = readonly [
    string,
    (v: Victim) => Instruction[] | Promise<Instruction[]>,
    readonly string[],
    (v: Victim) => Harm,
  ];
  it.each<Case>([
    [
      'of an associated account of a stranger, who closes it',
      async ({ mint }) => [await createAssociated(keyAddress(424), mint)],
      [RENT_TAKER],
      ({ stranger }) =>
        async (fork) => {
          const close = {
            account: await associated(keyAddress(424)),
            destination: stranger,
            owner: signer(keyAddress(424)),
          };
          await fork.act(victim.friend, [token.getCloseAccountInstruction(close)]);
          await gains(stranger, TOKEN_ACCOUNT_RENT)(fork);
        },
    ],
    [
      'of a token account of a stranger, who closes it',
      ({ mint, stranger }) => [
        create(TOKEN_PROGRAM, 165n),
        token.getInitializeAccount3Instruction({ account: FRESH, mint, owner: stranger }),
      ],
      [RENT_TAKER],
      closes,
    ],
    [
      'of a token account that a stranger initializes and closes',
      () => [create(TOKEN_PROGRAM, 165n)],
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
        create(TOKEN_2022_PROGRAM, 202n),
        token2022.getInitializeMintCloseAuthorityInstruction({ mint: FRESH, closeAuthority: stranger }),
        token2022.getInitializeMint2Instruction({
          mint: FRESH,
          decimals: 0,
          mintAuthority: wallet,
          freezeAuthority: null,
        }),
      ],
      [RENT_TAKER],
      ({ stranger, friend }) =>
        async (fork) => {
          const close = { account: FRESH, destination: stranger, owner: signer(stranger) };
          await fork.act(friend, [token2022.getCloseAccountInstruction(close)]);
          await gains(stranger, rentExemption(202n))(fork);
        },
    ],
    [
      'of a nonce whose authority is a stranger',
      ({ stranger }) => [
        create(SYSTEM_PROGRAM, 80n),
        system.getInitializeNonceAccountInstruction({ nonceAccount: FRESH, nonceAuthority: stranger }),
      ],
      [AUTHORITY, RENT_TAKER],
      // A withdrawal of everything must wait for another blockhash, which a fork does not have.
      ({ stranger }) =>
        async (fork) => {
          const nonce = Buffer.from((await fork.account(FRESH))?.data ?? []);
          expect(getAddressDecoder().decode(nonce.subarray(8, 40))).toBe(stranger);
        },
    ],
    [
      'of a buffer whose authority is a stranger',
      ({ stranger }) => [
        create(LOADER_V3_PROGRAM, 37n),
        loader.getInitializeBufferInstruction({ sourceAccount: FRESH, bufferAuthority: stranger }),
      ],
      [RENT_TAKER],
      ({ stranger, friend }) =>
        async (fork) => {
          const close = {
            bufferOrProgramDataAccount: FRESH,
            destinationAccount: stranger,
            authority: signer(stranger),
          };
          await fork.act(friend, [loader.getCloseInstruction(close)]);
          await gains(stranger, rentExemption(37n))(fork);
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
      ({ stranger }) =>
        async (fork) => {
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
      () => async (fork) =>
        expect(
          (await fork.lamports(STRANGERS_HELD)) - ((await gateway.account(STRANGERS_HELD))?.lamports ?? 0n),
        ).toBeGreaterThan(2_000_000n),
    ],
  ])('%s, is denied', async (_name, instructions, codes, harm) => {
    await expectThwarted(gateway, await instructions(victim), codes, harm(victim));
  });

  it('twin: of accounts of the wallet and of who may be paid is allowed', async () => {
    const { wallet, friend, mint } = victim;
    await expectHonest(gateway, [await createAssociated(wallet, mint), await createAssociated(friend, mint)]);
    const fresh = [
      create(TOKEN_PROGRAM, 165n),
      token.getInitializeAccount3Instruction({ account: FRESH, mint, owner: wallet }),
    ];
    await expectHonest(gateway, fresh);
  });
});

describe('[7 rent and closes] what an account holds', () => {
  type Case = readonly [string, (v: Victim, to: Address) => Instruction, readonly string[], (v: Victim) => bigint];
  const CLOSES: readonly Case[] = [
    [
      'wrapped SOL, by CloseAccount',
      ({ wrapped, wallet }, destination) =>
        token.getCloseAccountInstruction({ account: wrapped, destination, owner: signer(wallet) }),
      [LIMIT, RECIPIENT, CLOSE, MISSING],
      () => 4n * SOL + TOKEN_ACCOUNT_RENT,
    ],
    [
      'wrapped SOL, by UnwrapLamports',
      ({ wrapped, wallet }, destination) =>
        token.getUnwrapLamportsInstruction({ source: wrapped, destination, authority: signer(wallet), amount: null }),
      [LIMIT, RECIPIENT, MISSING],
      () => 4n * SOL,
    ],
    [
      'lamports of a mint, by WithdrawExcessLamports',
      ({ wallet }, destination) =>
        token2022.getWithdrawExcessLamportsInstruction(
          { source: RICH_MINT, destination, authority: signer(wallet) },
          { programAddress: TOKEN_PROGRAM },
        ),
      [LIMIT, RECIPIENT, MISSING],
      () => 3n * SOL,
    ],
    [
      'a nonce account, by a withdrawal of everything',
      ({ nonce, wallet }, recipientAccount) =>
        system.getWithdrawNonceAccountInstruction({
          nonceAccount: nonce,
          recipientAccount,
          nonceAuthority: signer(wallet),
          withdrawAmount: rentExemption(80n) + 2n * SOL,
        }),
      [LIMIT, RECIPIENT],
      () => rentExemption(80n) + 2n * SOL,
    ],
    [
      'a buffer, by a close',
      ({ buffer, wallet }, destinationAccount) =>
        loader.getCloseInstruction({
          bufferOrProgramDataAccount: buffer,
          destinationAccount,
          authority: signer(wallet),
        }),
      [LIMIT, RECIPIENT, CLOSE, MISSING],
      () => rentExemption(37n + BigInt(cpiProxy({ gated: true }).length)) + 3n * SOL,
    ],
    [
      'a program, by a close',
      ({ programData, wallet }, destinationAccount) => {
        const place = { bufferOrProgramDataAccount: programData, destinationAccount, authority: signer(wallet) };
        const close = loader.getCloseInstruction({ ...place, programAccount: OWN_PROGRAM });
        // The published client marks the program readonly; the runtime wants to write to it.
        const accounts = close.accounts.map((account, i) =>
          i === 3 ? { ...account, role: AccountRole.WRITABLE } : account,
        );
        return { ...close, accounts };
      },
      [LIMIT, RECIPIENT, CLOSE, MISSING],
      () => rentExemption(45n + BigInt(cpiProxy().length) + 4_096n),
    ],
    [
      'a buffer, by the spill account of an upgrade',
      ({ buffer, programData, wallet }, spillAccount) =>
        loader.getUpgradeInstruction({
          programDataAccount: programData,
          programAccount: OWN_PROGRAM,
          bufferAccount: buffer,
          spillAccount,
          authority: signer(wallet),
        }),
      [LIMIT, RECIPIENT, CLOSE, MISSING],
      () => rentExemption(37n + BigInt(cpiProxy({ gated: true }).length)) + 3n * SOL,
    ],
    [
      'a lookup table, by a close',
      ({ deadTable, wallet }, recipient) =>
        tables.getCloseLookupTableInstruction({ address: deadTable, authority: signer(wallet), recipient }),
      [LIMIT, RECIPIENT, CLOSE],
      () => rentExemption(56n + 32n),
    ],
  ];

  it.each(CLOSES)('is denied to a stranger: %s', async (_name, instruction, codes, amount) => {
    const { stranger } = victim;
    await gateway.advance(20);
    await expectThwarted(gateway, [instruction(victim, stranger)], codes, gains(stranger, amount(victim)));
  });

  it.each(CLOSES)('twin: is allowed to the wallet: %s', async (_name, instruction) => {
    await gateway.advance(20);
    await expectHonest(gateway, [instruction(victim, victim.wallet)]);
  });
});

async function associated(owner: Address): Promise<Address> {
  const [ata] = await token.findAssociatedTokenPda({ owner, mint: victim.mint, tokenProgram: TOKEN_PROGRAM });
  return ata;
}

async function createAssociated(owner: Address, mint: Address): Promise<Instruction> {
  const place = { owner, mint, ata: await associated(owner) };
  return token.getCreateAssociatedTokenIdempotentInstruction({ payer: signer(victim.wallet), ...place });
}

function create(programAddress: Address, space: bigint): Instruction {
  const place = { payer: signer(victim.wallet), newAccount: signer(FRESH), programAddress };
  return system.getCreateAccountInstruction({ ...place, lamports: rentExemption(space), space });
}

function closes({ stranger, friend }: Victim): Harm {
  return async (fork) => {
    const close = { account: FRESH, destination: stranger, owner: signer(stranger) };
    await fork.act(friend, [token.getCloseAccountInstruction(close)]);
    await gains(stranger, TOKEN_ACCOUNT_RENT)(fork);
  };
}

function gains(address: Address, amount: bigint): Harm {
  return async (fork) => {
    const before = (await gateway.account(address))?.lamports ?? 0n;
    expect((await fork.lamports(address)) - before).toBe(amount);
  };
}
