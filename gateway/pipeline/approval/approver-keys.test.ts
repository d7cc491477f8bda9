import { beforeEach, describe, expect, it } from 'vitest';
import type { Operator } from '../../core/principal/principal.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import { createAdmin } from '../../state/testing/sample-principals.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { openPipelineScene, type PipelineScene } from '../testing/pipeline-scene.ts';
import { type ApproverKeys, createApproverKeys } from './approver-keys.ts';

const KEY = keyAddress(7);
const OTHER = keyAddress(8);

let scene: PipelineScene;
let keys: ApproverKeys;
let eva: Operator;

beforeEach(async () => {
  scene = await openPipelineScene();
  eva = await createAdmin(scene.state, 'eva');
  keys = createApproverKeys({
    ...scene.state,
    keys: scene.state.approverKeys,
    asAdmin: scene.state.asAdmin,
    now: () => 5,
  });
  return () => scene.close();
});

async function audited() {
  const records = await scene.state.audit.readAfter(0n, 1000);
  const bodies = records.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
  return bodies
    .filter(({ kind }) => kind.startsWith('approver_key.'))
    .map(({ kind, actor, facts }) => [kind, actor, facts]);
}

function refused(reason: string) {
  return expect.objectContaining({ reason });
}

describe('the key of an approver', () => {
  it('is registered, listed and revoked, once each, with records', async () => {
    expect(await keys.register(eva, { operatorId: 'ann', publicKey: KEY })).toMatchObject({ operatorId: 'ann' });
    await keys.register(eva, { operatorId: 'ben', publicKey: OTHER });
    expect((await keys.list('ann')).map(({ publicKey }) => publicKey)).toEqual([KEY]);
    expect(await keys.list(null)).toHaveLength(2);
    for (let time = 0; time < 2; time++) expect((await keys.revoke(eva, KEY)).revokedAt).not.toBeNull();
    expect(await audited()).toEqual([
      ['approver_key.registered', 'eva', { principal: 'ann', public_key: KEY }],
      ['approver_key.registered', 'eva', { principal: 'ben', public_key: OTHER }],
      ['approver_key.revoked', 'eva', { public_key: KEY }],
    ]);
  });

  it('is of one operator for ever', async () => {
    await keys.register(eva, { operatorId: 'ann', publicKey: KEY });
    for (const operatorId of ['ben', 'ann']) {
      const again = keys.register(eva, { operatorId, publicKey: KEY });
      await expect(again).rejects.toEqual(refused('APPROVER_KEY_EXISTS'));
    }
    await keys.revoke(eva, KEY);
    const revived = keys.register(eva, { operatorId: 'ben', publicKey: KEY });
    await expect(revived).rejects.toEqual(refused('APPROVER_KEY_EXISTS'));
  });

  it('is not one of an agent, of nobody, or of who was shut out', async () => {
    await scene.state.principals.disable('ann', sampleEntry('principal.disabled'));
    for (const operatorId of ['trader', 'nobody', 'ann']) {
      const made = keys.register(eva, { operatorId, publicKey: KEY });
      await expect(made).rejects.toEqual(refused('PRINCIPAL_NOT_FOUND'));
    }
    expect(await audited()).toEqual([]);
  });

  it.each(['', 'x', `1${KEY}`, KEY.slice(2), '1'.repeat(100)])('is not %j', async (publicKey) => {
    await expect(keys.register(eva, { operatorId: 'ann', publicKey })).rejects.toEqual(refused('INVALID_FIELD'));
    await expect(keys.revoke(eva, publicKey)).rejects.toEqual(refused('INVALID_FIELD'));
  });

  it('is not revoked where nobody has it', async () => {
    await expect(keys.revoke(eva, KEY)).rejects.toEqual(refused('APPROVER_KEY_NOT_FOUND'));
  });
});
