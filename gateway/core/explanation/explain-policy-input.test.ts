import { address } from '@solana/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyFacts, SAMPLE } from '../policy-input/testing/any-facts.ts';
import { buildPolicyInput, type PolicyFacts } from '../policy-input.ts';
import type { Simulation } from '../simulation/simulation.ts';
import type { KnownInstruction } from '../transaction/decoded-transaction.ts';
import { explainPolicyInput, summarizePolicyInput } from './explain-policy-input.ts';

const WALLET = SAMPLE.wallet.address;
const PROGRAM = address('Config1111111111111111111111111111111111111');
const MINT = address('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
const OTHER = address('SysvarRent111111111111111111111111111111111');

function explain(change: Partial<PolicyFacts> = {}): readonly string[] {
  return explainPolicyInput(buildPolicyInput({ ...SAMPLE, ...change }));
}

function withEffects(change: Partial<PolicyFacts['effects']>): string {
  return explain({ effects: { ...SAMPLE.effects, ...change } }).join('\n');
}

function transferIn(index: number, accounts: KnownInstruction['accounts'] = []): KnownInstruction {
  const [, , transfer] = SAMPLE.transaction.instructions;
  if (transfer?.kind !== 'known') throw new Error('the sample transfers SOL by its third instruction');
  return { ...transfer, index, accounts };
}

describe('the text of a judged transaction', () => {
  it('reads from top to bottom: what it is, its instructions, what it does, what it costs', () => {
    expect(explain()).toEqual([
      'Transaction version 0, 267 bytes',
      `  fee payer        ${WALLET}`,
      `  signer           ${WALLET}, must still sign`,
      '  lives by         blockhash EETubP5AKHgjPAhzPAFcb8BAY1hMH639CWCFTqi3hq1k',
      'Instructions',
      '  0  compute_budget set_compute_unit_limit  (ComputeBudget111111111111111111111111111111)',
      '       units            = 200000',
      '  1  compute_budget set_compute_unit_price  (ComputeBudget111111111111111111111111111111)',
      '       micro_lamports   = 1000',
      '  2  system transfer  (11111111111111111111111111111111)',
      `       source           ${WALLET}, signs, writable`,
      '       destination      Stake11111111111111111111111111111111111111, writable',
      '       lamports         = 1000000',
      'What it does',
      '  moves            0.001 SOL (1000000 lamports)',
      `    from           ${WALLET}`,
      '    to             Stake11111111111111111111111111111111111111',
      '  in all leaves    0.001 SOL (1000000 lamports)',
      `  fee              0.0000052 SOL (5200 lamports), paid by ${WALLET}`,
    ]);
  });

  it('tells an account that comes into being from one that gets more room', () => {
    const rent = {
      basis: 'message',
      account: OTHER,
      payer: WALLET,
      ownerProgram: PROGRAM,
      rentLamports: 5n,
      refundableTo: OTHER,
    } as const;
    const made = withEffects({ creations: [{ ...rent, instruction: 0, kind: 'new' }] });
    expect(made).toContain(`creates          ${OTHER} for program ${PROGRAM}; rent 0.000000005 SOL`);
    expect(made).toContain(`paid by ${WALLET}, which ${OTHER} can take back`);
    const grown = withEffects({ creations: [{ ...rent, instruction: 0, kind: 'larger' }] });
    expect(grown).toContain(`makes larger     ${OTHER} for program ${PROGRAM}; rent 0.000000005 SOL`);
  });

  it('shows what a simulation ran below its caller, and that it proves nothing', () => {
    const caller = {
      kind: 'unknown',
      index: 0,
      program: PROGRAM,
      programName: null,
      reason: 'x',
      accounts: [],
      data: Uint8Array.of(1),
    } as const;
    const simulation: Simulation = {
      status: 'succeeded',
      slot: 7n,
      unitsConsumed: 450n,
      missing: ['the state of one account'],
      instructions: [
        { depth: 1, instruction: caller },
        { depth: 2, instruction: transferIn(0) },
        { depth: 3, instruction: { ...caller, data: Uint8Array.of(2) } },
        { depth: 1, instruction: transferIn(1) },
      ],
      effects: { ...SAMPLE.effects, transfers: [{ ...present(SAMPLE.effects.transfers[0]), basis: 'simulation' }] },
      divergences: [{ account: WALLET, change: 'lamports', detail: 'expected 5, found 3' }],
    };
    const transaction = { ...SAMPLE.transaction, instructions: [caller, transferIn(1)] };
    const lines = explain({ transaction, simulation });
    expect(lines.slice(5, 14)).toEqual([
      `  0  UNREADABLE instruction of an unknown program  (${PROGRAM})`,
      '       data             AQ==',
      '       └ calls system transfer  (11111111111111111111111111111111)',
      '           lamports         = 1000000',
      `          └ calls UNREADABLE instruction of an unknown program  (${PROGRAM})`,
      '              data             Ag==',
      '  1  system transfer  (11111111111111111111111111111111)',
      '       lamports         = 1000000',
      'What it does',
    ]);
    const after = lines.slice(lines.findIndex((line) => line.startsWith('In a simulation')));
    expect(after.slice(0, 5)).toEqual([
      'In a simulation, which shows one future and proves none',
      '  at slot 7, 450 compute units',
      '  NOT TOLD         the state of one account',
      `  DIVERGES         lamports of ${WALLET}: expected 5, found 3`,
      '  moves            0.001 SOL (1000000 lamports), SIMULATED, not guaranteed',
    ]);
  });

  it('says aloud what gives power away or cannot be known', () => {
    const entry = { instruction: 0, basis: 'state' } as const;
    const text = withEffects({
      approvals: [{ ...entry, account: WALLET, owner: WALLET, delegate: OTHER, asset: MINT, amount: 5n }],
      authorityChanges: [{ ...entry, kind: 'close_account', account: WALLET, from: WALLET, to: null }],
      closes: [{ ...entry, account: WALLET, owner: WALLET, destination: OTHER }],
      operations: [{ ...entry, kind: 'program_upgrade', account: PROGRAM }],
      cpiSigners: [{ ...entry, program: PROGRAM, signer: WALLET }],
      dataAddresses: [{ ...entry, argument: 'new_authority', address: OTHER }],
      missing: [{ fact: 'mint', instruction: 0, detail: 'the mint could not be read' }],
    });
    for (const line of [
      `LETS SPEND       ${OTHER} may take 5 base units of ${MINT} from ${WALLET}, as the chain stands`,
      `HANDS OVER       close_account of ${WALLET}: from ${WALLET} to nobody, for good`,
      `CLOSES           ${WALLET}, its lamports go to ${OTHER}`,
      `does             program_upgrade on ${PROGRAM}`,
      `GIVES SIGNATURE  to program ${PROGRAM}, whose effects here are not known: it may do anything with it`,
      `names in data    ${OTHER} (new_authority)`,
      'NOT KNOWN        mint: the mint could not be read',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('tells fees of the mint, bounds, and accounts that the wallet merely signs for', () => {
    const transfer = { ...present(SAMPLE.effects.transfers[0]), asset: MINT, decimals: 6, withheld: 20_000n };
    const text = withEffects({
      transfers: [transfer],
      protectedBalances: [
        { account: OTHER, relation: 'controlled', asset: 'SOL', outflow: 4n, inflow: 0n, net: -4n },
        { account: WALLET, relation: 'wallet', asset: 'SOL', outflow: 4n, inflow: 0n, net: -4n },
      ],
      mints: [
        {
          mint: MINT,
          tokenProgram: PROGRAM,
          decimals: 6,
          extensions: ['mint_close_authority', 'pausable_config', 'transfer_fee_config'],
          permanentDelegate: OTHER,
          transferHook: null,
          transferFee: { basisPoints: 200, maximum: 9n },
        },
      ],
      guarantees: [
        {
          instruction: 0,
          basis: 'asserted',
          kind: 'token_amount',
          argument: null,
          account: OTHER,
          operator: '>=',
          amount: 3n,
          value: null,
        },
        {
          instruction: 0,
          basis: 'message',
          kind: 'argument',
          argument: 'minimum_amount_out',
          account: null,
          operator: '>=',
          amount: 3n,
          value: null,
        },
      ],
    });
    for (const line of [
      `the mint keeps 0.02 ${MINT} (20000 base units) of it, at most`,
      `signs for        ${OTHER}, not its own; out of it go 4 lamports of SOL, decimals unknown`,
      `mint             ${MINT}: permanent delegate ${OTHER}; transfer fee 200 basis points, at most 9 base units; can be closed and made anew; transfers can be stopped`,
      `bound            token_amount of ${OTHER} >= 3, or the transaction fails`,
      'bound            minimum_amount_out >= 3, if its program keeps it',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).not.toContain(`signs for        ${WALLET}`);
  });

  it('says how old the word of the chain is, and what was not read again', () => {
    const lines = explain({ chain: { slot: 41n, endpoints: 2, cached: [{ address: MINT, slot: 7n }] } });
    expect(lines.slice(-2)).toEqual([
      '  chain            as of slot 41, by 2 nodes',
      `    not read again ${MINT}, of slot 7`,
    ]);
  });

  it('keeps free text where it cannot pass for anything else', () => {
    const memo = { ...transferIn(0), arguments: {}, texts: { text: 'ok\n  moves            0 SOL\u202e' } };
    const lines = explain({ transaction: { ...SAMPLE.transaction, instructions: [memo] } });
    expect(lines).toContain(
      "       text             = text, anybody's words: ok\\u{a}  moves            0 SOL\\u{202e}",
    );
  });

  it('names a failed simulation, one that was not to be had, and a durable nonce', () => {
    expect(explain({ simulation: { status: 'failed', slot: 1n, error: '{"x":1}' } }).at(-1)).toBe(
      'A simulation FAILED: {"x":1}',
    );
    expect(explain({ simulation: { status: 'unavailable', reason: 'no answer' } }).at(-1)).toBe(
      'A simulation was NOT TO BE HAD: no answer',
    );
    const lifetime = { kind: 'durable_nonce', nonce: OTHER, nonceAccount: OTHER, nonceAuthority: WALLET } as const;
    expect(explain({ transaction: { ...SAMPLE.transaction, lifetime } })).toContain(
      `  DOES NOT EXPIRE  durable nonce account ${OTHER}, authority ${WALLET}`,
    );
  });

  it('is never empty, and never moves a cursor, whatever the facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const lines = [
          ...explainPolicyInput(buildPolicyInput(facts)),
          ...summarizePolicyInput(buildPolicyInput(facts)),
        ];
        expect(lines.length).toBeGreaterThan(5);
        expect(lines.join('')).not.toMatch(/\p{Cc}|\p{Cf}/u);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['', '{}', '[]', 'null', '{"v":1', '{"v":"1"}', '{"v":1.5}'])('says that %j is none', (text) => {
    const [line] = explainPolicyInput(new TextEncoder().encode(text));
    expect(line).toContain('NOT KNOWN');
  });

  it('says of every part that is not there that it is not known', () => {
    const text = explainPolicyInput(new TextEncoder().encode('{"v":1}')).join('\n');
    for (const part of [
      'version (unknown)',
      'lives by         NOT KNOWN',
      'NOT KNOWN        the fee',
      'NOT KNOWN        what else',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('Whether it was simulated: NOT KNOWN');
  });
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the sample has none');
  return value;
}
