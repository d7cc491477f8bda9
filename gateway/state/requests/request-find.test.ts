import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewRequest } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let database: TestDatabase;
let state: State;

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

async function opened(request: NewRequest = sampleRequest()): Promise<NewRequest> {
  expect(await state.requests.open(request, sampleEntry('request.signing', request.requestId))).toEqual({
    kind: 'opened',
  });
  return request;
}

async function signed(request: NewRequest, wallet: string, transaction = wallet): Promise<string> {
  await opened(request);
  const signatures = { walletSignature: wallet, transactionSignature: transaction };
  const change = { ...sampleSigned(request.requestId), ...signatures };
  expect(await state.requests.advance(change, sampleEntry('request.signed'))).toEqual({ kind: 'advanced' });
  return request.requestId;
}

async function bySignature(agentId: string, signature: string): Promise<string | undefined> {
  return (await state.requests.findBySignature(agentId, signature))?.requestId;
}

describe('find', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await state.requests.find('nobody')).toBeNull();
    expect(await state.requests.findByIdempotencyKey('agent-1', 'never used')).toBeNull();
    expect(await state.requests.findBySignature('agent-1', 'of nobody')).toBeNull();
  });

  it('finds by the signature of the wallet, and by that of another fee payer', async () => {
    const own = await signed(sampleRequest(), 'own');
    const paid = await signed(sampleRequest(), 'wallet', 'payer');
    expect(await bySignature('agent-1', 'own')).toBe(own);
    expect(await bySignature('agent-1', 'wallet')).toBe(paid);
    expect(await bySignature('agent-1', 'payer')).toBe(paid);
  });

  it('finds by the signature of another fee payer what the wallet is not known to have signed', async () => {
    const { requestId } = await opened(sampleRequest());
    const lost = {
      requestId,
      from: 'SIGNING',
      to: 'INDETERMINATE',
      transactionSignature: 'first',
      dueAt: null,
    } as const;
    expect(await state.requests.advance(lost, sampleEntry('request.indeterminate'))).toEqual({ kind: 'advanced' });
    expect(await bySignature('agent-1', 'first')).toBe(requestId);
    expect(await state.walletChecks.known(['first', 'none'])).toEqual(new Set(['first']));
    expect([...(await state.walletChecks.messagesOf(['first', 'none'])).keys()]).toEqual(['first']);
  });

  it('finds by a signature only for the agent that asked, though another asked for the same bytes', async () => {
    const first = await signed(sampleRequest(), 'shared');
    const second = await signed(sampleRequest({}, { agentId: 'agent-2' }), 'shared');
    expect(await bySignature('agent-1', 'shared')).toBe(first);
    expect(await bySignature('agent-2', 'shared')).toBe(second);
    expect(await bySignature('agent-9', 'shared')).toBeUndefined();
  });

  it('finds by key only for the agent that used it', async () => {
    const request = await opened(sampleRequest({}, { idempotencyKey: 'mine' }));
    expect((await state.requests.findByIdempotencyKey('agent-1', 'mine'))?.requestId).toBe(request.requestId);
    expect(await state.requests.findByIdempotencyKey('agent-9', 'mine')).toBeNull();
  });
});
