import { expect, it } from 'vitest';
import { createWalletTurns } from './wallet-turns.ts';

const MINUTE = 60_000;
const never = new AbortController().signal;

it('says once that work has ended, whether it was done, failed, or was not started as its caller had left', async () => {
  const turns = createWalletTurns(MINUTE);
  const ended: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const first = turns.take(
    'hot',
    never,
    () => gate,
    () => void ended.push('done'),
  );
  const failing = turns.take(
    'hot',
    never,
    () => Promise.reject(new Error('no')),
    () => void ended.push('failed'),
  );
  const leaving = new AbortController();
  let isStarted = false;
  const start = async () => {
    isStarted = true;
  };
  const left = turns.take('hot', leaving.signal, start, () => void ended.push('not started'));
  leaving.abort();
  await expect(left).rejects.toMatchObject({ reason: 'KEY_UNAVAILABLE' });
  expect(ended).toEqual([]);
  open();
  await first;
  await expect(failing).rejects.toThrow('no');
  await expect.poll(() => ended).toEqual(['done', 'failed', 'not started']);
  expect(isStarted).toBe(false);
});
