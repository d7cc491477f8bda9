import { afterEach, describe, expect, it, vi } from 'vitest';
import { FEE_PAYER, FEE_PAYER_SEED, HMAC_SECRET } from '../../test/kora/scene.ts';
import type { Cosigning } from '../fee-payer.ts';
import {
  contextWithin,
  type OpenedKora,
  type OpenedKoraOptions,
  openKora,
  signCalls,
  sponsored,
} from './testing/opened-kora.ts';

const OTHER_SEED = new Uint8Array(32).fill(33);

let kora: OpenedKora | undefined;

async function open(options: OpenedKoraOptions): Promise<OpenedKora> {
  kora = await openKora({ ...options, relayer: { feePayer: FEE_PAYER, ...options.relayer } });
  return kora;
}

function cosign({ feePayer }: OpenedKora, within = 10_000): Promise<Cosigning> {
  const { messageBytes, wire } = sponsored();
  return feePayer.cosign(messageBytes, wire, contextWithin(within));
}

afterEach(async () => {
  await kora?.close();
  kora = undefined;
});

it('lacks, to send, what the relayer lacks that sends for it', async () => {
  const { relayer } = await open({});
  expect(relayer.lack()).toBeNull();
  const sender = { ...relayer, lack: () => 'no URL' };
  await kora?.close();
  expect((await open({ relayer: { sender } })).relayer.lack()).toBe('no URL');
});

describe('several Koras of one fee payer', () => {
  it('the next is asked where the first is away, and stays the first to be asked', async () => {
    const opened = await open({ koras: [{}, {}] });
    await opened.fakes[0].fall();
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    await opened.fakes[0].rise();
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    expect(opened.fakes.map(signCalls)).toEqual([0, 2]);
  });

  it.each([
    'resets',
    'signs_and_is_lost',
    'hangs',
    'server_error',
    'nonsense',
    'node_away',
    'rate_limited',
    'unauthorized',
  ] as const)('the next is asked where the first misbehaves: %s', async (how) => {
    const opened = await open({ koras: [{}, {}] });
    opened.fakes[0].misbehave(how);
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    expect(opened.fakes.map(signCalls)).toEqual([1, 1]);
  });

  it.each(['denies', 'changed_message'] as const)('no other is asked where the first says no: %s', async (how) => {
    const opened = await open({ koras: [{}, {}] });
    opened.fakes[0].misbehave(how);
    expect(await cosign(opened)).toMatchObject({ kind: 'refused' });
    expect(opened.fakes.map(signCalls)).toEqual([1, 0]);
  });

  it('at most two calls are made that a Kora may count', async () => {
    const opened = await open({ koras: [{}, {}, {}] });
    for (const fake of opened.fakes) fake.misbehave('signs_and_is_lost');
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    expect(opened.fakes.map(signCalls)).toEqual([1, 1, 0]);
  });

  it('one that has not the key is passed over, and named where no other signs', async () => {
    const opened = await open({ koras: [{ seeds: [OTHER_SEED] }, {}] });
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    await opened.fakes[1]?.fall();
    const reason = expect.stringMatching(/ECONN(REFUSED|RESET).*it has not the key of the fee payer FR5p/);
    expect(await cosign(opened)).toEqual({ kind: 'unavailable', reason });
  });
});

describe('an outage', () => {
  it('fails at once where that is configured', async () => {
    const opened = await open({ fallen: true });
    const started = performance.now();
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('is waited out where that is configured', async () => {
    let attempts = 0;
    const hmacSecret = async () => {
      attempts++;
      return HMAC_SECRET;
    };
    const opened = await open({ fallen: true, relayer: { onOutage: 'wait', hmacSecret } });
    const asking = cosign(opened);
    await vi.waitFor(() => expect(attempts).toBeGreaterThan(1));
    await opened.fakes[0].rise();
    expect(await asking).toMatchObject({ kind: 'signed' });
    expect(opened.fakes[0].signatures()).toBe(1);
  });

  it('is not waited out beyond the deadline', async () => {
    const opened = await open({ fallen: true, relayer: { onOutage: 'wait' } });
    const { messageBytes, wire } = sponsored();
    const started = performance.now();
    const context = { ...contextWithin(20_000), deadline: Date.now() + 500 };
    expect(await opened.feePayer.cosign(messageBytes, wire, context)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('is not waited out where it can only stay as it is', async () => {
    const opened = await open({ relayer: { onOutage: 'wait' } });
    opened.fakes[0].misbehave('unauthorized');
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    expect(signCalls(opened.fakes[0])).toBe(1);
  });

  it('that loses answers is asked twice, no more', async () => {
    const opened = await open({ relayer: { onOutage: 'wait' } });
    opened.fakes[0].misbehave('signs_and_is_lost');
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    expect(signCalls(opened.fakes[0])).toBe(2);
  });

  it('that breaks a kept connection is no reason to send the same again unasked', async () => {
    const opened = await open({});
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    opened.fakes[0].misbehave('resets');
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    expect(signCalls(opened.fakes[0])).toBe(2);
  });

  it('of a rate is waited out', async () => {
    const opened = await open({ relayer: { onOutage: 'wait' } });
    opened.fakes[0].misbehave('rate_limited', 3);
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    expect(signCalls(opened.fakes[0])).toBe(4);
  });

  it('ends by itself: what comes after it is signed', async () => {
    const opened = await open({ koras: [{ seeds: [FEE_PAYER_SEED] }] });
    expect(await cosign(opened)).toMatchObject({ kind: 'signed' });
    await opened.fakes[0].fall();
    expect(await cosign(opened)).toMatchObject({ kind: 'unavailable' });
    await opened.fakes[0].rise();
    await vi.waitFor(async () => expect(await cosign(opened)).toMatchObject({ kind: 'signed' }));
  });
});
