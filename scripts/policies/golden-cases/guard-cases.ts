// Owns the golden cases of guards on transactions: arguments, time, simulations, slippage, extensions of mints.
import { type AccountRole, type Address, address, type Instruction } from '@solana/kit';
import { getBatchInstruction, getTransferCheckedInstruction } from '@solana-program/token';
import { getTransferCheckedInstruction as getTransferChecked2022 } from '@solana-program/token-2022';
import {
  mintAccount,
  READONLY,
  rawInstruction,
  WRITABLE,
  WRITABLE_SIGNER,
} from '../../../gateway/core/effects/testing/judge.ts';
import { extendedAccount, extendedMint, feeConfig } from '../../../gateway/core/effects/testing/token-2022-state.ts';
import {
  LIGHTHOUSE_PROGRAM,
  NATIVE_MINT,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import { describeExchange, type ExchangeInstruction, exchangeData } from './exchange-idl.ts';
import type { GoldenPlan } from './plan.ts';
import {
  associated,
  EXCHANGE,
  held,
  named,
  OURS,
  PAYROLL,
  paySol,
  SOL,
  systemAccount,
  USD,
  USDC,
  WALLET,
} from './scene.ts';
import { called, ran, unavailable } from './simulated-run.ts';

/** Of policies/data/guarded.json. */
export const DESK = ['guarded', 'desk'] as const;
const PROGRAM = named('exchange program');
const POOL = named('exchange pool');
const WRAPPER = named('wrapper');
const FEE_MINT = named('fee mint');

const ZONES = ['Europe/Zurich'];
/** In winter Zurich is an hour ahead of universal time, in summer two. */
export const judgedAt = (at: string) => ({ time: { at, zones: ZONES } });
export const AT_WORK = judgedAt('2026-03-02T09:00:00Z');

const [ours, pools] = await Promise.all([associated(WALLET, USDC), associated(POOL, USDC)]);
const CHAIN = [
  [WALLET, systemAccount(100n * SOL)],
  [EXCHANGE, systemAccount(SOL)],
  [USDC, mintAccount(6)],
  await held(WALLET, USDC),
  await held(POOL, USDC),
] as const;

const onDesk = { caller: DESK, ...AT_WORK, chain: CHAIN, endpoints: 2, simulation: ran(CHAIN) } as const;

const takeTokens = (amount: bigint) =>
  getTransferCheckedInstruction({ source: ours, mint: USDC, destination: pools, authority: OURS, amount, decimals: 6 });

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

const accountsOf = (input: Address, output: Address): readonly (readonly [Address, AccountRole])[] => [
  [WALLET, WRITABLE_SIGNER],
  [ours, WRITABLE],
  [pools, WRITABLE],
  [input, READONLY],
  [output, READONLY],
  [TOKEN_PROGRAM, READONLY],
];

function exchange(name: ExchangeInstruction, ...values: readonly (bigint | boolean)[]): Instruction {
  return rawInstruction(PROGRAM, accountsOf(USDC, NATIVE_MINT), exchangeData(name, ...values));
}

/** Lighthouse: the wallet's token account holds so many base units or more. */
function leavesAtLeast(amount: bigint): Instruction {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, amount, true);
  return rawInstruction(LIGHTHOUSE_PROGRAM, [[ours, READONLY]], [9, 0, 2, ...new Uint8Array(bytes.buffer), 4]);
}

const swapping = {
  ...onDesk,
  described: describeExchange(PROGRAM),
  simulation: ran(CHAIN, { calls: [called(2, takeTokens(50n * USD))] }),
} as const;

/** 50 USDC, at 200 for a SOL, less one percent. */
const LEAST = 247_500_000n;

const wrapped = rawInstruction(WRAPPER, [...accountsOf(USDC, NATIVE_MINT), [PROGRAM, READONLY]], [1]);
const inWrapper = (inner: Instruction) => ran(CHAIN, { calls: [called(2, inner), called(3, takeTokens(50n * USD))] });

const SLIPPAGE_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-swap-at-its-bound',
    description: 'what must come out is exactly the least that the data permits for what goes in',
    ...swapping,
    instructions: [exchange('swap', 50n * USD, LEAST)],
  },
  {
    name: 'deny-swap-below-its-bound',
    description: 'one base unit less',
    ...swapping,
    instructions: [exchange('swap', 50n * USD, LEAST - 1n)],
  },
  {
    name: 'deny-swap-for-nothing',
    description: 'nothing must come out: the program keeps all of it, and its argument is honest',
    ...swapping,
    instructions: [exchange('swap', 50n * USD, 0n)],
  },
  {
    name: 'deny-swap-of-an-unnamed-pair',
    description: 'the same bound for another token that comes out',
    ...swapping,
    instructions: [
      rawInstruction(PROGRAM, accountsOf(USDC, named('other mint')), exchangeData('swap', 50n * USD, LEAST)),
    ],
  },
  {
    name: 'allow-route-whose-threshold-bounds-the-output',
    description: 'the threshold is that of what comes out, as the amount is that of what goes in',
    ...swapping,
    instructions: [exchange('route', 50n * USD, 1_000_000n, true)],
  },
  {
    name: 'deny-route-whose-threshold-bounds-the-input',
    description: 'the same number is the most that goes in: nothing bounds what comes out',
    ...swapping,
    instructions: [exchange('route', 50n * USD, 1_000_000n, false)],
  },
  {
    name: 'allow-swap-with-its-balance-asserted',
    description: 'no argument bounds it, and the chain enforces what is left behind it',
    ...swapping,
    instructions: [exchange('unwind'), leavesAtLeast(900_000n * USD)],
  },
  {
    name: 'deny-swap-with-its-balance-asserted-before-it',
    description: 'the assertion holds where it stands, and the swap comes after',
    ...swapping,
    instructions: [leavesAtLeast(900_000n * USD), exchange('unwind')],
    simulation: ran(CHAIN),
  },
  {
    name: 'deny-swap-with-too-little-asserted',
    description: 'one base unit less than must be left',
    ...swapping,
    instructions: [exchange('unwind'), leavesAtLeast(900_000n * USD - 1n)],
  },
  {
    name: 'allow-instruction-that-is-no-swap',
    description: 'another instruction of the same program, which the data says swaps nothing',
    ...swapping,
    instructions: [exchange('cancel')],
    simulation: ran(CHAIN),
  },
  {
    name: 'allow-swap-in-a-wrapper-within-its-bound',
    description: 'a program that is said to swap nothing calls the swap: it is held to the bound there too',
    ...swapping,
    instructions: [wrapped],
    simulation: inWrapper(exchange('swap', 50n * USD, LEAST)),
  },
  {
    name: 'deny-swap-in-a-wrapper-below-its-bound',
    description: 'the same with one base unit less',
    ...swapping,
    instructions: [wrapped],
    simulation: inWrapper(exchange('swap', 50n * USD, LEAST - 1n)),
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
  ...SLIPPAGE_CASES,
  ...TOKEN_2022_GUARD_CASES,
];
