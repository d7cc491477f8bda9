import { createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wireTransaction } from '../../tour/transactions.ts';
import { keyAddress } from '../core/transaction/testing/wire-builder.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const RECIPIENT = keyAddress(7);
const NEVER = new AbortController().signal;

let scene: PipelineScene;

beforeAll(async () => {
  scene = await openPipelineScene();
});

afterAll(() => scene.close());

function sign(deps: PipelineDeps, instructions: readonly Instruction[]) {
  const ask = scene.ask({ transaction: wireTransaction(scene.wallet, instructions) });
  return createSigningPipeline(deps).signTransaction(scene.agent, ask, NEVER);
}

function approve(amount: bigint) {
  const owner = createNoopSigner(scene.wallet);
  return token.getApproveInstruction({ source: keyAddress(4), delegate: RECIPIENT, owner, amount });
}

function pay() {
  const source = createNoopSigner(scene.wallet);
  return getTransferSolInstruction({ source, destination: RECIPIENT, amount: 1n });
}

it('what no policy can allow is denied whatever the policy says', async () => {
  const denied = await sign(scene.deps, [pay(), approve(2n ** 64n - 1n)]);
  const reason = { code: 'FORBIDDEN_ACTION', rule: 'gateway', facts: { action: 'unlimited_delegate' } };
  expect(denied).toMatchObject({ kind: 'denied', reasons: [reason] });
  expect(await sign(scene.deps, [pay(), approve(5n)])).toMatchObject({ kind: 'signed' });
});

it('it is more where it is configured', async () => {
  const strict = { ...scene.deps, forbid: ['any_delegate'] as const };
  const denied = await sign(strict, [approve(5n)]);
  expect(denied).toMatchObject({ kind: 'denied', reasons: [{ facts: { action: 'any_delegate' } }] });
  expect(await sign(strict, [pay()])).toMatchObject({ kind: 'signed' });
});
