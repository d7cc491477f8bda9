import { expect, it } from 'vitest';
import { SCRIPTED_ADDRESS, scriptedSigner } from '../../../signers/testing/scripted-signer.ts';
import { scriptedTemplate } from '../../pipeline/administration/testing/scripted-creator.ts';
import { TRY_EVERY_MS } from '../reopening.ts';
import { SignerFault } from '../unopened-signer.ts';
import type { OpenedTemplate } from './opened-template.ts';
import { reopeningTemplate } from './reopening-template.ts';

const LACK = new SignerFault('creator.token_file', 'there is no such file');
const GUARD = { timeoutMs: 1_000, maxInFlight: 4, maxWaiting: 4 };
const key = { address: SCRIPTED_ADDRESS, reference: { key: 'one' } };
const soon = () => AbortSignal.timeout(5_000);

/** Of a file that may come. */
function lacking() {
  const scene = { isThere: false, opened: 0, elapsedMs: 0 };
  const { creator } = scriptedTemplate();
  const open = async (): Promise<OpenedTemplate> => {
    scene.opened += 1;
    if (!scene.isThere) throw new SignerFault('creator.token_file', 'it is still not there');
    return { creator, openSigner: async () => scriptedSigner('agents', []), guard: GUARD };
  };
  const template = reopeningTemplate({ backend: 'scripted', fault: LACK, open, elapsedMs: () => scene.elapsedMs });
  return { scene, template };
}

it('says why nothing is made, signed or destroyed as long as it cannot be opened', async () => {
  const { template } = lacking();
  const { creator, openSigner, guard } = template.opened;
  const unavailable = { kind: 'unavailable', reason: 'creator.token_file: there is no such file' };
  expect(await creator.create('label', soon())).toEqual(unavailable);
  expect(await creator.destroy?.(key, soon())).toEqual(unavailable);
  expect(await creator.check(soon())).toEqual({ kind: 'failed', field: LACK.field, reason: LACK.message });
  await expect(openSigner(key)).rejects.toBe(LACK);
  expect([creator.export, creator.import, guard, template.fault()]).toEqual([null, null, null, LACK]);
});

it('is tried again by what is asked of it, and not more often than once a second', async () => {
  const { scene, template } = lacking();
  const asked = () => Promise.all([template.tryAgain(), template.opened.creator.check(soon()), template.tryAgain()]);
  await asked();
  expect(scene.opened).toBe(0);
  scene.elapsedMs = TRY_EVERY_MS;
  await asked();
  await asked();
  expect([scene.opened, template.fault()?.message]).toEqual([1, 'it is still not there']);
});

it('is itself from when what it lacked is there', async () => {
  const { scene, template } = lacking();
  [scene.isThere, scene.elapsedMs] = [true, TRY_EVERY_MS];
  const { creator } = template.opened;
  expect(await creator.create('label', soon())).toMatchObject({ kind: 'created' });
  expect(template.fault()).toBeNull();
  expect([creator.findBy?.('x'), creator.import, template.opened.guard]).toEqual([
    'the drawer x',
    expect.any(Function),
    GUARD,
  ]);
  expect((await template.opened.openSigner(key)).address).toBe(SCRIPTED_ADDRESS);
  await template.tryAgain();
  expect(scene.opened).toBe(1);
});

it('opens nothing any more once it is closed', async () => {
  const { scene, template } = lacking();
  await template.opened.creator.close();
  [scene.isThere, scene.elapsedMs] = [true, TRY_EVERY_MS];
  await template.tryAgain();
  expect([scene.opened, template.fault()]).toEqual([0, LACK]);
});
