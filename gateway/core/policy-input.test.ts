import { address, getAddressDecoder } from '@solana/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from './address.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Effects } from './effects/effects.ts';
import { referenceDocument } from './policy-input/reference-document.ts';
import { sampleFacts } from './policy-input/sample-facts.ts';
import { buildPolicyInput, type PolicyFacts } from './policy-input.ts';
import type { ArgumentValue, DecodedInstruction, Lifetime } from './transaction/decoded-transaction.ts';

const WALLET = address('BPFLoaderUpgradeab1e11111111111111111111111');
const RECIPIENT = address('Stake11111111111111111111111111111111111111');
const SAMPLE = sampleFacts({ agent: 'trader', wallet: 'treasury', walletAddress: WALLET, recipient: RECIPIENT });

function read(facts: PolicyFacts): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(buildPolicyInput(facts));
}

const anyAddress: fc.Arbitrary<Address> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => getAddressDecoder().decode(bytes));
const anyText = fc.string({ unit: 'binary', maxLength: 12 });
const amount = fc.bigInt({ min: 0n, max: 2n ** 70n });
const index = fc.nat(255);
const asset = fc.oneof(fc.constant('SOL'), anyAddress);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const reference = { address: anyAddress, signer: fc.boolean(), writable: fc.boolean() };

const anyEffects: fc.Arbitrary<Effects> = fc.record({
  transfers: few(
    fc.record({
      instruction: index,
      asset,
      amount,
      decimals: optional(index),
      source: anyAddress,
      sourceOwner: optional(anyAddress),
      destination: anyAddress,
      recipient: optional(anyAddress),
    }),
  ),
  outflows: few(fc.record({ asset, amount, decimals: optional(index) })),
  outflowsByRecipient: few(fc.record({ asset, amount, recipient: anyAddress })),
  inflows: few(fc.record({ asset, amount, decimals: optional(index) })),
  fee: fc.record({ payer: anyAddress, baseLamports: amount, priorityLamports: amount, totalLamports: amount }),
  creations: few(
    fc.record({
      instruction: index,
      account: anyAddress,
      payer: anyAddress,
      ownerProgram: anyAddress,
      rentLamports: amount,
    }),
  ),
  rentLamports: amount,
  approvals: few(
    fc.record({
      instruction: index,
      account: anyAddress,
      owner: anyAddress,
      delegate: anyAddress,
      asset: optional(asset),
      amount,
    }),
  ),
  authorityChanges: few(
    fc.record({
      instruction: index,
      kind: fc.constantFrom('system_assign', 'close_account'),
      account: anyAddress,
      from: optional(anyAddress),
      to: optional(anyAddress),
    }),
  ),
  closes: few(fc.record({ instruction: index, account: anyAddress, owner: anyAddress, destination: anyAddress })),
  supplyChanges: few(
    fc.record({
      instruction: index,
      kind: fc.constantFrom('mint' as const, 'burn' as const),
      asset: optional(asset),
      account: anyAddress,
      amount,
    }),
  ),
  nonceOperations: few(
    fc.record({
      instruction: index,
      kind: fc.constantFrom('advance' as const, 'withdraw' as const, 'upgrade' as const),
      nonceAccount: anyAddress,
    }),
  ),
  missing: few(fc.record({ fact: anyText, instruction: optional(index), detail: anyText })),
});

const anyArguments: fc.Arbitrary<Readonly<Record<string, ArgumentValue>>> = fc.dictionary(
  anyText,
  fc.oneof(amount, anyText, fc.boolean(), fc.constant(null)),
  { maxKeys: 4 },
);

const anyInstruction: fc.Arbitrary<DecodedInstruction> = fc.oneof(
  fc.record({
    kind: fc.constant('known' as const),
    index,
    program: anyAddress,
    programName: anyText,
    name: anyText,
    accounts: few(fc.record({ ...reference, role: anyText })),
    arguments: anyArguments,
    data: fc.uint8Array({ maxLength: 9 }),
  }),
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

const anyLifetime: fc.Arbitrary<Lifetime> = fc.oneof(
  fc.record({ kind: fc.constant('blockhash' as const), blockhash: anyAddress }),
  fc.record({
    kind: fc.constant('durable_nonce' as const),
    nonce: anyAddress,
    nonceAccount: anyAddress,
    nonceAuthority: anyAddress,
  }),
);

const anyFacts: fc.Arbitrary<PolicyFacts> = fc
  .record({
    effects: anyEffects,
    instructions: few(anyInstruction),
    lifetime: anyLifetime,
    signers: few(fc.record({ address: anyAddress, signed: fc.boolean() })),
    version: fc.constantFrom('legacy' as const, 0 as const, 1 as const),
    feePayer: anyAddress,
    context: fc.dictionary(anyText, anyText, { maxKeys: 4 }),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    method: fc.constantFrom('sign' as const, 'sign_and_send' as const),
  })
  .map(({ effects, context, time, method, version, ...transaction }) => ({
    ...SAMPLE,
    request: { id: SAMPLE.request.id, method, time },
    context,
    effects,
    transaction: {
      ...SAMPLE.transaction,
      ...transaction,
      compiled: { ...SAMPLE.transaction.compiled, version },
    },
  }));

describe('the policy input', () => {
  it('is the canonical JSON of the document, whatever the facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(read(facts)).toBe(canonicalJson(referenceDocument(facts)));
      }),
      { numRuns: 500 },
    );
  });

  it('writes amounts beyond 2^53 and beyond u64 exactly', () => {
    const outflows = [{ asset: 'SOL', amount: 2n ** 64n * 3n + 1n, decimals: 9 }];
    expect(read({ ...SAMPLE, effects: { ...SAMPLE.effects, outflows } })).toContain('"amount":55340232221128654849,');
  });

  it('leaves absent facts out instead of writing null', () => {
    const [transfer] = SAMPLE.effects.transfers;
    if (transfer === undefined) throw new Error('the sample has a transfer');
    const unknown = { ...transfer, recipient: null, decimals: null, sourceOwner: null };
    const written = read({ ...SAMPLE, effects: { ...SAMPLE.effects, transfers: [unknown] } });
    expect(written).not.toContain('null');
    expect(written).toContain(`"transfers":[{"amount":1000000,"asset":"SOL","destination":"${RECIPIENT}"`);
  });

  it('keeps quotes, newlines and NUL of free text inside their string', () => {
    const context = { '"}': '","agent":{"id":"admin"}', n: '\n\u0000' };
    expect(JSON.parse(read({ ...SAMPLE, context }))).toMatchObject({ agent: { id: 'trader' }, context });
  });

  it('says the time in UTC and in milliseconds', () => {
    expect(JSON.parse(read(SAMPLE)).request).toMatchObject({
      time: '2026-01-01T00:00:00.000Z',
      time_unix_ms: 1_767_225_600_000,
    });
  });

  it('refuses a lone surrogate, a fraction and a time that is none', () => {
    const effects = { ...SAMPLE.effects, missing: [{ fact: 'mint', instruction: 0.5, detail: '' }] };
    const request = { ...SAMPLE.request, time: Number.NaN };
    expect(() => read({ ...SAMPLE, context: { note: '\ud800' } })).toThrow('lone surrogate');
    expect(() => read({ ...SAMPLE, effects })).toThrow('whole numbers, not 0.5');
    expect(() => read({ ...SAMPLE, request })).toThrow('Invalid time value');
  });
});
