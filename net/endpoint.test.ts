// Proves that what a remote service repeats of a credential is not said on, whatever it looks like and wherever the text is cut.
import { describe, expect, it } from 'vitest';
import { cleanText, parseEndpoint } from './endpoint.ts';

const TOKEN = 'hvs.CAESIJ7h3v0qkQmZk8Vn2T5uXw9rYp1sLdF6gHbNcEoKt4Ga';
const KEY = 'pk/Zx81+qLm=rT5 wY';
const endpoint = parseEndpoint(`https://rpc.example/v2/${encodeURIComponent(KEY)}?api-key=q1w2e3r4t5y6`, 'url');

const pieces = (secret: string) => Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8));

describe('what a remote service said', () => {
  it('holds no part of a secret, wherever the cut falls into it', () => {
    for (let before = 200; before <= 320; before++) {
      const cleaned = endpoint.clean('.'.repeat(before) + TOKEN, [TOKEN]);
      expect(pieces(TOKEN).filter((piece) => cleaned.includes(piece))).toEqual([]);
    }
  });

  it('holds no part of a secret whose own end the service cut off', () => {
    for (const end of ['', '…', '...', '"']) {
      const cleaned = endpoint.clean(`unknown token ${TOKEN.slice(0, 40)}${end}`, [TOKEN]);
      expect(cleaned).toBe(`unknown token [redacted]${end}`);
    }
  });

  it.each([
    ['as it is', KEY],
    ['in a URL', encodeURIComponent(KEY)],
    ['in a URL, in lower case', encodeURIComponent(KEY).toLowerCase()],
    ['in JSON', JSON.stringify(`${KEY}"\n`).slice(1, -1)],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['in base64, behind something', Buffer.from(`app:${KEY}`).toString('base64')],
    ['in base64, behind something else', Buffer.from(`me:${KEY}:x`).toString('base64')],
    ['in base64url', Buffer.from(`${KEY}??>`).toString('base64url')],
    ['in hex', Buffer.from(KEY).toString('hex')],
    ['in upper case hex', Buffer.from(KEY).toString('hex').toUpperCase()],
  ])('holds no secret %s, neither one of the URL nor one of the call', (_how, spelled) => {
    const elsewhere = parseEndpoint('https://rpc.example', 'url');
    for (const cleaned of [endpoint.clean(`no ${spelled}.`), elsewhere.clean(`no ${spelled}.`, [`${KEY}`])]) {
      expect(cleaned).toContain('[redacted]');
      expect(pieces(spelled.slice(4, -4)).filter((piece) => cleaned.includes(piece))).toEqual([]);
    }
  });

  it('holds nothing of the longer of two secrets that begin alike', () => {
    expect(endpoint.clean('no abcdefgh-ijklmnop', ['abcdefgh', 'abcdefgh-ijklmnop'])).toBe('no [redacted]');
  });

  it('holds no key that is the query itself', () => {
    expect(parseEndpoint('https://rpc.example/?q1w2e3r4t5y6', 'url').clean('no q1w2e3r4t5y6')).toBe('no [redacted]');
  });

  it('is else as it was said: cut, and without control characters', () => {
    expect(cleanText('bad\u0007\u001bblockhash (v2, rpc)\r\n', [TOKEN, ''])).toBe('bad blockhash (v2, rpc)');
    expect(endpoint.clean('no such path: v2')).toBe('no such path: v2');
    expect(cleanText('.'.repeat(301), [])).toBe(`${'.'.repeat(300)}…`);
  });

  it('takes no long time for a long text', () => {
    const started = performance.now();
    endpoint.clean('hvs.CAESIJ7h3v0qkQmZ '.repeat(200_000), [TOKEN, KEY, 'x'.repeat(700)]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
