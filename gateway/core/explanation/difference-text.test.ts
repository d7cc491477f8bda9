import { expect, it } from 'vitest';
import { exposureText } from './difference-text.ts';

it('tells amounts by asset in base units, in one order, whatever they are', () => {
  expect(exposureText({})).toBe('nothing that leaves');
  const amounts = { SOL: 18446744073709551617n, 'A\u001b[31m': '7' };
  const told = exposureText(amounts);
  expect(told).toMatch(/^7 base units of A.*, 18446744073709551617 lamports of SOL$/);
  expect(told).not.toContain('\u001b');
});
