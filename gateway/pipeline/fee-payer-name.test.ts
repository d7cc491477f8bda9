import { expect, it } from 'vitest';
import { wireTransaction } from '../../tour/transactions.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import { feePayerName } from './fee-payer-name.ts';

const [WALLET, SPONSOR, OTHER] = [keyAddress(1), keyAddress(2), keyAddress(3)];
const ROUTE = { wallet: { id: 'treasury', address: WALLET }, feePayer: { name: 'gas-station', address: SPONSOR } };

it.each([
  ['the wallet itself', WALLET, ROUTE, `the wallet treasury (${WALLET})`],
  ['the fee payer of its relayer', SPONSOR, ROUTE, `the fee payer gas-station (${SPONSOR})`],
  ['somebody else', OTHER, ROUTE, OTHER],
  ['somebody, where the wallet is not served', WALLET, null, WALLET],
  ['the wallet, where nobody else is asked', WALLET, { ...ROUTE, feePayer: null }, `the wallet treasury (${WALLET})`],
])('%s is named as who pays', (_who, payer, route, name) => {
  expect(feePayerName(wireTransaction(payer, []), route)).toBe(name);
});

it('nobody is named for bytes that are no transaction', () => {
  expect(feePayerName(new Uint8Array([1, 2]), ROUTE)).toBe('its fee payer');
});
