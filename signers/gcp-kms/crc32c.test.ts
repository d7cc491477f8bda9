import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

describe('CRC32C', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 0],
    ['the check of the catalogues', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720)', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones (RFC 3720)', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['rising bytes (RFC 3720)', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['falling bytes (RFC 3720)', Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)), 0x113fdb5c],
  ])('is right for %s', (_name, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
