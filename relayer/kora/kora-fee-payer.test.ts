import { address } from '@solana/kit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifySignature } from '../../signers/verify.ts';
import { startFakeKora } from '../../test/fakes/kora/kora.ts';
import type { KoraMisbehaviour } from '../../test/fakes/kora/misbehaviour.ts';
import { API_KEY, addressOf, FEE_PAYER, FEE_PAYER_SEED, HMAC_SECRET, transfer, WALLET } from '../../test/kora/scene.ts';
import type { Cosigning } from '../fee-payer.ts';
import {
  contextWithin,
  type OpenedKora,
  type OpenedKoraOptions,
  openKora,
  signCalls,
  sponsored,
} from './testing/opened-kora.ts';

let kora: OpenedKora | undefined;

async function open(options?: OpenedKoraOptions): Promise<OpenedKora> {
  kora = await openKora(options);
  return kora;
}

function cosign({ feePayer }: OpenedKora, transaction = sponsored(), within = 10_000): Promise<Cosigning> {
  return feePayer.cosign(transaction.messageBytes, transaction.wire, contextWithin(within));
}

afterEach(async () => {
  await kora?.close();
  kora = undefined;
});

describe('the fee payer of a Kora', () => {
  it('has the address that the Kora tells', async () => {
    const { feePayer } = await open();
    await vi.waitFor(() => expect(feePayer.address).toBe(FEE_PAYER));
  });

  it('has no address before the Kora told one, and asks again', { timeout: 10_000 }, async () => {
    const opened = await open({ fallen: true });
    expect(await cosign(opened)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(opened.feePayer.address).toBeNull();
    await opened.fakes[0].rise();
    await vi.waitFor(() => expect(opened.feePayer.address).toBe(FEE_PAYER), 5_000);
  });

  it('has the configured address without asking', async () => {
    const { feePayer } = await open({ fallen: true, relayer: { feePayer: WALLET } });
    expect(feePayer.address).toBe(WALLET);
  });

  it.each(['legacy', 0] as const)('signs slot 0 of the very message, version %s', async (version) => {
    const transaction = sponsored({ version });
    const result = await cosign(await open(), transaction);
    if (result.kind !== 'signed') throw new Error(`not signed: ${JSON.stringify(result)}`);
    const { messageBytes } = transaction;
    expect(await verifySignature({ address: FEE_PAYER, messageBytes, signature: result.signature })).toBe(true);
  });

  it('gives the Kora the message with every slot empty, whatever was signed before', async () => {
    const opened = await open();
    const { messageBytes, wire } = sponsored();
    const presigned = Uint8Array.from(wire);
    presigned.fill(9, 65, 129);
    await opened.feePayer.cosign(messageBytes, presigned, contextWithin(10_000));
    const asked = opened.fakes[0].calls.find(({ method }) => method === 'signTransaction');
    const transaction = Buffer.from(wire).toString('base64');
    expect(asked?.params).toEqual({ transaction, signer_key: FEE_PAYER, sig_verify: false });
  });

  it('refuses version 1 before it asks', async () => {
    const opened = await open();
    const result = await cosign(opened, sponsored({ version: 1 }));
    expect(result).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/version 1.*legacy.*version 0 only/),
    });
    expect(signCalls(opened.fakes[0])).toBe(0);
  });

  it('refuses a message that names another fee payer before it asks for a signature', async () => {
    const opened = await open();
    const result = await cosign(opened, sponsored({ feePayer: WALLET }));
    const reason = `the transaction names ${WALLET} as its fee payer; the Kora pays as ${FEE_PAYER}`;
    expect(result).toEqual({ kind: 'refused', reason });
    expect(signCalls(opened.fakes[0])).toBe(0);
  });

  it('refuses bytes that are no message', async () => {
    const { feePayer } = await open();
    const result = await feePayer.cosign(Uint8Array.of(0x80, 1, 0), new Uint8Array(), contextWithin(500));
    expect(result).toEqual({ kind: 'refused', reason: 'the message names no fee payer' });
  });

  const OUTCOMES: readonly (readonly [KoraMisbehaviour, Cosigning['kind'], RegExp])[] = [
    ['hangs', 'unavailable', /no answer within 300 ms/],
    ['slow', 'unavailable', /no answer within 300 ms/],
    ['resets', 'unavailable', /connection failed \(ECONNRESET\)/],
    ['signs_and_is_lost', 'unavailable', /connection failed \(ECONNRESET\)/],
    ['rate_limited', 'unavailable', /429/],
    ['server_error', 'unavailable', /HTTP status 500/],
    [
      'unauthorized',
      'unavailable',
      /HTTP status 401: it does not take the API key or the HMAC; its clock and ours are \d+ s apart/,
    ],
    ['node_away', 'unavailable', /its own node failed it: RPC error/],
    ['denies', 'refused', /^PROGRAM_NOT_ALLOWED: Kora 127.0.0.1:\d+: Invalid transaction: Program Vote1+ is not/],
    ['changed_message', 'refused', /^MESSAGE_CHANGED: the Kora changed the message/],
    ['wrong_signature', 'unavailable', /its signature is not that of the fee payer/],
    ['other_payer', 'unavailable', /its signature is not that of the fee payer/],
    ['nonsense', 'unavailable', /no JSON-RPC 2.0 answer to this call/],
    ['huge', 'unavailable', /larger than 1048576 bytes/],
    ['duplicate', 'unavailable', /no JSON-RPC 2.0 answer to this call/],
  ];

  it.each(OUTCOMES)('of one that misbehaves (%s) is %s', async (how, kind, reason) => {
    const isLate = how === 'hangs' || how === 'slow';
    const opened = await open({ relayer: { feePayer: FEE_PAYER, ...(isLate ? { timeoutMs: 300 } : {}) } });
    opened.fakes[0].misbehave(how);
    const result = await cosign(opened);
    expect(result).toEqual({ kind, reason: expect.stringMatching(reason) });
    expect(JSON.stringify(result)).not.toMatch(new RegExp(`${API_KEY}|${HMAC_SECRET}`));
    expect(signCalls(opened.fakes[0])).toBe(1);
  });

  it('says of a denial what stands in it, with its cause first', async () => {
    const opened = await open();
    const result = await cosign(opened, sponsored({ instructions: [transfer(5n, FEE_PAYER), transfer(1n)] }));
    const prose = "Invalid transaction: Fee payer cannot be used for 'System Transfer'";
    expect(result).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(`FEE_PAYER_MISUSED: Kora .*: ${prose}`),
    });
  });

  it('does not repeat its own credentials, whatever the Kora says', async () => {
    const opened = await open();
    opened.fakes[0].misbehave('repeats_credentials');
    const result = await cosign(opened);
    expect(result).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('You sent [redacted], [redacted]'),
    });
    expect(JSON.stringify(result)).not.toContain(API_KEY);
  });

  it('keeps the address it was told where the Kora has several, and has that key sign', async () => {
    const koras = [{ seeds: [new Uint8Array(32).fill(11), new Uint8Array(32).fill(12), FEE_PAYER_SEED] }] as const;
    const opened = await open({ koras: [...koras] });
    await vi.waitFor(() => expect(opened.feePayer.address).not.toBeNull());
    const payer = address(opened.feePayer.address ?? '');
    // Who asks for an unknown payer has the address asked for again: the Kora names the next each time.
    for (let n = 0; n < 4; n++) {
      expect(await cosign(opened, sponsored({ feePayer: WALLET }))).toMatchObject({ kind: 'refused' });
      expect(await cosign(opened, sponsored({ feePayer: payer }))).toMatchObject({ kind: 'signed' });
      expect(opened.feePayer.address).toBe(payer);
    }
  });

  it('takes the new address where the Kora has another signer than before', async () => {
    const opened = await open();
    await vi.waitFor(() => expect(opened.feePayer.address).toBe(FEE_PAYER));
    const { port } = new URL(opened.fakes[0].url);
    await opened.fakes[0].close();
    const successor = await startFakeKora({
      seeds: [new Uint8Array(32).fill(11)],
      apiKey: API_KEY,
      hmacSecret: HMAC_SECRET,
      port: Number(port),
    });
    try {
      const feePayer = addressOf(new Uint8Array(32).fill(11));
      expect(await cosign(opened, sponsored({ feePayer }))).toMatchObject({ kind: 'signed' });
      expect(opened.feePayer.address).toBe(feePayer);
    } finally {
      await successor.close();
    }
  });

  it('signs 100 at once, each its own, where so many may be under way', async () => {
    const opened = await open({ relayer: { maxInFlight: 100 } });
    const transactions = Array.from({ length: 100 }, () => sponsored());
    const results = await Promise.all(transactions.map((transaction) => cosign(opened, transaction, 10_000)));
    for (const [n, result] of results.entries()) {
      const messageBytes = transactions[n]?.messageBytes ?? new Uint8Array();
      const signature = result.kind === 'signed' ? result.signature : new Uint8Array();
      expect(await verifySignature({ address: FEE_PAYER, messageBytes, signature })).toBe(true);
    }
    expect(opened.fakes[0].signatures()).toBe(100);
  });

  it('asks for no more at once than it may', async () => {
    const opened = await open({ relayer: { maxInFlight: 2, timeoutMs: 1_000 } });
    opened.fakes[0].misbehave('hangs');
    const results = await Promise.all([cosign(opened), cosign(opened), cosign(opened)]);
    expect(results[2]).toEqual({
      kind: 'unavailable',
      reason: '2 transactions wait for the Kora already (max_in_flight)',
    });
    opened.fakes[0].misbehave(null);
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
  });

  it('gives up when the caller does', async () => {
    const opened = await open({ relayer: { timeoutMs: 10_000, feePayer: FEE_PAYER } });
    opened.fakes[0].misbehave('hangs');
    const caller = new AbortController();
    const { messageBytes, wire } = sponsored();
    const asking = opened.feePayer.cosign(messageBytes, wire, { ...contextWithin(10_000), signal: caller.signal });
    await vi.waitFor(() => expect(signCalls(opened.fakes[0])).toBe(1));
    caller.abort();
    expect(await asking).toMatchObject({ kind: 'unavailable', reason: expect.stringContaining('the caller gave up') });
  });
});

describe('the relayer of a Kora', () => {
  it('sends by the relayer that it names', async () => {
    const opened = await open();
    const { wire } = sponsored();
    expect(await opened.relayer.submit(wire, AbortSignal.timeout(1_000))).toEqual({ kind: 'accepted' });
    expect(opened.sent).toEqual([wire]);
    expect(opened.fakes[0].calls.map(({ method }) => method)).not.toContain('signAndSendTransaction');
  });
});
