// Proves by a model of a cluster that one node that answers whatever it likes, beside honest ones that are behind, makes nothing dead that
// lands and nothing final that is not: with slow slots, halts, wrong ends of blockhashes and clocks that step.
import { describe, expect, it } from 'vitest';
import {
  type ChainReader,
  ChainUnavailable,
  type Commitment,
  type SignatureStatus,
} from '../../../relayer/chain-reader.ts';
import { seededNumbers } from '../../../relayer/localnet/testing/mutations.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { encodeBase58, knownAddress } from '../../core/base58.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleSent } from '../../state/testing/sample-request.ts';
import { scriptedChain } from '../testing/scripted-chain.ts';
import { witnessFinality } from './finality.ts';
import { createNonceMemory } from './sight.ts';
import { witnessFates } from './witnesses.ts';

const WALLET = knownAddress(encodeBase58(new Uint8Array(32).fill(7)));
const JUDGED_AT = 1_767_225_600_000;
const HOUR = 3_600_000;
const FIRST = 100_000;
const LIFE = 150;
const NEVER = Number.POSITIVE_INFINITY;
const BEHIND = { processed: 0, confirmed: 2, finalized: 32 } as const;
const { signal } = new AbortController();

interface Dice {
  readonly below: (limit: number) => number;
  readonly one: <T>(of: readonly [T, ...T[]]) => T;
}

function dice(seed: number): Dice {
  const below = seededNumbers(seed);
  return { below, one: (of) => of[below(of.length)] ?? of[0] };
}

/** Times are milliseconds since the judgement; a slot is a block. */
interface World {
  readonly slotAt: (time: number) => number;
  readonly timeOf: (slot: number) => number;
  readonly blockhashSlot: number;
  /** `NEVER`: it does not. */
  readonly landsIn: number;
  readonly error: string | null;
  time: number;
}

function worldOf({ below, one }: Dice): World {
  const slotMs = one([400, 400, 1_000, 2_000]);
  const [from, length] = [below(60_000), one([0, 0, 600_000, 2 * HOUR])];
  const blockhashSlot = FIRST - below(8);
  return {
    slotAt: (time) => FIRST + Math.floor((time <= from ? time : Math.max(from, time - length)) / slotMs),
    timeOf: (slot) => (slot - FIRST) * slotMs + ((slot - FIRST) * slotMs > from ? length : 0),
    blockhashSlot,
    landsIn: one([NEVER, Math.max(FIRST + 1, blockhashSlot + 1 + below(LIFE))]),
    error: one([null, null, '"E"']),
    time: 0,
  };
}

/** One address with one or two nodes behind it, each so far behind. */
function honest(world: World, { one }: Dice, host: string): ChainReader {
  const lags = one([[0], [0], [10_000], [0, 20_000], [0, 60_000], [90_000]] as const);
  const newest = (commitment: Commitment): number =>
    world.slotAt(world.time - one<number>([lags[0], ...lags])) - BEHIND[commitment];
  const status = (processed: number): SignatureStatus | null => {
    const { landsIn, error } = world;
    if (landsIn > processed) return null;
    const isFinal = landsIn <= processed - BEHIND.finalized;
    return { commitment: isFinal ? 'finalized' : 'processed', slot: BigInt(landsIn), error };
  };
  return {
    ...scriptedChain(),
    host,
    isBlockhashValid: async (_, commitment) => {
      const slot = newest(commitment);
      return { slot: BigInt(slot), isValid: world.blockhashSlot <= slot && slot - world.blockhashSlot <= LIFE };
    },
    getSignatureStatuses: async (signatures) => {
      const slot = newest('processed');
      return { slot: BigInt(slot), statuses: signatures.map(() => status(slot)) };
    },
    getFinalizedBlock: async () => {
      const slot = BigInt(newest('finalized'));
      return { slot, blockHeight: slot };
    },
    getFinalizedClock: async () => {
      const slot = newest('finalized');
      return { slot: BigInt(slot), unixSeconds: BigInt(Math.floor((JUDGED_AT + world.timeOf(slot)) / 1_000)) };
    },
  };
}

