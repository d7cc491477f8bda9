import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createDerivationRoom } from './derivation-room.ts';
import { sealSeed } from './keystore-file.ts';

const MIB = 2 ** 20;

/** `sizes` in MiB, asked for at once; each ends when it is let go. */
function crowd(sizes: readonly number[], limits: { readonly bytes: number; readonly atOnce: number }) {
  const room = createDerivationRoom(limits);
  const inside = new Map<number, () => void>();
  const all = sizes.map((size, n) =>
    room.run(size * MIB, () => new Promise<void>((resolve) => inside.set(n, () => resolve(void inside.delete(n))))),
  );
  const letGo = async (n: number): Promise<void> => {
    inside.get(n)?.();
    await all[n];
  };
  return { inside: () => [...inside.keys()], letGo, room };
}

it('lets in as many at once as there is memory and turns for, in the order of asking', async () => {
  const { inside, letGo } = crowd([128, 128, 128, 16, 16, 16], { bytes: 256 * MIB, atOnce: 3 });
  await expect.poll(inside).toEqual([0, 1]);
  await letGo(1);
  await expect.poll(inside).toEqual([0, 2]);
  await letGo(0);
  await expect.poll(inside).toEqual([2, 3, 4]);
  await letGo(3);
  await expect.poll(inside).toEqual([2, 4, 5]);
});

it('lets one in alone that takes more than there is', async () => {
  const { inside, letGo } = crowd([16, 1024, 16], { bytes: 256 * MIB, atOnce: 3 });
  await expect.poll(inside).toEqual([0]);
  await letGo(0);
  await expect.poll(inside).toEqual([1]);
  await letGo(1);
  await expect.poll(inside).toEqual([2]);
});

it('gives the room back of what failed', async () => {
  const room = createDerivationRoom({ bytes: MIB, atOnce: 1 });
  await expect(room.run(MIB, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await room.run(MIB, async () => 'next')).toBe('next');
});

it('leaves room to the rest of the process while many keystores wait', async () => {
  let sealed = 0;
  const sealing = Array.from({ length: 12 }, () =>
    sealSeed(randomBytes(32), '1'.repeat(32), 'a passphrase of some length', 2 ** 15).then(() => {
      sealed += 1;
    }),
  );
  await readFile(import.meta.filename);
  // All threads of the process at work on keystores would have let the file wait for nine of them.
  expect(sealed).toBeLessThan(4);
  await Promise.all(sealing);
  expect(sealed).toBe(12);
});
