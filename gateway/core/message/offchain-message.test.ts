import { describe, expect, it } from 'vitest';
import { encodeBase58 } from '../base58.ts';
import { keyAddress, keyBytes } from '../transaction/testing/wire-builder.ts';
import { hasSigningDomain, parseOffchainMessage } from './offchain-message.ts';
import { type OffchainPlan, offchainBytes } from './testing/offchain-bytes.ts';

const SIGNERS = [keyBytes(1), keyBytes(2)];
const PREAMBLE = 51 + 2 * 32 + 2;

function parse(plan: Partial<OffchainPlan>) {
  return parseOffchainMessage(offchainBytes({ signers: SIGNERS, body: 'I own this', ...plan }));
}

function codeOf(plan: Partial<OffchainPlan>): string {
  const parsed = parse(plan);
  return parsed.kind === 'malformed' ? `${parsed.error.code} ${parsed.error.field} ${parsed.error.offset}` : 'parsed';
}

describe('the off-chain message format, version 0', () => {
  it('says who signs what for which application', () => {
    const parsed = parse({ domain: new Uint8Array(32).fill(7) });
    if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
    const { applicationDomain, signers, body } = parsed.value;
    expect(applicationDomain).toBe(encodeBase58(new Uint8Array(32).fill(7)));
    expect(signers).toEqual([keyAddress(1), keyAddress(2)]);
    expect(new TextDecoder().decode(body)).toBe('I own this');
  });

  it('has the layout of the specification, byte for byte', () => {
    const hex =
      'ff736f6c616e61206f6666636861696e' + // signing domain
      '00' + // version
      `${'2a'.repeat(32)}` + // application domain
      '0101' + // UTF-8 of 1232 bytes at most, one signer
      `${'11'.repeat(32)}` +
      '0300e282ac'; // three bytes: €
    const parsed = parseOffchainMessage(new Uint8Array(Buffer.from(hex, 'hex')));
    expect(parsed).toMatchObject({ kind: 'parsed', value: { body: Uint8Array.of(0xe2, 0x82, 0xac) } });
  });

  it.each<[string, Partial<OffchainPlan>, string]>([
    ['version 1', { version: 1 }, 'UNSUPPORTED_VERSION message.version 16'],
    ['format 3', { format: 3 }, 'UNKNOWN_FORMAT message.format 49'],
    ['no signer', { signers: [] }, 'NO_SIGNERS message.signers 51'],
    ['a signer twice', { signers: [keyBytes(1), keyBytes(1)] }, 'DUPLICATE_SIGNER message.signers[1] 83'],
    ['more signers than keys', { signerCount: 9 }, 'TRUNCATED message.signers[2] 115'],
    ['an empty body', { body: '' }, `EMPTY message.body ${PREAMBLE}`],
    ['a length of zero', { length: 0 }, `EMPTY message.body ${PREAMBLE}`],
    ['a byte behind the body', { length: 9 }, `LENGTH_MISMATCH message.body ${PREAMBLE}`],
    ['a byte too few', { length: 11 }, `LENGTH_MISMATCH message.body ${PREAMBLE}`],
    ['a line feed in format 0', { body: 'a\nb' }, `NOT_ASCII message.body ${PREAMBLE + 1}`],
    ['DEL in format 0', { body: 'ab\u007f' }, `NOT_ASCII message.body ${PREAMBLE + 2}`],
    ['a letter beyond ASCII in format 0', { body: 'é' }, `NOT_ASCII message.body ${PREAMBLE}`],
    ['broken UTF-8 in format 1', { format: 1, body: Uint8Array.of(0xc3) }, `NOT_UTF8 message.body ${PREAMBLE}`],
    [
      'a surrogate in format 2',
      { format: 2, body: Uint8Array.of(0xed, 0xa0, 0x80) },
      `NOT_UTF8 message.body ${PREAMBLE}`,
    ],
    ['an overlong form', { format: 2, body: Uint8Array.of(0xc0, 0x80) }, `NOT_UTF8 message.body ${PREAMBLE}`],
  ])('refuses %s, and says where', (_case, plan, problem) => {
    expect(codeOf(plan)).toBe(problem);
  });

  it.each([0, 1])('takes 1232 bytes with the preamble in format %i, and not one more', (format) => {
    expect(codeOf({ format, body: 'x'.repeat(1232 - PREAMBLE) })).toBe('parsed');
    expect(codeOf({ format, body: 'x'.repeat(1233 - PREAMBLE) })).toBe('TOO_LARGE message 0');
  });

  it('takes more in format 2', () => {
    expect(codeOf({ format: 2, body: 'x'.repeat(3000) })).toBe('parsed');
  });

  it('is refused at whatever byte it ends too early', () => {
    const whole = offchainBytes({ signers: SIGNERS, body: 'I own this' });
    for (let length = 16; length < whole.length; length++) {
      expect(parseOffchainMessage(whole.subarray(0, length)).kind, `${length}`).toBe('malformed');
    }
  });

  it('is told by its first sixteen bytes', () => {
    const whole = offchainBytes({ signers: SIGNERS, body: 'x' });
    expect(hasSigningDomain(whole)).toBe(true);
    expect(hasSigningDomain(whole.subarray(0, 15))).toBe(false);
    expect(hasSigningDomain(whole.with(0, 0xfe))).toBe(false);
  });
});
