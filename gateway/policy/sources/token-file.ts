// Owns the reading of tokens that a source shows to its server.
import { readBounded } from './read-bounded.ts';

/** No token is near this size. */
const LONGEST_TOKEN = 16_384;

/** Throws an Error that names the file, and never what is in it. */
export async function readToken(file: string): Promise<string> {
  const bytes = await readBounded(file, LONGEST_TOKEN);
  const token = new TextDecoder().decode(bytes).replace(/\r?\n$/, '');
  // Anything else would end the header that it stands in, or begin another one.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(`${file} must hold a token: visible ASCII characters on one line`);
  return token;
}
