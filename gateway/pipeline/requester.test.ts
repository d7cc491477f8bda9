import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RequestRecord } from '../state/contract/request-store.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { createSigningPipeline } from './pipeline.ts';
import { requesterOf } from './requester.ts';
import { needsApproval, openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

let scene: PipelineScene;
let pending: RequestRecord;

beforeAll(async () => {
  scene = await openPipelineScene();
  scene.script.verdict = needsApproval();
  const { signal } = new AbortController();
  const { request } = await createSigningPipeline(scene.deps).signTransaction(scene.agent, scene.ask(), signal);
  pending = await scene.find(request.requestId);
});

afterAll(() => scene.close());

function askedWith(credential: string): RequestRecord {
  const { judgement } = pending;
  return { ...pending, judgement: { ...judgement, decision: { ...judgement.decision, credential } } };
}

async function sessionKey(keyId: string): Promise<void> {
  const terms = { wallets: ['treasury'], methods: ['sign'], limits: [], lifetimeMs: 60_000, notAfter: null } as const;
  const key = {
    keyId,
    agentId: 'trader',
    secretHash: new Uint8Array(32),
    lineage: [],
    isLifetimeAsked: true,
    ...terms,
  };
  expect(await scene.state.sessionKeys.create(key, sampleEntry('session_key.created'))).toMatchObject({
    kind: 'created',
  });
}

it('is the agent with all its rights where it asked with an API key, though that is revoked since', async () => {
  const key = { keyId: 'api-1', principalId: 'trader', secretHash: new Uint8Array(32) };
  await scene.state.principals.createKey(key, sampleEntry('api_key.created'));
  const whole = { ...scene.agent, credential: { keyId: 'api-1', session: null } };
  expect(await requesterOf(scene.deps, askedWith('api-1'))).toEqual(whole);
  await scene.state.principals.revokeKey('api-1', sampleEntry('api_key.revoked'));
  expect(await requesterOf(scene.deps, askedWith('api-1'))).toEqual(whole);
});

it('has what its session key has, and nothing once that is revoked', async () => {
  await sessionKey('s-1');
  expect(await requesterOf(scene.deps, askedWith('s-1'))).toMatchObject({ credential: { session: { keyId: 's-1' } } });
  await scene.state.sessionKeys.revoke('s-1', null, sampleEntry('session_key.revoked'));
  expect(await requesterOf(scene.deps, askedWith('s-1'))).toBeNull();
});

it('is nobody where the record has no such key: a session key that is gone had limits, and nobody knows which', async () => {
  expect(await requesterOf(scene.deps, askedWith('gone'))).toBeNull();
});
