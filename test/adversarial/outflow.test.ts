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
import { tokenAccount } from '../../tour/transactions.ts';
import {
  ASSOCIATED_TOKEN,
  type AttackedGateway,
  COMPUTE_BUDGET,
  carefulRules,
  SYSTEM,
  startAttackedGateway,
  TOKEN,
  WRAPPED_SOL,
} from './attacked-gateway.ts';
import { prefund } from './prefund.ts';

const EVERYTHING = { [SYSTEM]: ['*'], [TOKEN]: ['*'], [ASSOCIATED_TOKEN]: ['*'], [COMPUTE_BUDGET]: ['*'] };
const LIMIT = 'SPENDING_LIMIT_EXCEEDED';

let gateway: AttackedGateway;
let wallet: Address;
let stranger: Address;
let own: Address;
let friends: Address;
let mint: Address;
let nonce: Address;
let derived: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => carefulRules(scene, EVERYTHING));
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
