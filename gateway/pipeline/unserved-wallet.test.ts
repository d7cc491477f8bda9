import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walletStates } from './administration/wallet-states.ts';
import { createSigningPipeline } from './pipeline.ts';
import type { PipelineDeps, UnservedWallet } from './pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from './testing/pipeline-scene.ts';

const NEVER = new AbortController().signal;
const FAULT = { field: 'keystore_file', reason: 'the keystore cannot be found' };

let scene: PipelineScene;
let deps: PipelineDeps;

beforeAll(async () => {
  scene = await openPipelineScene();
  deps = { ...scene.deps, routes: new Map(), unserved: new Map([['treasury', unserved(scene.wallet)]]) };
});

afterAll(() => scene.close());

function unserved(address: UnservedWallet['address']): UnservedWallet {
  return { id: 'treasury', address, signer: 'gone', relayer: 'local', fault: () => FAULT };
}

function sign(agent = scene.agent, walletName = 'treasury') {
  return createSigningPipeline(deps).signTransaction(agent, scene.ask({ walletName }), NEVER);
}

describe('a wallet that none of its signers serves', () => {
  it('is an outage to the agents that may use it, by its id and by its address of earlier', async () => {
    for (const name of ['treasury', scene.wallet]) {
      await expect(sign(scene.agent, name)).rejects.toMatchObject({
        reason: 'SIGNER_UNAVAILABLE',
        message: 'the signer gone is unavailable: the keystore cannot be found; nothing was signed',
      });
    }
  });

  it('is to others as one that never was', async () => {
    const stranger = { ...scene.agent, id: 'stranger', wallets: [] };
    await expect(sign(stranger)).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
    await expect(sign(stranger, scene.wallet)).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
    await expect(sign(scene.agent, 'never')).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
    // Only of its own is one suggested.
    const suggests = 'wallet: not one of yours (did you mean treasury?); ListWallets names those that are';
    await expect(sign(scene.agent, 'tresury')).rejects.toMatchObject({ message: suggests });
    await expect(sign(stranger, 'tresury')).rejects.toMatchObject({ message: expect.not.stringContaining('mean') });
  });

  it('keeps its record, its limits and its place in the list for those agents', async () => {
    const pipeline = createSigningPipeline(deps);
    const page = { filter: { states: [], since: null }, limit: 5, after: null };
    expect(await pipeline.listTransactions(scene.agent, 'treasury', page)).toEqual([]);
    expect(await pipeline.getBudgets(scene.agent, 'treasury')).toBeDefined();
    const listed = { id: 'treasury', address: scene.wallet, feePayer: null };
    expect(await pipeline.listWallets(scene.agent)).toEqual([listed]);
  });

  it('is listed to operators as not served, with why, and its address where the record has one', async () => {
    const stateOf = async (wallet: UnservedWallet) => {
      const listing = { ...deps, unserved: new Map([['treasury', wallet]]), history: scene.history };
      return walletStates(listing, { limit: 5, after: null, balances: true }, NEVER);
    };
    const why = 'gone: keystore_file: the keystore cannot be found';
    expect(await stateOf(unserved(scene.wallet))).toMatchObject([
      {
        wallet: { id: 'treasury', address: scene.wallet },
        signer: 'gone',
        relayer: 'local',
        agents: [scene.agent.id],
        notServed: why,
      },
    ]);
    expect(await stateOf(unserved(null))).toMatchObject([
      { wallet: { id: 'treasury', address: null }, notServed: why, balances: { kind: 'unknown' } },
    ]);
  });
});
