// Proves that asking for a simulation ends in time, and that nothing but the caller's own end is an error.
import { describe, expect, it } from 'vitest';
import { type ChainReader, type ChainSimulation, ChainUnavailable } from '../../relayer/chain-reader.ts';
import { GatewayError } from '../core/errors.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import { simulateOnce } from './simulate.ts';

const [WALLET, PROGRAM] = [keyAddress(1), keyAddress(2)];
const SUCCEEDED: ChainSimulation = {
  status: 'succeeded',
  slot: 7n,
  unitsConsumed: 1n,
  innerCalls: [],
  postStates: null,
};
const ASK = {
  wire: Uint8Array.of(1),
  accounts: [
    { address: WALLET, signer: true, writable: true },
    { address: PROGRAM, signer: false, writable: false },
  ],
  notBefore: 7n,
  timeoutMs: 1_000,
};
const { signal } = new AbortController();

describe('simulateOnce', () => {
  it('asks for the states of writable accounts, at the slot of the facts', async () => {
    const asked: unknown[] = [];
    const keeping = chain(async (ask) => {
      asked.push(ask);
      return SUCCEEDED;
    });
    const answer = await simulateOnce(keeping, ASK, signal);
    expect(answer).toEqual(SUCCEEDED);
    expect(asked).toEqual([{ wire: ASK.wire, postStatesOf: [WALLET], minContextSlot: 7n }]);
  });

  it('takes a failing transaction for an answer', async () => {
    const failed: ChainSimulation = { status: 'failed', slot: 9n, error: '"BlockhashNotFound"' };
    expect(
      await simulateOnce(
        chain(async () => failed),
        ASK,
        signal,
      ),
    ).toEqual(failed);
  });

  it('is unavailable when the chain cannot be asked', async () => {
    const away = chain(() => Promise.reject(new ChainUnavailable('node: error 5')));
    expect(await simulateOnce(away, ASK, signal)).toEqual({ status: 'unavailable', reason: 'node: error 5' });
  });

  it('keeps no half characters of what the node says', async () => {
    const away = chain(() => Promise.reject(new ChainUnavailable('node: \ud83d')));
    expect(await simulateOnce(away, ASK, signal)).toEqual({ status: 'unavailable', reason: 'node: \ufffd' });
  });

  it('is unavailable when the answer is older than the facts, whatever it says', async () => {
    for (const old of [
      { ...SUCCEEDED, slot: 6n },
      { status: 'failed' as const, slot: 6n, error: '""' },
    ]) {
      const reason = 'it is of slot 6, the facts are of slot 7';
      expect(
        await simulateOnce(
          chain(async () => old),
          ASK,
          signal,
        ),
      ).toEqual({ status: 'unavailable', reason });
    }
    expect(
      await simulateOnce(
        chain(async () => SUCCEEDED),
        { ...ASK, notBefore: null },
        signal,
      ),
    ).toEqual(SUCCEEDED);
  });

  it('is unavailable when the time is over, and tells the chain to stop', async () => {
    const slow = chain((_, given) => rejectedBy(given));
    const answer = await simulateOnce(slow, { ...ASK, timeoutMs: 20 }, signal);
    expect(answer).toEqual({ status: 'unavailable', reason: 'no answer within 20 ms' });
  });

  it('throws when its caller gives up', async () => {
    const caller = new AbortController();
    const asked = simulateOnce(
      chain((_, given) => rejectedBy(given)),
      ASK,
      caller.signal,
    );
    caller.abort(new GatewayError('DEADLINE_EXCEEDED', 'too late'));
    await expect(asked).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  });

  it('does not hide a fault of ours', async () => {
    const broken = chain(() => Promise.reject(new TypeError('undefined is not a function')));
    await expect(simulateOnce(broken, ASK, signal)).rejects.toThrow(TypeError);
  });
});

function chain(simulate: ChainReader['simulate']): Pick<ChainReader, 'simulate'> {
  return { simulate };
}

function rejectedBy(given: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    given.addEventListener('abort', () => reject(new ChainUnavailable('the caller gave up')), { once: true });
  });
}
