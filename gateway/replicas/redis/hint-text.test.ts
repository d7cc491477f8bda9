import { describe, expect, it } from 'vitest';
import { hintText, parseHint } from './hint-text.ts';

const ORIGIN = '0123456789abcdef';

describe('a hint on the wire', () => {
  it('is read as it was written', () => {
    const hint = { topics: ['audit', 'policy'], requests: ['0199-a', '0199-b'] } as const;
    expect(parseHint(hintText(ORIGIN, hint))).toEqual({ origin: ORIGIN, hint });
    const empty = { topics: [], requests: [] };
    expect(parseHint(hintText(ORIGIN, empty))).toEqual({ origin: ORIGIN, hint: empty });
  });

  it('leaves out topics of later versions, and ids that are none', () => {
    expect(parseHint(`1 ${ORIGIN} audit,weather ,,a,${'b'.repeat(65)}`)?.hint).toEqual({
      topics: ['audit'],
      requests: ['a'],
    });
    expect(hintText(ORIGIN, { topics: [], requests: ['a b', 'c,d', 'e'] })).toBe(`1 ${ORIGIN}  e`);
  });

  it.each([
    '',
    'PING',
    `2 ${ORIGIN} audit r-1`,
    '1 0123 audit r-1',
    `1 ${ORIGIN} audit r-1 more`,
    `1 ${ORIGIN} audit r-1\n`,
    `1 ${ORIGIN} audit 'x'`,
    `1 ${ORIGIN} audit ${Array.from({ length: 257 }, () => 'r').join()}`,
    `1 ${ORIGIN} audit ${'r'.repeat(1_000_000)}`,
  ])('is no hint: %.60s', (text) => {
    expect(parseHint(text)).toBeNull();
  });
});
