import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditBody, auditPreimage, GENESIS_HASH } from './audit-chain.ts';
import type { AuditEntry } from './audit-record.ts';

const ENTRY: AuditEntry = {
  kind: 'request.signing',
  time: 1_790_000_000_123,
  requestId: 'r-1',
  actor: 'agent-1',
  facts: { wallet: 'treasury', amount: 18_446_744_073_709_551_615n },
};

describe('auditBody', () => {
  it('is canonical JSON with the time in both forms and integers exact', () => {
    expect(new TextDecoder().decode(auditBody(ENTRY))).toBe(
      '{"actor":"agent-1","facts":{"amount":18446744073709551615,"wallet":"treasury"},"kind":"request.signing",' +
        '"request_id":"r-1","time":"2026-09-21T14:13:20.123Z","time_unix_ms":1790000000123}',
    );
  });

  it('says null where no request is meant', () => {
    expect(new TextDecoder().decode(auditBody({ ...ENTRY, requestId: null }))).toContain('"request_id":null');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0.5])('refuses the time %s', (time) => {
    expect(() => auditBody({ ...ENTRY, time })).toThrow(RangeError);
  });

  it('refuses text that has no UTF-8 form', () => {
    expect(() => auditBody({ ...ENTRY, facts: { memo: '\ud800' } })).toThrow('lone surrogate');
  });
});

describe('auditPreimage', () => {
  it('is prefix, NUL, previous hash, big-endian sequence and body, byte for byte', () => {
    const body = new TextEncoder().encode('{}');
    const preimage = Buffer.from(auditPreimage(GENESIS_HASH, 258n, body)).toString('hex');
    expect(preimage).toBe(`636f756e7465727369676e2e61756469742e763100${'00'.repeat(32)}00000000000001027b7d`);
  });

  it('gives the hash that the first record of a chain has', () => {
    const hash = createHash('sha256')
      .update(auditPreimage(GENESIS_HASH, 1n, auditBody(ENTRY)))
      .digest('hex');
    expect(hash).toBe('d259d1ac8eeaeaa5eaa8bce7995c41cd8c7dc21123000ef47e22252488dc85db');
  });

  it.each([0n, -1n, 2n ** 64n])('refuses the sequence %s', (sequence) => {
    expect(() => auditPreimage(GENESIS_HASH, sequence, new Uint8Array())).toThrow('sequence');
  });

  it('refuses a previous hash that is not 32 bytes long', () => {
    expect(() => auditPreimage(new Uint8Array(31), 1n, new Uint8Array())).toThrow('32 bytes');
  });
});
