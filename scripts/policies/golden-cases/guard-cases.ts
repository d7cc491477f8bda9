// Owns the golden cases of guards on transactions: arguments, time, simulations, extensions of mints.
import { type Address, address } from '@solana/kit';
import { getBatchInstruction } from '@solana-program/token';
import { getTransferCheckedInstruction as getTransferChecked2022 } from '@solana-program/token-2022';
import { extendedAccount, extendedMint, feeConfig } from '../../../gateway/core/effects/testing/token-2022-state.ts';
import { TOKEN_2022_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { AT_WORK, DESK, judgedAt, onDesk, takeTokens } from './desk.ts';
import type { GoldenPlan } from './plan.ts';
import { associated, EXCHANGE, named, OURS, PAYROLL, paySol, SOL, systemAccount, USD, WALLET } from './scene.ts';
import { ran, unavailable } from './simulated-run.ts';

/** Of policies/data/guarded.json. */
const FEE_MINT = named('fee mint');

const ARGUMENT_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-argument-at-its-bound',
    description: 'a payment as large as the argument of a transfer may be',
    ...onDesk,
    instructions: [paySol(EXCHANGE, SOL / 2n)],
  },
  {
    name: 'deny-argument-above-its-bound',
    description: 'one lamport more, which every other rule would let pass',
    ...onDesk,
    instructions: [paySol(EXCHANGE, SOL / 2n + 1n)],
  },
  {
    name: 'deny-argument-above-its-bound-in-a-batch',
    description: 'the second part of a batch moves more than the argument of a transfer may be',
    ...onDesk,
    instructions: [getBatchInstruction([takeTokens(USD), takeTokens(100n * USD + 1n)])],
  },
];

const TIME_CASES: readonly GoldenPlan[] = (
  [
    ['allow-time-in-summer', '2026-07-06T06:00:00Z', 'eight on a Monday in summer: the first minute of the window'],
    ['deny-time-in-winter', '2026-01-05T06:00:00Z', 'the same in universal time, which is seven in winter'],
    [
      'deny-time-at-the-end-of-a-window',
      '2026-01-05T17:00:00Z',
      'six in the evening: the first minute after the window',
    ],
    [
      'allow-time-after-midnight',
      '2026-01-10T00:59:59Z',
      'Saturday before two: the window of Friday night reaches there',
    ],
    ['deny-time-after-the-night', '2026-01-10T01:00:00Z', 'Saturday at two: the window of Friday night is over'],
    ['deny-time-on-a-blackout-date', '2026-12-25T10:00:00Z', 'a Friday at eleven, and Christmas'],
  ] as const
).map(([name, at, description]) => ({
  name,
  description,
  ...onDesk,
  ...judgedAt(at),
  instructions: [paySol(EXCHANGE, 1_000_000n)],
}));

const SIMULATION_CASES: readonly GoldenPlan[] = [
  {
    name: 'deny-time-in-a-zone-that-nobody-told',
    description: 'the clock of the zone is missing',
    ...onDesk,
    time: { at: '2026-03-02T09:00:00Z', zones: ['UTC'] },
    instructions: [paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-payment-without-the-simulation-it-needs',
    description: 'all effects are in the message, and the data asks for a simulation of everything',
    caller: DESK,
    ...AT_WORK,
    endpoints: 2,
    instructions: [paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-payment-with-unavailable-simulation',
    description: 'the same where no node gave one',
    ...onDesk,
    simulation: unavailable,
    instructions: [paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-payment-that-one-node-vouches-for',
    description: 'the data asks for two nodes that say the same',
    ...onDesk,
    endpoints: 1,
    instructions: [paySol(EXCHANGE, 1_000_000n)],
  },
];

const fee = {
  source: await associated(WALLET, FEE_MINT, TOKEN_2022_PROGRAM),
  destination: await associated(PAYROLL, FEE_MINT, TOKEN_2022_PROGRAM),
};
const feeAccount = (owner: Address) =>
  extendedAccount({
    mint: FEE_MINT,
    owner,
    amount: 10_000n * USD,
    extensions: [{ __kind: 'ImmutableOwner' }, { __kind: 'TransferFeeAmount', withheldAmount: 0n }],
  });

function payingToken2022(mint: ReturnType<typeof extendedMint>) {
  const chain = [
    [WALLET, systemAccount(100n * SOL)],
    [FEE_MINT, mint],
    [fee.source, feeAccount(WALLET)],
    [fee.destination, feeAccount(PAYROLL)],
  ] as const;
  const instructions = [
    getTransferChecked2022({ ...fee, mint: FEE_MINT, authority: OURS, decimals: 6, amount: 50n * USD }),
  ];
  return { ...onDesk, chain, instructions, simulation: ran(chain) };
}

const feeOf = (basisPoints: number, nextBasisPoints = basisPoints) =>
  feeConfig({ basisPoints, maximum: 5n * USD }, { basisPoints: nextBasisPoints, maximum: 5n * USD });

const TOKEN_2022_GUARD_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-mint-with-a-permitted-fee',
    description: 'the mint keeps as much as the data permits for it',
    ...payingToken2022(extendedMint({ extensions: [feeOf(200)] })),
  },
  {
    name: 'deny-mint-with-a-fee-to-come',
    description: 'the mint keeps that much now, and one basis point more from the next epoch on',
    ...payingToken2022(extendedMint({ extensions: [feeOf(200, 201)] })),
  },
  {
    name: 'deny-mint-with-a-permanent-delegate',
    description: 'somebody can take the tokens back from whoever holds them',
    ...payingToken2022(
      extendedMint({ extensions: [feeOf(200), { __kind: 'PermanentDelegate', delegate: address(EXCHANGE) }] }),
    ),
  },
];

export const GUARD_CASES: readonly GoldenPlan[] = [
  ...ARGUMENT_CASES,
  ...TIME_CASES,
  ...SIMULATION_CASES,
  ...TOKEN_2022_GUARD_CASES,
];
