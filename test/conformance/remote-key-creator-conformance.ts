// Owns what every key creator must make of a service that misbehaves, beside what all creators must (key-creator-conformance.ts).
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { KEY_BYTES } from '../../signers/ed25519-key.ts';
import type { CreateResult, DestroyResult, ExportResult, KeyCreator } from '../../signers/key-creator.ts';
import { CREATOR_MISBEHAVIOURS, type CreatorMisbehaviour } from '../fakes/misbehaviour.ts';
import { created, createdKey, expectSigns, newLabel, soon } from './key-creator/scene.ts';
import type { RemoteCreatorUnderTest } from './key-creator.ts';
import { type Overheard, overhear } from './remote/overheard.ts';
import { expectReadable } from './remote/scene.ts';

const EXPECTED: Readonly<Record<CreatorMisbehaviour, CreateResult['kind']>> = {
  slow: 'created',
  hangs: 'unavailable',
  away: 'unavailable',
  rate_limited: 'unavailable',
  server_error: 'unavailable',
  truncated: 'unavailable',
  nonsense: 'unavailable',
  huge: 'unavailable',
  refuses: 'refused',
  wrong_credentials: 'unavailable',
  signs_and_is_lost: 'unavailable',
};

const AT_ONCE = CREATOR_MISBEHAVIOURS.filter((how) => how !== 'hangs' && how !== 'away');
/** A call that nobody answers ends this soon after it was aborted. */
const PROMPTLY_MS = 1_000;

type Failure = Exclude<
  CreateResult | DestroyResult | ExportResult,
  { readonly kind: 'created' | 'destroyed' | 'exported' }
>;

