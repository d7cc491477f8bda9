import { describe, expect, it } from 'vitest';
import { exportLine, exportRecords, readExport } from './export.ts';
import { collect, each, sampleChain, sealed, sha256 } from './testing/sample-chain.ts';
import { verifyChain } from './verify.ts';

const chain = sampleChain(5);

async function exported(): Promise<string> {
  return (await collect(exportRecords(each(chain)))).join('');
}

function inPieces(text: string, size: number): AsyncIterable<string> {
  return each(Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size)));
}

describe('an export of the audit chain', () => {
  it.each([1, 7, 4096, 1_000_000])('reads back to the same records from pieces of %i characters', async (size) => {
    expect(await collect(readExport(inPieces(await exported(), size)))).toEqual(chain);
  });

  it('verifies like the database does', async () => {
    expect(await verifyChain(readExport(each([await exported()])), sha256)).toMatchObject({
      kind: 'intact',
      count: 5n,
    });
  });

  it('keeps every character of a body', async () => {
    const record = sealed(new Uint8Array(32), 1n, new TextEncoder().encode('\ufeff{"a":"\\u0000\u2028 \\" é 🔑"}'));
    expect(await collect(readExport(each([exportLine(record)])))).toEqual([record]);
  });

  it('shows an edit to the verifier', async () => {
    const text = (await exported()).replace('r-3', 'r-9');
    expect(await verifyChain(readExport(each([text])), sha256)).toMatchObject({ kind: 'broken', sequence: 3n });
  });

  it('is refused by the writer where a body is not UTF-8', () => {
    const record = sealed(new Uint8Array(32), 1n, new Uint8Array([0x7b, 0xff, 0x7d]));
    expect(() => exportLine(record)).toThrow('audit record 1 is not UTF-8');
  });

  it.each([
    ['a blank line', ''],
    ['a list', '[]'],
    [
      'another order of keys',
      `{"hash":"${'0'.repeat(64)}","sequence":1,"previous_hash":"${'0'.repeat(64)}","body":"{}"}`,
    ],
    ['a sequence of 0', `{"sequence":0,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"{}"}`],
    [
      'a sequence beyond u64',
      `{"sequence":18446744073709551616,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"{}"}`,
    ],
    ['a short hash', `{"sequence":1,"previous_hash":"00","hash":"${'0'.repeat(64)}","body":"{}"}`],
    ['a hash in capitals', `{"sequence":1,"previous_hash":"${'A'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"{}"}`],
    [
      'a body that is no text',
      `{"sequence":1,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":{}}`,
    ],
    [
      'another key after the body',
      `{"sequence":1,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"{}","x":"y"}`,
    ],
    [
      'an escape that the writer does not write',
      `{"sequence":1,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"\\u0041"}`,
    ],
    [
      'a lone surrogate',
      `{"sequence":1,"previous_hash":"${'0'.repeat(64)}","hash":"${'0'.repeat(64)}","body":"\\ud800"}`,
    ],
  ])('names the line that holds %s', async (_, line) => {
    const [first = ''] = (await exported()).split('\n');
    await expect(collect(readExport(each([`${first}\n${line}\n`])))).rejects.toThrow('line 2 of the export');
  });

  it('is refused when a line never ends', async () => {
    const endless = each(Array.from({ length: 5 }, () => 'x'.repeat(1024 * 1024)));
    await expect(collect(readExport(endless))).rejects.toThrow('too long');
  });
});
