// What others do in the moment between the last look at an approval and the commit of the intent that it permits.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import pg from 'pg';
import { beforeEach, expect, it } from 'vitest';
import { voteMessage } from '../../core/approval/vote-message.ts';
import { addressFromBytes } from '../../core/base58.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleEntry } from '../../state/testing/sample-request.ts';
import { hex } from '../digest.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { needsApproval } from '../testing/pipeline-scene.ts';
import { openPendingScene, type PendingScene } from './testing/pending-scene.ts';

let scene: PendingScene;

beforeEach(async () => {
  scene = await openPendingScene();
  return () => scene.close();
});

/** Of a gateway that is late: what others do comes before its intent is committed. */
function lateBehind(others: () => Promise<unknown>): PipelineDeps {
  const { requests } = scene.state;
  const advance: typeof requests.advance = async (change, entry) => {
    if (change.to === 'SIGNING') await others();
    return requests.advance(change, entry);
  };
  return { ...scene.deps, state: { ...scene.state, requests: { ...requests, advance } } };
}

/** As a gateway that has a newer bundle already. */
function askTwo(request: RequestRecord): Promise<RequestRecord> {
  const current = () => ({ ...scene.deps.policy.current(), evaluate: () => needsApproval(2) });
  return scene.settle(request, { ...scene.deps, policy: { current } });
}

it('a commit that waits until the time is over records no intent', async () => {
  const pending = await scene.pending();
  await scene.vote(pending, scene.ann);
  const holder = new pg.Client({ connectionString: scene.databaseUrl });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM requests WHERE request_id = $1 FOR UPDATE', [pending.requestId]);
    const settled = scene.settleOnce(pending);
    const waiting = 'SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid';
    await expect.poll(async () => (await holder.query(waiting)).rowCount).toBe(1);
    await scene.endTime(pending);
    await holder.query('COMMIT');
    await settled;
  } finally {
    await holder.end();
  }
  expect(scene.asked).toEqual([]);
  await scene.deniedAs(pending, 'APPROVAL_TIMED_OUT');
});

it('approvers who were asked again meanwhile have not approved', async () => {
  const pending = await scene.pending();
  await scene.vote(pending, scene.ann);
  await scene.settleOnce(
    pending,
    lateBehind(() => askTwo(pending)),
  );
  const now = await scene.find(pending.requestId);
  expect([now.state, scene.asked]).toEqual(['AWAITING_APPROVAL', []]);
  expect(await scene.approvalOf(now)).toMatchObject({ state: 'PENDING', requirement: { quorum: 2 } });
});

it('approvers who were asked again and rejected it have their way', async () => {
  const pending = await scene.pending();
  await scene.vote(pending, scene.ann);
  const rejectAnew = async () => scene.vote(await askTwo(pending), scene.ben, false);
  await scene.settleOnce(pending, lateBehind(rejectAnew));
  expect(scene.asked).toEqual([]);
  await scene.deniedAs(await scene.find(pending.requestId), 'APPROVAL_REJECTED');
});

it('a worker that found the first approval rejected does not end the second', async () => {
  const pending = await scene.pending();
  await scene.vote(pending, scene.ann);
  const { approvals } = scene.state;
  const find: typeof approvals.find = async (approvalId) => {
    const found = await approvals.find(approvalId);
    await askTwo(pending);
    return found === null ? null : { ...found, state: 'REJECTED' };
  };
  await scene.settleOnce(pending, { ...scene.deps, state: { ...scene.state, approvals: { ...approvals, find } } });
  expect(await scene.find(pending.requestId)).toMatchObject({ state: 'AWAITING_APPROVAL' });
});

it('a vote whose key is revoked meanwhile does not count', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = addressFromBytes(new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)));
  const { approverKeys, approvals, controls } = scene.state;
  await approverKeys.register({ operatorId: 'ann', publicKey: key }, sampleEntry('approver_key.registered'));
  const pending = await scene.pending();
  const { approvalId, intentDigest } = await scene.approvalOf(pending);
  const time = Date.now();
  const said = {
    approvalId,
    approver: 'ann',
    approve: true,
    comment: 'fine',
    intentSha256: hex(intentDigest),
    time: 5,
  };
  const signature = { key, signature: new Uint8Array(signWith(null, voteMessage(said), privateKey)), time };
  const { version } = controls.current();
  const cast = { approvalId, approver: scene.ann, approve: true, intentDigest, comment: 'fine', controls: version };
  const voted = await approvals.vote({ ...cast, signature, onlySigned: true }, sampleEntry('approval.vote'));
  expect(voted.kind).toBe('recorded');
  const late = lateBehind(() => approverKeys.revoke(key, sampleEntry('approver_key.revoked')));
  await scene.settleOnce(pending, { ...late, requireSignedVotes: true });
  expect([(await scene.find(pending.requestId)).state, scene.asked]).toEqual(['AWAITING_APPROVAL', []]);
});
