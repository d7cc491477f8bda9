import type { Address, Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
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
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, type Scene, startAttackedGateway } from './attacked-gateway.ts';
import { EMPTYINGS, RICH_MINT } from './emptyings.ts';
import { tableAccount } from './kept-accounts.ts';
import { gainsLamports } from './plot.ts';
import {
  associated,
  create,
  createAssociated,
  FRESH,
  RENT_PLOTS,
  STRANGERS_HELD,
  STRANGERS_TABLE,
} from './rent-plots.ts';
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
  wrappedSol,
} from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RENT = 'RENT_LIMIT_EXCEEDED';
const RENT_TAKER = 'RENT_RECIPIENT_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';

const STRANGERS_MINT = keyAddress(403);
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
      close_destinations: { [scene.recipient]: 'Alice' },
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
    const place = { owner, mint, ata: await associated(victim, owner) };
    await gateway.land([token.getCreateAssociatedTokenIdempotentInstruction({ payer: gateway.attacker, ...place })]);
  }
});

afterAll(async () => {
  await gateway.stop();
});

describe('[7 rent and closes] rent', () => {
  it('of many accounts is denied', async () => {
    const owners = [keyAddress(421), keyAddress(422), keyAddress(423)];
    const creates = await Promise.all(owners.map((owner) => createAssociated(victim, owner)));
    await expectThwarted(gateway, creates, [RENT, RENT_TAKER], async (fork) => {
      for (const owner of owners) expect(await fork.lamports(await associated(victim, owner))).toBe(TOKEN_ACCOUNT_RENT);
    });
  });

  it('that is due only when the accounts are closed before is denied: an idempotent create may be no no-op', async () => {
    const { wallet, stranger } = victim;
    const creates = await Promise.all(STRANGERS.map((owner) => createAssociated(victim, owner)));
    expect((await gateway.verdictOn(creates)).toSorted()).toEqual([RENT, RENT_TAKER].toSorted());
    const fork = gateway.fork();
    const before = await fork.lamports(wallet);
    expect(await fork.land(wireTransaction(wallet, creates))).toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(5_000n);
    for (const owner of STRANGERS) {
      const close = { account: await associated(victim, owner), destination: stranger, owner: signer(owner) };
      await fork.act(stranger, [token.getCloseAccountInstruction(close)]);
    }
    expect(await fork.land(wireTransaction(wallet, creates))).toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(10_000n + 3n * TOKEN_ACCOUNT_RENT);
  });

  it('is denied behind a program that may be simulated, though its simulation shows a no-op', async () => {
    const creates = await Promise.all(STRANGERS.map((owner) => createAssociated(victim, owner)));
    const hidden = creates.map((create) => through(SIMULATED, create));
    expect((await gateway.verdictOn(hidden)).toSorted()).toEqual([RENT, RENT_TAKER].toSorted());
  });

  it.each(RENT_PLOTS)('%s, is denied', async (_name, instructions, codes, harm) => {
    await expectThwarted(gateway, await instructions(victim), codes, harm(victim));
  });

  it('twin: of accounts of the wallet and of who may be paid is allowed', async () => {
    const { wallet, friend, mint } = victim;
    await expectHonest(gateway, [await createAssociated(victim, wallet), await createAssociated(victim, friend)]);
    const fresh = [
      create(wallet, TOKEN_PROGRAM, 165n),
      token.getInitializeAccount3Instruction({ account: FRESH, mint, owner: wallet }),
    ];
    await expectHonest(gateway, fresh);
  });
});

describe('[7 rent and closes] what an account holds', () => {
  it.each(EMPTYINGS)('is denied to a stranger: %s', async (_name, instruction, codes, lamports) => {
    const { stranger } = victim;
    await gateway.advance(20);
    await expectThwarted(gateway, [instruction(victim, stranger)], codes, gainsLamports(victim, stranger, lamports));
  });

  it.each(EMPTYINGS)('twin: is allowed to the wallet: %s', async (_name, instruction) => {
    await gateway.advance(20);
    await expectHonest(gateway, [instruction(victim, victim.wallet)]);
  });
});

describe('[7 rent and closes] all of a balance, which the wallet may fill before it lands', () => {
  const POT = keyAddress(407);
  const unwrap = (destination: Address, amount: bigint | null) =>
    token.getUnwrapLamportsInstruction({ source: POT, destination, authority: signer(victim.wallet), amount });
  const close = (destination: Address) =>
    token.getCloseAccountInstruction({ account: POT, destination, owner: signer(victim.wallet) });

  beforeAll(() => gateway.put(POT, wrappedSol(victim.wallet, 1_000n)));

  it.each<[string, (to: Address) => Instruction, readonly string[]]>([
    ['by UnwrapLamports', (to) => unwrap(to, null), [MISSING]],
    ['by CloseAccount', close, [LIMIT, MISSING]],
  ])('is denied to somebody else, though it is little now: %s', async (_name, take, codes) => {
    const { wallet, friend } = victim;
    expect((await gateway.verdictOn([take(friend)])).toSorted()).toEqual(codes.toSorted());
    const fork = gateway.fork();
    await fork.act(wallet, [
      system.getTransferSolInstruction({ source: signer(wallet), destination: POT, amount: 50n * SOL }),
      token.getSyncNativeInstruction({ account: POT }),
    ]);
    const before = await fork.lamports(friend);
    await fork.act(wallet, [take(friend)]);
    expect((await fork.lamports(friend)) - before).toBeGreaterThan(50n * SOL);
  });

  it('twin: is allowed to the wallet itself, and to somebody else with the amount written out', async () => {
    const { wallet, friend } = victim;
    for (const honest of [unwrap(wallet, null), close(wallet), unwrap(friend, 1_000n)]) {
      await expectHonest(gateway, [honest]);
    }
  });
});
