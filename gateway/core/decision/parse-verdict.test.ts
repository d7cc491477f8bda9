import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../testing/any-character.ts';
import type { Verdict } from './decision.ts';
import { parseVerdict } from './parse-verdict.ts';

const REASON = { code: 'WITHIN', rule: 'spending_limit', message: 'is within', facts: { asset: 'SOL' } };
const APPROVAL = { quorum: 2, groups: ['treasurers'], timeout_seconds: 3600 };
const ALLOW = { v: 1, decision: 'allow', reasons: [REASON], limits: [], approval: null };
const ASK = { ...ALLOW, decision: 'require_approval', approval: APPROVAL };
const ALLOW_TEXT = JSON.stringify(ALLOW);

function parse(document: unknown): Verdict {
  return parseVerdict(JSON.stringify(document));
}

function code(verdict: Verdict): string {
  return verdict.kind === 'deny' ? String(verdict.reasons[0]?.code) : verdict.kind;
}

describe('a well-formed result', () => {
  it('allows, with its reasons', () => {
    expect(parse(ALLOW)).toEqual({ kind: 'allow', reasons: [REASON] });
  });

  it('denies, with its reasons', () => {
    expect(parse({ ...ALLOW, decision: 'deny' })).toEqual({ kind: 'deny', reasons: [REASON] });
  });

  it('requires approval, with its terms', () => {
    expect(parse(ASK)).toEqual({
      kind: 'require_approval',
      reasons: [REASON],
      approval: { quorum: 2, groups: ['treasurers'], timeoutSeconds: 3600 },
    });
  });

  it('keeps the remedy of a reason', () => {
    expect(parse({ ...ALLOW, reasons: [{ ...REASON, remedy: 'at most 5' }] }).reasons).toEqual([
      { ...REASON, remedy: 'at most 5' },
    ]);
  });

  it('keeps integer facts of any size exactly', () => {
    const text = ALLOW_TEXT.replace('"SOL"', '36893488147419103233');
    expect(parseVerdict(text).reasons[0]?.facts).toEqual({ asset: '36893488147419103233' });
  });

  it('may have its keys in any order', () => {
    const { v, ...rest } = ALLOW;
    expect(parse({ ...rest, v }).kind).toBe('allow');
  });
});

