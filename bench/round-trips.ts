// Owns the count of round trips: how often a decision waits for the chain, on the local chain and over a slow node.
import {
  type Address,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compressTransactionMessageUsingAddressLookupTables,
  createNoopSigner,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferCheckedInstruction, getTransferInstruction } from '@solana-program/token';
import { NOTHING_DESCRIBED } from '../gateway/core/transaction/programs/decode-instruction.ts';
import { type EstablishedTransaction, establishTransaction } from '../gateway/pipeline/decode.ts';
import { createChainCache } from '../gateway/pipeline/facts/chain-cache.ts';
import type { SimulationSettings } from '../gateway/pipeline/pipeline-deps.ts';
import { NO_COMPUTE_BUDGET } from '../gateway/pipeline/testing/compute-budget-deps.ts';
import { countRoundTrips } from '../gateway/pipeline/testing/round-trip-counter.ts';
import { startLocalnet } from '../relayer/localnet/localnet.ts';
import { createTestToken } from '../relayer/localnet/test-token.ts';
import { createLookupTable } from '../relayer/localnet/testing/lookup-table.ts';
import { fundedSigner } from '../relayer/localnet/testing/signed-transaction.ts';
import { createRpcChainReader } from '../relayer/rpc/rpc-chain-reader.ts';

const ignore = (): void => undefined;
const SLOW_MS = 100;
const NO_BLOCKHASH = blockhash('11111111111111111111111111111111');

export interface RoundTripMeasurement {
  readonly what: string;
  /** Counted from outside: questions that waited for one another. */
  readonly roundTrips: number;
  readonly atMost: number;
  readonly milliseconds: number;
  /** The same over a node that takes 100 ms to answer. */
  readonly slowMilliseconds: number;
}

interface Scene {
  readonly rpcUrl: string;
  readonly wallet: KeyPairSigner;
  readonly sol: Uint8Array;
  readonly checked: Uint8Array;
  /** Does not name its mint. */
  readonly token: Uint8Array;
  readonly throughTable: Uint8Array;
}

interface Case {
  readonly what: string;
  readonly wire: Uint8Array;
  readonly atMost: number;
  readonly mode: SimulationSettings['mode'];
  /** Judged before, so that whatever may be cached is. */
  readonly isWarm: boolean;
}

/** Takes a few seconds, most of it to start the local chain. */
export async function measureRoundTrips(): Promise<readonly RoundTripMeasurement[]> {
  const localnet = await startLocalnet();
  try {
    const scene = await prepare(localnet.rpcUrl);
    const measured: RoundTripMeasurement[] = [];
    for (const each of cases(scene)) measured.push(await measure(scene, each));
    return measured;
  } finally {
    await localnet.stop();
  }
}

function cases({ sol, checked, token, throughTable }: Scene): readonly Case[] {
  const plain = { mode: 'when_needed', isWarm: false } as const;
  return [
    { what: 'for a SOL transfer', wire: sol, atMost: 0, ...plain },
    { what: 'for a token transfer', wire: checked, atMost: 1, ...plain },
    { what: 'for a token transfer that does not name its mint', wire: token, atMost: 2, ...plain },
    { what: 'for it once the mint is known', wire: token, atMost: 1, ...plain, isWarm: true },
    { what: 'with a lookup table that is new', wire: throughTable, atMost: 2, ...plain },
    { what: 'with a lookup table that is known', wire: throughTable, atMost: 1, ...plain, isWarm: true },
    { what: 'with a simulation', wire: token, atMost: 2, mode: 'always', isWarm: false },
    { what: 'with a simulation and a new lookup table', wire: throughTable, atMost: 2, mode: 'always', isWarm: false },
  ];
}

async function measure(scene: Scene, each: Case): Promise<RoundTripMeasurement> {
  const quick = await judged(scene, each, 0);
  const slow = await judged(scene, each, SLOW_MS);
  const { what, atMost } = each;
  return {
    what,
    atMost,
    roundTrips: Math.max(quick.roundTrips, slow.roundTrips),
    milliseconds: quick.milliseconds,
    slowMilliseconds: slow.milliseconds,
  };
}

