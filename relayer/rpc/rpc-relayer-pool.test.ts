// Proves what several nodes make of one transaction together, which of them get it, and what a check says of each.
import { createSolanaRpc, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Localnet, startLocalnet } from '../localnet/localnet.ts';
import { rawCall } from '../localnet/testing/raw-rpc.ts';
import {
  constantLifetime,
  fundedSigner,
  signedWith,
  transferInstruction,
  wireOf,
} from '../localnet/testing/signed-transaction.ts';
import type { Relayer } from '../relayer.ts';
import { jointResult } from './submission-answer.ts';
import { answerError, answerResult, type NastyServer, startNastyServer } from './testing/nasty-server.ts';
import { rpcRelayerTo } from './testing/rpc-relayer-to.ts';

const { signal } = new AbortController();

describe('the answers of several nodes', () => {
  const accepted = { kind: 'accepted' } as const;
  const behind = { kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND', reason: 'behind' } as const;
  const landed = { kind: 'rejected', code: 'ALREADY_PROCESSED', reason: 'landed' } as const;
  const fails = { kind: 'rejected', code: 'OTHER', reason: 'fails' } as const;
  const unpaid = { kind: 'rejected', code: 'FEE_PAYER_LACKS_SOL', reason: 'unpaid' } as const;
  const lost = { kind: 'unknown', reason: 'lost' } as const;
  const notSent = { kind: 'not_sent', reason: 'resting' } as const;

  it.each([
    ['one accepts, whatever the others say', [behind, lost, fails, accepted], accepted],
    ['all reject it for the same', [fails, fails], { kind: 'rejected', code: 'OTHER', reason: 'fails' }],
    ['all that got it reject it', [notSent, behind], { ...behind, reason: 'resting; behind' }],
    ['they reject it for different things', [behind, fails], { kind: 'unknown', reason: 'behind; fails' }],
    ['all say that its fee payer has too little', [unpaid, unpaid], unpaid],
    [
      'it fails in preflight of all, for one because of its fee payer',
      [unpaid, fails],
      { kind: 'rejected', code: 'OTHER' },
    ],
    ['one does not know it, and to another its fee payer has too little', [behind, unpaid], { kind: 'unknown' }],
    ['one says that it landed, and one does not know it', [landed, behind], { kind: 'unknown' }],
    ['one rejects it, and the answer of one that may have sent it on is lost', [fails, lost], { kind: 'unknown' }],
    ['none got it', [notSent, notSent], { kind: 'unknown', reason: 'resting' }],
    ['none may be asked', [], { kind: 'unknown', reason: 'there is no RPC node that may be asked now' }],
  ])('where %s', (_case, answers, expected) => {
    expect(jointResult(answers)).toMatchObject(expected);
  });
});

describe('a relayer over facades of one chain', () => {
  let localnet: Localnet;
  let payer: KeyPairSigner;
  let relayer: Relayer;

  beforeAll(async () => {
    localnet = await startLocalnet({ facades: 3 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(() => localnet.stop());
  afterEach(async () => {
    await relayer.close();
    await Promise.all(localnet.rpcUrls.map((url) => rawCall(url, 'localnet_clearFaults', [])));
  });

  const fault = (facade: number, description: object) =>
    rawCall(localnet.rpcUrls[facade] ?? '', 'localnet_setFault', [{ method: 'sendTransaction', ...description }]);

  async function signed(): Promise<Uint8Array> {
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const { address } = await generateKeyPairSigner();
    return wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, address, 5_000_000n)]));
  }

  it('a node that is behind does not overrule one that takes it', async () => {
    relayer = rpcRelayerTo(localnet.rpcUrls.slice(0, 2));
    await fault(0, { kind: 'lag', slots: 20 });
    expect(await relayer.submit(await signed(), signal)).toEqual({ kind: 'accepted' });
  });

  it('rejects what all reject for the same, and knows nothing where one of them lost its answer', async () => {
    relayer = rpcRelayerTo(localnet.rpcUrls.slice(0, 2));
    const { address } = await generateKeyPairSigner();
    const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
    const tooMuch = [transferInstruction(payer, address, 1_000_000_000_000n)];
    const failing = wireOf(await signedWith(0, payer, lifetime, tooMuch));
    expect(await relayer.submit(failing, signal)).toMatchObject({ kind: 'rejected', code: 'OTHER' });
    await fault(1, { kind: 'loseAnswer' });
    expect(await relayer.submit(failing, signal)).toMatchObject({ kind: 'unknown' });
  });

  it('answers as soon as one has accepted it, and the slow one gets it all the same', async () => {
    relayer = rpcRelayerTo(localnet.rpcUrls.slice(0, 2));
    await fault(0, { kind: 'slow', milliseconds: 5_000 });
    const started = performance.now();
    expect(await relayer.submit(await signed(), signal)).toEqual({ kind: 'accepted' });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('does not wait long for a node that hangs once another has refused it', async () => {
    relayer = rpcRelayerTo(localnet.rpcUrls.slice(0, 2), { timeoutMs: 60_000 });
    await fault(0, { kind: 'hang' });
    await fault(1, { kind: 'lag', slots: 20 });
    const answer = await relayer.submit(await signed(), signal);
    expect(answer).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('did not answer within 2000 ms') });
  });

  it('a check shows every node with its slot, and one that is away beside those that are not', async () => {
    relayer = rpcRelayerTo([...localnet.rpcUrls.slice(0, 2), 'http://127.0.0.1:1']);
    await fault(1, { kind: 'lag', method: 'getSlot', slots: 20 });
    const check = await relayer.check(signal);
    expect(check.kind).toBe('ready');
    const [one, other] = localnet.rpcUrls.map((url) => new URL(url).host);
    expect(check).toMatchObject({ detail: expect.stringMatching(`^${one} is healthy at slot \\d+`) });
    expect(check).toMatchObject({
      detail: expect.stringMatching(`${other} is healthy at slot \\d+, (19|20|21) behind`),
    });
    expect(check).toMatchObject({
      detail: expect.stringContaining('not usable now: RPC 127.0.0.1:1: connection failed'),
    });
  });

  it('a check fails for a node of another cluster, with its key, and where the gateway’s own chain is away', async () => {
    const stranger = await startNastyServer();
    stranger.behave(answerResult('4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'));
    try {
      relayer = rpcRelayerTo([localnet.rpcUrl, stranger.url]);
      const check = await relayer.check(signal);
      expect(check).toMatchObject({ kind: 'failed', field: 'endpoints[1].url' });
      expect(check).toMatchObject({ reason: expect.stringContaining('it is of another cluster') });
    } finally {
      await stranger.close();
    }
    await relayer.close();
    const genesisHash = () => Promise.reject(new Error('no node answers'));
    relayer = rpcRelayerTo([localnet.rpcUrl], { genesisHash });
    const failed = { kind: 'failed', field: null, reason: expect.stringContaining('no node answers') };
    expect(await relayer.check(signal)).toMatchObject(failed);
  });
});

describe('which nodes get it', () => {
  let servers: readonly NastyServer[];
  let relayer: Relayer;
  let wire: Uint8Array;

  beforeEach(async () => {
    servers = await Promise.all(Array.from({ length: 4 }, startNastyServer));
    for (const server of servers) server.behave(answerError({ code: -32603, message: 'busy' }));
    servers.forEach((server) => {
      server.behave((call, response) =>
        call.method === 'getSlot'
          ? answerResult(1_000)(call, response)
          : answerError({ code: -32002, message: 'x', data: { err: 'BlockhashNotFound' } })(call, response),
      );
    });
    relayer = rpcRelayerTo(servers.map(({ url }) => url));
    const payer = await generateKeyPairSigner();
    wire = wireOf(await signedWith(0, payer, constantLifetime(), [transferInstruction(payer, payer.address, 1n)]));
  });
  afterEach(async () => {
    await relayer.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  const sends = () => servers.map(({ calls }) => calls.filter(({ method }) => method === 'sendTransaction').length);

  it('the two heaviest first, then the next two, and so on', async () => {
    await relayer.submit(wire, signal);
    expect(sends()).toEqual([1, 1, 0, 0]);
    await relayer.submit(wire, signal);
    expect(sends()).toEqual([1, 1, 1, 1]);
    await relayer.submit(wire, signal);
    expect(sends()).toEqual([2, 2, 1, 1]);
  });

  it('none that asked to be left alone, which certainly did not send it', async () => {
    servers[0]?.behave((_call, response) => response.writeHead(429, { 'retry-after': '30' }).end());
    const answered = await relayer.submit(wire, signal);
    expect(answered).toMatchObject({ kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND' });
    const other = Uint8Array.from(wire);
    other[5] = (other[5] ?? 0) ^ 1;
    const before = sends()[0];
    await relayer.submit(other, signal);
    expect(sends()).toEqual([before, 2, 1, 0]);
  });
});
