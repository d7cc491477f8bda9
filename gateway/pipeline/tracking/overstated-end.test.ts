// Proves that a node that overstates how long a transaction lives keeps nothing open for ever, and makes nothing dead that lives.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { encodeBase58, knownAddress } from '../../core/base58.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleSent } from '../../state/testing/sample-request.ts';
import { type ScriptedChain, scriptedChain } from '../testing/scripted-chain.ts';
import type { Fate } from './fate.ts';
import { witnessFates } from './witnesses.ts';

const JUDGED_AT = 1_767_225_600_000;
const WALLET = knownAddress(encodeBase58(new Uint8Array(32).fill(7)));
const MINUTES = 60_000;
/** The chain is at 300; nobody will ever see this height. */
const OVERSTATED = 2n ** 63n;

let node: ScriptedChain;

beforeEach(() => {
  node = scriptedChain();
  Object.assign(node.heights, { processed: 332n, confirmed: 331n, finalized: 300n });
});

describe.each([
  ['a single node', 1],
  ['two nodes', 2],
])('by the word of %s', (_name, witnesses) => {
  /** All nodes tell the same; the one that overstated the end may be among them. */
  async function fateAfter(ms: number): Promise<Fate['kind'] | undefined> {
    const chain: ChainReader = { ...node, witnesses, nodes: () => Array.from({ length: witnesses }, () => node) };
    const request = record();
    const now = JUDGED_AT + ms;
    const fates = await witnessFates(chain, [request], () => new Map(), now, new AbortController().signal);
    return fates.get(request.requestId)?.kind;
  }

  it('it lives until ten minutes after its judgement, and is dead then where its blockhash is', async () => {
    expect(await fateAfter(10 * MINUTES - 1)).toBe('alive');
    expect(await fateAfter(10 * MINUTES)).toBe('dead');
  });

  it.each<[string, () => void, Fate['kind']]>([
    ['the newest final block is from before its judgement', () => at(JUDGED_AT - 1_000), 'alive'],
    ['that block is as old as the judgement may be, by clocks that differ', () => at(JUDGED_AT + 9_000), 'alive'],
    ['that block is surely newer', () => at(JUDGED_AT + 10_000), 'dead'],
    ['its blockhash is still taken', () => Object.assign(node.heights, { finalized: 250n }), 'alive'],
    ['the history does not reach back', () => Object.assign(node, { oldestBlock: 299n }), 'unproven'],
    ['the node that looks it up is behind', () => Object.assign(node, { statusSlot: 299n }), 'unproven'],
    ['it landed', () => Object.assign(node, { status: { commitment: 'finalized', slot: 5n, error: null } }), 'landed'],
  ])('where %s, it is judged by that', async (_case, change, kind) => {
    change();
    expect(await fateAfter(60 * MINUTES)).toBe(kind);
  });
});

function at(time: number): void {
  node.finalizedTime = BigInt(time / 1_000);
}

function record(): RequestRecord {
  const transaction = solTransfer(WALLET, WALLET, 1n);
  const judgement = sampleJudgement({ transaction, lastValidBlockHeight: OVERSTATED });
  return sampleSent(transaction, { judgement, createdAt: JUDGED_AT });
}
