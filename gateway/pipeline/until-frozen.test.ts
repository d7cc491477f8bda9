// Proves that no signer is asked for what was frozen after its intent was recorded, and that nobody waits on for its turn.
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { type Address, createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cosigning, FeePayer } from '../../relayer/fee-payer.ts';
import { type GuardedSigner, guardSigner } from '../../signers/guard/guard-signer.ts';
import type { Signer } from '../../signers/signer.ts';
import { solTransfer, wireTransaction } from '../../tour/transactions.ts';
import { addressFromBytes } from '../core/base58.ts';
import { GatewayError } from '../core/errors.ts';
import { createOperator, sampleOperator } from '../state/testing/sample-principals.ts';
import { sampleEntry } from '../state/testing/sample-request.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps, WalletRoute } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const KEYS = generateKeyPairSync('ed25519');
const PAYER = addressFromBytes(new Uint8Array(KEYS.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)));
const NEVER = new AbortController().signal;
const FROZEN = { reason: 'FROZEN', message: expect.stringContaining('stolen') };

let scene: PipelineScene;
/** Who gets the payments of a test; frozen in one test, it is not paid in another. */
let recipient: Address;

beforeAll(async () => {
  scene = await openPipelineScene();
  await createOperator(scene.state, sampleOperator('olga', { roles: ['admin'] }));
});
beforeEach(() => {
  recipient = addressFromBytes(crypto.getRandomValues(new Uint8Array(32)));
  scene.asked.length = 0;
  scene.script.time = Date.now();
  scene.script.beforeSigning = async () => undefined;
});
afterAll(() => scene.close());

describe('what is frozen while who pays is asked', () => {
  it('is not given to the wallet’s signer, whatever who pays answers', async () => {
    const deps = withFeePayer(async (signed) => {
      await freeze(recipient);
      return signed();
    });
    await expect(paidBySomebody(deps)).rejects.toMatchObject(FROZEN);
    expect(scene.asked).toEqual([]);
  });

  it('is not given to it where the freeze is heard of only as the gateway looks again', async () => {
    let isFrozen = false;
    const { controls } = scene.state;
    const before = controls.current();
    const deps = withFeePayer(async (signed) => {
      isFrozen = true;
      return signed();
    });
    const recent: typeof controls.recent = async () => {
      if (isFrozen) await freeze(recipient);
      return controls.recent();
    };
    expect(controls.current()).toBe(before);
    const late = { ...deps, state: { ...scene.state, controls: { ...controls, recent } } };
    await expect(paidBySomebody(late)).rejects.toMatchObject(FROZEN);
    expect(scene.asked).toEqual([]);
  });

  it('is something else: the wallet’s signer is asked', async () => {
    const deps = withFeePayer(async (signed) => {
      await freeze(addressFromBytes(crypto.getRandomValues(new Uint8Array(32))));
      return signed();
    });
    await expect(paidBySomebody(deps)).resolves.toMatchObject({ kind: 'signed' });
    expect(scene.asked).toHaveLength(1);
  });
});

