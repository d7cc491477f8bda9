// Proves on a real chain, a real Postgres and a real key what becomes of signed transactions, and of what they have reserved.
import {
  type Address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createNoopSigner,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  lamports,
  type Nonce,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingDurableNonce,
} from '@solana/kit';
import {
  fetchNonce,
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  getTransferSolInstruction,
  SYSTEM_PROGRAM_ADDRESS,
} from '@solana-program/system';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../../gateway/core/decision/decision.ts';
import { createSigningPipeline } from '../../gateway/pipeline/pipeline.ts';
import type { PipelineDeps } from '../../gateway/pipeline/pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from '../../gateway/pipeline/testing/pipeline-scene.ts';
import { startTracker, type Tracker } from '../../gateway/pipeline/tracking/tracker.ts';
import type { RequestRecord } from '../../gateway/state/contract/request-store.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { airdrop, sendConfirmed } from '../../relayer/localnet/confirmed-sends.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { rawCall, sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { fundedSigner } from '../../relayer/localnet/testing/signed-transaction.ts';
import { createRpcChainReader } from '../../relayer/rpc/rpc-chain-reader.ts';
import { rpcRelayerTo } from '../../relayer/rpc/testing/rpc-relayer-to.ts';
import { solTransfer } from '../../tour/transactions.ts';

const SOL = 1_000_000_000n;
const LIMIT: Limit = {
  id: 'all-time',
  scope: 'wallet',
  measure: { kind: 'outflow', asset: 'SOL' },
  window: { kind: 'lifetime' },
  max: 1_000n * SOL,
  onExceed: { kind: 'deny' },
};

let localnet: Localnet;
let chain: ChainReader;
let scene: PipelineScene;
let deps: PipelineDeps;
let tracker: Tracker;
let payer: KeyPairSigner;
let nonceAccount: KeyPairSigner;
let lookCount = 0;

beforeAll(async () => {
  localnet = await startLocalnet();
  payer = await fundedSigner(localnet.rpcUrl);
});

afterAll(() => localnet.stop());

// The gateway's clock is behind the database's: whatever it puts off is due at once.
beforeEach(async () => {
  scene = await openPipelineScene();
  chain = createRpcChainReader({ url: localnet.rpcUrl, timeoutMs: 5_000 });
  const relayer = rpcRelayerTo([localnet.rpcUrl]);
  const routes = new Map([...scene.deps.routes].map(([id, route]) => [id, { ...route, relayer }]));
  deps = { ...scene.deps, chain: counted(chain), routes };
  scene.script.time -= 120_000;
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [LIMIT] };
  await airdrop(localnet.rpcUrl, scene.wallet, 10n * SOL);
  nonceAccount = await openNonceAccount(scene.wallet);
  tracker = startTracker(deps);
});

afterEach(async () => {
  await tracker.stop();
  await chain.close();
  await scene.close();
});

describe('a durable nonce that was signed for, and not sent by the gateway', () => {
  it('stays open for as long as it is stored, and what lands with it is used', async () => {
    const { requestId, signedTransaction } = await sign(await withNonce(SOL));
    await advance(100_000);
    await looks(3);
    expect(await stateOf(requestId)).toBe('SIGNED');
    expect(await standing()).toEqual({ used: 0n, reserved: SOL });
    await send(signedTransaction);
    await advance(40);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: SOL, reserved: 0n });
  });

  it('that another transaction uses up gives back what was reserved', async () => {
    const one = await sign(await withNonce(SOL));
    const other = await sign(await withNonce(2n * SOL));
    await send(other.signedTransaction);
    await advance(400);
    await expect.poll(() => stateOf(one.requestId), WITHIN).toBe('EXPIRED');
    await expect.poll(() => stateOf(other.requestId), WITHIN).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: 2n * SOL, reserved: 0n });
    const refused = await sendRaw(localnet.rpcUrl, one.signedTransaction ?? new Uint8Array());
    expect(refused).toHaveProperty('error');
  });

  it('that a failed transaction uses up is a failure, not an expiry', async () => {
    const { requestId, signedTransaction } = await sign(await withNonce(500n * SOL));
    await send(signedTransaction, { skipPreflight: true });
    await advance(1);
    await expect.poll(async () => (await scene.find(requestId)).error, WITHIN).toContain('InstructionError');
    expect(await stateOf(requestId)).toBe('SIGNED');
    expect(await standing()).toEqual({ used: 0n, reserved: 500n * SOL });
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('FAILED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('whose account is closed is dead', async () => {
    const { requestId } = await sign(await withNonce(SOL));
    await rawCall(localnet.rpcUrl, 'localnet_setAccount', [
      nonceAccount.address,
      { owner: SYSTEM_PROGRAM_ADDRESS, lamports: 0, data: '' },
    ]);
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('EXPIRED');
  });

  it('that is not the one that is stored is not dead while it is a blockhash that lives', async () => {
    const { blockhash } = await chain.getBlockhashOtherThan('', new AbortController().signal);
    const { requestId, signedTransaction } = await sign(nonceMessage(blockhash, [payment(SOL)]));
    await advance(100);
    await looks(3);
    expect(await stateOf(requestId)).toBe('SIGNED');
    await send(signedTransaction);
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: SOL, reserved: 0n });
  });
});

