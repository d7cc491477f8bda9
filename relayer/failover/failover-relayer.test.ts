import { describe, expect, it, vi } from 'vitest';
import type { Relayer, RelayerCheck, SubmitResult } from '../relayer.ts';
import { failoverRelayer } from './failover-relayer.ts';

const bytes = Uint8Array.of(1, 2, 3);
const accepted: SubmitResult = { kind: 'accepted' };
const unknown: SubmitResult = { kind: 'unknown', reason: 'no answer' };
const rejected: SubmitResult = { kind: 'rejected', reason: 'sent already', code: 'ALREADY_PROCESSED' };
const failed: RelayerCheck = { kind: 'failed', field: 'url', reason: 'nobody is there' };
const ready: RelayerCheck = { kind: 'ready', detail: 'it is there' };

interface ScriptedRelayer extends Relayer {
  readonly got: readonly Uint8Array[];
}

type Answer = SubmitResult | ((signal: AbortSignal) => Promise<SubmitResult>);

function relayer(name: string, answer: Answer, check: RelayerCheck = ready): ScriptedRelayer {
  const got: Uint8Array[] = [];
  return {
    name,
    backend: `kind of ${name}`,
    lack: () => null,
    got,
    submit: async (signedTransaction, signal) => {
      got.push(signedTransaction);
      return typeof answer === 'function' ? answer(signal) : answer;
    },
    check: async () => check,
    close: async () => undefined,
  };
}

const never = new AbortController().signal;

describe('failoverRelayer', () => {
  it('asks the first one, and no other where that accepts or rejects', async () => {
    for (const answer of [accepted, rejected]) {
      const second = relayer('second', accepted);
      expect(await failoverRelayer([relayer('first', answer), second]).submit(bytes, never)).toEqual(answer);
      expect(second.got).toEqual([]);
    }
  });

  it('hands the same bytes to the next one where nobody knows whether one has sent them', async () => {
    const [first, second] = [relayer('first', unknown), relayer('second', accepted)];
    expect(await failoverRelayer([first, second]).submit(bytes, never)).toEqual(accepted);
    expect(second.got).toEqual([bytes]);
  });

  it('takes no rejection for an answer where an earlier one may have sent them', async () => {
    const [second, third] = [relayer('second', rejected), relayer('third', accepted)];
    const result = await failoverRelayer([relayer('first', unknown), second, third]).submit(bytes, never);
    expect(result).toEqual({ kind: 'unknown', reason: 'first: no answer; second: sent already' });
    expect(third.got).toEqual([]);
  });

  it('says what each of them said where none knows', async () => {
    const result = await failoverRelayer([relayer('first', unknown), relayer('second', unknown)]).submit(bytes, never);
    expect(result).toEqual({ kind: 'unknown', reason: 'first: no answer; second: no answer' });
  });

  it('does not wait for one that hangs until all time is over', async () => {
    vi.useFakeTimers();
    try {
      const hangs: Answer = (signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(unknown)));
      const result = failoverRelayer([relayer('first', hangs), relayer('second', accepted)]).submit(bytes, never);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await result).toEqual(accepted);
    } finally {
      vi.useRealTimers();
    }
  });

  it('passes over one that lacks something, and lacks something itself where all do', async () => {
    const lacking = { ...relayer('first', unknown), lack: () => 'no URL' };
    const both = failoverRelayer([lacking, relayer('second', rejected)]);
    expect([both.lack(), await both.submit(bytes, never), lacking.got]).toEqual([null, rejected, []]);
    const none = failoverRelayer([lacking, { ...relayer('second', unknown), lack: () => 'no key' }]);
    expect(none.lack()).toBe('no URL');
    expect(await none.submit(bytes, never)).toEqual({ kind: 'unknown', reason: 'first: no answer; second: no answer' });
  });

  it('asks nobody else once the caller has left', async () => {
    const controller = new AbortController();
    const leaves: Answer = async () => {
      controller.abort();
      return unknown;
    };
    const second = relayer('second', accepted);
    const both = failoverRelayer([relayer('first', leaves), second]);
    expect(await both.submit(bytes, controller.signal)).toMatchObject({ kind: 'unknown' });
    expect(second.got).toEqual([]);
  });

  it('goes by the name of the first, and is ready where one of them is', async () => {
    const both = failoverRelayer([relayer('first', accepted, failed), relayer('second', accepted)]);
    expect(both).toMatchObject({ name: 'first', backend: 'kind of first' });
    expect(await both.check(never)).toEqual(ready);
    const neither = failoverRelayer([relayer('first', accepted, failed), relayer('second', accepted, failed)]);
    expect(await neither.check(never)).toEqual(failed);
  });
});
