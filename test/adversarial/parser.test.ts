import { AccountRole, type Address, getTransactionDecoder, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { extendedAccount, extendedMint } from '../../gateway/core/effects/testing/token-2022-state.ts';
import { TOKEN_2022_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { expectHonest, expectThwarted, type Harm } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway } from './attacked-gateway.ts';
import { prefund } from './prefund.ts';
import { legacy, v0, v1 } from './versions.ts';
import { OWN_PROGRAM, openVictim, SOL, signer, type Victim } from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const FRESH = keyAddress(901);
const MINT_2022 = keyAddress(902);
const [OWN_2022, STRANGERS_2022] = [keyAddress(903), keyAddress(904)];
const SIGNATURE_BYTES = 64;

let gateway: AttackedGateway;
let victim: Victim;

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => allProgramsListed(scene), new Map([[OWN_PROGRAM, cpiProxy()]]));
  victim = await openVictim(gateway);
  await gateway.put(MINT_2022, extendedMint());
  await gateway.put(OWN_2022, extendedAccount({ mint: MINT_2022, owner: victim.wallet, amount: 9_000n }));
  await gateway.put(STRANGERS_2022, extendedAccount({ mint: MINT_2022, owner: victim.stranger, amount: 0n }));
});

afterAll(async () => {
  await gateway.stop();
});

describe('[1 parser] bytes that two readers take for two transactions are refused', () => {
  const asLegacy = () => legacy({ feePayer: victim.wallet, instructions: [pay(victim.friend)] });
  const asV0 = () => v0({ feePayer: victim.wallet, instructions: [pay(victim.friend)] });
  const asV1 = () => v1({ feePayer: victim.wallet, instructions: [pay(victim.friend)] });
  /** Of the message of `asLegacy`: header, three keys, blockhash, and then the instructions. */
  const MESSAGE = 1 + SIGNATURE_BYTES;
  const KEYS = MESSAGE + 3 + 1;
  const INSTRUCTIONS = KEYS + 3 * 32 + 32;
  const changed = (wire: Uint8Array, at: number, ...bytes: number[]) => {
    const copy = new Uint8Array(wire);
    copy.set(bytes, at);
    return copy;
  };
  const inserted = (wire: Uint8Array, at: number, cut: number, ...bytes: number[]) =>
    Uint8Array.from([...wire.subarray(0, at), ...bytes, ...wire.subarray(at + cut)]);

  it.each<[string, () => Uint8Array]>([
    ['a byte behind the message, which would be signed too', () => Uint8Array.from([...asLegacy(), 0])],
    ['a second message behind the first', () => Uint8Array.from([...asLegacy(), ...asLegacy().subarray(MESSAGE)])],
    ['a count of signatures in two bytes', () => inserted(asLegacy(), 0, 1, 0x81, 0)],
    ['a count of keys in two bytes', () => inserted(asLegacy(), MESSAGE + 3, 1, 0x83, 0)],
    ['a count of instructions in three bytes', () => inserted(asLegacy(), INSTRUCTIONS, 1, 0x81, 0x80, 0)],
    ['a message without its last byte', () => asLegacy().subarray(0, -1)],
    ['an account index out of range', () => changed(asLegacy(), INSTRUCTIONS + 3, 9)],
    ['a program index out of range', () => changed(asLegacy(), INSTRUCTIONS + 1, 9)],
    ['the fee payer as program', () => changed(asLegacy(), INSTRUCTIONS + 1, 0)],
    ['one key twice', () => asLegacy().copyWithin(KEYS + 32, KEYS, KEYS + 32)],
    ['a fee payer that is not writable', () => changed(asLegacy(), MESSAGE + 1, 1)],
    ['more signers than signatures', () => changed(asLegacy(), MESSAGE, 2)],
    ['version 5', () => changed(asV0(), MESSAGE, 0x85)],
    ['version 1 behind a list of signatures', () => changed(asV0(), MESSAGE, 0x81)],
    ['a configuration of version 1 that is not known', () => changed(asV1(), 4 + 3, 0x80)],
    ['half a priority fee of version 1', () => changed(asV1(), 4, (asV1()[4] ?? 0) | 1)],
  ])('%s', async (_name, bytes) => {
    expect(await gateway.verdictOrFault(bytes())).toEqual(['[MALFORMED_TRANSACTION]']);
    // The chain refuses them: what they do hangs on who reads them, as soon as one reader is laxer.
    expect(await gateway.submit(bytes())).not.toBeNull();
  });

  it('though the published reader takes some of them', () => {
    const decoder = getTransactionDecoder();
    expect(decoder.decode(Uint8Array.from([...asLegacy(), 0])).messageBytes.length).toBeGreaterThan(0);
    expect(decoder.decode(asLegacy().subarray(0, -1)).messageBytes.length).toBeGreaterThan(0);
  });

  it('twin: the same without the change is allowed, in each version', async () => {
    for (const wire of [asLegacy(), asV0(), asV1()]) await expectHonest(gateway, wire);
  });
});

