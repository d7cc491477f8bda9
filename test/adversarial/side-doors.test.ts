import type { Address, Instruction } from '@solana/kit';
import * as stake from '@solana-program/stake';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { STAKE_RENT } from '../../gateway/core/effects/testing/stake-account.ts';
import { NATIVE_MINT, STAKE_PROGRAM, TOKEN_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway } from './attacked-gateway.ts';
import { AS_A_HOLDER_OF_RIGHTS, entrust, fromDerived, JOINT, LENT, MULTISIG } from './entrusted.ts';
import { gainsLamports, holdsTokens, type Plot } from './plot.ts';
import { OWN_PROGRAM, openVictim, SOL, signer, type Victim, wrappedSol } from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const RENT_TAKER = 'RENT_RECIPIENT_NOT_ALLOWED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const AUTHORITY = 'AUTHORITY_CHANGE_NOT_ALLOWED';

const FRESH = keyAddress(311);

let gateway: AttackedGateway;
let victim: Victim;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => allProgramsListed(scene), new Map([[OWN_PROGRAM, cpiProxy()]]));
  victim = await openVictim(gateway);
  await entrust(victim);
});

afterAll(async () => {
  await gateway.stop();
});

describe('[5 side doors] what the wallet has a say in without owning it is denied to strangers', () => {
  it.each(AS_A_HOLDER_OF_RIGHTS)('%s', async (_name, instructions, codes, harm) => {
    await expectThwarted(gateway, await instructions(victim), codes, harm(victim));
  });

  it('to who may close an account of the wallet, which is filled as if it were made only now', async () => {
    const { wallet, stranger, friend } = victim;
    const place = { owner: wallet, mint: NATIVE_MINT, tokenProgram: TOKEN_PROGRAM };
    const [ata] = await token.findAssociatedTokenPda(place);
    await gateway.put(ata, wrappedSol(wallet, 0n, { closeAuthority: stranger }));
    const fill = [
      token.getCreateAssociatedTokenIdempotentInstruction({
        payer: signer(wallet),
        ata,
        owner: wallet,
        mint: NATIVE_MINT,
      }),
      system.getTransferSolInstruction({ source: signer(wallet), destination: ata, amount: 50n * SOL }),
      token.getSyncNativeInstruction({ account: ata }),
    ];
    await expectThwarted(gateway, fill, [LIMIT, RECIPIENT, RENT_TAKER], async (fork) => {
      await fork.act(friend, [
        token.getCloseAccountInstruction({ account: ata, destination: stranger, owner: signer(stranger) }),
      ]);
      await gainsLamports(victim, stranger, 50n * SOL + TOKEN_ACCOUNT_RENT)(fork);
    });
    await gateway.put(ata, wrappedSol(wallet, 4n * SOL));
    await expectHonest(gateway, fill);
  });

  it('twin: it is allowed to a friend within the limits', async () => {
    const { wallet, friends, friend, derived } = victim;
    const amount = 100n;
    await expectHonest(gateway, [
      token.getTransferInstruction({
        source: JOINT,
        destination: friends,
        authority: MULTISIG,
        multiSigners: [signer(wallet)],
        amount,
      }),
      token.getTransferInstruction({ source: LENT, destination: friends, authority: signer(wallet), amount }),
      fromDerived(derived, wallet, friend, 100_000n),
    ]);
  });
});

describe('[5 side doors] a key that stands only in data', () => {
  it.each<Plot>([
    [
      'is found where it owns the account that the wallet fills',
      ({ wallet, stranger }) => [
        create(wallet, TOKEN_PROGRAM, 165n, 3n * SOL),
        token.getInitializeAccount3Instruction({ account: FRESH, mint: NATIVE_MINT, owner: stranger }),
      ],
      [LIMIT, RECIPIENT, RENT_TAKER],
      ({ stranger, friend }) =>
        async (fork) => {
          await fork.act(friend, [
            token.getCloseAccountInstruction({ account: FRESH, destination: stranger, owner: signer(stranger) }),
          ]);
          await gainsLamports(victim, stranger, 3n * SOL + TOKEN_ACCOUNT_RENT)(fork);
        },
    ],
    [
      'is found where it may withdraw the stake that the wallet fills',
      ({ wallet, stranger }) => [
        create(wallet, STAKE_PROGRAM, 200n, 3n * SOL),
        stake.getInitializeInstruction({
          stake: FRESH,
          arg0: { staker: wallet, withdrawer: stranger },
          arg1: { unixTimestamp: 0n, epoch: 0n, custodian: system.SYSTEM_PROGRAM_ADDRESS },
        }),
      ],
      [LIMIT, RECIPIENT, RENT_TAKER, AUTHORITY, OPERATION, 'ACCOUNT_OWNER_PROGRAM_NOT_ALLOWED'],
      ({ stranger, friend }) =>
        async (fork) => {
          const args = STAKE_RENT + 3n * SOL;
          await fork.act(friend, [
            stake.getWithdrawInstruction({
              stake: FRESH,
              recipient: stranger,
              withdrawAuthority: signer(stranger),
              args,
            }),
          ]);
          await gainsLamports(victim, stranger, args)(fork);
        },
    ],
    [
      'is found where the wallet mints to it',
      ({ wallet, mint, stranger }) => [
        create(wallet, TOKEN_PROGRAM, 165n, 0n),
        token.getInitializeAccount3Instruction({ account: FRESH, mint, owner: stranger }),
        token.getTransferInstruction({
          source: victim.own,
          destination: FRESH,
          authority: signer(wallet),
          amount: 500n,
        }),
      ],
      [RECIPIENT, RENT_TAKER],
      () => holdsTokens(FRESH, 500n),
    ],
  ])('%s', async (_name, instructions, codes, harm) => {
    await expectThwarted(gateway, await instructions(victim), codes, harm(victim));
  });

  it('twin: it is allowed where it is the wallet', async () => {
    const { wallet } = victim;
    await expectHonest(gateway, [
      create(wallet, TOKEN_PROGRAM, 165n, 0n),
      token.getInitializeAccount3Instruction({ account: FRESH, mint: NATIVE_MINT, owner: wallet }),
      system.getTransferSolInstruction({ source: signer(wallet), destination: FRESH, amount: 3n * SOL }),
      token.getSyncNativeInstruction({ account: FRESH }),
    ]);
  });
});

function create(wallet: Address, programAddress: Address, space: bigint, above: bigint): Instruction {
  const place = { payer: signer(wallet), newAccount: signer(FRESH), programAddress };
  return system.getCreateAccountInstruction({ ...place, lamports: rentExemption(space) + above, space });
}
