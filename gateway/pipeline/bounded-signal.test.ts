import { expect, it } from 'vitest';
import { boundedSignal } from './bounded-signal.ts';

it('ends with the outer signal, for the same reason', () => {
  const outer = new AbortController();
  const { signal, release } = boundedSignal(outer.signal, 60_000);
  outer.abort('gone');
  expect(signal.reason).toBe('gone');
  release();
});

it('is ended from the start when the outer signal is', () => {
  const { signal, release } = boundedSignal(AbortSignal.abort('gone'), 60_000);
  expect(signal.aborted).toBe(true);
  release();
});

it('ends after its time', async () => {
  const { signal } = boundedSignal(new AbortController().signal, 5);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(String(signal.reason)).toContain('5 ms');
});

it('is not ended any more once it is released', () => {
  const outer = new AbortController();
  const { signal, release } = boundedSignal(outer.signal, 60_000);
  release();
  outer.abort();
  expect(signal.aborted).toBe(false);
});
