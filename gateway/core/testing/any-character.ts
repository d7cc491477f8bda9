// Owns text of any characters for property tests. fast-check's own `binary` draws the same from a map of all of them, which takes a second to
// make and stays in memory.
import fc from 'fast-check';

const [LAST_ASCII, LAST_BEFORE_HALVES, FIRST_AFTER_HALVES, LAST] = [0x7f, 0xd7ff, 0xe000, 0x10ffff];

/** Any code point but half of a pair. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(
    fc.integer({ min: 0, max: LAST_ASCII }),
    fc.integer({ min: 0, max: LAST_BEFORE_HALVES }),
    fc.integer({ min: FIRST_AFTER_HALVES, max: LAST }),
  )
  .map(
    (codePoint) => String.fromCodePoint(codePoint),
    (text) => (typeof text === 'string' && [...text].length === 1 ? (text.codePointAt(0) ?? -1) : -1),
  );
