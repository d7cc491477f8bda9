// Owns what is shown of texts that other systems wrote: one line, cut, and without what must not be seen.

const LONGEST = 400;

/** `secrets`: what was sent there, and may come back. */
export function remoteText(text: string, secrets: readonly string[] = [], longest = LONGEST): string {
  const hidden = secrets.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text);
  const line = hidden.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest)} …`;
}
