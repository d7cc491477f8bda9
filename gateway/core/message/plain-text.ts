// Owns what counts as plain text: bytes that a person can read in full, and that every reader reads alike.

// A byte order mark stays: the text must say all of the bytes.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const OTHER_CONTROL = /[^\P{Cc}\n\r\t]/u;

/** The text of well-formed UTF-8 without control characters other than line feed, carriage return and tab; `null` for all else. */
export function plainText(bytes: Uint8Array): string | null {
  try {
    const text = UTF8.decode(bytes);
    return OTHER_CONTROL.test(text) ? null : text;
  } catch {
    return null;
  }
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
