// Proves with a real chain and nodes of it that lie, deny or are away: no single one of them makes a payment final or a failure, and what they
// never agree on ends as used.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { airdrop } from '../../relayer/localnet/confirmed-sends.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { rawCall, sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { createPooledChainReader } from '../../relayer/rpc/pool/pooled-chain-reader.ts';
import { createRpcPool } from '../../relayer/rpc/pool/rpc-pool.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { disputeFindings } from '../core/status/dispute-findings.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { createSigningPipeline } from './pipeline.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';
import { lookOnce } from './testing/submitted-scene.ts';

const { signal } = new AbortController();
const FINAL_SLOTS = 40;
const LIFETIME_SLOTS = 200;
const HOUR_MS = 3_600_000;

let scene: PipelineScene;
let localnet: Localnet;
let chain: ChainReader;
let start: number;
let disputed: string[];
/** As the last look recorded it. */
let nextLook: number | null;

beforeAll(async () => {
  [scene, localnet] = await Promise.all([openPipelineScene(), startLocalnet({ facades: 3 })]);
  await airdrop(localnet.rpcUrl, scene.wallet, 10_000_000_000n);
  start = scene.script.time;
});
afterAll(() => Promise.all([scene.close(), localnet.stop()]));

beforeEach(() => {
  scene.script.time = start;
  disputed = [];
});
afterEach(async () => {
  await chain.close();
  await Promise.all(localnet.rpcUrls.map((url) => rawCall(url, 'localnet_clearFaults', [])));
});

/** The first of so many nodes is asked first; two must agree. */
function open(count: number): void {
  const endpoints = localnet.rpcUrls.slice(0, count).map((url, n) => ({ url, weight: n === 0 ? 1_000_000 : 1 }));
  const pool = createRpcPool({ endpoints, timeoutMs: 2_000, maxResponseBytes: 1_000_000, random: () => 0 });
  const reader = createPooledChainReader(pool, 2);
  chain = { ...reader, nodes: () => reader.nodes().map(later) };
}

/** Slots that are skipped take no time, but what comes behind them is from after every judgement. */
function later(node: ChainReader): ChainReader {
  const getFinalizedClock: ChainReader['getFinalizedClock'] = async (asked) => {
    const { slot, unixSeconds } = await node.getFinalizedClock(asked);
    return { slot, unixSeconds: unixSeconds + 60n };
  };
  return { ...node, getFinalizedClock };
}

const fault = (node: number, kind: string) => rawCall(localnet.rpcUrls[node] ?? '', 'localnet_setFault', [{ kind }]);
const pass = (slots: number) => rawCall(localnet.rpcUrls.at(-1) ?? '', 'localnet_advanceSlots', [slots]);

/** It lands, fails there, or its relayer loses it. */
async function pay(outcome: 'lands' | 'fails' | 'is lost'): Promise<string> {
  const { deps, agent, relayer, wallet } = scene;
  relayer.answer = async (wire) => {
    if (outcome !== 'is lost') await sendRaw(localnet.rpcUrls.at(-1) ?? '', wire, { skipPreflight: true });
    return { kind: 'accepted' };
  };
  const lamports =
    outcome === 'fails' ? 10n ** 15n + BigInt(relayer.sent.length) : 1_000n + BigInt(relayer.sent.length);
  const ask = scene.ask({ transaction: solTransfer(wallet, wallet, lamports) });
  const pipeline = createSigningPipeline({ ...deps, chain, simulation: { mode: 'off', timeoutMs: 1 } });
  return (await pipeline.signAndSendTransaction(agent, ask, 'SUBMITTED', signal)).request.requestId;
}

async function look(requestId: string, resendIsDue = false): Promise<RequestRecord> {
  const observer = { ...scene.deps.observer, disputed: (result: string) => void disputed.push(result) };
  const looked = await lookOnce(scene, requestId, {
    deps: { chain, observer },
    options: { resendIsDue: () => resendIsDue },
  });
  nextLook = looked.nextLook;
  return looked.request;
}

/** Looks now and then for an hour. */
async function lookForAnHour(requestId: string): Promise<RequestRecord> {
  for (let minutes = 0; minutes < 60; minutes += 9) {
    scene.script.time = start + minutes * 60_000;
    await look(requestId);
  }
  scene.script.time = start + HOUR_MS;
  return look(requestId);
}

async function kinds(requestId: string): Promise<readonly string[]> {
  return (await scene.auditOf(requestId)).map(({ kind }) => kind).slice(3);
}

const findings = () =>
  disputeFindings(scene.deps.disputes.facts()).map(({ severity, code, subjects }) => [severity, code, ...subjects]);

