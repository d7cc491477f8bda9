// Owns the golden cases of programs whose effects are not in their message: what an IDL describes, what nothing reads, and what a
// simulation of them showed.
import type { AccountRole, Address, Instruction } from '@solana/kit';
import { getTransferCheckedInstruction } from '@solana-program/token';
import type { AccountState } from '../../../gateway/core/effects/chain-facts.ts';
import {
  mintAccount,
  READONLY,
  rawInstruction,
  WRITABLE,
  WRITABLE_SIGNER,
} from '../../../gateway/core/effects/testing/judge.ts';
import {
  LIGHTHOUSE_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { GoldenPlan } from './plan.ts';
import {
  associated,
  EXCHANGE,
  held,
  KEEPER,
  named,
  OURS,
  paySol,
  SOL,
  STRANGER,
  systemAccount,
  USD,
  USDC,
  WALLET,
} from './scene.ts';
import { called, failed, ran, unavailable } from './simulated-run.ts';
import { describeSwaps, swapData } from './swap-idl.ts';

/** Programs that policies/data/keeper.json permits: a swap by its IDL, the venue that it calls, and an oracle that nothing reads. */
const ROUTER = named('router');
const VENUE = named('venue');
const ORACLE = named('oracle');
/** Who owns what the venue keeps. */
const POOL = named('pool');

const [ours, pools] = await Promise.all([associated(WALLET, USDC), associated(POOL, USDC)]);
const CHAIN: readonly (readonly [Address, AccountState])[] = [
  [WALLET, systemAccount(100n * SOL)],
  [EXCHANGE, systemAccount(SOL)],
  [USDC, mintAccount(6)],
  await held(WALLET, USDC),
  await held(POOL, USDC),
];

const DESCRIBED = describeSwaps({ router: ROUTER, venue: VENUE });

type AccountAs = readonly [Address, AccountRole];

const SWAP_DATA = swapData(1_000_000);

const SWAP_ACCOUNTS: readonly AccountAs[] = [
  [WALLET, WRITABLE_SIGNER],
  [ours, WRITABLE],
  [pools, WRITABLE],
  [TOKEN_PROGRAM, READONLY],
  [USDC, READONLY],
  [VENUE, READONLY],
];
const SWAP = swapWith();

function swapWith(...further: readonly AccountAs[]): Instruction {
  return rawInstruction(ROUTER, [...SWAP_ACCOUNTS, ...further], SWAP_DATA);
}

const venueSwap: Instruction = { ...SWAP, programAddress: VENUE };
const takeTokens = (amount: bigint) =>
  getTransferCheckedInstruction({ source: ours, mint: USDC, destination: pools, authority: OURS, amount, decimals: 6 });

/** Lighthouse, silently: the wallet's token account holds so many base units or more. */
function leavesAtLeast(amount: bigint): Instruction {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, amount, true);
  return rawInstruction(LIGHTHOUSE_PROGRAM, [[ours, READONLY]], [9, 0, 2, ...new Uint8Array(bytes.buffer), 4]);
}

/** Router, venue, token program: what the swap takes. */
const taking = (amount: bigint) => ran(CHAIN, { calls: [called(2, venueSwap), called(3, takeTokens(amount))] });

const swapping = { caller: KEEPER, instructions: [SWAP], chain: CHAIN, described: DESCRIBED } as const;

