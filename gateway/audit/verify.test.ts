import { describe, expect, it } from 'vitest';
import { auditBody } from '../core/audit/audit-chain.ts';
import type { AuditRecord } from '../core/audit/audit-record.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { chainOf, each, sampleChain, sealed, sha256 } from './testing/sample-chain.ts';
import { type VerifyOptions, verifyAnchor, verifyChain, verifyNoSignatureWithoutIntent } from './verify.ts';

const chain = sampleChain(9);

function verify(records: Iterable<AuditRecord>, options: VerifyOptions = {}) {
  return verifyChain(each(records), sha256, options);
}

function at(position: number): AuditRecord {
  const record = chain[position - 1];
  if (record === undefined) throw new Error(`the sample has no record ${position}`);
  return record;
}

describe('verifyChain', () => {
  it('finds an untouched chain intact, and an empty one', async () => {
    expect(await verify(chain)).toEqual({ kind: 'intact', count: 9n, head: at(9).hash });
    expect(await verify([])).toEqual({ kind: 'intact', count: 0n, head: new Uint8Array(32) });
  });

  it('verifies a part that begins after a known record', async () => {
    expect(await verify(chain.slice(3), { after: at(3) })).toMatchObject({ kind: 'intact', count: 6n });
    expect(await verify(chain.slice(3), { after: { ...at(3), hash: sha256(at(3).hash) } })).toMatchObject({
      kind: 'broken',
      sequence: 4n,
    });
  });

  it.each([1, 5, 9])('names record %i when one byte of its body was edited', async (position) => {
    const body = at(position).body.with(20, 0x20);
    expect(await verify(chain.with(position - 1, { ...at(position), body }))).toMatchObject({
      kind: 'broken',
      sequence: BigInt(position),
      reason: expect.stringContaining('edited'),
    });
  });

  it('names the record after one that was edited and hashed anew', async () => {
    const forged = sealed(at(4).hash, 5n, auditBody(sampleEntry('request.denied', 'forged')));
    expect(await verify(chain.with(4, forged))).toMatchObject({ kind: 'broken', sequence: 6n });
  });

  it('names the place of a record that was removed', async () => {
    expect(await verify(chain.toSpliced(4, 1))).toMatchObject({ kind: 'broken', sequence: 5n });
    expect(await verify(chain.slice(1))).toMatchObject({ kind: 'broken', sequence: 1n });
  });

  it('names the place of a record that was inserted or doubled', async () => {
    const extra = sealed(at(4).hash, 5n, auditBody(sampleEntry('request.denied', 'extra')));
    expect(await verify(chain.toSpliced(4, 0, extra))).toMatchObject({ kind: 'broken', sequence: 6n });
    expect(await verify(chain.toSpliced(4, 0, at(4)))).toMatchObject({ kind: 'broken', sequence: 5n });
  });

  it('names the first of two records that changed places, also when their numbers were adjusted', async () => {
    expect(await verify(chain.with(4, at(6)).with(5, at(5)))).toMatchObject({ kind: 'broken', sequence: 5n });
    const adjusted = chain.with(4, { ...at(6), sequence: 5n }).with(5, { ...at(5), sequence: 6n });
    expect(await verify(adjusted)).toMatchObject({ kind: 'broken', sequence: 5n });
  });

  it('finds a tail that was cut off when it knows the head, and only then', async () => {
    const head = { sequence: 9n, hash: at(9).hash };
    expect(await verify(chain.slice(0, 7), { head })).toMatchObject({ kind: 'broken', sequence: 8n });
    expect(await verify([], { head })).toMatchObject({ kind: 'broken', sequence: 1n });
    expect((await verify(chain.slice(0, 7))).kind).toBe('intact');
  });

  it('finds a chain that was written anew when it knows the head', async () => {
    const head = { sequence: 9n, hash: at(9).hash };
    expect(await verify(sampleChain(9), { head })).toMatchObject({ kind: 'broken', sequence: 9n });
  });

  it('accepts a chain that grew beyond the head it knows', async () => {
    expect((await verify(chain, { head: { sequence: 6n, hash: at(6).hash } })).kind).toBe('intact');
  });

  it('finds a hash of the wrong length', async () => {
    expect(await verify(chain.with(2, { ...at(3), hash: at(3).hash.slice(0, 31) }))).toMatchObject({ sequence: 3n });
    expect(await verify(chain.with(2, { ...at(3), previousHash: new Uint8Array() }))).toMatchObject({ sequence: 3n });
  });
});

