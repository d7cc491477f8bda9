import { expect, it } from 'vitest';
import { coalesced } from './coalesce.ts';

it('runs once at a time, and once more for all that asked meanwhile', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const ask = coalesced(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const first = ask();
  const meanwhile = [ask(), ask()];
  expect(runs).toHaveLength(1);
  runs[0]?.reject(new Error('not this time'));
  await expect(first).rejects.toThrow('not this time');
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.resolve();
  await Promise.all(meanwhile);
  expect(runs).toHaveLength(2);
  void ask();
  expect(runs).toHaveLength(3);
});
