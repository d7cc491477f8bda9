import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { describeSignerConformance } from '../../test/conformance/signer-conformance.ts';
import { startPlainSigningService } from '../../test/fakes/plain-signing-service/service.ts';
import { createPlainSigner } from '../../test/fakes/plain-signing-service/signer.ts';
import type { SignResult } from '../signer.ts';
import { askContext, type ScriptedAnswer, scriptedSigner, unavailable } from '../testing/scripted-signer.ts';
import { type GuardOptions, guardSigner } from './guard-signer.ts';

const message = randomBytes(80);

function guarded(answers: readonly ScriptedAnswer[], options: Partial<GuardOptions> = {}, repeatable = true) {
  const inside = scriptedSigner('inside', answers, { repeatable });
  const pauses: number[] = [];
  let elapsed = 0;
  const clock = {
    elapsedMs: () => elapsed,
    pause: async (milliseconds: number) => {
      pauses.push(milliseconds);
      elapsed += Math.ceil(milliseconds);
    },
  };
  const signer = guardSigner(inside, { timeoutMs: 5_000, maxInFlight: 2, maxWaiting: 1, clock, ...options });
  return { inside, pauses, signer, sign: (context = askContext()) => signer.sign(message, context) };
}

function throttled(retryAfterMs: number): SignResult {
  return { ...unavailable(false, 'too many requests'), cause: 'throttled', retryAfterMs };
}

describeSignerConformance('a guarded signer', async () => {
  const service = await startPlainSigningService();
  const options = { timeoutMs: 5_000, maxInFlight: 4, maxWaiting: 64 };
  return { signer: guardSigner(createPlainSigner(service, true), options), service, backend: 'plain', ...service };
});

