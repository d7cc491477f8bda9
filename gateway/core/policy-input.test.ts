import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { anyFacts, RECIPIENT, SAMPLE } from './policy-input/testing/any-facts.ts';
import { referenceDocument } from './policy-input/testing/reference-document.ts';
import { buildPolicyInput, type PolicyFacts } from './policy-input.ts';

function read(facts: PolicyFacts): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(buildPolicyInput(facts));
}

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

  it('leaves options that are none out of arguments at every depth, for null is below every number in Rego', () => {
    const [first] = SAMPLE.transaction.instructions;
    if (first?.kind !== 'known') throw new Error('the sample begins with a known instruction');
    const leg = { share: 60n, max_in: null, fees: { host: null, total: 1n } };
    const instruction = { ...first, arguments: { route: [leg, null], min_out: null, side: leg } };
    const written = read({ ...SAMPLE, transaction: { ...SAMPLE.transaction, instructions: [instruction] } });
    const kept = '{"fees":{"total":1},"share":60}';
    expect(written).toContain(`"arguments":{"route":[${kept},null],"side":${kept}}`);
  });

  it('leaves absent facts out instead of writing null', () => {
    const [transfer] = SAMPLE.effects.transfers;
    if (transfer === undefined) throw new Error('the sample has a transfer');
    const unknown = { ...transfer, recipient: null, decimals: null, sourceOwner: null };
    const written = read({ ...SAMPLE, effects: { ...SAMPLE.effects, transfers: [unknown] } });
    expect(written).not.toContain('null');
    expect(written).toContain(
      `"transfers":[{"amount":1000000,"asset":"SOL","basis":"message","destination":"${RECIPIENT}"`,
    );
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