describe('a node that claims that all landed', () => {
  it('does not make final what never landed: it is confirmed at most, sent again, and dies when the lie ends', async () => {
    open(3);
    const requestId = await pay('is lost');
    await fault(0, 'claimStatus');
    await pass(FINAL_SLOTS);
    expect(await look(requestId)).toMatchObject({ state: 'CONFIRMED' });
    const before = scene.relayer.sent.length;
    expect(await look(requestId, true)).toMatchObject({ state: 'CONFIRMED' });
    expect(scene.relayer.sent.length).toBe(before + 1);
    await pass(LIFETIME_SLOTS);
    expect(await look(requestId, true)).toMatchObject({ state: 'CONFIRMED' });
    expect(scene.relayer.sent.length).toBe(before + 1);
    await rawCall(localnet.rpcUrl, 'localnet_clearFaults', []);
    await look(requestId);
    expect(await look(requestId)).toMatchObject({ state: 'EXPIRED' });
    expect(await kinds(requestId)).toEqual(['request.confirmed', 'request.indeterminate', 'request.expired']);
  });

  it('hides no failure: once it is asked no more, two others show it', async () => {
    open(3);
    const requestId = await pay('fails');
    await fault(0, 'claimStatus');
    await pass(FINAL_SLOTS);
    expect(await look(requestId)).toMatchObject({ state: 'CONFIRMED', error: null });
    expect(await look(requestId)).toMatchObject({ state: 'CONFIRMED', error: null });
    await rawCall(localnet.rpcUrl, 'localnet_clearFaults', []);
    await fault(0, 'serverError');
    expect(await look(requestId)).toMatchObject({
      state: 'FAILED',
      error: expect.stringContaining('InstructionError'),
    });
  });

  it('of two for an hour makes it count as used, and the record says what each showed', async () => {
    open(2);
    const requestId = await pay('is lost');
    await fault(0, 'claimStatus');
    await pass(FINAL_SLOTS);
    expect(await lookForAnHour(requestId)).toMatchObject({
      state: 'INDETERMINATE',
      error: expect.stringContaining('too few RPC nodes agreed for an hour'),
    });
    const [liar, honest] = localnet.rpcUrls.map((url) => new URL(url).host);
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
      kind: 'request.indeterminate',
      facts: {
        must_agree: 2,
        nodes: [
          { node: liar, shows: 'finalized' },
          { node: honest, shows: 'nothing' },
        ],
      },
    });
    expect(new Set(disputed)).toEqual(new Set(['looked_at_again', 'counted_as_used']));
    expect(nextLook).toBeNull();
  });
});

describe('a failure', () => {
  it('that one of two nodes denies for an hour gives nothing back: it counts as used', async () => {
    open(2);
    const requestId = await pay('fails');
    await pass(FINAL_SLOTS);
    await fault(1, 'denyStatus');
    expect(await look(requestId)).toMatchObject({ state: 'SUBMITTED', error: null });
    const ended = await lookForAnHour(requestId);
    expect(ended).toMatchObject({ state: 'INDETERMINATE', error: expect.stringContaining('it counts as used') });
    expect(await kinds(requestId)).toEqual(['request.indeterminate']);
    expect(findings()[0]?.slice(0, 3)).toEqual(['problem', 'OUTCOME_NOT_AGREED', requestId]);
    expect(nextLook).toBeNull();
  });
});

describe('a payment that landed', () => {
  it('is final though the node that is asked first denies it, when two others show it', async () => {
    open(3);
    const requestId = await pay('lands');
    await pass(LIFETIME_SLOTS);
    await fault(0, 'denyStatus');
    expect(await look(requestId)).toMatchObject({ state: 'FINALIZED', error: null });
  });

  it('is confirmed while one of two is away, told to who asks what is stuck, and final when it is back', async () => {
    open(2);
    const requestId = await pay('lands');
    await pass(FINAL_SLOTS);
    await fault(1, 'serverError');
    expect(await look(requestId)).toMatchObject({ state: 'CONFIRMED' });
    expect((nextLook ?? 0) - start).toBe(2_000);
    scene.script.time = start + 360_000;
    expect(await look(requestId)).toMatchObject({ state: 'CONFIRMED' });
    expect((nextLook ?? 0) - scene.script.time).toBe(30_000);
    expect(findings()).toContainEqual(['problem', 'NODES_DISAGREE', requestId]);
    await rawCall(localnet.rpcUrls[1] ?? '', 'localnet_clearFaults', []);
    expect(await look(requestId)).toMatchObject({ state: 'FINALIZED' });
    expect(await kinds(requestId)).toEqual(['request.confirmed', 'request.finalized']);
    expect(findings().map(([, code]) => code)).not.toContain('NODES_DISAGREE');
  });

  it('is confirmed while one of two is away for longer than an hour, and final when it is back', async () => {
    open(2);
    const requestId = await pay('lands');
    await pass(FINAL_SLOTS);
    await fault(1, 'serverError');
    expect(await lookForAnHour(requestId)).toMatchObject({ state: 'CONFIRMED' });
    await rawCall(localnet.rpcUrls[1] ?? '', 'localnet_clearFaults', []);
    expect(await look(requestId)).toMatchObject({ state: 'FINALIZED' });
    expect(disputed).not.toContain('counted_as_used');
  });

  it('is known to one node alone: that one is believed', async () => {
    open(1);
    const requestId = await pay('lands');
    await pass(FINAL_SLOTS);
    expect(await look(requestId)).toMatchObject({ state: 'FINALIZED' });
    expect(disputed).toEqual([]);
  });
});