/** It buries, or shows as landed or failed, whatever it is asked about; or says now this and now that. */
function liar({ below, one }: Dice): ChainReader {
  const lie = one(['dead', 'finalized', 'failed', 'anything'] as const);
  const far = (): bigint =>
    lie === 'anything' ? one([0n, BigInt(FIRST), BigInt(FIRST + below(9_000)), 2n ** 63n]) : 2n ** 62n;
  const mood = (): void => {
    if (below(10) === 0) throw new ChainUnavailable('it is away, it says');
  };
  const status = (): SignatureStatus | null => {
    const said = lie === 'anything' ? one(['dead', 'finalized', 'failed', 'processed'] as const) : lie;
    if (said === 'dead') return null;
    return {
      commitment: said === 'processed' ? said : 'finalized',
      slot: far(),
      error: said === 'failed' ? '"Lie"' : null,
    };
  };
  const told = async <T>(answer: () => T): Promise<T> => {
    mood();
    return answer();
  };
  return {
    ...scriptedChain(),
    host: 'liar',
    isBlockhashValid: () => told(() => ({ slot: far(), isValid: lie === 'anything' && below(3) === 0 })),
    getSignatureStatuses: (signatures) => told(() => ({ slot: far(), statuses: signatures.map(status) })),
    getFinalizedBlock: () => told(() => ({ slot: far(), blockHeight: far() })),
    getFinalizedClock: () => told(() => ({ slot: far(), unixSeconds: far() })),
  };
}

type End = 'dead' | 'landed' | 'failed' | 'open';

/** What is called certain first, and whether it is so. */
async function play(seed: number, witnesses: number): Promise<{ readonly end: End; readonly isTrue: boolean }> {
  const roll = dice(seed);
  const { below, one } = roll;
  const world = worldOf(roll);
  const more = one([[], ['h2']] as const).map((host) => honest(world, roll, host));
  const nodes = [liar(roll), honest(world, roll, 'h1'), ...more];
  const chain: ChainReader = {
    ...scriptedChain(),
    witnesses,
    nodes: () => {
      const first = below(nodes.length);
      return [...nodes.slice(first), ...nodes.slice(0, first)];
    },
  };
  const end = BigInt(world.blockhashSlot + LIFE);
  const request = record(one([end, end, 0n, end - 140n, end + 30n, 2n ** 63n]));
  const step = { ms: one([0, 0, HOUR, -HOUR]), from: below(HOUR) };
  const memory = createNonceMemory();
  while (world.time < 3 * HOUR) {
    world.time += world.time < 200_000 ? 1_000 + below(9_000) : 30_000 + below(60_000);
    const isStepped = world.time > step.from && world.time < step.from + HOUR / 3;
    const now = JUDGED_AT + world.time + (isStepped ? step.ms : 0);
    const fate = await fateOf(chain, request, memory, now);
    if (fate === 'dead') return { end: 'dead', isTrue: world.landsIn === NEVER };
    const finality = (await witnessFinality(chain, ['s'], signal)).get('s');
    if (finality?.kind !== 'certain') continue;
    const { error } = finality.status;
    const hasLanded = world.landsIn <= world.slotAt(world.time);
    return {
      end: error === null ? 'landed' : 'failed',
      isTrue: hasLanded && (error === null) === (world.error === null),
    };
  }
  return { end: 'open', isTrue: true };
}

async function fateOf(
  chain: ChainReader,
  request: RequestRecord,
  memory: ReturnType<typeof createNonceMemory>,
  now: number,
): Promise<string> {
  try {
    return (await witnessFates(chain, [request], memory, now, signal)).get(request.requestId)?.kind ?? 'alive';
  } catch (error) {
    if (error instanceof ChainUnavailable) return 'alive';
    throw error;
  }
}

function record(lastValidBlockHeight: bigint): RequestRecord {
  const transaction = solTransfer(WALLET, WALLET, 1n);
  const judgement = sampleJudgement({ transaction, lastValidBlockHeight });
  return sampleSent(transaction, { judgement, createdAt: JUDGED_AT });
}

/** Worlds by what was called certain in them, and the seeds of those in which it was not so. */
async function playAll(count: number, witnesses: number) {
  const ends: Record<End, number> = { dead: 0, landed: 0, failed: 0, open: 0 };
  const wrong: number[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const { end, isTrue } = await play(seed, witnesses);
    ends[end] += 1;
    if (!isTrue) wrong.push(seed);
  }
  return { ends, wrong };
}

describe('one node that lies', () => {
  it('makes nothing certain that is not so, where two must agree', async () => {
    const { ends, wrong } = await playAll(400, 2);
    expect(wrong).toEqual([]);
    for (const end of ['dead', 'landed', 'failed'] as const) expect(ends[end]).toBeGreaterThan(20);
  });

  it('is believed where one is enough', async () => {
    expect((await playAll(20, 1)).wrong.length).toBeGreaterThan(5);
  });
});
