import { describe, expect, it } from 'vitest';
import { amountText, lamportsText, withDecimals } from './amounts.ts';

describe('amounts for people', () => {
  it.each([
    ['0', 9, '0'],
    ['1', 9, '0.000000001'],
    ['1500000000', 9, '1.5'],
    ['1000000000', 9, '1'],
    ['18446744073709551615', 9, '18446744073.709551615'],
    ['18446744073709551615', 0, '18446744073709551615'],
    ['7', 255, `0.${'0'.repeat(254)}7`],
    ['340282366920938463463374607431768211455', 6, '340282366920938463463374607431768.211455'],
  ])('%s with %i decimals is %s', (amount, decimals, text) => {
    expect(withDecimals(amount, decimals)).toBe(text);
  });

  it('always says base units too', () => {
    expect(amountText('SOL', '1500000000', 9)).toBe('1.5 SOL (1500000000 lamports)');
    expect(amountText('Mint', '15', 1)).toBe('1.5 Mint (15 base units)');
    expect(lamportsText('5000')).toBe('0.000005 SOL (5000 lamports)');
  });

  it('does not guess decimals, nor calls a word an amount', () => {
    expect(amountText('Mint', '15', undefined)).toBe('15 base units of Mint, decimals unknown');
    expect(amountText('SOL', '1e9', 9)).toBe('1e9 (not a number) SOL');
  });
});
