// Proves who is asked when, whose answer counts, and what becomes of the others.
import { describe, expect, it } from 'vitest';
import { ChainUnavailable } from '../../chain-reader.ts';
import { type Attempt, hedge, OVERTAKEN } from './hedge.ts';
import { createLatencyWindow } from './latency-window.ts';
import { createTokenBucket } from './token-bucket.ts';

const { signal } = new AbortController();
const failing =
  (why: string): Attempt<string> =>
  async () => {
    throw new ChainUnavailable(why);
  };
const answering =
  (answer: string): Attempt<string> =>
  async () =>
    answer;
const never: Attempt<string> = (inner) =>
  new Promise((_, reject) => {
    inner.addEventListener('abort', () => reject(new ChainUnavailable('it was given up', { cause: inner.reason })));
  });
const mustNotBeAsked: Attempt<string> = async () => {
  throw new Error('it must not be asked');
};

function ask(attempts: readonly Attempt<string>[], afterMs: number | null = null, outer = signal) {
  const hedged: number[] = [];
  return { hedged, answer: hedge(attempts, { afterMs, onHedge: (at) => hedged.push(at) }, outer) };
}

describe('a question to several nodes', () => {
  it('is asked of the first alone, where that answers in time', async () => {
    const { answer, hedged } = ask([answering('a'), mustNotBeAsked], 1_000);
    expect(await answer).toBe('a');
    expect(hedged).toEqual([]);
  });

  it('is asked of the next at once where one fails', async () => {
    const { answer, hedged } = ask([failing('x'), failing('y'), answering('c')]);
    expect(await answer).toBe('c');
    expect(hedged).toEqual([]);
  });

  it('is asked of one more where the first takes longer than usual; the loser is told why it was given up', async () => {
    let reason: unknown;
    const slow: Attempt<string> = (inner) => {
      inner.addEventListener('abort', () => {
        reason = inner.reason;
      });
      return never(inner);
    };
    const { answer, hedged } = ask([slow, answering('b'), mustNotBeAsked], 10);
    expect(await answer).toBe('b');
    expect(hedged).toEqual([1]);
    expect(reason).toBe(OVERTAKEN);
  });

  it('waits for the slow one where the one that was asked besides fails', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { answer } = ask([() => promise, failing('y')], 5);
    setTimeout(() => resolve('a'), 40);
    expect(await answer).toBe('a');
  });

  it('says what each of them said when all fail, and something when there is none', async () => {
    await expect(ask([failing('x'), failing('y')]).answer).rejects.toThrow('2 RPC nodes were asked: x; y');
    await expect(ask([failing('x')]).answer).rejects.toThrow(/^x$/);
    await expect(ask([]).answer).rejects.toThrow(ChainUnavailable);
  });

  it('ends with a fault of our own at once, and with its caller', async () => {
    await expect(ask([mustNotBeAsked, answering('b')]).answer).rejects.toThrow('must not be asked');
    const controller = new AbortController();
    const { answer } = ask([never, never], null, controller.signal);
    controller.abort(new Error('the caller left'));
    await expect(answer).rejects.toThrow('it was given up');
  });
});

describe('a token bucket', () => {
  it('lets a second’s worth through at once, makes the next wait its turn, and refuses more than a second of waiting', () => {
    let time = 0;
    const { take } = createTokenBucket(10, () => time);
    const waits = Array.from({ length: 21 }, take);
    expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(waits.slice(10, 20)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    expect(waits[20]).toBeNull();
    time = 2_100;
    expect(take()).toBe(0);
  });

  it('of less than one a second lets one through', () => {
    const { take } = createTokenBucket(0.5, () => 0);
    expect([take(), take()]).toEqual([0, null]);
  });
});

it('a latency window tells the 95th percentile of late, once it can', () => {
  const { record, p95 } = createLatencyWindow();
  for (let n = 0; n < 9; n++) record(1_000);
  expect(p95()).toBeNull();
  for (let n = 1; n <= 128; n++) record(n);
  expect(p95()).toBe(122);
});
