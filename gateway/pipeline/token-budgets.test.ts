// Owns the proof that people and agents are told amounts of tokens by the decimals that the transaction itself tells.
import { generateKeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tokenAccount, tokenTransfer } from '../../tour/transactions.ts';
import type { Limit } from '../core/decision/decision.ts';
import { mintAccount, tokenAccount as tokenAccountState } from '../core/effects/testing/judge.ts';
import type { PolicyGeneration } from '../policy/policy-engine.ts';
import { createApprovalPipeline } from './approval/approvals.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

let scene: PipelineScene;
let deps: PipelineDeps;
let assets: PolicyGeneration['assets'];
let mint: string;

beforeAll(async () => {
  scene = await openPipelineScene();
  const { deps: given } = scene;
  deps = { ...given, policy: { current: () => ({ ...given.policy.current(), assets }) } };
});
beforeEach(() => {
  assets = new Map();
});
afterAll(() => scene.close());

/** Pays 2.5 of a token of six decimals, of which a lifetime allows one. */
async function pay(onExceed: Limit['onExceed']) {
  const [token, { address: recipient }] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);
  mint = token.address;
  const { held } = scene.chain;
  held.set(mint, mintAccount(6));
  for (const owner of [scene.wallet, recipient]) {
    held.set(await tokenAccount(owner, token.address), tokenAccountState({ mint: token.address, owner }));
  }
  const measure = { kind: 'outflow', asset: mint } as const;
  const limit: Limit = {
    ...{ id: 'daily', scope: 'agent_wallet', measure, window: { kind: 'lifetime' }, max: 1_000_000n, onExceed },
  };
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [limit] };
  assets = new Map([[mint, { symbol: 'USDC', decimals: 6 }]]);
  const transaction = await tokenTransfer(scene.wallet, recipient, { address: token.address, decimals: 6 }, 2_500_000n);
  return createSigningPipeline(deps).signTransaction(
    scene.agent,
    scene.ask({ transaction }),
    new AbortController().signal,
  );
}

it('a denial tells what passes now by its decimals, and its facts stay base units', async () => {
  expect(await pay({ kind: 'deny' })).toMatchObject({
    kind: 'denied',
    reasons: [
      {
        code: 'BUDGET_EXCEEDED',
        message: expect.stringContaining(
          'uses 2.5 USDC, and 1 USDC of the limit daily is left (at most 1 USDC for ever',
        ),
        remedy: expect.stringContaining('allowed: at most 1 USDC now;'),
        facts: { amount: '2500000', max: '1000000', left: '1000000' },
      },
    ],
  });
});

it('an approval shows its limits so, with no symbol where the policy means other decimals', async () => {
  const approval = { quorum: 1, groups: [], timeoutSeconds: 300 };
  const outcome = await pay({ kind: 'require_approval', approval });
  if (outcome.kind !== 'pending_approval') throw new Error(`not asked for approval, but ${outcome.kind}`);
  const shown = () => createApprovalPipeline(deps).getApproval(outcome.approval.approvalId);
  expect((await shown()).units).toEqual(new Map([[mint, { decimals: 6, symbol: 'USDC' }]]));
  assets = new Map([[mint, { symbol: 'USDC', decimals: 9 }]]);
  expect((await shown()).units).toEqual(new Map([[mint, { decimals: 6, symbol: null }]]));
});