async function judged({ rpcUrl, wallet }: Scene, { wire, mode, isWarm }: Case, slowly: number) {
  const node = createRpcChainReader({ url: rpcUrl, timeoutMs: 5_000 });
  const counted = countRoundTrips(node, slowly);
  const chainCache = createChainCache();
  const pass = (): Promise<EstablishedTransaction> =>
    establishTransaction(
      {
        chain: counted.chain,
        chainCache,
        ...NO_COMPUTE_BUDGET,
        simulation: { mode, timeoutMs: 5_000 },
        routes: new Map(),
        verifySignature: notCalled,
        observer: {
          stage: ignore,
          roundTrips: ignore,
          outcome: ignore,
          signerCall: ignore,
          feePayerCall: ignore,
          relayerCall: ignore,
          overBudget: ignore,
          reconciled: ignore,
          disputed: ignore,
        },
      },
      { describedPrograms: NOTHING_DESCRIBED },
      {
        method: 'sign',
        agentId: 'bench',
        walletId: 'bench',
        received: wire,
        setFreshBlockhash: true,
        idempotencyKey: null,
        context: {},
      },
      { id: 'bench', address: wallet.address },
      new AbortController().signal,
    );
  try {
    // As the readiness check of a running gateway does.
    await node.getLatestBlockhash(new AbortController().signal);
    if (isWarm) await pass();
    counted.reset();
    const started = performance.now();
    const { effects, simulation } = await pass();
    const milliseconds = performance.now() - started;
    if (effects.missing.length > 0) throw new Error(`something is missing: ${effects.missing[0]?.detail}`);
    if (mode === 'always' && simulation.status !== 'succeeded') throw new Error(`the simulation ${simulation.status}`);
    return { roundTrips: counted.sequential(), milliseconds };
  } finally {
    await node.close();
  }
}

async function prepare(rpcUrl: string): Promise<Scene> {
  const wallet = await fundedSigner(rpcUrl);
  const friend = await fundedSigner(rpcUrl);
  const [mint, mintAuthority] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  const token = { amount: 1_000n, mint, mintAuthority };
  const { tokenAccount: ours } = await createTestToken(rpcUrl, { owner: wallet.address, ...token });
  const { tokenAccount: theirs } = await createTestToken(rpcUrl, { owner: friend.address, ...token });
  const table = await createLookupTable(rpcUrl, wallet, [theirs]);
  const authority = createNoopSigner(wallet.address);
  const plan = { source: ours, destination: theirs, authority, amount: 1n };
  const transfer = getTransferInstruction(plan);
  const checked = getTransferCheckedInstruction({ ...plan, mint: mint.address, decimals: 6 });
  const sol = getTransferSolInstruction({ source: authority, destination: friend.address, amount: 1n });
  return {
    rpcUrl,
    wallet,
    sol: wireOf(wallet.address, sol, {}),
    checked: wireOf(wallet.address, checked, {}),
    token: wireOf(wallet.address, transfer, {}),
    throughTable: wireOf(wallet.address, transfer, { [table]: [theirs] }),
  };
}

function wireOf(payer: Address, instruction: Instruction, tables: Readonly<Record<Address, Address[]>>): Uint8Array {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: NO_BLOCKHASH, lastValidBlockHeight: 0n }, m),
    (m) => appendTransactionMessageInstructions([instruction], m),
    (m) => compressTransactionMessageUsingAddressLookupTables(m, tables),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

function notCalled(): never {
  throw new Error('the decode stage does not come to this');
}

/** As `make bench` prints it; whether every bound holds. */
export function reportRoundTrips(measured: readonly RoundTripMeasurement[], print: (line: string) => void): boolean {
  print(`round trips to the chain that wait for one another (local chain; a node that takes ${SLOW_MS} ms to answer)`);
  for (const { what, roundTrips, atMost, milliseconds, slowMilliseconds } of measured) {
    const times = `${milliseconds.toFixed(1).padStart(6)} ms; ${slowMilliseconds.toFixed(0).padStart(4)} ms`;
    print(
      `  ${roundTrips <= atMost ? '✔' : '✘'} round trips: ${roundTrips} ${what.padEnd(48)} ${times} (goal: at most ${atMost})`,
    );
  }
  return measured.every(({ roundTrips, atMost }) => roundTrips <= atMost);
}

if (import.meta.main) process.exitCode = reportRoundTrips(await measureRoundTrips(), console.log) ? 0 : 1;