describe('guardSigner', () => {
  it('keeps what may have been heard ambiguous, whatever the second attempt answers', async () => {
    const ambiguous = { kind: 'unavailable', ambiguous: true };
    const lost = unavailable(true);
    expect(await guarded([lost, unavailable(false)]).sign()).toMatchObject(ambiguous);
    expect(await guarded([lost, { kind: 'refused', reason: 'a duplicate' }]).sign()).toMatchObject(ambiguous);
    expect(await guarded([lost, { kind: 'overloaded', reason: 'full' }]).sign()).toMatchObject(ambiguous);
    expect(await guarded([lost, throttled(1_000), 'sign']).sign()).toMatchObject(ambiguous);
    expect(await guarded([lost, 'sign']).sign()).toMatchObject({ kind: 'signed' });
    expect(await guarded([unavailable(false), unavailable(false)]).sign()).toMatchObject({ ambiguous: false });
  });

  it('asks a signer that may not be asked twice again only where it heard nothing', async () => {
    const heard = guarded([unavailable(true), 'sign'], {}, false);
    expect(await heard.sign()).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(heard.inside.asked).toHaveLength(1);
    expect(await guarded([unavailable(false), 'sign'], {}, false).sign()).toMatchObject({ kind: 'signed' });
  });

  it('does not ask again where the wait would go past the deadline', async () => {
    const wait: SignResult = { kind: 'unavailable', reason: 'slower', ambiguous: false, retryAfterMs: 60_000 };
    const { sign, inside, pauses } = guarded([wait, 'sign']);
    expect(await sign()).toEqual(wait);
    expect([inside.asked.length, pauses.length]).toEqual([1, 0]);
  });

  it('pauses a little, and not always the same, where the service says nothing', async () => {
    const { sign, pauses } = guarded([unavailable(false), 'sign', unavailable(false), 'sign']);
    await sign();
    await sign();
    const [first = 0, second = 0] = pauses;
    expect([first, second].every((milliseconds) => milliseconds >= 50 && milliseconds <= 150)).toBe(true);
    expect(first).not.toBe(second);
  });

  it('is overloaded where too many wait, and asks nothing for those', async () => {
    const { promise, resolve } = Promise.withResolvers<SignResult>();
    const { sign, inside, signer } = guarded([() => promise]);
    const calls = [sign(), sign(), sign()];
    expect(await sign()).toMatchObject({ kind: 'overloaded' });
    await vi.waitFor(() => expect(signer.guardState()).toMatchObject({ inFlight: 2, waiting: 1 }));
    expect(inside.asked).toHaveLength(2);
    resolve({ kind: 'refused', reason: 'no' });
    await Promise.all(calls);
    expect(inside.asked).toHaveLength(3);
    expect(signer.guardState()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  it('has asked nothing for a call that left while it waited for its turn', async () => {
    const { promise, resolve } = Promise.withResolvers<SignResult>();
    const { sign, inside } = guarded([() => promise], { maxInFlight: 1 });
    const controller = new AbortController();
    const [first, second] = [sign(), sign(askContext({ signal: controller.signal }))];
    controller.abort();
    expect(await second).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(inside.asked).toHaveLength(1);
    resolve({ kind: 'refused', reason: 'no' });
    await first;
  });

  it('waits no longer than its time for a backend that does not notice that it is late', async () => {
    const { sign, signer } = guarded([() => new Promise<never>(() => undefined)], { timeoutMs: 30 }, false);
    expect(await sign()).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(signer.guardState()).toMatchObject({ inFlight: 0 });
  });

  it('says nothing of what a backend throws', async () => {
    const { sign, signer } = guarded([() => Promise.reject(new Error('token=hunter2hunter2'))]);
    const result = await sign();
    expect(result).toMatchObject({ kind: 'unavailable', ambiguous: true });
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(signer.guardState().breaker).toBe('closed');
  });

  it('does not take a throttled service for broken, and uses its quota as soon as it is there again', async () => {
    const { sign, inside, signer, pauses } = guarded([...Array.from({ length: 8 }, () => throttled(2_000)), 'sign']);
    expect(await sign()).toMatchObject({ kind: 'signed' });
    expect(inside.asked).toHaveLength(9);
    expect(pauses).toEqual(Array.from({ length: 8 }, () => 2_000));
    expect(signer.guardState()).toEqual({ breaker: 'closed', inFlight: 0, waiting: 0, restMs: 0 });
  });

  it('leaves a throttled service alone as long as it asks, and says so to those who cannot wait so long', async () => {
    const { promise: again, resolve: goOn } = Promise.withResolvers<void>();
    const clock = { elapsedMs: () => 0, pause: async () => again };
    const { sign, inside, signer } = guarded([throttled(6_000), 'sign'], { clock, maxWaiting: 5 });
    const [first, second] = [sign(), sign(askContext({ deadline: Date.now() + 3_000 }))];
    expect(await second).toMatchObject({ kind: 'signed' });
    await vi.waitFor(() => expect(signer.guardState()).toMatchObject({ waiting: 1, restMs: 6_000 }));
    expect(await sign(askContext({ deadline: Date.now() + 3_000 }))).toEqual({
      kind: 'overloaded',
      reason: 'it has too much to do, and asked to be left alone for 6 s more',
    });
    const leaving = new AbortController();
    const third = sign(askContext({ signal: leaving.signal }));
    leaving.abort();
    expect(await third).toMatchObject({ kind: 'unavailable', ambiguous: false });
    expect(inside.asked).toHaveLength(2);
    await signer.close();
    goOn();
    expect(await first).toMatchObject({ kind: 'signed' });
  });

  it('answers what a throttled service said where no time is left to ask again', async () => {
    const answer = throttled(20_000);
    const clock = { elapsedMs: () => 0, pause: () => new Promise<never>(() => undefined) };
    const { sign, inside } = guarded([answer], { clock });
    expect(await sign()).toEqual(answer);
    expect(inside.asked).toHaveLength(1);
  });

  it('does not take a service for broken in which calls wait for people, and asks it once', async () => {
    const open: SignResult = { ...unavailable(true), cause: 'open' };
    const { sign, inside, signer } = guarded([open]);
    for (let call = 0; call < 8; call++) expect(await sign()).toEqual(open);
    expect(inside.asked).toHaveLength(8);
    expect(signer.guardState().breaker).toBe('closed');
  });

  it('takes a service for well that was left alone and has calls wait for people then', async () => {
    const open: SignResult = { ...unavailable(true), cause: 'open' };
    let elapsed = 0;
    const clock = { elapsedMs: () => elapsed, pause: async () => undefined };
    const { sign, signer } = guarded([...Array.from({ length: 5 }, () => unavailable(true)), open], { clock }, false);
    for (let call = 0; call < 5; call++) await sign();
    elapsed += 30_000;
    expect(signer.guardState().breaker).toBe('half_open');
    expect(await sign()).toEqual(open);
    expect(signer.guardState().breaker).toBe('closed');
  });

  it('has callers take turns, those too whose calls the service had too much of', async () => {
    const { promise: again, resolve: goOn } = Promise.withResolvers<void>();
    let elapsed = 0;
    const clock = {
      elapsedMs: () => elapsed,
      pause: async (milliseconds: number) => {
        await again;
        elapsed += milliseconds;
      },
    };
    const answers = [...Array.from({ length: 2 }, () => throttled(1_000)), 'sign'] as const;
    const { sign, inside, signer } = guarded(answers, { clock, maxWaiting: 10 });
    const greedy = Array.from({ length: 6 }, () =>
      sign({ ...askContext(), caller: 'greedy', idempotencyKey: 'greedy' }),
    );
    const modest = sign({ ...askContext(), caller: 'modest', idempotencyKey: 'modest' });
    await vi.waitFor(() => expect(signer.guardState()).toMatchObject({ inFlight: 0, waiting: 7 }));
    goOn();
    for (const result of await Promise.all([...greedy, modest])) expect(result.kind).toBe('signed');
    expect(inside.asked.slice(2, 4)).toContain('modest');
  });

  it('asks nobody while it leaves the service alone, those who waited neither', async () => {
    const { sign, inside, signer } = guarded([unavailable(false)], { maxInFlight: 1, maxWaiting: 10 });
    const results = await Promise.all(Array.from({ length: 8 }, () => sign()));
    expect(inside.asked).toHaveLength(5);
    expect(results.every((result) => result.kind === 'unavailable' && !result.ambiguous)).toBe(true);
    expect(signer.guardState()).toEqual({ breaker: 'open', inFlight: 0, waiting: 0, restMs: 0 });
  });

  it('closes what is inside, and checks it', async () => {
    const { signer, inside } = guarded(['sign']);
    expect(await signer.check(AbortSignal.timeout(1_000))).toMatchObject({ kind: 'ready' });
    await signer.close();
    expect(inside.isClosed()).toBe(true);
  });
});
