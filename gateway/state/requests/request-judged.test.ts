import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdSource } from '../../compose/ids.ts';
import type { JudgedFilter } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleEntry, sampleRequest } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const ANY: JudgedFilter = { from: null, to: null, agentId: null, walletId: null };
const ids: string[] = [];

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
  const newId = createIdSource();
  for (const agentId of ['ann', 'ben', 'ann', 'ann', 'ben']) {
    const request = sampleRequest();
    const requestId = newId();
    ids.push(requestId);
    await state.requests.open(
      { ...request, requestId, ask: { ...request.ask, agentId, idempotencyKey: null } },
      sampleEntry('request.signing', requestId),
    );
  }
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

async function read(filter: Partial<JudgedFilter>, after: string | null = null, limit = 10): Promise<string[]> {
  return (await state.requests.readJudged({ ...ANY, ...filter }, after, limit)).map(({ requestId }) => requestId);
}

describe('what was judged', () => {
  it('is read in order of time, page by page', async () => {
    expect(await read({})).toEqual(ids);
    expect(await read({}, null, 2)).toEqual(ids.slice(0, 2));
    expect(await read({}, ids[1], 2)).toEqual(ids.slice(2, 4));
    expect(await read({}, ids[4])).toEqual([]);
  });

  it('is read of one agent, or of one wallet', async () => {
    expect(await read({ agentId: 'ben' })).toEqual([ids[1], ids[4]]);
    expect(await read({ walletId: 'none' })).toEqual([]);
  });

  it('is read of a period: its first moment counts, its last does not', async () => {
    const times = await Promise.all(ids.map(async (id) => (await state.requests.find(id))?.createdAt ?? 0));
    const [first, last] = [Math.min(...times), Math.max(...times)];
    expect(await read({ from: first, to: last + 1 })).toEqual(ids);
    expect(await read({ to: first })).toEqual([]);
    expect(await read({ from: last + 1 })).toEqual([]);
    expect(await read({ from: first + 86_400_000 })).toEqual([]);
  });
});
