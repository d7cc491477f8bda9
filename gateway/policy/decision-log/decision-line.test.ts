import { address } from '@solana/kit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposureOf } from '../../core/policy-input/exposure.ts';
import { sampleFacts } from '../../core/policy-input/sample-facts.ts';
import { anyFacts } from '../../core/policy-input/testing/any-facts.ts';
import { buildPolicyInput } from '../../core/policy-input.ts';
import { decisionLine, type LoggedDecision, parseDecisionLine } from './decision-line.ts';

const FACTS = sampleFacts({
  agent: 'trader',
  wallet: 'treasury',
  walletAddress: address('Vote111111111111111111111111111111111111111'),
  recipient: address('Stake11111111111111111111111111111111111111'),
});

const DECISION: LoggedDecision = {
  requestId: '01890a5d-ac96-774b-bcce-b302099a8057',
  decisionId: 'd1',
  agentId: 'trader',
  walletId: 'treasury',
  time: Date.parse('2026-01-02T03:04:05.678Z'),
  bundleRevision: 'r1',
  verdict: {
    kind: 'deny',
    reasons: [{ code: 'NO', rule: 'x', message: '},"input":{', remedy: 'ü', facts: { input: '{}' } }],
  },
  input: buildPolicyInput(FACTS),
};

const read = (line: string) => parseDecisionLine(new TextEncoder().encode(line.replace(/\n$/, '')));

describe('a line of the decision log', () => {
  it('is JSON with the names of OPA', () => {
    expect(JSON.parse(decisionLine(DECISION))).toMatchObject({
      decision_id: 'd1',
      timestamp: '2026-01-02T03:04:05.678Z',
      path: 'countersign/main/result',
      bundles: { countersign: { revision: 'r1' } },
      result: { decision: 'deny' },
      input: { v: 1, agent: { id: 'trader' } },
    });
  });

  it('is read back as it was, whatever the input', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = { ...DECISION, input: buildPolicyInput(facts) };
        expect(read(decisionLine(decision))).toEqual(decision);
      }),
      { numRuns: 100 },
    );
  });

  it('says what became of the request, where that is known', () => {
    const outcome = { state: 'FINALIZED', since: Date.parse('2026-01-02T03:05:00.001Z') } as const;
    const line = decisionLine({ ...DECISION, outcome });
    expect(JSON.parse(line).labels).toMatchObject({ state: 'FINALIZED', state_since: '2026-01-02T03:05:00.001Z' });
    expect(read(line).outcome).toEqual(outcome);
    expect(() => read(line.replace('FINALIZED', 'FORGOTTEN'))).toThrow('Invalid option');
    expect(() => read(line.replace('"state":"FINALIZED",', ''))).toThrow('state and state_since go together');
  });

  it.each<[string, (line: string) => string]>([
    ['nothing', () => ''],
    ['another document', () => '{"decision_id":"d1"}'],
    ['its first half', (line) => line.slice(0, line.length / 2)],
    ['all but its end', (line) => line.slice(0, -3)],
    ['another input', (line) => line.replace('"id":"treasury"', '"id":"treasurx"')],
    ['a longer input', (line) => line.replace('"id":"treasury"', '"id":"treasury2"')],
    ['another length', (line) => line.replace(/"input_bytes":\d+/, '"input_bytes":5')],
    ['no time', (line) => line.replace('2026-01-02T', 'someday ')],
  ])('is refused as %s', (_, change) => {
    const line = decisionLine(DECISION).trimEnd();
    expect(change(line)).not.toBe(line);
    expect(() => read(change(line))).toThrow(Error);
  });

  it('with a result that permits wrongly is a denial', () => {
    const line = decisionLine(DECISION).replace('"decision":"deny"', '"decision":"yes"');
    expect(read(line).verdict).toMatchObject({ kind: 'deny', reasons: [{ code: 'POLICY_RESULT_MALFORMED' }] });
  });
});

describe('the exposure of an input', () => {
  it('is what leaves by asset, exactly, and of what was simulated the larger', () => {
    const outflows = [{ asset: 'SOL', amount: 2n ** 64n + 1n, decimals: 9 }];
    const shown = { ...FACTS.effects, outflows: [{ asset: 'M', amount: 7n, decimals: null }] };
    const simulation = {
      status: 'succeeded' as const,
      slot: 1n,
      unitsConsumed: 1n,
      missing: [],
      divergences: [],
      instructions: [],
      effects: shown,
    };
    const input = buildPolicyInput({ ...FACTS, effects: { ...FACTS.effects, outflows }, simulation });
    expect(exposureOf(input)).toEqual({ SOL: 2n ** 64n + 1n, M: 7n });
  });

  it('of a message is nothing', () => {
    expect(exposureOf(new TextEncoder().encode('{"message":{},"v":1}'))).toEqual({});
  });
});
