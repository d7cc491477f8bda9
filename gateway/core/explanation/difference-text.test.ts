import { expect, it } from 'vitest';
import { exposureText } from './difference-text.ts';

it('tells amounts by asset, with decimals where they are known, in one order, whatever they are', () => {
  expect(exposureText({}, new Map())).toBe('nothing that leaves');
  const amounts = { SOL: 18446744073709551617n, 'A\u001b[31m': '7', Mint: 1500n };
  const told = exposureText(amounts, new Map([['Mint', { decimals: 3, symbol: 'CAN\u001b[31m' }]]));
  expect(told).toMatch(/^7 base units of A.*, 1\.5 CAN.*, 18446744073\.709551617 SOL$/);
  expect(told).not.toContain('\u001b');
});
