// Owns the property that no bytes and no facts make the transaction core throw, or read what it does not own.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../gateway/core/address.ts';
import { addressFromBytes, decodeBase58, parseAddress } from '../../gateway/core/base58.ts';
import type { AccountState, ChainFacts } from '../../gateway/core/effects/chain-facts.ts';
import { computeEffects } from '../../gateway/core/effects/compute-effects.ts';
import { accountsNeeded } from '../../gateway/core/effects/facts-needed.ts';
import { anyCharacter } from '../../gateway/core/testing/any-character.ts';
import { decodeTransaction } from '../../gateway/core/transaction/decode.ts';
import { readLookupTable } from '../../gateway/core/transaction/lookup-table.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { NATIVE_PROGRAMS } from '../../gateway/core/transaction/programs/decode-instruction.ts';
import {
  ADDRESS_LOOKUP_TABLE_PROGRAM,
  LOADER_V3_PROGRAM,
  LOADER_V4_PROGRAM,
  NATIVE_MINT,
  STAKE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
  VOTE_PROGRAM,
} from '../../gateway/core/transaction/programs/program-ids.ts';
import { lookupTableAddresses, resolveAccounts } from '../../gateway/core/transaction/resolve.ts';
import { intentBytes, withSignature } from '../../gateway/core/transaction/wire.ts';
import { buildCorpus } from '../differential/corpus.ts';
import { mutate } from '../differential/mutate.ts';
import { seededRandom, seedOfRun } from '../differential/seeded-random.ts';

const seed = seedOfRun('transaction fuzzing');
const options = { seed, numRuns: 3_000 };

const PROGRAMS = NATIVE_PROGRAMS.flatMap(({ addresses }) => addresses);
/** Their opcodes take four bytes. */
const WIDE_OPCODES: ReadonlySet<Address> = new Set([
  ...[SYSTEM_PROGRAM, STAKE_PROGRAM, VOTE_PROGRAM, ADDRESS_LOOKUP_TABLE_PROGRAM],
  ...[LOADER_V3_PROGRAM, LOADER_V4_PROGRAM],
]);
const ADDRESSES: readonly Address[] = [
  ...Array.from({ length: 6 }, (_, i) => addressFromBytes(new Uint8Array(32).fill(i + 1))),
  TOKEN_PROGRAM,
  NATIVE_MINT,
];

/** Programs whose accounts the core reads. */
const OWNERS = [
  ...[TOKEN_PROGRAM, TOKEN_2022_PROGRAM, SYSTEM_PROGRAM, STAKE_PROGRAM, ADDRESS_LOOKUP_TABLE_PROGRAM],
  LOADER_V3_PROGRAM,
];

/** A few addresses that meet again and again: collisions are where following accounts goes wrong. */
const anInstruction = fc.record({
  program: fc.constantFrom(...PROGRAMS),
  accounts: fc.array(fc.constantFrom(...ADDRESSES), { maxLength: 8 }),
  opcode: fc.oneof(fc.nat(46), fc.constant(255)),
  tail: fc.uint8Array({ maxLength: 100 }),
});

const aState: fc.Arbitrary<AccountState | null> = fc.option(
  fc.record({
    owner: fc.constantFrom(...OWNERS),
    lamports: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    data: fc.oneof(
      fc
        .constantFrom(165, 82, 355, 0, 80, 200, 56, 120, 170, 174, 278)
        .chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      fc.uint8Array({ maxLength: 400 }),
    ),
  }),
);

