import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { streamRecords } from '../audit/audit-stream.ts';
import { sha256 } from '../audit/testing/sample-chain.ts';
import { verifyChain } from '../audit/verify.ts';
import type { State } from './contract/state.ts';
import { openState } from './open-state.ts';
import { type BarePostgres, startReplicatedPostgres } from './testing/bare-postgres.ts';
import { type CuttingProxy, startCuttingProxy } from './testing/cutting-proxy.ts';
import { sampleEntry, sampleRequest } from './testing/sample-request.ts';

let primary: BarePostgres;
let standby: BarePostgres;
let proxy: CuttingProxy;
let state: State;
const opened: string[] = [];

beforeAll(async () => {
  ({ primary, standby } = await startReplicatedPostgres());
  proxy = await startCuttingProxy(primary.port);
  // The standby stands first: it is passed over while it is one.
  const servers = `127.0.0.1:${standby.port},127.0.0.1:${proxy.port}`;
  const databaseUrl = `postgres://countersign:${primary.password}@${servers}/postgres?target_session_attrs=read-write`;
  state = await openState({
    databaseUrl,
    instanceId: 'test',
    limits: { statementTimeoutMs: 1_000, lockTimeoutMs: 500 },
  });
}, 60_000);

afterAll(async () => {
  await state.close();
  await proxy.close();
  await primary.remove();
  await standby.remove();
});

async function open(): Promise<void> {
  const request = sampleRequest();
  expect(await state.requests.open(request, sampleEntry('request.signing', request.requestId))).toEqual({
    kind: 'opened',
  });
  opened.push(request.requestId);
}

describe('when a standby takes over from the primary', () => {
  it('nothing is opened while no standby has it, and nothing has to be done when one is there again', async () => {
    await open();
    await standby.kill();
    const request = sampleRequest();
    const answer = state.requests.open(request, sampleEntry('request.signing', request.requestId));
    await expect(answer).rejects.toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    await standby.start();
    await vi.waitFor(open);
  });

  it('a commit whose answer was lost with the primary is found on the standby', async () => {
    const request = sampleRequest();
    const lost = proxy.cut('last', request.requestId);
    const answer = state.requests.open(request, sampleEntry('request.signing', request.requestId));
    await lost;
    await primary.kill();
    await standby.query('SELECT pg_promote()');
    expect(await answer).toEqual({ kind: 'opened' });
    opened.push(request.requestId);
  });

  it('all that was answered is on the standby, in a chain without a gap that goes on there', async () => {
    await open();
    for (const requestId of opened) expect(await state.requests.find(requestId)).toMatchObject({ state: 'SIGNING' });
    const head = await state.audit.head();
    const stream = streamRecords(state.audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
    expect(await verifyChain(stream, sha256, head === null ? {} : { head })).toMatchObject({ kind: 'intact' });
  });

  it('the old primary is not used when it comes back as one, even where there is no other', async () => {
    const { pathname } = new URL(primary.url);
    const servers = `127.0.0.1:${standby.port},127.0.0.1:${primary.port}`;
    const databaseUrl = `postgres://countersign:${primary.password}@${servers}${pathname}`;
    const other = await openState({ databaseUrl, instanceId: 'other' });
    await primary.start();
    await standby.kill();
    await vi.waitFor(() =>
      expect(other.ping()).rejects.toThrow('the database is a primary that another has replaced; make it a standby'),
    );
    await other.close();
    await standby.start();
    await vi.waitFor(open);
  });
});
