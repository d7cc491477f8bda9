// Owns how remote text reaches a terminal: with nothing in it that moves a cursor, hides text or turns its direction.

/** Control, format and separator characters, private ones and lone surrogates stand as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\p{Zl}|\p{Zp}/gu, escaped);
}

/** As {@link printable}, but the lines of a text stay lines. */
export function printableLines(text: string): readonly string[] {
  return text.split('\n').map(printable);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
