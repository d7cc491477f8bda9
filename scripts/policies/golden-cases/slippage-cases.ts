// Owns the golden cases of swaps: bounds by arguments, by assertions, and of what is called inside.
import type { AccountRole, Address, Instruction } from '@solana/kit';
import { READONLY, rawInstruction, WRITABLE, WRITABLE_SIGNER } from '../../../gateway/core/effects/testing/judge.ts';
import {
  LIGHTHOUSE_PROGRAM,
  NATIVE_MINT,
  TOKEN_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import { CHAIN, onDesk, ours, pools, takeTokens } from './desk.ts';
import { describeExchange, type ExchangeInstruction, exchangeData } from './exchange-idl.ts';
import type { GoldenPlan } from './plan.ts';
import { named, USD, USDC, WALLET } from './scene.ts';
import { called, ran } from './simulated-run.ts';

/** Of policies/data/guarded.json. */
const PROGRAM = named('exchange program');
const WRAPPER = named('wrapper');

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

export const SLIPPAGE_CASES: readonly GoldenPlan[] = [
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
