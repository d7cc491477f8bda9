// Proves that no single node can put a landing below the height down to which others look for it.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { verifySignature } from '../../../signers/verify.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { addressFromBytes, encodeBase58 } from '../../core/base58.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { withSignature } from '../../core/transaction/wire.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleRecord } from '../../state/testing/sample-request.ts';
import { sha256 } from '../digest.ts';
import type { WalletRoute } from '../pipeline-deps.ts';
import { type ScriptedChain, scriptedChain } from '../testing/scripted-chain.ts';
import { type ScriptedHistory, scriptedHistory } from '../testing/scripted-history.ts';
import { earliestLanding } from './earliest-landing.ts';
import { createLookup } from './lookup.ts';
import { type Outlook, openSight } from './sight.ts';

/** It was judged then, and looked at a minute and a half later. */
const JUDGED_AT = 1_767_225_600_000;
const NOW = JUDGED_AT + 90_000;
/** Truly it could land in 100,000 to 100,150, and did; the chain is at 100,300 now. */
const LANDED_AT = 100_010n;
const TRUE_END = 100_150n;
const HEIGHT = 100_300n;
/** One endpoint's word, below what the chain has reached. */
const OVERSTATED = 100_550n;

const keys = generateKeyPairSync('ed25519');
const wallet = addressFromBytes(new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)));
const wire = solTransfer(wallet, addressFromBytes(new Uint8Array(32).fill(7)), 5n);
const { signal } = new AbortController();

let nodes: readonly [ScriptedChain, ScriptedChain];
let histories: readonly [ScriptedHistory, ScriptedHistory];

beforeEach(() => {
  nodes = [scriptedChain(), scriptedChain()];
  for (const node of nodes) {
    reaches(node, HEIGHT);
    Object.assign(node, { statusSlot: HEIGHT + 1_000n });
  }
  histories = [scriptedHistory(), scriptedHistory()];
  for (const history of histories) history.landed = [landing()];
});

describe('a landing', () => {
  it('is found though one node overstated the end of its blockhash by hundreds of blocks', async () => {
    for (const node of nodes) reaches(node, OVERSTATED + 1n);
    expect(await outlook({ lastValidBlockHeight: TRUE_END })).toMatchObject({ kind: 'landed' });
    expect(await outlook({ lastValidBlockHeight: OVERSTATED })).toMatchObject({ kind: 'landed' });
  });

  it('is not disproved by nodes that know nothing of the time in which it may have been', async () => {
    for (const node of nodes) reaches(node, OVERSTATED + 1n);
    for (const node of nodes) node.oldestBlock = LANDED_AT + 100n;
    const named = { signedTransaction: wire, transactionSignature: 's', walletSignature: 's' };
    expect(await outlook({ lastValidBlockHeight: OVERSTATED }, named)).toEqual({ kind: 'unproven', isNamed: true });
    for (const node of nodes) node.oldestBlock = LANDED_AT - 3_000n;
    expect(await outlook({ lastValidBlockHeight: OVERSTATED }, named)).toMatchObject({ kind: 'dead' });
  });

  it('is found though the first of the nodes that call it over overstates how high the chain is', async () => {
    const [liar, honest] = nodes;
    reaches(liar, HEIGHT + 100_000n);
    liar.statusSlot = HEIGHT + 200_000n;
    reaches(honest, OVERSTATED + 1n);
    expect(await outlook({ lastValidBlockHeight: OVERSTATED })).toMatchObject({ kind: 'landed' });
  });

  it('is found though the first of the nodes that call it over understates the slot of what it goes by', async () => {
    nodes[0].getFinalizedBlock = async () => ({ slot: LANDED_AT - 1n, blockHeight: HEIGHT });
    expect(await outlook({ lastValidBlockHeight: TRUE_END })).toMatchObject({ kind: 'landed' });
  });
});

describe('the height below which nothing can have landed', () => {
  it('is what was told, or what the time since the judgement leaves of the height of the node, whichever is lower', () => {
    const at = (lastValidBlockHeight: bigint, now: number) =>
      earliestLanding(record({ lastValidBlockHeight }), HEIGHT, now);
    // 210 s of 100 ms each.
    expect(at(OVERSTATED, NOW)).toBe(HEIGHT - 2_100n);
    expect(at(98_000n, NOW)).toBe(97_700n);
    // A clock that is behind leaves the slack.
    expect(at(OVERSTATED, JUDGED_AT - 60_000)).toBe(HEIGHT - 1_200n);
    expect(at(OVERSTATED, JUDGED_AT + 86_400_000)).toBe(0n);
    expect(at(1n, NOW)).toBe(0n);
  });

  it('goes by the judgement after an approval, however long that took', () => {
    const waited = JUDGED_AT + 86_400_000;
    const policyInput = new TextEncoder().encode(`{"request":{"id":"r","time_unix_ms":${waited}}}`);
    const judgement = { lastValidBlockHeight: OVERSTATED, policyInput };
    expect(earliestLanding(record(judgement, { approvalId: 'a' }), HEIGHT, waited + 90_000)).toBe(HEIGHT - 2_100n);
    expect(earliestLanding(record(judgement), HEIGHT, waited + 90_000)).toBe(0n);
    const unreadable = { lastValidBlockHeight: OVERSTATED, policyInput: new Uint8Array([1]) };
    expect(earliestLanding(record(unreadable, { approvalId: 'a' }), HEIGHT, waited + 90_000)).toBe(0n);
  });
});

function reaches(node: ScriptedChain, height: bigint): void {
  Object.assign(node.heights, { processed: height, confirmed: height, finalized: height });
}

async function outlook(
  judgement: Parameters<typeof sampleJudgement>[0],
  change: Partial<RequestRecord> = {},
): Promise<Outlook> {
  const request = record(judgement, change);
  const chain = { ...nodes[0], nodes: () => nodes, witnesses: 2 };
  const custody = request.transactionSignature === null ? 'remote' : 'process';
  const route = { wallet: { id: 'treasury', address: wallet }, signer: { custody } };
  const deps = {
    chain,
    now: () => NOW,
    histories,
    routes: new Map([['treasury', route as WalletRoute]]),
    verifySignature,
    state: { walletChecks: { messagesOf: async () => new Map<string, string>() } },
  };
  const options = {
    resendIsDue: () => false,
    patienceIsOver: () => false,
    unusedUntil: () => new Map(),
    lookup: createLookup(deps, signal),
    signal,
  };
  const look = () => openSight(deps, [request], options).fate(request);
  return (await look()).kind === 'searching' ? options.lookup.ended().then(look) : look();
}

function landing() {
  const { messageBytes } = compiled();
  const signature = new Uint8Array(signWith(null, messageBytes, keys.privateKey));
  return {
    signature: encodeBase58(signature),
    slot: LANDED_AT,
    error: null,
    wire: withSignature(compiled(), 0, signature),
  };
}

function compiled() {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error('malformed');
  return parsed.value;
}

function record(judgement: Parameters<typeof sampleJudgement>[0], change: Partial<RequestRecord> = {}): RequestRecord {
  const messageDigest = sha256(compiled().messageBytes);
  const judged = sampleJudgement({ transaction: wire, messageDigest, ...judgement });
  return sampleRecord({ judgement: judged, state: 'INDETERMINATE', createdAt: JUDGED_AT, ...change });
}
