import { expect, it } from 'vitest';
import { createIdSource } from './ids.ts';

it('makes UUIDs of version 7 that never repeat, over many fills of the pool', () => {
  const newId = createIdSource();
  const ids = Array.from({ length: 5_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('makes ids that sort by the time they were made', () => {
  const newId = createIdSource();
  const first = newId().slice(0, 13);
  const last = newId().slice(0, 13);
  expect(last >= first).toBe(true);
});
