import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LONGEST } from './longest-first.ts';

it.each(LONGEST)('%s, which is run first, is there', (file) => {
  expect(existsSync(join(import.meta.dirname, '..', file))).toBe(true);
});