describe('a blockhash', () => {
  it('that nobody sent anything with gives back what was reserved', async () => {
    const { requestId } = await sign(solTransfer(scene.wallet, payer.address, SOL), true);
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('EXPIRED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('with which something landed is not dead for a node that has pruned it: it stays counted', async () => {
    await tracker.stop();
    const { requestId, signedTransaction } = await signUntracked(solTransfer(scene.wallet, payer.address, SOL), true);
    await send(signedTransaction);
    await advance(400);
    await rawCall(localnet.rpcUrl, 'localnet_pruneHistory', []);
    tracker = startTracker(deps);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('INDETERMINATE');
    await advance(10_000);
    await looks(3);
    expect(await stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: SOL });
  });
});

const WITHIN = { timeout: 5_000 };

/** No tracker looks meanwhile: by this clock, a signer is overdue as soon as it is asked. */
async function sign(transaction: Uint8Array, setFreshBlockhash = false): Promise<RequestRecord> {
  await tracker.stop();
  const request = await signUntracked(transaction, setFreshBlockhash);
  tracker = startTracker(deps);
  return request;
}

async function signUntracked(transaction: Uint8Array, setFreshBlockhash: boolean): Promise<RequestRecord> {
  const { signal } = new AbortController();
  const ask = scene.ask({ transaction, setFreshBlockhash });
  const outcome = await createSigningPipeline(deps).signTransaction(scene.agent, ask, signal);
  expect(outcome.kind).toBe('signed');
  return outcome.request;
}

async function openNonceAccount(authority: Address): Promise<KeyPairSigner> {
  const account = await generateKeyPairSigner();
  await sendConfirmed(localnet.rpcUrl, payer, [
    getCreateAccountInstruction({
      payer,
      newAccount: account,
      lamports: lamports(2_000_000n),
      space: 80n,
      programAddress: SYSTEM_PROGRAM_ADDRESS,
    }),
    getInitializeNonceAccountInstruction({ nonceAccount: account.address, nonceAuthority: authority }),
  ]);
  return account;
}

async function withNonce(amount: bigint): Promise<Uint8Array> {
  const { data } = await fetchNonce(createSolanaRpc(localnet.rpcUrl), nonceAccount.address);
  return nonceMessage(data.blockhash, [payment(amount)]);
}

function payment(amount: bigint): Instruction {
  return getTransferSolInstruction({ source: createNoopSigner(scene.wallet), destination: payer.address, amount });
}

function nonceMessage(stored: string, instructions: readonly Instruction[]): Uint8Array {
  const lifetime = {
    nonce: toNonce(stored),
    nonceAccountAddress: nonceAccount.address,
    nonceAuthorityAddress: scene.wallet,
  };
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(scene.wallet, m),
    (m) => setTransactionMessageLifetimeUsingDurableNonce(lifetime, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

/** kit has no constructor of this brand. */
function toNonce(stored: string): Nonce {
  return stored as Nonce;
}

async function send(signedTransaction: Uint8Array | null, config = {}): Promise<void> {
  expect(await sendRaw(localnet.rpcUrl, signedTransaction ?? new Uint8Array(), config)).toHaveProperty('result');
}

async function advance(slots: number): Promise<void> {
  await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [slots]);
}

function counted(reader: ChainReader): ChainReader {
  return {
    ...reader,
    getSignatureStatuses: async (...question) => {
      const answer = await reader.getSignatureStatuses(...question);
      lookCount += 1;
      return answer;
    },
  };
}

/** The tracker has looked so often since. */
async function looks(count: number): Promise<void> {
  const before = lookCount;
  await expect.poll(() => lookCount - before, WITHIN).toBeGreaterThanOrEqual(count);
}

async function standing() {
  const budget = 'wallet:treasury|outflow:SOL';
  const [found] = await scene.state.budgets.standings([{ limit: LIMIT, budget, amount: 0n, settlement: 'landing' }]);
  return { used: found?.used, reserved: found?.reserved };
}

async function stateOf(requestId: string): Promise<string> {
  return (await scene.find(requestId)).state;
}