describe('verifyNoSignatureWithoutIntent', () => {
  const signing = (id: string | null) => sampleEntry('request.signing', id);
  const signed = (id: string | null) => sampleEntry('request.signed', id);
  const failed = (id: string | null) => sampleEntry('request.signing_failed', id);
  const check = (...entries: readonly Parameters<typeof chainOf>[0][number][]) =>
    verifyNoSignatureWithoutIntent(each(chainOf(entries)));

  it('counts the signatures that follow their intent', async () => {
    expect(await check(signing('a'), signing('b'), signed('b'), signed('a'), signing('c'))).toEqual({
      kind: 'intact',
      signatures: 2n,
    });
  });

  it.each([
    ['without an intent', [signed('a')]],
    ['before its intent', [signed('a'), signing('a')]],
    ['for the intent of another request', [signing('b'), signed('a')]],
    ['twice for one intent', [signing('a'), signed('a'), signed('a')]],
    ['after the signing had failed', [signing('a'), failed('a'), signed('a')]],
    ['that names no request', [signing(null), signed(null)]],
  ])('finds a signature %s', async (_, entries) => {
    const sequence = BigInt(entries.findLastIndex((entry) => entry.kind === 'request.signed') + 1);
    expect(await check(...entries)).toMatchObject({ kind: 'broken', sequence });
  });

  it('tells apart, where the beginning was pruned, what may have its intent there from what cannot', async () => {
    const checkPruned = (...entries: readonly Parameters<typeof chainOf>[0][number][]) =>
      verifyNoSignatureWithoutIntent(each(chainOf(entries)), { isPruned: true });
    expect(await checkPruned(signed('a'), signing('b'), signed('b'))).toEqual({
      kind: 'intact',
      signatures: 2n,
      intendedBefore: 1n,
    });
    for (const entries of [
      [signed('a'), signed('a')],
      [signing('a'), signed('a'), signed('a')],
      [signing('a'), failed('a'), signed('a')],
      [signed(null)],
    ]) {
      expect(await checkPruned(...entries)).toMatchObject({ kind: 'broken', sequence: BigInt(entries.length) });
    }
  });

  it.each(['', 'null', '[]', '{"kind":5,"request_id":null}', '{"kind":"request.signed"}'])(
    'finds a body that is no record: %s',
    async (text) => {
      const record = sealed(new Uint8Array(32), 1n, new TextEncoder().encode(text));
      expect(await verifyNoSignatureWithoutIntent(each([record]))).toMatchObject({ kind: 'broken', sequence: 1n });
    },
  );
});

describe('verifyAnchor', () => {
  const anchor = { sequence: 3n, hash: new Uint8Array(32).fill(7) };
  const says = (facts: Parameters<typeof chainOf>[0][number]['facts']) =>
    verifyAnchor(each(chainOf([sampleEntry('gateway.started'), { ...sampleEntry('audit.pruned'), facts }])), anchor);

  it('finds the record that names it', async () => {
    expect(await says({ through_sequence: 3n, hash: '07'.repeat(32) })).toBe(true);
  });

  it.each([
    { through_sequence: 4n, hash: '07'.repeat(32) },
    { through_sequence: 3n, hash: '08'.repeat(32) },
    { hash: '07'.repeat(32) },
  ])('does not take another for it: %o', async (facts) => {
    expect(await says(facts)).toBe(false);
  });
});
