// Owns random facts for tests of what is written from them.
import { address, getAddressDecoder } from '@solana/kit';
import * as fc from 'fast-check';
import type { Address } from '../../address.ts';
import type { Basis, Effects } from '../../effects/effects.ts';
import type { PolicyFacts } from '../../policy-input.ts';
import type { Simulation } from '../../simulation/simulation.ts';
import { anyCharacter } from '../../testing/any-character.ts';
import type {
  ArgumentValue,
  DecodedInstruction,
  KnownInstruction,
  Lifetime,
} from '../../transaction/decoded-transaction.ts';
import { localTimes } from '../local-time.ts';
import { sampleFacts } from '../sample-facts.ts';

const WALLET = address('BPFLoaderUpgradeab1e11111111111111111111111');
export const RECIPIENT = address('Stake11111111111111111111111111111111111111');
export const SAMPLE = sampleFacts({ agent: 'trader', wallet: 'treasury', walletAddress: WALLET, recipient: RECIPIENT });

const anyAddress: fc.Arbitrary<Address> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => getAddressDecoder().decode(bytes));
const anyText = fc.string({ unit: anyCharacter, maxLength: 12 });
const amount = fc.bigInt({ min: 0n, max: 2n ** 70n });
const index = fc.nat(255);
const asset = fc.oneof(fc.constant('SOL'), anyAddress);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const reference = { address: anyAddress, signer: fc.boolean(), writable: fc.boolean() };

const basis = fc.constantFrom<Basis>('message', 'state', 'simulation', 'asserted');
/** What stands in every entry of a list of effects. */
const entry = { instruction: index, basis };

const anyEffects: fc.Arbitrary<Effects> = fc.record({
  transfers: few(
    fc.record({
      ...entry,
      asset,
      amount,
      decimals: optional(index),
      source: anyAddress,
      sourceOwner: optional(anyAddress),
      destination: anyAddress,
      recipient: optional(anyAddress),
      withheld: amount,
    }),
  ),
  outflows: few(fc.record({ asset, amount, decimals: optional(index) })),
  outflowsByRecipient: few(fc.record({ asset, amount, recipient: anyAddress })),
  inflows: few(fc.record({ asset, amount, decimals: optional(index) })),
  fee: fc.record({ payer: anyAddress, baseLamports: amount, priorityLamports: amount, totalLamports: amount }),
  creations: few(
    fc.record({
      ...entry,
      kind: fc.constantFrom('new' as const, 'larger' as const),
      account: anyAddress,
      payer: anyAddress,
      ownerProgram: anyAddress,
      rentLamports: amount,
      refundableTo: fc.oneof(anyAddress, fc.constant('nobody' as const)),
    }),
  ),
  rentLamports: amount,
  approvals: few(
    fc.record({
      ...entry,
      account: anyAddress,
      owner: anyAddress,
      delegate: anyAddress,
      asset: optional(asset),
      amount,
    }),
  ),
  authorityChanges: few(
    fc.record({
      ...entry,
      kind: fc.constantFrom('system_assign', 'close_account'),
      account: anyAddress,
      from: optional(anyAddress),
      to: optional(anyAddress),
    }),
  ),
  closes: few(fc.record({ ...entry, account: anyAddress, owner: anyAddress, destination: anyAddress })),
  supplyChanges: few(
    fc.record({
      ...entry,
      kind: fc.constantFrom('mint' as const, 'burn' as const),
      asset: optional(asset),
      account: anyAddress,
      amount,
    }),
  ),
  operations: few(
    fc.record({ ...entry, kind: fc.constantFrom('nonce_advance', 'stake_delegate'), account: anyAddress }),
  ),
  protectedBalances: few(
    fc.record({
      account: anyAddress,
      relation: fc.constantFrom('wallet' as const, 'owned' as const, 'controlled' as const),
      asset,
      outflow: amount,
      inflow: amount,
      net: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    }),
  ),
  mints: few(
    fc.record({
      mint: anyAddress,
      tokenProgram: anyAddress,
      decimals: index,
      extensions: few(fc.constantFrom('transfer_hook', 'pausable')),
      permanentDelegate: optional(anyAddress),
      transferHook: optional(anyAddress),
      transferFee: optional(fc.record({ basisPoints: index, maximum: amount })),
    }),
  ),
  cpiSigners: few(fc.record({ ...entry, program: anyAddress, signer: anyAddress })),
  dataAddresses: few(fc.record({ ...entry, argument: anyText, address: anyAddress })),
  guarantees: few(
    fc.record({
      ...entry,
      kind: fc.constantFrom('argument', 'token_amount'),
      argument: optional(anyText),
      account: optional(anyAddress),
      operator: fc.constantFrom('>=' as const, '==' as const, '!=' as const),
      amount: optional(amount),
      value: optional(anyText),
    }),
  ),
  missing: few(fc.record({ fact: anyText, instruction: optional(index), detail: anyText })),
});