describe('[1 parser] an instruction that the runtime executes and an older reader does not know is read', () => {
  type Case = readonly [
    string,
    (v: Victim) => Instruction | Promise<Instruction>,
    readonly string[],
    (v: Victim) => Harm,
  ];
  it.each<Case>([
    [
      'System 13, whose payer stands second',
      ({ wallet }) =>
        prefund(
          [
            [FRESH, AccountRole.WRITABLE_SIGNER],
            [wallet, AccountRole.WRITABLE_SIGNER],
          ],
          9n * SOL,
        ),
      [LIMIT, RECIPIENT, 'RENT_RECIPIENT_NOT_ALLOWED'],
      () => lamports(FRESH, 9n * SOL),
    ],
    [
      'Token 255, a batch',
      ({ strangers }) => token.getBatchInstruction([tokens(strangers, 5_000n)]),
      [LIMIT, RECIPIENT],
      ({ strangers }) => held(strangers, 5_000n),
    ],
    [
      'Token 255 of Token-2022',
      ({ wallet }) => {
        const transfer = { source: OWN_2022, destination: STRANGERS_2022, authority: signer(wallet), amount: 9_000n };
        const batch = token.getBatchInstruction([token.getTransferInstruction(transfer)]);
        return { ...batch, programAddress: TOKEN_2022_PROGRAM };
      },
      ['ASSET_NOT_ALLOWED', RECIPIENT],
      () => held(STRANGERS_2022, 9_000n),
    ],
    [
      'Token 45, of wrapped SOL',
      ({ wrapped, stranger, wallet }) =>
        token.getUnwrapLamportsInstruction({
          source: wrapped,
          destination: stranger,
          authority: signer(wallet),
          amount: SOL,
        }),
      [LIMIT, RECIPIENT],
      ({ stranger }) => lamports(stranger, SOL),
    ],
    [
      'a create of an associated account without any data',
      async ({ wallet, mint }) => {
        const [ata] = await token.findAssociatedTokenPda({
          owner: FRESH,
          mint,
          tokenProgram: token.TOKEN_PROGRAM_ADDRESS,
        });
        const place = { payer: signer(wallet), ata, owner: FRESH, mint };
        return { ...token.getCreateAssociatedTokenInstruction(place), data: new Uint8Array() };
      },
      ['RENT_RECIPIENT_NOT_ALLOWED'],
      ({ mint }) =>
        async (fork) => {
          const place = { owner: FRESH, mint, tokenProgram: token.TOKEN_PROGRAM_ADDRESS };
          const [ata] = await token.findAssociatedTokenPda(place);
          expect(await fork.lamports(ata)).toBe(TOKEN_ACCOUNT_RENT);
        },
    ],
    [
      'a transfer with trailing bytes',
      ({ stranger }) => withData(pay(stranger, 5n * SOL), 1, 2, 3),
      [LIMIT, RECIPIENT],
      ({ stranger }) => lamports(stranger, 5n * SOL),
    ],
    [
      'a transfer with an account too many',
      ({ stranger, friend }) => withAccount(pay(stranger, 5n * SOL), friend),
      [LIMIT, RECIPIENT],
      ({ stranger }) => lamports(stranger, 5n * SOL),
    ],
    [
      'a transfer of tokens with trailing bytes and an account too many',
      ({ strangers, friend }) => withAccount(withData(tokens(strangers, 5_000n), 9, 9), friend),
      [LIMIT, RECIPIENT],
      ({ strangers }) => held(strangers, 5_000n),
    ],
    [
      'a batch whose part has trailing bytes',
      ({ strangers }) => {
        const { data: part = Uint8Array.of(), ...transfer } = withData(tokens(strangers, 5_000n), 9, 9);
        return { ...transfer, data: Uint8Array.from([255, transfer.accounts?.length ?? 0, part.length, ...part]) };
      },
      [LIMIT, RECIPIENT],
      ({ strangers }) => held(strangers, 5_000n),
    ],
  ])('%s', async (_name, instruction, codes, harm) => {
    await expectThwarted(gateway, [await instruction(victim)], codes, harm(victim));
  });

  it('twin: the same to who may be paid is allowed', async () => {
    const { friend, friends } = victim;
    await expectHonest(gateway, [withAccount(withData(pay(friend), 1, 2, 3), victim.mint)]);
    await expectHonest(gateway, [token.getBatchInstruction([tokens(friends, 5n)])]);
  });
});

