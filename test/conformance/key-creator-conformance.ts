// Owns what every key creator must do, and the signers that are opened for its keys; each backend's tests run it over a real one.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignerFault } from '../../gateway/compose/unopened-signer.ts';
import { bytesFromBase58, KEY_BYTES } from '../../signers/ed25519-key.ts';
import type { CreatedKey, KeyReference } from '../../signers/key-creator.ts';
import { addressOfSeed, created, createdKey, expectSigns, newLabel, signedBy, soon } from './key-creator/scene.ts';
import type { CreatorUnderTest, RemoteCreatorUnderTest } from './key-creator.ts';

type Opened = CreatorUnderTest & Partial<Pick<RemoteCreatorUnderTest, 'service'>>;

/** `open` is called once before the suite and once more for the test of `close`. A service that it gives is closed after the creator. */
export function describeKeyCreator(name: string, open: () => Promise<Opened>): void {
  describe(`${name} as a key creator`, () => {
    let subject: Opened;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => closeAll(subject));

    it('says which backend it is, and what it can', () => {
      const { creator } = subject.template;
      expect(creator.backend).toBe(subject.backend);
      const can = (['destroy', 'export', 'import'] as const).filter((action) => creator[action] !== null);
      expect(can).toEqual(subject.can);
      const label = newLabel();
      const found = creator.findBy === null ? null : creator.findBy(label);
      expect(found).toEqual(subject.keepsKeys ? expect.stringContaining(label) : null);
    });

    it('makes a key by which a signer signs that is opened from its reference', async () => {
      const key = await created(subject);
      expect(bytesFromBase58(key.address)).toHaveLength(KEY_BYTES);
      await expectSigns(subject, key);
    });

    it('makes another key for each label, also for the longest', async () => {
      const labels = [newLabel(), newLabel(), newLabel('w'.repeat(81))];
      const keys = await Promise.all(labels.map((label) => created(subject, label)));
      expect(new Set(keys.map(({ address }) => address)).size).toBe(labels.length);
      for (const key of keys) await expectSigns(subject, key);
    });

    it('answers the same key for the same label, where the backend keeps it', async () => {
      const label = newLabel();
      const [first, second] = [await created(subject, label), await created(subject, label)];
      if (subject.keepsKeys) expect(second).toEqual(first);
      await expectSigns(subject, second);
    });

    it('answers one key where two ask for a label at once', async () => {
      if (!subject.keepsKeys) return expect(subject.service).toBeUndefined();
      const { creator } = subject.template;
      const label = newLabel();
      const results = await Promise.all([creator.create(label, soon()), creator.create(label, soon())]);
      const later = await created(subject, label);
      const keys = results.flatMap((result) => (result.kind === 'created' ? [result.key] : []));
      expect(keys.length, JSON.stringify(results)).toBeGreaterThan(0);
      for (const key of keys) expect(key).toEqual(later);
      await expectSigns(subject, later);
    });

    it('makes nothing when the call was aborted before', async () => {
      const before = await subject.service?.keysMade();
      const result = await subject.template.creator.create(newLabel(), AbortSignal.abort());
      expect(result.kind).toBe('unavailable');
      expect(await subject.service?.keysMade()).toBe(before);
    });

    it('is checked without making a key', async () => {
      const before = await subject.service?.keysMade();
      const check = await subject.template.creator.check(soon());
      expect(check.kind === 'ready' ? 'ready' : check.reason).toBe('ready');
      expect(await subject.service?.keysMade()).toBe(before);
    });

    it('opens no signer for a reference that is none of its backend, and says so without repeating it', async () => {
      const key = await created(subject);
      for (const reference of strangeReferences(key.reference)) {
        const opening = subject.template.openSigner({ ...key, reference });
        const fault: unknown = await opening.then(
          () => `opened for ${JSON.stringify(reference)}`,
          (error: unknown) => error,
        );
        expect(fault).toBeInstanceOf(SignerFault);
        expect(String(fault)).not.toContain(HOSTILE);
      }
    });

    it('destroys a key, and once more without harm', async () => {
      const { destroy } = subject.template.creator;
      if (destroy === null) return expect(subject.can).not.toContain('destroy');
      const [key, other] = [await created(subject), await created(subject)];
      for (const _ of ['first', 'second']) {
        const result = await destroy(key, soon());
        expect(result.kind === 'destroyed' ? 'destroyed' : result.reason).toBe('destroyed');
        if (result.kind === 'destroyed') expect(result.detail).toMatch(/^[^\p{Cc}]{1,600}$/u);
      }
      expect((await signedBy(subject, key)).kind).not.toBe('signed');
      await expectSigns(subject, other);
    });

    it('gives out the seed of a key, and of no other', async () => {
      const { export: give } = subject.template.creator;
      if (give === null) return expect(subject.can).not.toContain('export');
      const [key] = [await created(subject), await created(subject)];
      const result = await give(key, soon());
      expect(result.kind === 'exported' ? addressOfSeed(result.seed) : result.reason).toBe(key.address);
    });

    it('takes a key under its label, the same again, and no other there', async () => {
      const { import: bring } = subject.template.creator;
      if (bring === null) return expect(subject.can).not.toContain('import');
      const [label, seed, other] = [newLabel(), randomBytes(KEY_BYTES), randomBytes(KEY_BYTES)];
      const before = Buffer.from(seed);
      const key = createdKey(await bring(label, seed, soon()));
      expect(before.equals(seed)).toBe(true);
      expect(key.address).toBe(addressOfSeed(seed));
      await expectSigns(subject, key);
      expect(createdKey(await bring(label, seed, soon())).address).toBe(key.address);
      if (!subject.keepsKeys) return;
      expect((await bring(label, other, soon())).kind).toBe('refused');
      await expectSigns(subject, key);
    });

    it.each([0, 31, 33, 64])('refuses a seed of %i bytes', async (length) => {
      const { import: bring } = subject.template.creator;
      if (bring === null) return expect(subject.can).not.toContain('import');
      expect((await bring(newLabel(), randomBytes(length), soon())).kind).toBe('refused');
    });

    it('is unavailable after it was closed, and can be closed twice', async () => {
      const closed = await open();
      const before = await closed.service?.keysMade();
      await closed.template.creator.close();
      expect((await closed.template.creator.create(newLabel(), soon())).kind).toBe('unavailable');
      expect((await closed.template.creator.check(soon())).kind).toBe('failed');
      expect(await closed.service?.keysMade()).toBe(before);
      await closeAll(closed);
    });
  });
}

async function closeAll({ template, service }: Opened): Promise<void> {
  await template.creator.close();
  await service?.close();
}

const HOSTILE = '../../sys/seal-hostile?x=1';

/** Each of its parts absent, of the other type, empty, hostile or huge. */
function strangeReferences(reference: CreatedKey['reference']): readonly KeyReference[] {
  const without = (name: string): KeyReference =>
    Object.fromEntries(Object.entries(reference).filter(([each]) => each !== name));
  const spoiled = Object.entries(reference).flatMap(([name, value]) => [
    without(name),
    ...[typeof value === 'string' ? 7 : 'seven', '', HOSTILE, 'x'.repeat(100_000)].map((wrong) => ({
      ...reference,
      [name]: wrong,
    })),
  ]);
  return [{}, { of_another_backend: 'x' }, ...spoiled];
}