describe('limits', () => {
  const DAILY = {
    id: 'spending_limit/SOL/86400',
    scope: 'agent_wallet',
    measure: { kind: 'outflow', asset: 'SOL' },
    window: { kind: 'rolling', seconds: 86_400 },
    max: 5_000_000_000,
    on_exceed: 'deny',
  };
  const limited = (change: object) => ({ ...ALLOW, limits: [{ ...DAILY, ...change }] });
  const recipient = 'Stake11111111111111111111111111111111111111';

  it('stand in the verdict, exactly', () => {
    expect(parse(limited({}))).toEqual({
      kind: 'allow',
      reasons: [REASON],
      limits: [{ ...rest(DAILY), max: 5_000_000_000n, onExceed: { kind: 'deny' } }],
    });
  });

  it.each<[string, object, object]>([
    ['a calendar month', { window: { kind: 'calendar', unit: 'month', time_zone: 'Europe/Zurich' } }, {}],
    ['a lifetime', { window: { kind: 'lifetime' } }, {}],
    ['a count', { measure: { kind: 'count' } }, { measure: { kind: 'count' } }],
    ['one recipient', { measure: { kind: 'outflow', asset: 'SOL', recipient } }, {}],
    ['what leaves net', { measure: { kind: 'outflow', asset: 'SOL', net: true } }, {}],
    ['what leaves by one program', { measure: { kind: 'outflow', asset: 'SOL', program: recipient } }, {}],
    ['calls of one program', { measure: { kind: 'count', program: recipient } }, {}],
    [
      'a group of agents',
      { scope: 'agent_group', group: 'market-makers' },
      { scope: 'agent_group', group: 'market-makers' },
    ],
    [
      'an excess that people may approve',
      { on_exceed: 'require_approval', approval: APPROVAL },
      { onExceed: { kind: 'require_approval', approval: { quorum: 2, groups: ['treasurers'], timeoutSeconds: 3600 } } },
    ],
  ])('may have %s', (_, change, expected) => {
    const verdict = parse(limited(change));
    expect(verdict).toMatchObject({ kind: 'allow', limits: [{ id: DAILY.id, ...expected }] });
  });

  it('with a maximum above 2^53 are exact', () => {
    const text = JSON.stringify(limited({})).replace('5000000000', '9007199254740993');
    expect(parseVerdict(text)).toMatchObject({ limits: [{ max: 9_007_199_254_740_993n }] });
  });

  it.each<[string, object]>([
    ['no limit at all', { ...ALLOW, limits: [{ id: 'daily' }] }],
    ['a number', { ...ALLOW, limits: [1] }],
    ['the same id twice', { ...ALLOW, limits: [DAILY, { ...DAILY, max: 1 }] }],
    ['a key too many', limited({ extra: 1 })],
    ['another scope', limited({ scope: 'everybody' })],
    ['a group without its name', limited({ scope: 'agent_group' })],
    ['a name without a group', limited({ scope: 'agent', group: 'market-makers' })],
    ['a group whose name would be mistaken for two', limited({ scope: 'agent_group', group: 'a:b' })],
    ['net of one recipient', limited({ measure: { kind: 'outflow', asset: 'SOL', net: true, recipient } })],
    ['gross by another word', limited({ measure: { kind: 'outflow', asset: 'SOL', net: false } })],
    ['a program that is none', limited({ measure: { kind: 'fee', program: 'everything' } })],
    ['a negative maximum', limited({ max: -1 })],
    ['a maximum that is text', limited({ max: '5' })],
    ['a maximum that is a fraction', limited({ max: 0.5 })],
    ['a window of no length', limited({ window: { kind: 'rolling', seconds: 0 } })],
    ['a window of 400 days', limited({ window: { kind: 'rolling', seconds: 34_560_000 } })],
    ['a window of another kind', limited({ window: { kind: 'hourly' } })],
    ['a calendar year', limited({ window: { kind: 'calendar', unit: 'year', time_zone: 'UTC' } })],
    ['an outflow of no asset', limited({ measure: { kind: 'outflow' } })],
    ['a count of an asset', limited({ measure: { kind: 'count', asset: 'SOL' } })],
    ['an excess to be approved on no terms', limited({ on_exceed: 'require_approval' })],
    ['terms of approval where the excess is denied', limited({ approval: APPROVAL })],
    ['an id with white space', limited({ id: 'a b' })],
  ])('that are malformed deny: %s', (_, document) => {
    expect(code(parse(document))).toBe('POLICY_RESULT_MALFORMED');
  });
});

/** Without what has another name in the gateway. */
function rest({ on_exceed: _, ...limit }: { readonly on_exceed: string; readonly [key: string]: unknown }): object {
  return limit;
}

