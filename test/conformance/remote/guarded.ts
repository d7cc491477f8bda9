// Owns what a remote backend and the guard round it must be together, however the service misbehaves.
import { describe, expect, it, vi } from 'vitest';
import { type GuardedSigner, type GuardOptions, guardSigner } from '../../../signers/guard/guard-signer.ts';
import type { SignContext, Signer, SignResult } from '../../../signers/signer.ts';
import { expectReadable, type RemoteScene, showable } from './scene.ts';

const FAILURES_THAT_OPEN = 5;
const OPEN_MS = 30_000;

interface Guarded {
  readonly signer: GuardedSigner;
  /** What reached the backend inside. */
  readonly attempts: readonly { readonly message: Buffer; readonly context: SignContext }[];
  /** Milliseconds of each pause before a retry; none takes any time. */
  readonly pauses: readonly number[];
  readonly letPass: (milliseconds: number) => void;
}

/** A guard of its own with a clock of its own; the backend inside is the scene's, and stays open. */
function guarded({ subject }: RemoteScene, options: Partial<GuardOptions> = {}): Guarded {
  const attempts: { readonly message: Buffer; readonly context: SignContext }[] = [];
  const pauses: number[] = [];
  let elapsed = 0;
  const { name, backend, address, custody, repeatable } = subject.signer;
  const recorded: Signer = {
    ...{ name, backend, address, custody, repeatable },
    sign: (messageBytes, context) => {
      attempts.push({ message: Buffer.from(messageBytes), context });
      return subject.signer.sign(messageBytes, context);
    },
    check: (signal) => subject.signer.check(signal),
    close: async () => undefined,
  };
  const clock = {
    elapsedMs: () => elapsed,
    pause: async (milliseconds: number) => {
      pauses.push(milliseconds);
      elapsed += Math.ceil(milliseconds);
    },
  };
  const signer = guardSigner(recorded, { timeoutMs: 20_000, maxInFlight: 64, maxWaiting: 64, clock, ...options });
  return {
    signer,
    attempts,
    pauses,
    letPass: (milliseconds) => {
      elapsed += milliseconds;
    },
  };
}

function expectUnavailable(result: SignResult, ambiguous: boolean): void {
  expect(result.kind === 'unavailable' ? { ambiguous: result.ambiguous } : result).toEqual({ ambiguous });
  if (result.kind === 'unavailable') expectReadable(result.reason);
}