describe('[1 parser] an instruction that cannot be read is denied, never passed over', () => {
  // What a program does with them the runtime of tomorrow decides; that of today fails them.
  it.each<[string, () => Instruction]>([
    [
      'an opcode of System that does not exist yet',
      () => ({ ...pay(victim.stranger), data: Uint8Array.of(14, 0, 0, 0) }),
    ],
    ['an opcode of System with a bit above', () => ({ ...pay(victim.stranger), data: Uint8Array.of(2, 0, 0, 1, 1) })],
    [
      'an opcode of SPL Token that does not exist yet',
      () => ({ ...tokens(victim.strangers, 1n), data: Uint8Array.of(46) }),
    ],
    ['an option of SPL Token that is neither', () => ({ ...giveAway(), data: giveAway().data.with(2, 2) })],
    ['a transfer cut short', () => ({ ...pay(victim.stranger), data: pay(victim.stranger).data.subarray(0, 11) })],
    [
      'a transfer without its destination',
      () => ({ ...pay(victim.stranger), accounts: pay(victim.stranger).accounts.slice(0, 1) }),
    ],
    ['a batch in a batch', () => nested()],
    ['a batch of nothing', () => ({ ...tokens(victim.strangers, 1n), data: Uint8Array.of(255) })],
  ])('%s', async (_name, instruction) => {
    const codes = ['INSTRUCTION_UNKNOWN', 'FACT_MISSING', 'SIMULATION_FAILED'];
    expect(await gateway.verdictOn([instruction()])).toEqual(codes);
    expect(await gateway.verdictOn([pay(victim.friend), instruction()])).toEqual(codes);
    expect(await gateway.fork().land(wireTransaction(victim.wallet, [instruction()]))).not.toBeNull();
  });
});

function pay(destination: Address, amount = 1n) {
  return system.getTransferSolInstruction({ source: signer(victim.wallet), destination, amount });
}

function tokens(destination: Address, amount: bigint) {
  const { own, mint, wallet } = victim;
  const transfer = { source: own, mint, destination, authority: signer(wallet), amount, decimals: 6 };
  return token.getTransferCheckedInstruction(transfer);
}

function giveAway() {
  const authorityType = token.AuthorityType.AccountOwner;
  const { own, wallet, stranger } = victim;
  const given = token.getSetAuthorityInstruction({
    owned: own,
    owner: signer(wallet),
    authorityType,
    newAuthority: stranger,
  });
  return { ...given, data: Uint8Array.from(given.data) };
}

function nested(): Instruction {
  const batch = token.getBatchInstruction([tokens(victim.strangers, 1n)]);
  const data = [...(batch.data ?? [])];
  return { ...batch, data: Uint8Array.from([255, 4, data.length, ...data]) };
}

function withData(instruction: Instruction, ...more: number[]): Instruction {
  return { ...instruction, data: Uint8Array.from([...(instruction.data ?? []), ...more]) };
}

function withAccount(instruction: Instruction, more: Address): Instruction {
  return { ...instruction, accounts: [...(instruction.accounts ?? []), { address: more, role: AccountRole.READONLY }] };
}

function held(account: Address, amount: bigint): Harm {
  return async (fork) => expect(await fork.tokens(account)).toBe(amount);
}

function lamports(address: Address, amount: bigint): Harm {
  return async (fork) => {
    const before = (await gateway.account(address))?.lamports ?? 0n;
    expect((await fork.lamports(address)) - before).toBe(amount);
  };
}
