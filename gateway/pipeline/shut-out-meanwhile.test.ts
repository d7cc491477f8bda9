// Proves that a call which is still being judged gets no signature once its caller would be refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../core/base58.ts';
import type { Agent } from '../core/principal/principal.ts';
import type { Session } from '../core/principal/session.ts';
import { createOperator, sampleOperator } from '../state/testing/sample-principals.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const NEVER = new AbortController().signal;
const SHUT_OUT = { reason: 'CREDENTIALS_INVALID' };

let scene: PipelineScene;
let agents = 0;

beforeAll(async () => {
  scene = await openPipelineScene();
  await createOperator(scene.state, sampleOperator('olga', { roles: ['admin'] }));
});
afterAll(() => scene.close());

describe('an agent that is disabled', () => {
  it('after it was judged, before its intent is recorded, gets no signature', async () => {
    const agent = await newAgent();
    await expect(
      sign(
        agent,
        beforeIntent(() => disable(agent)),
      ),
    ).rejects.toMatchObject(SHUT_OUT);
    expect(scene.asked).toEqual([]);
  });

  it('while the chain is asked for what it would do gets no signature', async () => {
    const agent = await newAgent();
    await expect(
      sign(
        agent,
        whileJudged(() => disable(agent)),
      ),
    ).rejects.toMatchObject(SHUT_OUT);
    expect(scene.asked).toEqual([]);
  });
});

describe('a key that is revoked, and nothing else changes', () => {
  it('is as good as none once the call takes longer than the edge remembers it', async () => {
    const agent = await withKey(await newAgent());
    const revoked = whileJudged(async () => {
      await scene.state.principals.revokeKey(agent.credential?.keyId ?? '', sampleEntry('api_key.revoked'));
      scene.script.time += 1_001;
    });
    await expect(sign(agent, revoked)).rejects.toMatchObject(SHUT_OUT);
    expect(scene.asked).toEqual([]);
  });

  it('is as good as none where it is the one that a session key comes from', async () => {
    const parent = await withKey(await newAgent());
    const agent = await withSession(parent);
    const revoked = beforeIntent(async () => {
      await scene.state.principals.revokeKey(parent.credential?.keyId ?? '', sampleEntry('api_key.revoked'));
      await freezeAnother();
    });
    await expect(sign(agent, revoked)).rejects.toMatchObject(SHUT_OUT);
    expect(scene.asked).toEqual([]);
  });
});

it('a wallet that is unbound from its agent signs nothing for it when the call is judged again', async () => {
  const agent = await newAgent();
  const unbound = beforeIntent(async () => {
    await scene.state.principals.unbindWallet(agent.id, 'treasury', sampleEntry('wallet.unbound'));
    await freezeAnother();
  });
  await expect(sign(agent, unbound)).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
  expect(scene.asked).toEqual([]);
});

it('whoever may still call gets its signature, whatever operators change meanwhile', async () => {
  const agent = await withSession(await withKey(await newAgent()));
  await expect(sign(agent, beforeIntent(freezeAnother))).resolves.toMatchObject({ kind: 'signed' });
  await expect(sign(agent, whileJudged(freezeAnother))).resolves.toMatchObject({ kind: 'signed' });
});

function sign(agent: Agent, deps: PipelineDeps) {
  return createSigningPipeline(deps).signTransaction(agent, scene.ask(), NEVER);
}

async function newAgent(): Promise<Agent> {
  agents += 1;
  const agent: Agent = { kind: 'agent', id: `agent-${agents}`, wallets: ['treasury'] };
  await scene.state.principals.create(agent, sampleEntry('principal.created'));
  return agent;
}

async function withKey(agent: Agent): Promise<Agent> {
  const keyId = `api-${agent.id}`;
  const key = { keyId, principalId: agent.id, secretHash: new Uint8Array(32) };
  await scene.state.principals.createKey(key, sampleEntry('api_key.created'));
  return { ...agent, credential: { keyId, session: null } };
}

async function withSession(parent: Agent): Promise<Agent> {
  const keyId = `session-${parent.id}`;
  const terms = {
    lineage: [parent.credential?.keyId ?? ''],
    wallets: ['treasury'],
    methods: ['sign'],
    limits: [],
  } as const;
  const made = { ...terms, keyId, agentId: parent.id, secretHash: new Uint8Array(32) };
  const life = { lifetimeMs: 60_000, notAfter: null, isLifetimeAsked: true };
  await scene.state.sessionKeys.create({ ...made, ...life }, sampleEntry('session_key.created'));
  const session: Session = { ...terms, keyId, expiresAt: Number.MAX_SAFE_INTEGER };
  return { ...parent, credential: { keyId, session } };
}

async function disable({ id }: Agent): Promise<void> {
  await scene.state.principals.disable(id, sampleEntry('principal.disabled'));
}

/** The controls get another version by it, and nobody here is stopped. */
async function freezeAnother(): Promise<void> {
  const target = addressFromBytes(crypto.getRandomValues(new Uint8Array(32)));
  const asked = {
    freezeId: crypto.randomUUID(),
    scope: 'recipient',
    target,
    reason: 'stolen',
    frozenBy: 'olga',
  } as const;
  await scene.state.controls.freeze(asked, sampleEntry('freeze.set'));
}

/** A gateway in which this happens once, when the verdict is there and nothing is recorded yet. */
function beforeIntent(happens: () => Promise<void>): PipelineDeps {
  const { requests } = scene.state;
  const first = once(happens);
  const open: typeof requests.open = async (...asked) => {
    await first();
    return requests.open(...asked);
  };
  return { ...scene.deps, state: { ...scene.state, requests: { ...requests, open } } };
}

/** A gateway in which this happens once, between the arrival of the call and its verdict. */
function whileJudged(happens: () => Promise<void>): PipelineDeps {
  const { chain } = scene.deps;
  const first = once(happens);
  const getAccounts: typeof chain.getAccounts = async (...asked) => {
    await first();
    return chain.getAccounts(...asked);
  };
  const getLatestBlockhash: typeof chain.getLatestBlockhash = async (...asked) => {
    await first();
    return chain.getLatestBlockhash(...asked);
  };
  return { ...scene.deps, chain: { ...chain, getAccounts, getLatestBlockhash } };
}

function once(happens: () => Promise<void>): () => Promise<void> {
  let happening: Promise<void> | null = null;
  return () => {
    happening ??= happens();
    return happening;
  };
}
