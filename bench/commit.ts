// Owns the measurement of the durable record: opens and advances a second by group commit, and what one alone takes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { State } from '../gateway/state/contract/state.ts';
import { startEmbeddedPostgres } from '../gateway/state/embedded/embedded-postgres.ts';
import { openState } from '../gateway/state/open-state.ts';
import { sampleEntry, sampleRequest, sampleSigned } from '../gateway/state/testing/sample-request.ts';
import { quantile } from './load.ts';

export interface CommitMeasurement {
  /** Requests a second that were opened and then advanced, each with two audit records, 64 in flight. */
  readonly pairsPerSecond: number;
  readonly meanBatchSize: number;
  readonly largestBatch: number;
  /** Milliseconds of an open, one at a time. */
  readonly openP50: number;
  readonly openP99: number;
  readonly advanceP50: number;
  /** Of what was answered, how much is not in the database; must be 0. */
  readonly lost: number;
}

const IN_FLIGHT = 64;

/** Takes about ten seconds with the default count. */
export async function measureCommits(
  options: { readonly pairs?: number; readonly singles?: number } = {},
): Promise<CommitMeasurement> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory });
  const batches: number[] = [];
  try {
    const state = await openState({
      databaseUrl: postgres.url,
      instanceId: 'bench',
      observeCommit: (size) => batches.push(size),
    });
    await runPairs(state, 2_000);
    batches.length = 0;
    const pairs = options.pairs ?? 30_000;
    const started = performance.now();
    await runPairs(state, pairs);
    const seconds = (performance.now() - started) / 1000;
    const groups = [...batches];
    const singles = await runSingles(state, options.singles ?? 2_000);
    const head = await state.audit.head();
    const expected = 2 * (2_000 + pairs + singles.open.length);
    await state.close();
    return {
      pairsPerSecond: pairs / seconds,
      meanBatchSize: groups.reduce((sum, size) => sum + size, 0) / groups.length,
      largestBatch: Math.max(...groups),
      openP50: quantile(singles.open, 0.5),
      openP99: quantile(singles.open, 0.99),
      advanceP50: quantile(singles.advance, 0.5),
      lost: expected - Number(head?.sequence ?? 0n),
    };
  } finally {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runPairs(state: State, count: number): Promise<void> {
  let left = count;
  async function worker(): Promise<void> {
    while (left-- > 0) await runPair(state);
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function runPair(state: State): Promise<void> {
  const request = sampleRequest();
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  await state.requests.advance(sampleSigned(request.requestId), sampleEntry('request.signed', request.requestId));
}

async function runSingles(
  state: State,
  count: number,
): Promise<{ readonly open: readonly number[]; readonly advance: readonly number[] }> {
  const open: number[] = [];
  const advance: number[] = [];
  for (let i = 0; i < count; i++) {
    const request = sampleRequest();
    const started = performance.now();
    await state.requests.open(request, sampleEntry('request.signing', request.requestId));
    const opened = performance.now();
    await state.requests.advance(sampleSigned(request.requestId), sampleEntry('request.signed', request.requestId));
    open.push(opened - started);
    advance.push(performance.now() - opened);
  }
  return { open, advance };
}

if (import.meta.main) console.log(await measureCommits());
