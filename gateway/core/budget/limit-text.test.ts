import { expect, it } from 'vitest';
import type { Limit } from '../decision/decision.ts';
import { limitText } from './limit-text.ts';

const MINT = 'M'.repeat(32);
const ALICE = 'A'.repeat(32);
const SWAP = 'S'.repeat(32);
const USDC = 'U'.repeat(32);
const NAMELESS = 'N'.repeat(32);

it.each<[Partial<Limit>, string]>([
  [{}, 'at most 0.0000001 SOL in any 24 hours, by this agent with this wallet'],
  [
    { measure: { kind: 'outflow', asset: MINT, recipient: ALICE }, scope: 'wallet' },
    `at most 100 base units of ${MINT} to ${ALICE} in any 24 hours, by all agents with this wallet`,
  ],
  [
    { measure: { kind: 'outflow', asset: USDC } },
    'at most 0.0001 USDC in any 24 hours, by this agent with this wallet',
  ],
  [
    { measure: { kind: 'outflow', asset: NAMELESS } },
    `at most 10 tokens of ${NAMELESS} in any 24 hours, by this agent with this wallet`,
  ],
  [
    { measure: { kind: 'outflow', asset: 'SOL', net: true, program: SWAP }, scope: 'agent' },
    `at most 0.0000001 SOL net of what comes in in transactions that call ${SWAP} in any 24 hours, by this agent with all its wallets`,
  ],
  [
    {
      measure: { kind: 'fee' },
      window: { kind: 'calendar', unit: 'month', timeZone: 'Europe/Zurich' },
      scope: 'global',
    },
    'at most 0.0000001 SOL of fees in a month of Europe/Zurich, by everybody',
  ],
  [
    { measure: { kind: 'rent' }, window: { kind: 'lifetime' }, scope: 'agent_group', group: 'makers' },
    'at most 0.0000001 SOL of rent for ever, by the group of agents makers',
  ],
  [
    { measure: { kind: 'sponsored', payer: SWAP }, window: { kind: 'rolling', seconds: 86_400 }, scope: 'global' },
    `at most 0.0000001 SOL of fees and rent that ${SWAP} pays in any 24 hours, by everybody`,
  ],
  [
    { measure: { kind: 'count' }, max: 1n, window: { kind: 'rolling', seconds: 61 } },
    'at most 1 signature in any 61 seconds, by this agent with this wallet',
  ],
  [
    { measure: { kind: 'count' }, window: { kind: 'rolling', seconds: 604_800 } },
    'at most 100 signatures in any 7 days, by this agent with this wallet',
  ],
  [
    { measure: { kind: 'count' }, window: { kind: 'rolling', seconds: 60 } },
    'at most 100 signatures in any 1 minute, by this agent with this wallet',
  ],
])('is said so that anybody can read it: case %#', (change, text) => {
  const limit: Limit = {
    id: 'x',
    scope: 'agent_wallet',
    measure: { kind: 'outflow', asset: 'SOL' },
    window: { kind: 'rolling', seconds: 86_400 },
    max: 100n,
    onExceed: { kind: 'deny' },
    ...change,
  };
  expect(
    limitText(
      limit,
      new Map([
        [USDC, { decimals: 6, symbol: 'USDC' }],
        [NAMELESS, { decimals: 1, symbol: null }],
      ]),
    ),
  ).toBe(text);
});
