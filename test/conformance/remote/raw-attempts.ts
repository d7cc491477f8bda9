// Owns what a remote backend must make of one attempt, however its service misbehaves.
import { describe, expect, it, vi } from 'vitest';
import type { SignResult } from '../../../signers/signer.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { SIGNER_MISBEHAVIOURS, type SignerMisbehaviour } from '../../fakes/misbehaviour.ts';
import { expectReadable, type RemoteScene, showable } from './scene.ts';

/** `unbelievable`: the backend may notice itself; if it does not, the guard will. */
const EXPECTED: Readonly<Record<SignerMisbehaviour, 'signed' | 'refused' | 'lost' | 'not sent' | 'unbelievable'>> = {
  slow: 'signed',
  hangs: 'lost',
  away: 'not sent',
  rate_limited: 'not sent',
  server_error: 'lost',
  truncated: 'lost',
  nonsense: 'lost',
  huge: 'lost',
  wrong_signature: 'unbelievable',
  other_message: 'unbelievable',
  other_key: 'unbelievable',
  no_signature: 'lost',
  refuses: 'refused',
  wrong_credentials: 'not sent',
  signs_and_is_lost: 'lost',
};

/** A call that nobody answers ends this soon after it was aborted. */
const PROMPTLY_MS = 1_000;

function shown(result: SignResult): string {
  return result.kind === 'signed' ? 'signed' : `${result.kind}: ${result.reason}`;
}

function expectUnavailable(result: SignResult, ambiguous: boolean): void {
  expect(result, shown(result)).toMatchObject({ kind: 'unavailable', ambiguous });
  if (result.kind === 'unavailable') expectReadable(result.reason);
}

/** `scene` is asked for in each test: there is none yet when the tests are described. */
export function describeRawAttempts(scene: () => RemoteScene): void {
  describe('one attempt', () => {
    it.each(SIGNER_MISBEHAVIOURS.filter((how) => how !== 'hangs' && how !== 'away'))(
      'is what it should be where the service shows: %s',
      async (how) => {
        const { subject, newBytes, sign, expectSigned } = scene();
        const { service, cannot } = subject;
        if (cannot[how] !== undefined) return expect(cannot[how]).not.toBe('');
        const [asked, made] = [newBytes(), service.signatures()];
        await service.misbehave(how, Number.POSITIVE_INFINITY);
        const result = await sign(asked);
        await service.misbehave(null);
        switch (EXPECTED[how]) {
          case 'signed':
            await expectSigned(result, asked);
            break;
          case 'refused':
            expect(result.kind, shown(result)).toBe('refused');
            if (result.kind === 'refused') expectReadable(result.reason);
            break;
          case 'lost':
            expectUnavailable(result, true);
            break;
          case 'not sent':
            expectUnavailable(result, false);
            break;
          case 'unbelievable':
            if (result.kind !== 'signed') return expectUnavailable(result, true);
            expect(await verifySignature({ ...subject, ...asked, signature: result.signature })).toBe(false);
        }
        if (how === 'signs_and_is_lost') expect(service.signatures()).toBeGreaterThan(made);
        const after = newBytes();
        await expectSigned(await sign(after), after);
      },
    );

    it('tells a service that has too much to do from one that fails', async () => {
      const { subject, sign } = scene();
      const { service, cannot } = subject;
      if (cannot.rate_limited !== undefined) return expect(cannot.rate_limited).not.toBe('');
      await service.misbehave('rate_limited', Number.POSITIVE_INFINITY);
      expect(await sign()).toMatchObject({ kind: 'unavailable', cause: 'throttled' });
      await service.misbehave(showable(subject, 'server_error', 'nonsense', 'no_signature'), Number.POSITIVE_INFINITY);
      expect(await sign()).not.toHaveProperty('cause');
      await service.misbehave(null);
    });

    it('says how long the service wants to be left alone, where it says so', async () => {
      const { subject, sign } = scene();
      if (subject.cannot.rate_limited !== undefined) return expect(subject.cannot.rate_limited).not.toBe('');
      await subject.service.misbehave('rate_limited', Number.POSITIVE_INFINITY);
      const result = await sign();
      await subject.service.misbehave(null);
      const said = result.kind === 'unavailable' ? result.retryAfterMs : Number.NaN;
      if (subject.retryAfterMs === undefined) expect(said === undefined || said > 0).toBe(true);
      else expect(said).toBe(subject.retryAfterMs);
    });

    it('is not ambiguous where the service is away, and works again when it is back', async () => {
      const { subject, newBytes, sign, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.away !== undefined) return expect(cannot.away).not.toBe('');
      await service.misbehave('away', Number.POSITIVE_INFINITY);
      // A connection that was open may be found broken first.
      await vi.waitFor(async () => expectUnavailable(await sign(), false));
      await service.misbehave(null);
      await vi.waitFor(
        async () => {
          const asked = newBytes();
          await expectSigned(await sign(asked), asked);
        },
        { timeout: 5_000, interval: 20 },
      );
    });

    it('ends soon after it is cancelled while the service hangs, and may have been heard', async () => {
      const { subject, newBytes, sign, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.hangs !== undefined) return expect(cannot.hangs).not.toBe('');
      await service.misbehave('hangs', Number.POSITIVE_INFINITY);
      const [before, controller] = [service.signCalls(), new AbortController()];
      const answer = sign(newBytes(), { signal: controller.signal });
      await vi.waitFor(() => expect(service.signCalls()).toBeGreaterThan(before));
      const cancelled = performance.now();
      controller.abort(new Error('the caller left'));
      expectUnavailable(await answer, true);
      expect(performance.now() - cancelled).toBeLessThan(PROMPTLY_MS);
      await service.misbehave(null);
      const after = newBytes();
      await expectSigned(await sign(after), after);
    });

    it('is cancelled alone: others over the same connections go on', async () => {
      const { subject, newBytes, sign, expectSigned } = scene();
      const { service, cannot } = subject;
      if (cannot.slow !== undefined) return expect(cannot.slow).not.toBe('');
      await service.misbehave('slow', Number.POSITIVE_INFINITY);
      const [before, controller, asked] = [service.signCalls(), new AbortController(), newBytes()];
      const [left, stayed] = [sign(newBytes(), { signal: controller.signal }), sign(asked)];
      await vi.waitFor(() => expect(service.signCalls()).toBeGreaterThan(before + 1));
      controller.abort(new Error('the caller left'));
      expectUnavailable(await left, true);
      await expectSigned(await stayed, asked);
      await service.misbehave(null);
    });

    it.each([
      ['was cancelled before', { signal: AbortSignal.abort() }],
      ['has a deadline that passed', { deadline: Date.now() - 1 }],
      ['has a deadline that is none', { deadline: Number.NaN }],
    ])('does not reach the service where the call %s', async (_name, bounds) => {
      const { subject, newBytes, sign } = scene();
      const before = subject.service.signCalls();
      expectUnavailable(await sign(newBytes(), bounds), false);
      expect(subject.service.signCalls()).toBe(before);
    });

    it('does not reach the service with an empty message', async () => {
      const { subject, sign } = scene();
      const before = subject.service.signCalls();
      expect((await sign({ messageBytes: new Uint8Array(), wireTransaction: new Uint8Array() })).kind).toBe('refused');
      expect(subject.service.signCalls()).toBe(before);
    });
  });
}