const SWAP_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-described-program-simulated',
    description: 'a swap by its IDL: all that its simulation shows fits the other rules',
    ...swapping,
    simulation: taking(50n * USD),
  },
  {
    name: 'allow-described-program-with-assertion',
    description: 'the same swap with an assertion behind it, which the chain enforces: what is left is guaranteed',
    ...swapping,
    instructions: [SWAP, leavesAtLeast(900_000n * USD)],
    simulation: taking(50n * USD),
  },
  {
    name: 'approval-for-what-a-simulation-shows',
    description: 'the same swap with an amount that needs approval, which only its simulation shows',
    ...swapping,
    simulation: taking(100n * USD + 1n),
  },
  {
    name: 'deny-what-a-simulation-shows-above-the-limit',
    description: 'the same swap with an amount above the limit, which only its simulation shows',
    ...swapping,
    simulation: taking(500n * USD + 1n),
  },
  {
    name: 'deny-recipient-that-a-simulation-shows',
    description: 'the swap pays a stranger inside',
    ...swapping,
    instructions: [swapWith([STRANGER, WRITABLE], [SYSTEM_PROGRAM, READONLY])],
    simulation: ran(CHAIN, { calls: [called(2, paySol(STRANGER, 1n))] }),
  },
  {
    name: 'deny-inner-call-that-nobody-named',
    description: 'the router passes the wallet on to a program that the data does not name',
    ...swapping,
    instructions: [swapWith([named('other venue'), READONLY])],
    simulation: ran(CHAIN, { calls: [called(2, { ...venueSwap, programAddress: named('other venue') })] }),
  },
  {
    name: 'deny-described-program-without-simulation',
    description: 'the permission asks for a simulation, and none was run',
    ...swapping,
  },
  {
    name: 'deny-described-program-with-failed-simulation',
    description: 'the swap fails when it is simulated',
    ...swapping,
    simulation: failed('{"InstructionError":[0,{"Custom":6001}]}'),
  },
  {
    name: 'deny-described-program-with-unavailable-simulation',
    description: 'the node gave no answer in time',
    ...swapping,
    simulation: unavailable,
  },
  {
    name: 'deny-described-program-with-incomplete-simulation',
    description: 'the node does not tell what ran inside: that is not nothing',
    ...swapping,
    simulation: ran(CHAIN, { calls: null }),
  },
  {
    name: 'deny-described-program-with-diverging-simulation',
    description: 'the wallet loses lamports by no instruction that the node tells of',
    ...swapping,
    simulation: ran(CHAIN, { left: [[WALLET, systemAccount(90n * SOL)]] }),
  },
  {
    name: 'deny-described-program-that-nobody-named',
    description: 'the same swap for an agent whose data does not name the program',
    ...swapping,
    caller: ['trader', 'treasury'],
    simulation: taking(50n * USD),
  },
  {
    name: 'deny-instruction-that-the-idl-does-not-describe',
    description: 'another instruction of the router: a star would not cover it either',
    ...swapping,
    instructions: [{ ...SWAP, data: Uint8Array.from([2, ...SWAP_DATA.slice(1)]) }],
    simulation: taking(50n * USD),
  },
];

const poke = (account: AccountAs): Instruction => rawInstruction(ORACLE, [account], [7]);

const OPAQUE_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-unread-instruction-without-the-wallet',
    description: 'an oracle is told to refresh: nothing reads that, and it does not get the wallet',
    caller: KEEPER,
    instructions: [poke([named('price'), WRITABLE]), paySol(EXCHANGE, 1_000_000n)],
  },
  {
    name: 'deny-unread-instruction-with-the-wallet',
    description: 'the same oracle is given the wallet',
    caller: KEEPER,
    instructions: [poke([WALLET, WRITABLE_SIGNER])],
    chain: CHAIN,
    simulation: ran(CHAIN),
  },
  {
    name: 'deny-failed-simulation-of-an-ordinary-payment',
    description: 'a payment that the message allows fails when it is simulated',
    instructions: [paySol(EXCHANGE, 1_000_000n)],
    chain: CHAIN,
    simulation: failed('"AccountNotFound"'),
  },
  {
    name: 'deny-diverging-simulation-of-an-ordinary-payment',
    description: 'a payment that the message allows, and a simulation that leaves less than it should',
    instructions: [paySol(EXCHANGE, 1_000_000n)],
    chain: CHAIN,
    simulation: ran(CHAIN, { left: [[WALLET, systemAccount(98n * SOL)]] }),
  },
  {
    name: 'allow-simulated-ordinary-payment',
    description: 'a payment whose simulation shows what its message says',
    instructions: [paySol(EXCHANGE, 1_000_000n)],
    chain: CHAIN,
    simulation: ran(CHAIN),
  },
  {
    name: 'allow-ordinary-payment-with-unavailable-simulation',
    description: 'a payment whose every effect is in its message needs no simulation',
    instructions: [paySol(EXCHANGE, 1_000_000n)],
    chain: CHAIN,
    simulation: unavailable,
  },
  {
    name: 'deny-stranger-whatever-the-simulation',
    description: 'a payment that the message denies, and a simulation that looks well',
    instructions: [paySol(STRANGER, 1_000_000n)],
    chain: CHAIN,
    simulation: ran(CHAIN),
  },
];

export const SIMULATED_CASES: readonly GoldenPlan[] = [...SWAP_CASES, ...OPAQUE_CASES];