describe('a malformed result', () => {
  const approval = (change: object) => ({ ...ASK, approval: { ...APPROVAL, ...change } });
  const reason = (change: object) => ({ ...ALLOW, reasons: [{ ...REASON, ...change }] });

  it.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['a word', 'allow'],
    ['a list', [ALLOW]],
    ['an empty object', {}],
    ['a key too many', { ...ALLOW, extra: 1 }],
    ['another version', { ...ALLOW, v: 2 }],
    ['a version that is text', { ...ALLOW, v: '1' }],
    ['another decision', { ...ALLOW, decision: 'ALLOW' }],
    ['a decision that is true', { ...ALLOW, decision: true }],
    ['reasons that are none', { ...ALLOW, reasons: {} }],
    ['limits that are null', { ...ALLOW, limits: null }],
    ['a denial without a reason', { ...ALLOW, decision: 'deny', reasons: [] }],
    ['approval required without a reason', { ...ASK, reasons: [] }],
    ['approval required without terms', { ...ASK, approval: null }],
    ['terms of approval on an allow', { ...ALLOW, approval: APPROVAL }],
    ['a quorum of 0', approval({ quorum: 0 })],
    ['a quorum of 17', approval({ quorum: 17 })],
    ['a quorum that is a fraction', approval({ quorum: 1.5 })],
    ['a quorum that is text', approval({ quorum: '1' })],
    ['a timeout of 0', approval({ timeout_seconds: 0 })],
    ['a timeout above 30 days', approval({ timeout_seconds: 2_592_001 })],
    ['groups that are text', approval({ groups: 'treasurers' })],
    ['a group without a name', approval({ groups: [''] })],
    ['a term too many', approval({ extra: 1 })],
    ['a code in lower case', reason({ code: 'within' })],
    ['a rule with a quote', reason({ rule: 'a"b' })],
    ['an empty message', reason({ message: '' })],
    ['an empty remedy', reason({ remedy: '' })],
    ['a remedy that is no text', reason({ remedy: 1 })],
    ['facts that are a list', reason({ facts: [] })],
    ['a fact that is a fraction', reason({ facts: { amount: 0.5 } })],
    ['a fact that is an object', reason({ facts: { amount: {} } })],
    ['a fact with an odd name', reason({ facts: { __proto: 1 } })],
  ])('is a denial: %s', (_, document) => {
    expect(code(parse(document))).toBe('POLICY_RESULT_MALFORMED');
  });

  it.each([
    ['', 'nothing'],
    ['undefined', 'no JSON'],
    [`${ALLOW_TEXT} `, 'white space'],
    [`${ALLOW_TEXT}${ALLOW_TEXT}`, 'two documents'],
    [ALLOW_TEXT.replace('"v":1', '"v":1.0'), 'a float'],
    [ALLOW_TEXT.replace('"v":1', '"v":1e0'), 'an exponent'],
    [ALLOW_TEXT.replace('{"v"', '{"decision":"deny","v"'), 'a decision said twice'],
    [ALLOW_TEXT.replace('"facts":{', '"facts":{"asset":"x",'), 'a fact said twice'],
    [ALLOW_TEXT.replace('SOL', 'x'.repeat(1_100_000)), 'more than is read'],
    [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'a deep nest'],
  ])('is a denial: %#, %s', (text) => {
    expect(code(parseVerdict(text))).toBe('POLICY_RESULT_MALFORMED');
  });

  it('lacks any one key', () => {
    for (const key of Object.keys(ALLOW)) {
      const rest = Object.fromEntries(Object.entries(ALLOW).filter(([name]) => name !== key));
      expect(code(parse(rest))).toBe('POLICY_RESULT_MALFORMED');
    }
  });
});

describe('whatever the text', () => {
  const anyDocument = fc.record({
    v: fc.constantFrom(1, 1, 1, 2, '1', null),
    decision: fc.constantFrom('allow', 'allow', 'deny', 'require_approval', 'Allow', '', null),
    reasons: fc.constantFrom([], [REASON], [{ ...REASON, code: '' }], [{}], null, 'x'),
    limits: fc.constantFrom([], [], [{}], {}, null),
    approval: fc.constantFrom(null, null, APPROVAL, {}, { ...APPROVAL, quorum: 0 }),
  });

  it('allows only what says allow with nothing else wrong', () => {
    fc.assert(
      fc.property(anyDocument, ({ v, decision, reasons, limits, approval }) => {
        const right = v === 1 && decision === 'allow' && Array.isArray(limits) && limits.length === 0;
        const reasoned = JSON.stringify(reasons) === '[]' || JSON.stringify(reasons) === JSON.stringify([REASON]);
        const expected = right && reasoned && approval === null;
        expect(parse({ v, decision, reasons, limits, approval }).kind === 'allow').toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws and never allows text that was cut or changed in its structure', () => {
    const position = fc.nat(ALLOW_TEXT.length - 1);
    fc.assert(
      fc.property(position, fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '0', '\\', ' '), (at, character) => {
        expect(parseVerdict(ALLOW_TEXT.slice(0, at)).kind).toBe('deny');
        const inserted = ALLOW_TEXT.slice(0, at) + character + ALLOW_TEXT.slice(at);
        const verdict = parseVerdict(inserted);
        if (verdict.kind === 'allow')
          expect(JSON.parse(inserted)).toMatchObject({ v: 1, decision: 'allow', limits: [] });
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws and never allows arbitrary JSON or arbitrary text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: anyCharacter })), (text) => {
        expect(parseVerdict(text).kind).toBe('deny');
      }),
      { numRuns: 1_000 },
    );
  });
});