describe('what is frozen while it waits for its turn at a remote signer', () => {
  it('gives up its turn at once and is not signed; what is with the signer already may be', async () => {
    const answers = Promise.withResolvers<void>();
    scene.script.beforeSigning = () => answers.promise;
    const { signer, deps } = withRemote({ maxInFlight: 1, maxWaiting: 16 });
    const calls = Array.from({ length: 3 }, () => fault(pay(deps)));
    await expect.poll(() => signer.guardState()).toMatchObject({ inFlight: 1, waiting: 2 });
    await freeze(recipient);
    await expect.poll(() => signer.guardState().waiting).toBe(0);
    const faults = await Promise.all(calls);
    answers.resolve();
    expect(scene.asked).toHaveLength(1);
    expect(faults).toEqual([FROZEN, FROZEN, FROZEN].map((frozen) => expect.objectContaining(frozen)));
    expect((await Promise.all(faults.map(stateOf))).toSorted()).toEqual([
      'INDETERMINATE',
      'SIGNING_FAILED',
      'SIGNING_FAILED',
    ]);
  });

  it('is not asked for again where the signer failed before', async () => {
    let attempts = 0;
    const failing: Partial<Signer> = {
      sign: async () => {
        attempts += 1;
        await freeze(recipient);
        return { kind: 'unavailable', reason: 'down', ambiguous: false };
      },
    };
    const { deps } = withRemote({ maxInFlight: 1, maxWaiting: 16 }, failing);
    await expect(pay(deps)).rejects.toMatchObject(FROZEN);
    expect(attempts).toBe(1);
  });

  it('is something else: it waits on, and is signed', async () => {
    const answers = Promise.withResolvers<void>();
    scene.script.beforeSigning = () => answers.promise;
    const { signer, deps } = withRemote({ maxInFlight: 1, maxWaiting: 16 });
    const calls = [pay(deps), pay(deps)];
    await expect.poll(() => signer.guardState().waiting).toBe(1);
    await freeze(addressFromBytes(crypto.getRandomValues(new Uint8Array(32))));
    answers.resolve();
    await expect(Promise.all(calls)).resolves.toMatchObject([{ kind: 'signed' }, { kind: 'signed' }]);
  });
});

async function freeze(target: Address): Promise<void> {
  const asked = {
    freezeId: crypto.randomUUID(),
    scope: 'recipient',
    target,
    reason: 'stolen',
    frozenBy: 'olga',
  } as const;
  await scene.state.controls.freeze(asked, sampleEntry('freeze.set'));
}

let amount = 0n;

function pay(deps: PipelineDeps) {
  amount += 1n;
  const ask = scene.ask({ transaction: solTransfer(scene.wallet, recipient, amount) });
  return createSigningPipeline(deps).signTransaction(scene.agent, ask, NEVER);
}

function paidBySomebody(deps: PipelineDeps) {
  amount += 1n;
  const transfer = { source: createNoopSigner(scene.wallet), destination: recipient, amount };
  const ask = scene.ask({ transaction: wireTransaction(PAYER, [getTransferSolInstruction(transfer)]) });
  return createSigningPipeline(deps).signTransaction(scene.agent, ask, NEVER);
}

function withRoute(change: (route: WalletRoute) => Partial<WalletRoute>): PipelineDeps {
  const route = scene.deps.routes.get('treasury');
  if (route === undefined) throw new Error('no route');
  const routes = new Map([['treasury', { ...route, ...change(route) }]]);
  return { ...scene.deps, signerTimeoutMs: 5_000, routes };
}

function withFeePayer(answer: (signed: () => Cosigning) => Promise<Cosigning>): PipelineDeps {
  const cosign: FeePayer['cosign'] = async (messageBytes) =>
    answer(() => ({ kind: 'signed', signature: new Uint8Array(signWith(null, messageBytes, KEYS.privateKey)) }));
  const feePayer: FeePayer = { name: 'gas', backend: 'test', address: PAYER, custody: 'remote', cosign };
  return withRoute(() => ({ feePayer }));
}

function withRemote(room: { readonly maxInFlight: number; readonly maxWaiting: number }, change: Partial<Signer> = {}) {
  const { signer: key } = scene.deps.routes.get('treasury') ?? {};
  if (key === undefined) throw new Error('no signer');
  const options = { ...room, timeoutMs: 5_000 };
  const signer: GuardedSigner = guardSigner({ ...key, custody: 'remote', ...change }, options);
  return { signer, deps: withRoute(() => ({ signer })) };
}

async function fault(call: Promise<unknown>): Promise<GatewayError> {
  const failed = await call.catch((error: unknown) => error);
  if (failed instanceof GatewayError) return failed;
  throw new Error('it did not fail', { cause: failed });
}

async function stateOf({ metadata }: GatewayError) {
  return (await scene.find(metadata.request_id ?? '')).state;
}
