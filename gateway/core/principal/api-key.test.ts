import { describe, expect, it } from 'vitest';
import { formatApiKey, isKeyId, parseApiKey, parseBearer } from './api-key.ts';

const key = { keyId: '0123456789abcdef', secret: 'A-_'.padEnd(43, 'z') };
const text = formatApiKey(key);

describe('API keys', () => {
  it('reads back what it wrote', () => {
    expect(parseApiKey(text)).toEqual(key);
    expect(parseBearer(`Bearer ${text}`)).toEqual(key);
    expect(parseBearer(`bearer ${text}`)).toEqual(key);
  });

  it.each([
    ['empty', ''],
    ['another prefix', text.replace('csk', 'sk')],
    ['a short id', 'csk_0123_'.concat(key.secret)],
    ['an upper-case id', text.replace('abcdef', 'ABCDEF')],
    ['a short secret', text.slice(0, -1)],
    ['a long secret', `${text}a`],
    ['a trailing newline', `${text}\n`],
    ['padding', `${text.slice(0, -1)}=`],
    ['two keys', `${text},${text}`],
  ])('refuses %s', (_name, bad) => {
    expect(parseApiKey(bad)).toBeNull();
    expect(parseBearer(`Bearer ${bad}`)).toBeNull();
  });

  it.each([
    ['no scheme', text],
    ['another scheme', `Basic ${text}`],
    ['two spaces', `Bearer  ${text}`],
    ['two values folded into one', `Bearer ${text}, Bearer ${text}`],
    ['a very long token', `Bearer ${'a'.repeat(100_000)}`],
  ])('refuses a header with %s', (_name, bad) => {
    expect(parseBearer(bad)).toBeNull();
  });

  it('knows a key id', () => {
    expect(isKeyId(key.keyId)).toBe(true);
    expect(isKeyId(`${key.keyId}\n`)).toBe(false);
    expect(isKeyId('')).toBe(false);
  });
});
