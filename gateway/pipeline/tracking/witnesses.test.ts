// Proves that one of several nodes alone cannot bury a transaction.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader, SignatureStatus } from '../../../relayer/chain-reader.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { encodeBase58, knownAddress } from '../../core/base58.ts';
import type { Judgement, RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleSent } from '../../state/testing/sample-request.ts';
import { type ScriptedChain, scriptedChain } from '../testing/scripted-chain.ts';
import type { Lookup } from './lookup.ts';
import { openSight } from './sight.ts';

const WALLET = knownAddress(encodeBase58(new Uint8Array(32).fill(7)));
const FINAL: SignatureStatus = { commitment: 'finalized', slot: 77n, error: null };
const JUDGED_AT = 1_767_225_600_000;
const TAKEN = { slot: 300n, isValid: true };
const { signal } = new AbortController();

let nodes: readonly [ScriptedChain, ScriptedChain, ScriptedChain];
let chain: ChainReader;

/** All three prove it dead: it lived to height 250. */
beforeEach(() => {
  nodes = [scriptedChain(), scriptedChain(), scriptedChain()];
  for (const node of nodes) Object.assign(node.heights, { processed: 400n, confirmed: 400n, finalized: 300n });
  const [first] = nodes;
  chain = { ...first, nodes: () => nodes, witnesses: 2 };
});

describe('what can never land', () => {
  it('is dead when two nodes prove it, and no third is asked', async () => {
    expect(await fate()).toBe('dead');
    expect(nodes[2].asked).toEqual([]);
  });

  it('is dead when one is away, or proves nothing, and two others prove it', async () => {
    nodes[0].isAway = true;
    expect(await fate()).toBe('dead');
    nodes[0].isAway = false;
    nodes[1].oldestBlock = 299n;
    expect(await fate()).toBe('dead');
  });

  it('is not dead while only one proves it', async () => {
    nodes[1].isAway = true;
    nodes[2].isAway = true;
    expect(await fate()).toBe('unproven');
    nodes[1].isAway = false;
    Object.assign(nodes[1].heights, { finalized: 240n });
    expect(await fate()).toBe('alive');
  });

  it('has landed where one of those that are asked shows it', async () => {
    nodes[1].status = FINAL;
    expect(await fate()).toBe('landed');
  });

  it('cannot be told when all are away', async () => {
    for (const node of nodes) node.isAway = true;
    await expect(fate()).rejects.toThrow('the test took it away');
  });

  it('is alive for a node that would still take its blockhash, whatever height was recorded for its end', async () => {
    const current: ChainReader = { ...nodes[0], nodes: () => [current], isBlockhashValid: async () => TAKEN };
    chain = current;
    expect(await fate()).toBe('alive');
    expect(nodes[0].asked.filter((method) => method === 'getSignatureStatuses')).toHaveLength(1);
  });
});

describe('a node that is behind', () => {
  /** One node understated the end when it was signed; the chain is in truth at 5,000, and its blockhash lives to 5,140. */
  beforeEach(() => {
    for (const node of nodes.slice(1)) isBehind(node, JUDGED_AT - 30_000);
  });

  it('proves nothing of a blockhash that it has not come to, though it is past the height that was told', async () => {
    expect(await fate()).toBe('alive');
  });

  it('proves it by a finalized block from after the judgement, as surely as clocks are right', async () => {
    isBehind(nodes[1], JUDGED_AT + 9_000);
    expect(await fate()).toBe('alive');
    isBehind(nodes[1], JUDGED_AT + 10_000);
    expect(await fate()).toBe('dead');
  });

  it('proves nothing of a judgement after an approval by blocks from before that, nor of one that says no time', async () => {
    for (const node of nodes.slice(1)) isBehind(node, JUDGED_AT + 60_000);
    const judgedAgain = (policyInput: Uint8Array) => record({ policyInput }, { approvalId: 'a' });
    expect(await fate(judgedAgain(inputOf(JUDGED_AT)))).toBe('dead');
    expect(await fate(judgedAgain(inputOf(JUDGED_AT + 55_000)))).toBe('alive');
    expect(await fate(judgedAgain(new TextEncoder().encode('{}')))).toBe('alive');
  });

  it.each([1, 2])(
    'proves nothing where one clock of the judgement was behind, by the word of %i',
    async (witnesses) => {
      chain = { ...chain, witnesses, nodes: () => nodes.slice(1) };
      const hourAgo = JUDGED_AT - 3_600_000;
      const overstated = { lastValidBlockHeight: 2n ** 63n };
      const byDatabase = { createdAt: hourAgo, updatedAt: hourAgo };
      expect(await fate(record({ ...overstated, policyInput: inputOf(JUDGED_AT) }, byDatabase))).toBe('alive');
      expect(await fate(record({ ...overstated, policyInput: inputOf(hourAgo) }, byDatabase))).toBe('dead');
      const byGateway = { ...overstated, policyInput: inputOf(hourAgo) };
      expect(await fate(record(byGateway, { approvalId: 'a' }))).toBe('alive');
    },
  );

  it('behind the same address as one that is not proves nothing either', async () => {
    const [, front] = nodes;
    isBehind(front, JUDGED_AT + 60_000);
    const ask = front.isBlockhashValid;
    front.isBlockhashValid = async (...asked) => ({ ...(await ask(...asked)), slot: 299n });
    expect(await fate()).toBe('alive');
    front.isBlockhashValid = ask;
    expect(await fate()).toBe('dead');
  });
});

describe('a single node', () => {
  it('is believed for the height that it told itself', async () => {
    const [only] = nodes;
    chain = only;
    isBehind(only, JUDGED_AT - 30_000);
    expect(await fate()).toBe('dead');
    expect(only.asked).not.toContain('getFinalizedClock');
  });
});

function sight(request: RequestRecord) {
  const lookup: Lookup = {
    isNamed: () => true,
    find: () => ({ kind: 'unknowable' }),
    ended: async () => undefined,
    read: async () => null,
  };
  const [never, unusedUntil] = [() => false, () => new Map<string, bigint>()];
  const options = { resendIsDue: never, patienceIsOver: never, unusedUntil, lookup, signal };
  return openSight({ chain, now: () => JUDGED_AT }, [request], options);
}

/** Judged at this time by the clock of the gateway, Unix milliseconds. */
function inputOf(time: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ request: { time_unix_ms: time } }));
}

/** Its finalized block is of this time, Unix milliseconds. */
function isBehind(node: ScriptedChain, time: number): void {
  node.finalizedTime = BigInt(time / 1_000);
}

async function fate(request = record()): Promise<string> {
  return (await sight(request).fate(request)).kind;
}

function record(judgement: Partial<Judgement> = {}, change: Partial<RequestRecord> = {}): RequestRecord {
  const transaction = solTransfer(WALLET, WALLET, 1n);
  const judged = sampleJudgement({ transaction, lastValidBlockHeight: 250n, ...judgement });
  return sampleSent(transaction, { judgement: judged, createdAt: JUDGED_AT, ...change });
}
