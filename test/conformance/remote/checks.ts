// Owns what `check()` of a remote backend must show, and that it signs nothing.
import { describe, expect, it, vi } from 'vitest';
import type { SignerCheck } from '../../../signers/signer.ts';
import { expectReadable, type RemoteScene } from './scene.ts';

const WITHIN_MS = 5_000;

export function describeChecks(scene: () => RemoteScene): void {
  describe('its check', () => {
    const check = (signal = AbortSignal.timeout(WITHIN_MS)): Promise<SignerCheck> => {
      const { overheard, subject } = scene();
      return overheard.hear(subject.signer.check(signal));
    };
    const expectFailed = (result: SignerCheck): void => {
      expect(result.kind).toBe('failed');
      if (result.kind === 'failed') expectReadable(result.reason);
    };

    it('is ready, and nothing is signed for it', async () => {
      const { service } = scene().subject;
      const before = [service.signCalls(), service.signatures()];
      const result = await check();
      expect(result.kind === 'ready' ? 'ready' : result.reason).toBe('ready');
      if (result.kind === 'ready') expectReadable(result.detail);
      expect([service.signCalls(), service.signatures()]).toEqual(before);
    });

    it('names the field of credentials that are not good any more', async () => {
      const { service, cannot } = scene().subject;
      if (cannot.wrong_credentials !== undefined) return expect(cannot.wrong_credentials).not.toBe('');
      await service.misbehave('wrong_credentials', Number.POSITIVE_INFINITY);
      const result = await check();
      await service.misbehave(null);
      expectFailed(result);
      expect(result.kind === 'failed' ? result.field : null).toMatch(/^[a-z][a-z0-9_.]*$/);
      expect((await check()).kind).toBe('ready');
    });

    it('fails while the service is away', async () => {
      const { service, cannot } = scene().subject;
      if (cannot.away !== undefined) return expect(cannot.away).not.toBe('');
      await service.misbehave('away', Number.POSITIVE_INFINITY);
      await vi.waitFor(async () => expectFailed(await check()));
      await service.misbehave(null);
      await vi.waitFor(async () => expect((await check()).kind).toBe('ready'));
    });

    it('fails, and rejects nothing, when it is cancelled', async () => {
      expectFailed(await check(AbortSignal.abort(new Error('the caller left'))));
    });
  });
}
