import { expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const KEYS = ['max_per_transaction', 'per_agent_per_day', 'per_day', 'alert_below', 'per_wallet_a', 'per_wallet_b'];

it.each([
  ['max_per_transacton', 'max_per_transaction'],
  ['Per-Day', 'per_day'],
  ['max_per_tx', 'max_per_transaction'],
  ['per_agent_per_24h', 'per_agent_per_day'],
])('%s is meant to be %s', (given, meant) => {
  expect(nearestName(given, KEYS)).toBe(meant);
});

it.each([
  ['nothing', 'it is near to none'],
  ['per_month_total', 'what it begins with is one word'],
  ['per_wallet_of_all', 'it begins like none'],
  ['per_wallet_everywhere', 'it begins like several'],
  [`max_per_${'x'.repeat(80)}`, 'it is too long for a slip'],
])('%s is nobody, because %s', (given) => {
  expect(nearestName(given, KEYS)).toBeNull();
});