const anyArguments: fc.Arbitrary<Readonly<Record<string, ArgumentValue>>> = fc.dictionary(
  anyText,
  fc.oneof(
    fc.oneof(amount, anyText, fc.boolean(), fc.constant(null)),
    fc.array(fc.oneof(amount, anyText), { maxLength: 2 }),
    fc.dictionary(anyText, amount, { maxKeys: 2 }),
  ),
  { maxKeys: 4 },
);
const anyTexts = fc.dictionary(anyText, anyText, { maxKeys: 2 });

const named = {
  index,
  program: anyAddress,
  programName: anyText,
  name: anyText,
  accounts: few(fc.record({ ...reference, role: anyText })),
  arguments: anyArguments,
  texts: anyTexts,
  data: fc.uint8Array({ maxLength: 9 }),
};
const anyPart: fc.Arbitrary<KnownInstruction> = fc.record({
  ...named,
  kind: fc.constant('known' as const),
  parts: fc.constant([]),
});

const anyInstruction: fc.Arbitrary<DecodedInstruction> = fc.oneof(
  fc.record({ ...named, kind: fc.constant('known' as const), parts: few(anyPart) }),
  fc.record({ ...named, kind: fc.constant('described' as const) }),
  fc.record({
    kind: fc.constant('unknown' as const),
    index,
    program: anyAddress,
    programName: optional(anyText),
    reason: anyText,
    accounts: few(fc.record(reference)),
    data: fc.uint8Array({ maxLength: 9 }),
  }),
);

const anySimulation: fc.Arbitrary<Simulation> = fc.oneof(
  fc.constant({ status: 'not_run' as const }),
  fc.record({ status: fc.constant('unavailable' as const), reason: anyText }),
  fc.record({ status: fc.constant('failed' as const), slot: amount, error: anyText }),
  fc.record({
    status: fc.constant('succeeded' as const),
    slot: amount,
    unitsConsumed: amount,
    missing: few(anyText),
    instructions: few(fc.record({ depth: index, instruction: anyInstruction })),
    effects: anyEffects,
    divergences: few(fc.record({ account: anyAddress, change: anyText, detail: anyText })),
  }),
);

const anyLifetime: fc.Arbitrary<Lifetime> = fc.oneof(
  fc.record({ kind: fc.constant('blockhash' as const), blockhash: anyAddress }),
  fc.record({
    kind: fc.constant('durable_nonce' as const),
    nonce: anyAddress,
    nonceAccount: anyAddress,
    nonceAuthority: anyAddress,
  }),
);

/** Facts of every shape, well-formed or absurd. */
export const anyFacts: fc.Arbitrary<PolicyFacts> = fc
  .record({
    effects: anyEffects,
    simulation: anySimulation,
    chain: fc.record({
      slot: optional(amount),
      endpoints: fc.integer({ min: 1, max: 9 }),
      cached: few(fc.record({ address: anyAddress, slot: amount })),
    }),
    instructions: few(anyInstruction),
    lifetime: anyLifetime,
    signers: few(fc.record({ address: anyAddress, signed: fc.boolean() })),
    version: fc.constantFrom('legacy' as const, 0 as const, 1 as const),
    feePayer: anyAddress,
    context: fc.dictionary(anyText, anyText, { maxKeys: 4 }),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    zones: fc.subarray(['UTC', 'Europe/Zurich', 'America/St_Johns']),
    method: fc.constantFrom('sign' as const, 'sign_and_send' as const),
  })
  .map(({ effects, simulation, chain, context, time, zones, method, version, ...transaction }) => ({
    ...SAMPLE,
    request: { id: SAMPLE.request.id, method, time, localTimes: localTimes(time, zones) },
    context,
    effects,
    simulation,
    chain,
    transaction: {
      ...SAMPLE.transaction,
      ...transaction,
      compiled: { ...SAMPLE.transaction.compiled, version },
    },
  }));