describe('no input makes it throw', () => {
  it('random bytes to the parser', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), fc.constantFrom(0x81, 0x01, 0x00, 0x80), (tail, first) => {
        for (const wire of [tail, Uint8Array.of(first, ...tail)]) {
          const parsed = parseTransaction(wire);
          if (parsed.kind === 'malformed') expect(parsed.error.offset).toBeLessThanOrEqual(wire.length);
        }
      }),
      options,
    );
  });

  it('mutated transactions to the whole way from bytes to effects', () => {
    const random = seededRandom(seed);
    const corpus = buildCorpus(random, 60);
    const tables = new Map(corpus.tables.map(({ address, entries }) => [address, { addresses: entries }]));
    for (let i = 0; i < 4_000; i++) {
      const parsed = parseTransaction(
        mutate(random, random.pick(corpus.transactions), random.pick(corpus.transactions)),
      );
      if (parsed.kind === 'malformed') continue;
      const accounts = resolveAccounts(parsed.value, tables);
      lookupTableAddresses(parsed.value);
      expect(intentBytes(parsed.value)).toHaveLength(parsed.value.messageBytes.length);
      expect(withSignature(parsed.value, 0, new Uint8Array(64))).toHaveLength(parsed.value.size);
      if (accounts.kind === 'parsed')
        judged(decodeTransaction(parsed.value, accounts.value), corpus.feePayer, new Map());
    }
  });

  it('random instructions of known programs over random chain states to effects', () => {
    fc.assert(
      fc.property(
        fc.array(anInstruction, { maxLength: 6 }),
        fc.array(fc.tuple(fc.constantFrom(...ADDRESSES), aState), { maxLength: 8 }),
        (instructions, states) => {
          const [wallet] = ADDRESSES;
          if (wallet === undefined) throw new Error('no wallet');
          judged(decodedOf(instructions), wallet, new Map(states));
        },
      ),
      options,
    );
  });

  it('random accounts to the reader of lookup tables, and random text to base58', () => {
    fc.assert(
      fc.property(
        aState,
        fc.string({ maxLength: 200 }),
        fc.string({ unit: anyCharacter, maxLength: 60 }),
        (state, text, binary) => {
          readLookupTable(state);
          for (const given of [text, binary]) {
            decodeBase58(given);
            parseAddress(given);
          }
        },
      ),
      options,
    );
  });
});

type Decoded = ReturnType<typeof decodeTransaction>;

/** Asks, computes, and checks what must hold for any input. */
function judged(decoded: Decoded, wallet: Address, states: ReadonlyMap<Address, AccountState | null>): void {
  let facts: ChainFacts = { slot: 1n, accounts: new Map() };
  for (let round = 0; ; round++) {
    expect(round).toBeLessThanOrEqual(8);
    const needed = accountsNeeded(decoded, wallet, facts);
    if (needed.length === 0) break;
    const answers = needed.map((address) => [address, states.get(address) ?? null] as const);
    facts = { slot: 1n, accounts: new Map([...facts.accounts, ...answers]) };
  }
  const effects = computeEffects(decoded, wallet, facts);
  const unread = decoded.instructions.filter(({ kind }) => kind === 'unknown').length;
  expect(effects.missing.filter(({ fact }) => fact === 'instruction')).toHaveLength(unread);
  for (const { amount } of [...effects.outflows, ...effects.inflows, ...effects.transfers]) {
    expect(amount).toBeGreaterThanOrEqual(0n);
  }
  for (const { asset, amount } of effects.outflowsByRecipient) {
    const total = effects.outflows.find((outflow) => outflow.asset === asset)?.amount ?? -1n;
    expect(amount).toBeLessThanOrEqual(total);
  }
}

type Given = typeof anInstruction extends fc.Arbitrary<infer T> ? T : never;

/** A transaction in which every address signs, so that every way to draw on the wallet is open. */
function decodedOf(instructions: readonly Given[]): Decoded {
  const keys = [...ADDRESSES, ...PROGRAMS.filter((program) => !ADDRESSES.includes(program))];
  const compiled = instructions.map(({ program, accounts, opcode, tail }) => ({
    programIndex: keys.indexOf(program),
    accountIndexes: accounts.map((account) => keys.indexOf(account)),
    data: Uint8Array.from(WIDE_OPCODES.has(program) ? [opcode, 0, 0, 0, ...tail] : [opcode, ...tail]),
  }));
  return decodeTransaction(
    {
      version: 'legacy',
      size: 0,
      messageBytes: new Uint8Array(),
      signatures: [null],
      header: { requiredSignatures: 1, readonlySigned: 0, readonlyUnsigned: 0 },
      staticAccounts: keys,
      lifetimeToken: '',
      instructions: compiled,
      lookups: [],
      config: null,
    },
    keys.map((address) => ({ address, signer: true, writable: true })),
  );
}