export function describeGuarded(scene: () => RemoteScene): void {
  describe('behind the guard', () => {
    it.each(['wrong_signature', 'other_message', 'other_key', 'no_signature'] as const)(
      'never signs where the service shows: %s',
      async (how) => {
        const { subject, sign, newBytes } = scene();
        if (subject.cannot[how] !== undefined) return expect(subject.cannot[how]).not.toBe('');
        await subject.service.misbehave(how, Number.POSITIVE_INFINITY);
        expectUnavailable(await sign(newBytes(), {}, guarded(scene()).signer), true);
      },
    );

    it('asks no second time after a refusal, and takes the service for well', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.refuses !== undefined) return expect(cannot.refuses).not.toBe('');
      const { signer } = guarded(scene());
      await service.misbehave('refuses', Number.POSITIVE_INFINITY);
      const before = service.signCalls();
      for (let call = 0; call <= FAILURES_THAT_OPEN; call++) {
        expect((await sign(newBytes(), {}, signer)).kind).toBe('refused');
      }
      expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN + 1);
      await service.misbehave(null);
      const asked = newBytes();
      await expectSigned(await sign(asked, {}, signer), asked);
    });

    it('leaves a service alone after five failures, and lets one call try it after 30 s', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service } = subject;
      const { signer, letPass } = guarded(scene());
      const call = () => sign(newBytes(), {}, signer);
      await service.misbehave(showable(subject, 'server_error', 'nonsense', 'no_signature'), Number.POSITIVE_INFINITY);
      const before = service.signCalls();
      for (let calls = 0; calls < FAILURES_THAT_OPEN; calls++) expect((await call()).kind).toBe('unavailable');
      expect(signer.guardState().breaker).toBe('open');
      expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN);
      letPass(OPEN_MS - 1);
      expectUnavailable(await call(), false);
      letPass(1);
      expect(signer.guardState().breaker).toBe('half_open');
      await call();
      expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN + 1);
      expectUnavailable(await call(), false);
      letPass(OPEN_MS);
      await service.misbehave(null);
      const asked = [newBytes(), newBytes(), newBytes()];
      const results = await Promise.all(asked.map((bytes) => sign(bytes, {}, signer)));
      expect(results.filter(({ kind }) => kind === 'signed')).toHaveLength(1);
      expect(service.signCalls() - before).toBe(FAILURES_THAT_OPEN + 2);
      expect(signer.guardState().breaker).toBe('closed');
      const after = newBytes();
      await expectSigned(await sign(after, {}, signer), after);
    });

    it('asks once more with the same bytes where that does no harm, and only then', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service } = subject;
      const { signer, attempts } = guarded(scene());
      await service.misbehave(showable(subject, 'server_error', 'nonsense', 'no_signature'), 1);
      const asked = newBytes();
      const result = await sign(asked, { idempotencyKey: 'the same key for both' }, signer);
      if (!subject.signer.repeatable) {
        expect(attempts).toHaveLength(1);
        return expectUnavailable(result, true);
      }
      await expectSigned(result, asked);
      expect(attempts.map(({ message }) => message.equals(asked.messageBytes))).toEqual([true, true]);
      expect(new Set(attempts.map(({ context }) => context.idempotencyKey))).toEqual(
        new Set(['the same key for both']),
      );
    });

    it('asks no third time', async () => {
      const { subject, sign, newBytes } = scene();
      const { signer, attempts } = guarded(scene());
      const how = showable(subject, 'server_error', 'nonsense', 'no_signature');
      await subject.service.misbehave(how, Number.POSITIVE_INFINITY);
      expectUnavailable(await sign(newBytes(), {}, signer), true);
      expect(attempts).toHaveLength(subject.signer.repeatable ? 2 : 1);
    });

    it('asks again after as long as the service wants to be left alone', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service, cannot, retryAfterMs } = subject;
      if (cannot.rate_limited !== undefined) return expect(cannot.rate_limited).not.toBe('');
      const { signer, attempts, pauses } = guarded(scene());
      await service.misbehave('rate_limited', 1);
      const asked = newBytes();
      await expectSigned(await sign(asked, {}, signer), asked);
      expect(attempts).toHaveLength(2);
      expect(pauses).toEqual([retryAfterMs ?? expect.any(Number)]);
    });

    it('is not taken for broken where it has too much to do', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.rate_limited !== undefined) return expect(cannot.rate_limited).not.toBe('');
      const { signer } = guarded(scene());
      await service.misbehave('rate_limited', 3 * FAILURES_THAT_OPEN);
      const asked = Array.from({ length: FAILURES_THAT_OPEN }, newBytes);
      const results = await Promise.all(asked.map((bytes) => sign(bytes, {}, signer)));
      for (const [n, bytes] of asked.entries())
        await expectSigned(results[n] ?? { kind: 'refused', reason: '' }, bytes);
      expect(signer.guardState()).toEqual({ breaker: 'closed', inFlight: 0, waiting: 0, restMs: 0 });
    });

    it('is not told that a lost call left nothing behind', async () => {
      const { subject, sign, newBytes, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.signs_and_is_lost !== undefined) return expect(cannot.signs_and_is_lost).not.toBe('');
      await service.misbehave('signs_and_is_lost', 1);
      const [before, asked, { signer }] = [service.signCalls(), newBytes(), guarded(scene())];
      const result = await sign(asked, {}, signer);
      if (subject.signer.repeatable) return expectSigned(result, asked);
      expectUnavailable(result, true);
      expect(service.signCalls() - before).toBe(1);
    });

    it('gives one attempt no longer than its time', async () => {
      const { subject, sign, newBytes } = scene();
      if (subject.cannot.hangs !== undefined) return expect(subject.cannot.hangs).not.toBe('');
      const { signer, attempts } = guarded(scene(), { timeoutMs: 150 });
      await subject.service.misbehave('hangs', Number.POSITIVE_INFINITY);
      expectUnavailable(await sign(newBytes(), {}, signer), true);
      expect(attempts).toHaveLength(subject.signer.repeatable ? 2 : 1);
    });

    it('gives all attempts together no longer than until the deadline', async () => {
      const { subject, sign, newBytes } = scene();
      if (subject.cannot.hangs !== undefined) return expect(subject.cannot.hangs).not.toBe('');
      await subject.service.misbehave('hangs', Number.POSITIVE_INFINITY);
      const { signer, attempts } = guarded(scene());
      const started = performance.now();
      expectUnavailable(await sign(newBytes(), { deadline: Date.now() + 200 }, signer), true);
      expect(performance.now() - started).toBeLessThan(1_500);
      expect(attempts).toHaveLength(1);
    });

    it('does not blame the service for callers who leave', async () => {
      const { subject, sign, newBytes } = scene();
      const { service, cannot } = subject;
      if (cannot.hangs !== undefined) return expect(cannot.hangs).not.toBe('');
      const { signer } = guarded(scene());
      await service.misbehave('hangs', Number.POSITIVE_INFINITY);
      const [before, controller] = [service.signCalls(), new AbortController()];
      const calls = Array.from({ length: FAILURES_THAT_OPEN + 1 }, () =>
        sign(newBytes(), { signal: controller.signal }, signer),
      );
      await vi.waitFor(() => expect(service.signCalls() - before).toBe(calls.length));
      controller.abort();
      for (const result of await Promise.all(calls)) expectUnavailable(result, true);
      expect(signer.guardState()).toEqual({ breaker: 'closed', inFlight: 0, waiting: 0, restMs: 0 });
    });
  });
}
