// Proves that one of several nodes alone can neither bury a transaction nor make it a failure.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader, SignatureStatus } from '../../../relayer/chain-reader.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { encodeBase58, knownAddress } from '../../core/base58.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleRequest } from '../../state/testing/sample-request.ts';
import { type ScriptedChain, scriptedChain } from '../testing/scripted-chain.ts';
import type { Lookup } from './lookup.ts';
import { openSight } from './sight.ts';

const WALLET = knownAddress(encodeBase58(new Uint8Array(32).fill(7)));
const FINAL: SignatureStatus = { commitment: 'finalized', slot: 77n, error: null };
const FAILED: SignatureStatus = { ...FINAL, error: '"x"' };
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
    const current: ChainReader = { ...nodes[0], nodes: () => [current], isBlockhashValid: async () => true };
    chain = current;
    expect(await fate()).toBe('alive');
    expect(nodes[0].asked.filter((method) => method === 'getSignatureStatuses')).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('is certain when two nodes show it', async () => {
    nodes[0].status = FAILED;
    nodes[1].status = FAILED;
    expect(await hasFailed()).toBe(true);
    expect(nodes[2].asked).toEqual([]);
  });

  it('is not certain while one shows it, and none where one shows the opposite', async () => {
    nodes[0].status = FAILED;
    expect(await hasFailed()).toBe(false);
    nodes[1].status = { ...FAILED, commitment: 'confirmed' };
    expect(await hasFailed()).toBe(false);
    nodes[1].status = FINAL;
    nodes[2].status = FAILED;
    expect(await hasFailed()).toBe(false);
    nodes[1].isAway = true;
    expect(await hasFailed()).toBe(true);
  });

  it('is believed of a single node', async () => {
    chain = nodes[0];
    expect(await hasFailed()).toBe(true);
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
  return openSight({ chain, now: () => 0 }, [request], options);
}

async function fate(): Promise<string> {
  const request = record();
  return (await sight(request).fate(request)).kind;
}

function hasFailed(): Promise<boolean> {
  return sight(record()).hasFailed('s');
}

function record(): RequestRecord {
  const transaction = solTransfer(WALLET, WALLET, 1n);
  const { requestId, ask, askDigest } = sampleRequest();
  return {
    requestId,
    ask,
    askDigest,
    judgement: sampleJudgement({ transaction, lastValidBlockHeight: 250n }),
    state: 'SUBMITTED',
    approvalId: null,
    signedTransaction: transaction,
    walletSignature: 'w',
    transactionSignature: 's',
    slot: null,
    error: null,
    createdAt: 0,
    updatedAt: 0,
  };
}
