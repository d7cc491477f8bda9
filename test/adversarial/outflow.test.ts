import {
  AccountRole,
  type Address,
  address,
  createAddressWithSeed,
  createNoopSigner,
  generateKeyPairSigner,
  type Instruction,
} from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted, type Harm } from './attack.ts';
import {
  type AttackedGateway,
  allProgramsListed,
  SYSTEM,
  startAttackedGateway,
  TOKEN,
  WRAPPED_SOL,
} from './attacked-gateway.ts';
import { prefund } from './prefund.ts';
import { OWN_PROGRAM, openVictim, signer, type Victim } from './victim.ts';

const SIMULATED = keyAddress(601);
const OVER = 1_000_001n;
const LIMIT = 'SPENDING_LIMIT_EXCEEDED';

let gateway: AttackedGateway;
let victim: Victim;
let wallet: Address;
let stranger: Address;
let own: Address;
let friends: Address;
let mint: Address;
let nonce: Address;
let derived: Address;

beforeAll(async () => {
  const simulated = { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' };
  gateway = await startAttackedGateway(
    (scene) => allProgramsListed(scene, { [SIMULATED]: simulated }),
    new Map([OWN_PROGRAM, SIMULATED].map((program) => [program, cpiProxy()])),
  );
  victim = await openVictim(gateway);
  ({ wallet, mint } = gateway.scene);
  stranger = gateway.attacker.address;
  own = await tokenAccount(wallet, mint);
  friends = await tokenAccount(gateway.scene.recipient, mint);
  nonce = (await generateKeyPairSigner()).address;
  derived = await createAddressWithSeed({ baseAddress: wallet, seed: 'x', programAddress: address(SYSTEM) });
});

afterAll(async () => {
  await gateway.stop();
});

describe('[8 netting] what comes back makes no room for what goes out', () => {
  type Case = readonly [name: string, instructions: () => readonly Instruction[], harm: Harm];
  /** What the friend, an agent's accomplice here, holds in the end is as before; in between it was all of it. */
  const passes =
    (address: () => Address, amount: bigint): Harm =>
    async (fork) =>
      expect((await fork.lamports(address())) - ((await gateway.account(address()))?.lamports ?? 0n)).toBe(amount);

  it.each<Case>([
    [
      'paid in two instructions, each within the limit',
      () => [sol(friend(), 500_001n), sol(friend(), 500_000n)],
      passes(friend, OVER),
    ],
    [
      'paid in forty instructions',
      () => Array.from({ length: 40 }, () => sol(friend(), 25_001n)),
      passes(friend, 40n * 25_001n),
    ],
    ['paid and refunded', () => [sol(friend(), OVER), refund(OVER)], passes(friend, 0n)],
    ['refunded first and then paid', () => [refund(OVER), sol(friend(), OVER)], passes(friend, 0n)],
    [
      'paid by the wallet and by an address derived of it',
      () => [sol(friend(), 600_000n), fromDerived(400_001n)],
      passes(friend, OVER),
    ],
    [
      'paid as tokens and refunded in one batch',
      () => [
        token.getBatchInstruction([
          sendTokens(5_000n),
          token.getTransferInstruction({
            source: friends,
            destination: own,
            authority: signer(friend()),
            amount: 5_000n,
          }),
        ]),
      ],
      async (fork) => expect(await fork.tokens(friends)).toBe(await tokensOn(friends)),
    ],
    [
      'paid as tokens by a batch, a checked and an unchecked transfer',
      () => [
        token.getBatchInstruction([sendTokens(400n)]),
        sendTokens(400n),
        token.getTransferInstruction({ source: own, destination: friends, authority: me(), amount: 201n }),
      ],
      async (fork) => expect((await fork.tokens(friends)) - (await tokensOn(friends))).toBe(1_001n),
    ],
    [
      'paid and refunded inside a program',
      () => [through(SIMULATED, sol(friend(), OVER)), through(SIMULATED, refund(OVER))],
      passes(friend, 0n),
    ],
    [
      'wrapped, unwrapped to somebody else, and refunded',
      () => [
        token.getUnwrapLamportsInstruction({
          source: victim.wrapped,
          destination: friend(),
          authority: me(),
          amount: OVER,
        }),
        refund(OVER),
      ],
      passes(friend, 0n),
    ],
  ])('%s', async (_name, instructions, harm) => {
    await expectThwarted(gateway, instructions(), [LIMIT], harm);
  });

  it('twin: the same within the limit is allowed', async () => {
    await expectHonest(gateway, [sol(friend(), 500_000n), sol(friend(), 500_000n)]);
    await expectHonest(gateway, [sol(friend(), 1_000_000n), refund(1_000_000n)]);
    await expectHonest(gateway, [token.getBatchInstruction([sendTokens(500n)]), sendTokens(500n)]);
    await expectHonest(gateway, [
      through(SIMULATED, sol(friend(), 1_000_000n)),
      through(SIMULATED, refund(1_000_000n)),
    ]);
  });
});

describe('what leaves is counted, whichever instruction takes it', () => {
  const over = 1_000_001n;
  it.each<[string, () => Instruction[] | Promise<Instruction[]>, string]>([
    ['split over instructions', () => [sol(friend(), 500_000n), sol(friend(), 500_001n)], LIMIT],
    ['as one huge number and more', () => [sol(friend(), 2n ** 64n - 1n), sol(friend(), 2n)], LIMIT],
    [
      'sent there and back',
      () => [
        sol(friend(), over),
        system.getTransferSolInstruction({ source: createNoopSigner(friend()), destination: wallet, amount: over }),
      ],
      LIMIT,
    ],
    [
      'from an address derived of the wallet',
      () => [
        system.getTransferSolWithSeedInstruction({
          source: derived,
          baseAccount: me(),
          destination: friend(),
          amount: over,
          fromSeed: 'x',
          fromOwner: address(SYSTEM),
        }),
      ],
      LIMIT,
    ],
    [
      'to a stranger from an address derived of the wallet',
      () => [
        system.getTransferSolWithSeedInstruction({
          source: derived,
          baseAccount: me(),
          destination: stranger,
          amount: 1n,
          fromSeed: 'x',
          fromOwner: address(SYSTEM),
        }),
      ],
      'RECIPIENT_NOT_ALLOWED',
    ],
    [
      'as what a new account gets above its rent',
      () => [create(createNoopSigner(friend()), 10_000_000n, TOKEN, 165n)],
      LIMIT,
    ],
    [
      'as rent of a large account',
      () => [create(createNoopSigner(friend()), 70_000_000n, TOKEN, 10_000n)],
      'RENT_LIMIT_EXCEEDED',
    ],
    [
      'as rent of many accounts',
      async () => [await ata(stranger), await ata(nonce), await ata(derived)],
      'RENT_LIMIT_EXCEEDED',
    ],
    [
      'of a new account with the payer in its other place',
      () => [
        prefund(
          [
            [friend(), AccountRole.WRITABLE_SIGNER],
            [wallet, AccountRole.WRITABLE_SIGNER],
          ],
          90_000_000n,
        ),
      ],
      LIMIT,
    ],
    [
      'as tokens, unchecked',
      () => [
        token.getTransferInstruction({ source: own, destination: own, authority: me(), amount: 1n }),
        sendTokens(1_001n),
      ],
      LIMIT,
    ],
    ['as an asset without a limit', async () => [await sendOther()], 'FACT_MISSING'],
  ])('%s', async (_name, instructions, code) => {
    expect(await gateway.verdictOn(await instructions())).toContain(code);
  });

  it('and what is within the limits is allowed', async () => {
    expect(await gateway.verdictOn([sol(friend(), 999_999n), sol(friend(), 1n), sendTokens(1_000n)])).toEqual([
      'allowed',
    ]);
  });
});

function me() {
  return createNoopSigner(wallet);
}

function friend() {
  return gateway.scene.recipient;
}

function sol(destination: Address, amount: bigint) {
  return system.getTransferSolInstruction({ source: me(), destination, amount });
}

/** The friend signs too. */
function refund(amount: bigint) {
  return system.getTransferSolInstruction({ source: createNoopSigner(friend()), destination: wallet, amount });
}

function fromDerived(amount: bigint) {
  const from = { fromSeed: 'x', fromOwner: address(SYSTEM) };
  return system.getTransferSolWithSeedInstruction({
    source: derived,
    baseAccount: me(),
    destination: friend(),
    amount,
    ...from,
  });
}

async function tokensOn(account: Address): Promise<bigint> {
  return (await gateway.account(account))?.data.readBigUInt64LE(64) ?? 0n;
}

function create(newAccount: ReturnType<typeof me>, lamports: bigint, program: string = stranger, space = 0n) {
  const programAddress = address(program);
  return system.getCreateAccountInstruction({ payer: me(), newAccount, lamports, space, programAddress });
}

async function ata(owner: Address) {
  const place = { owner, mint, ata: await tokenAccount(owner, mint) };
  return token.getCreateAssociatedTokenIdempotentInstruction({ payer: me(), ...place });
}

function sendTokens(amount: bigint) {
  return token.getTransferCheckedInstruction({
    source: own,
    mint,
    destination: friends,
    authority: me(),
    amount,
    decimals: 6,
  });
}
async function sendOther() {
  const other = address(WRAPPED_SOL);
  const [source, destination] = [await tokenAccount(wallet, other), await tokenAccount(friend(), other)];
  return token.getTransferCheckedInstruction({
    source,
    mint: other,
    destination,
    authority: me(),
    amount: 1n,
    decimals: 9,
  });
}
