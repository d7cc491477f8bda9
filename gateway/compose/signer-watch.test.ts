import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignerCheck } from '../../signers/signer.ts';
import { createLog } from '../telemetry/log.ts';
import {
  CHECK_FAILED_EVERY_MS,
  CHECK_READY_EVERY_MS,
  createSignerWatch,
  partsOf,
  type SeenSigner,
} from './signer-watch.ts';

const READY: SignerCheck = { kind: 'ready', detail: 'the key is there' };
const AWAY: SignerCheck = { kind: 'failed', field: null, reason: 'connection refused' };
const DENIED: SignerCheck = { kind: 'failed', field: 'token_file', reason: 'permission denied' };

function seen(name: string, check: SignerCheck | null, wasReady = false): SeenSigner {
  return {
    name,
    backend: 'vault-transit',
    last: check === null ? null : { check, at: 1 },
    failingSince: null,
    wasReady,
  };
}

const WALLETS = [{ signers: ['a', 'b'] }, { signers: ['c'] }];
const readyNames = (...signers: readonly SeenSigner[]) =>
  partsOf(signers, WALLETS, false)
    .filter(({ ready }) => ready)
    .map(({ part }) => part);

describe('what signers mean for the gateway', () => {
  it('is not ready before each was checked', () => {
    expect(readyNames(seen('a', READY), seen('b', null))).toEqual(['signer a']);
  });

  it('is not ready while the configuration of one was never right, and says which key to look at', () => {
    expect(partsOf([seen('a', READY), seen('c', DENIED)], WALLETS, false)).toEqual([
      { part: 'signer a', ready: true },
      { part: 'signer c', ready: false, detail: 'token_file: permission denied' },
    ]);
  });

  it('stays ready while a backend is away, or credentials go bad later, as long as some wallet can sign', () => {
    const parts = partsOf([seen('a', READY), seen('b', AWAY), seen('c', DENIED, true)], WALLETS, false);
    expect(parts.map(({ ready }) => ready)).toEqual([true, true, true]);
    expect(parts.map(({ detail }) => detail)).toEqual([
      undefined,
      'connection refused',
      'token_file: permission denied',
    ]);
  });

  it('stays ready while wallets are served by signers that nobody watches', () => {
    expect(partsOf([seen('a', AWAY, true)], WALLETS, true)).toMatchObject([{ ready: true }]);
    expect(partsOf([seen('a', DENIED)], WALLETS, true)).toMatchObject([{ ready: false }]);
  });

  it('is not ready where no wallet can sign', () => {
    expect(readyNames(seen('a', AWAY, true), seen('c', AWAY, true))).toEqual([]);
    expect(readyNames(seen('unused', READY), seen('a', AWAY, true))).toEqual(['signer unused']);
  });
});

describe('the watch over signers', () => {
  let check: SignerCheck;
  let calls: number;
  let isHanging: boolean;
  const watchIt = () => {
    const signer = {
      name: 'a',
      backend: 'vault-transit',
      address: '',
      check: async () => {
        calls += 1;
        return isHanging ? new Promise<never>(() => undefined) : check;
      },
    };
    const checked = { signers: new Map([['a', signer]]), relayers: new Map(), walletsOf: () => [] };
    return createSignerWatch({
      checked,
      wallets: WALLETS,
      servesOthers: () => false,
      log: createLog('fatal'),
      now: Date.now,
    });
  };
  beforeEach(() => {
    [check, calls, isHanging] = [READY, 0, false];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('checks one that failed after 30 s, and one that is ready after a minute', async () => {
    check = AWAY;
    const watch = watchIt();
    await watch.start();
    expect(watch.parts()).toMatchObject([{ ready: false }]);
    check = READY;
    await vi.advanceTimersByTimeAsync(CHECK_FAILED_EVERY_MS - 1);
    expect(calls).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([calls, watch.parts()]).toEqual([2, [{ part: 'signer a', ready: true }]]);
    await vi.advanceTimersByTimeAsync(CHECK_READY_EVERY_MS - 1);
    expect(calls).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toBe(3);
    await watch.stop();
    await vi.advanceTimersByTimeAsync(10 * CHECK_READY_EVERY_MS);
    expect(calls).toBe(3);
  });

  it('remembers since when one fails, until it is ready again', async () => {
    check = AWAY;
    const watch = watchIt();
    const began = Date.now();
    await watch.start();
    await vi.advanceTimersByTimeAsync(3 * CHECK_FAILED_EVERY_MS);
    expect([calls, watch.seen()[0]?.failingSince]).toEqual([4, began]);
    check = READY;
    await vi.advanceTimersByTimeAsync(CHECK_FAILED_EVERY_MS);
    expect(watch.seen()[0]?.failingSince).toBe(null);
    await watch.stop();
  });

  it('takes in at once what a check of somebody else found, and keeps its own pace', async () => {
    const watch = watchIt();
    await watch.start();
    watch.heard([
      { name: 'a', result: DENIED },
      { name: 'unknown', result: AWAY },
    ]);
    expect(watch.parts()).toMatchObject([{ part: 'signer a', detail: 'token_file: permission denied' }]);
    watch.heard([{ name: 'a', result: READY }]);
    expect(watch.parts()).toEqual([{ part: 'signer a', ready: true }]);
    watch.heard([{ name: 'a', result: DENIED }]);
    await vi.advanceTimersByTimeAsync(CHECK_READY_EVERY_MS);
    expect([calls, watch.parts()]).toEqual([2, [{ part: 'signer a', ready: true }]]);
    await watch.stop();
  });

  it('does not hold up the start for one that hangs, which is not ready until it has answered', async () => {
    isHanging = true;
    const watch = watchIt();
    const started = watch.start();
    await vi.advanceTimersByTimeAsync(2_000);
    await started;
    expect(watch.parts()).toMatchObject([{ ready: false, detail: 'its first check is under way' }]);
    await watch.stop();
  });
});
