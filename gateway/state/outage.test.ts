import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { streamRecords } from '../audit/audit-stream.ts';
import { sha256 } from '../audit/testing/sample-chain.ts';
import { verifyChain } from '../audit/verify.ts';
import type { State } from './contract/state.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/embedded-postgres.ts';
import { findProcess } from './embedded/running-process.ts';
import { openState } from './open-state.ts';
import { sampleEntry, sampleRequest } from './testing/sample-request.ts';

let dataDirectory: string;
let postgres: EmbeddedPostgres;
let port: number;
let password: string;
let state: State;
const lines: string[] = [];

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'countersign-outage-'));
  postgres = await startEmbeddedPostgres({ dataDirectory });
  port = Number(new URL(postgres.url).port);
  password = new URL(postgres.url).password;
  state = await openState({ databaseUrl: postgres.url, instanceId: 'test', log: (line) => lines.push(line) });
});

afterAll(async () => {
  await state.close();
  await postgres.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function killPostgres(): Promise<void> {
  process.kill(postgres.pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await findProcess(postgres.pid)).toBeNull());
  await postgres.stop();
}

async function restartPostgres(): Promise<void> {
  postgres = await startEmbeddedPostgres({ dataDirectory, port });
}

function open(idempotencyKey: string | null = null) {
  const request = sampleRequest({}, { idempotencyKey });
  return state.requests.open(request, sampleEntry('request.signing', request.requestId));
}

async function chainIsIntact(): Promise<bigint> {
  const head = await state.audit.head();
  const stream = streamRecords(state.audit, { after: 0n, stopAtHead: true, signal: new AbortController().signal });
  const verdict = await verifyChain(stream, sha256, head === null ? {} : { head });
  expect(verdict).toMatchObject({ kind: 'intact' });
  return verdict.kind === 'intact' ? verdict.count : 0n;
}

const unavailable = { reason: 'STORE_UNAVAILABLE' };

describe('while Postgres is away', () => {
  it('every store says so, and works again when it is back', async () => {
    await open();
    await killPostgres();
    const { requests, approvals, principals, wallets, audit } = state;
    const calls = [
      () => open(),
      () => requests.advance({ requestId: 'r', from: 'SIGNING', to: 'SIGNED', dueAt: null }, null),
      () => requests.find('r'),
      () => requests.findByIdempotencyKey('a', 'k'),
      () => requests.claimDue(1, 1),
      () => approvals.find('a'),
      () => approvals.list({ states: ['PENDING'], limit: 1, after: null }),
      () => approvals.countPending(),
      () => principals.list(),
      () => principals.findByKey('k'),
      () => principals.disable('p', sampleEntry('principal.disabled')),
      () => wallets.sync([]),
      () => wallets.list(),
      () => audit.append(sampleEntry('gateway.started')),
      () => audit.head(),
      () => audit.readAfter(0n, 1),
      () => state.ping(),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject(unavailable);
    await expect(openState({ databaseUrl: postgres.url, instanceId: 'late' })).rejects.toMatchObject(unavailable);
    await restartPostgres();
    await state.ping();
    expect(await open()).toEqual({ kind: 'opened' });
    await chainIsIntact();
  });

  it('nothing tells the connection string, in errors or in the log', async () => {
    await killPostgres();
    const error = await state.ping().catch((thrown: unknown) => thrown);
    const told = [String(error), JSON.stringify(error), JSON.stringify(lines)].join(' ');
    expect(error).not.toHaveProperty('cause');
    expect(told).not.toContain(password);
    expect(told).not.toContain(String(port));
    await restartPostgres();
  });

  it('what was asked in the middle of a crash is either written or not, and a success is never lost', async () => {
    const before = await chainIsIntact();
    const keys = Array.from({ length: 3000 }, (_, i) => `crash-${i}`);
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    let settled = 0;
    const results = keys.map((key) =>
      open(key).then(
        () => {
          settled++;
          // At once: a moment later a busy machine may have written all of them.
          if (settled === 300) kill(killPostgres());
          return 'opened' as const;
        },
        (error: unknown) => error,
      ),
    );
    await killed;
    const outcomes = await Promise.all(results);
    await restartPostgres();
    const opened = keys.filter((_, i) => outcomes[i] === 'opened');
    expect(opened.length).toBeLessThan(keys.length);
    for (const outcome of outcomes) if (outcome !== 'opened') expect(outcome).toMatchObject(unavailable);
    // Not all at once: they would wait for connections longer than anybody may.
    const written: string[] = [];
    for (let i = 0; i < keys.length; i += 100) {
      const some = keys.slice(i, i + 100);
      const found = await Promise.all(some.map((key) => state.requests.findByIdempotencyKey('agent-1', key)));
      written.push(...some.filter((_, n) => found[n] !== null));
    }
    expect(written).toEqual(expect.arrayContaining(opened));
    // At most the two batches that were under way are in doubt.
    expect(written.length - opened.length).toBeLessThanOrEqual(512);
    expect(await chainIsIntact()).toBe(before + BigInt(written.length));
  });
});

it('drains what is queued when it is closed, and takes nothing after', async () => {
  const closing = await openState({ databaseUrl: postgres.url, instanceId: 'closing' });
  const requests = Array.from({ length: 500 }, () => sampleRequest());
  const opened = requests.map((request) =>
    closing.requests.open(request, sampleEntry('request.signing', request.requestId)),
  );
  await closing.close();
  await closing.close();
  expect((await Promise.all(opened)).every((result) => result.kind === 'opened')).toBe(true);
  await expect(closing.audit.append(sampleEntry('gateway.stopped'))).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
});