/** `open` is called once. What it gives fits `describeKeyCreator` as well, which the tests of a backend run beside this. */
export function describeRemoteKeyCreator(name: string, open: () => Promise<RemoteCreatorUnderTest>): void {
  describe(`${name} as a key creator at a service`, () => {
    let overheard: Overheard;
    let subject: RemoteCreatorUnderTest;
    beforeAll(async () => {
      overheard = overhear();
      subject = await open();
    });
    afterEach(async () => {
      const { service } = subject;
      await service.misbehave(null);
      overheard.expectNone([...service.secrets, ...(service.echoed?.() ?? [])]);
    });
    afterAll(async () => {
      overheard.stop();
      await subject.template.creator.close();
      await subject.service.close();
    });

    const create = (label: string, signal = soon()): Promise<CreateResult> =>
      overheard.hear(subject.template.creator.create(label, signal));
    const check = (signal = soon()) => overheard.hear(subject.template.creator.check(signal));

    it.each(AT_ONCE)('finds or makes one key after the service showed: %s', async (how) => {
      const { service, cannot } = subject;
      if (cannot[how] !== undefined) return expect(cannot[how]).not.toBe('');
      const [label, before] = [newLabel(), await service.keysMade()];
      await service.misbehave(how, Number.POSITIVE_INFINITY);
      const result = await create(label);
      await service.misbehave(null);
      expect(result.kind, 'reason' in result ? result.reason : '').toBe(EXPECTED[how]);
      if ('reason' in result) expectReadable(result.reason);
      const made = await service.keysMade();
      if (how === 'signs_and_is_lost') expect(made).toBe(before + 1);
      const key = createdKey(await create(label));
      expect(await service.keysMade()).toBe(before + 1);
      await expectSigns(subject, key);
    });

    it('is unavailable while the service is away, and works when it is back', async () => {
      const { service, cannot } = subject;
      if (cannot.away !== undefined) return expect(cannot.away).not.toBe('');
      await service.misbehave('away', Number.POSITIVE_INFINITY);
      const label = newLabel();
      expectFailure(await create(label), 'unavailable');
      await service.misbehave(null);
      await vi.waitFor(async () => createdKey(await create(label)));
    });

    it('ends soon after it is cancelled while the service hangs, whatever it was asked for', async () => {
      const { service, cannot, template } = subject;
      if (cannot.hangs !== undefined) return expect(cannot.hangs).not.toBe('');
      const key = await created(subject);
      await service.misbehave('hangs', Number.POSITIVE_INFINITY);
      for (const ask of asksOf(template.creator)) {
        const [before, controller] = [service.changeCalls(), new AbortController()];
        const answer = overheard.hear(ask(key, controller.signal));
        await vi.waitFor(() => expect(service.changeCalls()).toBeGreaterThan(before));
        const cancelled = performance.now();
        controller.abort(new Error('the caller left'));
        expectFailure(await answer, 'unavailable');
        expect(performance.now() - cancelled).toBeLessThan(PROMPTLY_MS);
      }
      await service.misbehave(null);
      await expectSigns(subject, await created(subject));
    });

    it.each(['server_error', 'rate_limited', 'nonsense', 'refuses', 'signs_and_is_lost'] as const)(
      'destroys a key for good after the service showed: %s',
      async (how) => {
        const { service, cannot, template } = subject;
        const { destroy } = template.creator;
        if (destroy === null) return expect(subject.can).not.toContain('destroy');
        if (cannot[how] !== undefined) return expect(cannot[how]).not.toBe('');
        const key = await created(subject);
        await service.misbehave(how, Number.POSITIVE_INFINITY);
        expectFailure(await overheard.hear(destroy(key, soon())), how === 'refuses' ? 'refused' : 'unavailable');
        await service.misbehave(null);
        expect((await overheard.hear(destroy(key, soon()))).kind).toBe('destroyed');
      },
    );

    it.each(['server_error', 'truncated', 'nonsense', 'huge', 'refuses'] as const)(
      'gives no seed out where the service shows: %s',
      async (how) => {
        const { service, cannot, template } = subject;
        const { export: give } = template.creator;
        if (give === null) return expect(subject.can).not.toContain('export');
        if (cannot[how] !== undefined) return expect(cannot[how]).not.toBe('');
        const key = await created(subject);
        await service.misbehave(how, Number.POSITIVE_INFINITY);
        expectFailure(await overheard.hear(give(key, soon())), how === 'refuses' ? 'refused' : 'unavailable');
      },
    );

    it('finds the key that it brought when the answer was lost, and says nothing of its seed', async () => {
      const { service, cannot, template } = subject;
      const { import: bring } = template.creator;
      if (bring === null) return expect(subject.can).not.toContain('import');
      if (cannot.signs_and_is_lost !== undefined) return expect(cannot.signs_and_is_lost).not.toBe('');
      const [label, seed, before] = [newLabel(), randomBytes(KEY_BYTES), await service.keysMade()];
      await service.misbehave('signs_and_is_lost', Number.POSITIVE_INFINITY);
      expectFailure(await overheard.hear(bring(label, seed, soon())), 'unavailable');
      await service.misbehave(null);
      const key = createdKey(await overheard.hear(bring(label, seed, soon())));
      expect(await service.keysMade()).toBe(before + 1);
      await expectSigns(subject, key);
      overheard.expectNone([seed.toString('latin1'), seed.toString('hex'), seed.toString('base64')]);
    });

    it('names the field of credentials that are not good any more when it is checked', async () => {
      const { service, cannot } = subject;
      if (cannot.wrong_credentials !== undefined) return expect(cannot.wrong_credentials).not.toBe('');
      await service.misbehave('wrong_credentials', Number.POSITIVE_INFINITY);
      const result = await check();
      await service.misbehave(null);
      expect(result).toMatchObject({
        kind: 'failed',
        field: expect.stringMatching(/^(creator|signer)\.[a-z][a-z0-9_.]*$/),
      });
      if (result.kind === 'failed') expectReadable(result.reason);
      expect((await check()).kind).toBe('ready');
    });

    it('fails its check, and rejects nothing, when it is cancelled', async () => {
      expect((await check(AbortSignal.abort(new Error('the caller left')))).kind).toBe('failed');
    });

    it('shows no secret when it is printed', async () => {
      await overheard.hear(Promise.resolve(inspect(subject.template, { depth: 10, showHidden: true })));
    });
  });
}

function expectFailure(result: CreateResult | DestroyResult | ExportResult, kind: Failure['kind']): void {
  expect(result.kind, 'reason' in result ? result.reason : '').toBe(kind);
  if ('reason' in result) expectReadable(result.reason);
}

type Ask = (
  key: Parameters<NonNullable<KeyCreator['destroy']>>[0],
  signal: AbortSignal,
) => Promise<CreateResult | DestroyResult | ExportResult>;

/** Everything that it can be asked for. */
function asksOf(creator: KeyCreator): readonly Ask[] {
  const { destroy, export: give, import: bring } = creator;
  return [
    (_key, signal) => creator.create(newLabel(), signal),
    ...(give === null ? [] : [give]),
    ...(bring === null ? [] : [((_key, signal) => bring(newLabel(), randomBytes(KEY_BYTES), signal)) satisfies Ask]),
    ...(destroy === null ? [] : [destroy]),
  ];
}
