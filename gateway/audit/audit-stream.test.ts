import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../core/audit/audit-record.ts';
import type { AuditStore } from '../state/contract/audit-store.ts';
import type { State } from '../state/contract/state.ts';
import { openState } from '../state/open-state.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../state/testing/test-database.ts';
import { streamRecords } from './audit-stream.ts';
import { collect, sha256 } from './testing/sample-chain.ts';
import { verifyChain } from './verify.ts';

let database: TestDatabase;
let state: State;
let other: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'reader' });
  other = await openState({ databaseUrl: database.url, instanceId: 'writer' });
});

afterAll(async () => {
  await state.close();
  await other.close();
  await database.drop();
});

function append(to: State, count: number): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, () => to.audit.append(sampleEntry('gateway.started'))));
}

async function head(): Promise<bigint> {
  return (await state.audit.head())?.sequence ?? 0n;
}

async function take(records: AsyncIterable<AuditRecord>, count: number): Promise<bigint[]> {
  const sequences: bigint[] = [];
  for await (const record of records) {
    sequences.push(record.sequence);
    if (sequences.length === count) break;
  }
  return sequences;
}

function range(from: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => from + BigInt(i));
}

const forever = new AbortController().signal;

describe('streamRecords', () => {
  it('gives the whole chain up to the head and ends, over several pages', async () => {
    await append(state, 700);
    const end = await head();
    const stream = streamRecords(state.audit, { after: 0n, stopAtHead: true, signal: forever });
    expect(await verifyChain(stream, sha256)).toMatchObject({ kind: 'intact', count: end });
  });

  it('ends at once when it is to stop at the head and nothing is left', async () => {
    const options = { after: await head(), stopAtHead: true, signal: forever };
    expect(await collect(streamRecords(state.audit, options))).toEqual([]);
  });

  it('follows what this process and another append, without a skip or a repeat', async () => {
    const from = await head();
    const taken = take(streamRecords(state.audit, { after: from, stopAtHead: false, signal: forever }), 600);
    await Promise.all([append(state, 300), append(other, 300)]);
    expect(await taken).toEqual(range(from + 1n, 600));
  });

  it('sees a single record of another process', async () => {
    const from = await head();
    const taken = take(streamRecords(state.audit, { after: from, stopAtHead: false, signal: forever }), 1);
    await append(other, 1);
    expect(await taken).toEqual([from + 1n]);
  });

  it('reads no further than a slow reader has come', async () => {
    const from = await head();
    await append(state, 1000);
    let read = 0n;
    const counting: AuditStore = {
      ...state.audit,
      async readAfter(sequence, limit) {
        const page = await state.audit.readAfter(sequence, limit);
        read += BigInt(page.length);
        return page;
      },
    };
    const stream = streamRecords(counting, { after: from, stopAtHead: true, signal: forever });
    await stream.next();
    await append(state, 100);
    expect(read).toBeLessThanOrEqual(256n);
    await stream.return(undefined);
  });

  it('misses no record that is appended while it finds nothing', async () => {
    const [record] = await state.audit.readAfter(0n, 1);
    let reads = 0;
    let append = () => {};
    const quiet: AuditStore = {
      ...state.audit,
      onAppend(callback) {
        append = callback;
        return () => {};
      },
      async readAfter() {
        if (++reads > 1 && record !== undefined) return [record];
        append();
        return [];
      },
    };
    expect(await take(streamRecords(quiet, { after: 0n, stopAtHead: false, signal: forever }), 1)).toEqual([1n]);
  });

  it('waits for a sequence that the chain has not reached', async () => {
    const from = await head();
    const taken = take(streamRecords(state.audit, { after: from + 2n, stopAtHead: false, signal: forever }), 1);
    await append(state, 2);
    await append(other, 1);
    expect(await taken).toEqual([from + 3n]);
  });

  it('ends quietly when its reader is gone while it waits', async () => {
    const gone = new AbortController();
    const stream = streamRecords(state.audit, { after: await head(), stopAtHead: false, signal: gone.signal });
    const next = stream.next();
    gone.abort();
    expect((await next).done).toBe(true);
  });

  it('refuses a negative sequence', async () => {
    const stream = streamRecords(state.audit, { after: -1n, stopAtHead: true, signal: forever });
    await expect(stream.next()).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  });

  it('fails rather than to skip a record that is missing', async () => {
    const holed: AuditStore = {
      ...state.audit,
      readAfter: async (sequence, limit) =>
        (await state.audit.readAfter(sequence, limit)).filter((record) => record.sequence !== 3n),
    };
    const stream = streamRecords(holed, { after: 0n, stopAtHead: true, signal: forever });
    await expect(collect(stream)).rejects.toThrow('audit record 3 is missing');
  });
});
