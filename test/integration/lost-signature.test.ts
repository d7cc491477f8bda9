// Proves on a real chain and a real Postgres what becomes of a transaction that a remote signer signed, and whose signature did not arrive.
import { createHash } from 'node:crypto';
import {
  type Address,
  appendTransactionMessageInstructions,
  createNoopSigner,
  createSolanaRpc,
  createTransactionMessage,
  getTransactionEncoder,
  type KeyPairSigner,
  partiallySignTransactionMessageWithSigners,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Limit } from '../../gateway/core/decision/decision.ts';
import { GatewayError } from '../../gateway/core/errors.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { withSignature } from '../../gateway/core/transaction/wire.ts';
import { createSigningPipeline } from '../../gateway/pipeline/pipeline.ts';
import type { PipelineDeps } from '../../gateway/pipeline/pipeline-deps.ts';
import { openPipelineScene, type PipelineScene } from '../../gateway/pipeline/testing/pipeline-scene.ts';
import { startTracker, type Tracker } from '../../gateway/pipeline/tracking/tracker.ts';
import { airdrop, sendConfirmed } from '../../relayer/localnet/confirmed-sends.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { rawCall, sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { fundedSigner } from '../../relayer/localnet/testing/signed-transaction.ts';
import { createRpcClient } from '../../relayer/rpc/json-rpc-client.ts';
import { createRpcChainReader } from '../../relayer/rpc/rpc-chain-reader.ts';
import { walletHistoryOver } from '../../relayer/rpc/rpc-wallet-history.ts';
import type { Signer } from '../../signers/signer.ts';
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
const WITHIN = { timeout: 8_000, interval: 50 };
const { signal } = new AbortController();

let localnet: Localnet;
let scene: PipelineScene;
let deps: PipelineDeps;
let tracker: Tracker;
let recipient: KeyPairSigner;
/** What the backend holds: each wire transaction with the signature that it made and that nobody was given. */
let leaked: Uint8Array[];
let close: () => Promise<unknown>;

beforeAll(async () => {
  localnet = await startLocalnet();
  recipient = await fundedSigner(localnet.rpcUrl);
});

afterAll(() => localnet.stop());

// The gateway's clock is behind the database's: whatever it puts off is due at once.
beforeEach(async () => {
  scene = await openPipelineScene();
  const at = { url: localnet.rpcUrl, timeoutMs: 5_000 };
  const [chain, client] = [createRpcChainReader(at), createRpcClient({ ...at, maxResponseBytes: 1_000_000 })];
  const history = walletHistoryOver(client);
  close = async () => {
    client.close();
    await chain.close();
  };
  leaked = [];
  const routes = [...scene.deps.routes].map(
    ([id, route]) => [id, { ...route, signer: forgetful(route.signer) }] as const,
  );
  deps = { ...scene.deps, chain, histories: [history], routes: new Map(routes) };
  scene.script.time -= 120_000;
  scene.script.verdict = { kind: 'allow', reasons: [], limits: [LIMIT] };
  await airdrop(localnet.rpcUrl, scene.wallet, 10n * SOL);
  tracker = startTracker(deps);
});

afterEach(async () => {
  await tracker.stop();
  await close();
  await scene.close();
});

describe('a transaction whose signature was lost at a remote signer', () => {
  it('and that nobody sends gives back what it reserved when its blockhash is dead, not before', async () => {
    const requestId = await lose(transfer(SOL));
    expect(await standing()).toEqual({ used: 0n, reserved: SOL });
    await advance(100);
    expect(await stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: SOL });
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('EXPIRED');
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
    expect(await sendRaw(localnet.rpcUrl, leaked[0] ?? new Uint8Array())).toHaveProperty('error');
    expect(scene.warnings).toEqual([]);
    await expect(ask(transfer(SOL))).rejects.toMatchObject({ reason: 'SIGNING_INTERRUPTED' });
  });

  it('and that somebody else sends is found, told, and counts as used', async () => {
    const requestId = await lose(transfer(2n * SOL));
    await send(leaked[0]);
    await advance(100);
    expect(await standing()).toEqual({ used: 0n, reserved: 2n * SOL });
    await advance(400);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: 2n * SOL, reserved: 0n });
    const found = await scene.find(requestId);
    expect(found).toMatchObject({ error: null, slot: expect.any(BigInt), transactionSignature: found.walletSignature });
    expect(found.signedTransaction).toEqual(leaked[0]);
    expect((await scene.auditOf(requestId)).at(-1)).toMatchObject({
      kind: 'request.finalized',
      facts: { signature: found.transactionSignature, signature_given_out: false },
    });
    expect(scene.warnings).toEqual([expect.stringContaining('sent by somebody else')]);
    const again = await ask(transfer(2n * SOL));
    expect(again).toMatchObject({ kind: 'submitted', request: { requestId, state: 'FINALIZED' } });
  });

  it('and that fails on chain gives back its amount', async () => {
    const requestId = await lose(transfer(500n * SOL));
    await send(leaked[0], { skipPreflight: true });
    await advance(500);
    await expect.poll(() => stateOf(requestId), WITHIN).toBe('FAILED');
    expect(await scene.find(requestId)).toMatchObject({ error: expect.stringContaining('InstructionError') });
    expect(await standing()).toEqual({ used: 0n, reserved: 0n });
  });

  it('is told apart from all else that the wallet did, and from what others sent to it', async () => {
    const lost = await lose(transfer(SOL));
    const leaving = await lose(transfer(3n * SOL));
    await send(leaked[1]);
    for (let n = 0; n < 5; n++) await pay(scene.wallet, 1_000n + BigInt(n));
    await advance(500);
    await expect.poll(() => stateOf(lost), WITHIN).toBe('EXPIRED');
    await expect.poll(() => stateOf(leaving), WITHIN).toBe('FINALIZED');
    expect(await standing()).toEqual({ used: 3n * SOL, reserved: 0n });
  });

  it('stays reserved where the node has not the history that would show it', async () => {
    await tracker.stop();
    const requestId = await lose(transfer(4n * SOL));
    await send(leaked[0]);
    await advance(500);
    await rawCall(localnet.rpcUrl, 'localnet_pruneHistory', []);
    const { updatedAt } = await scene.find(requestId);
    tracker = startTracker(deps);
    await expect.poll(async () => (await scene.find(requestId)).updatedAt, WITHIN).toBeGreaterThan(updatedAt);
    expect(await stateOf(requestId)).toBe('INDETERMINATE');
    expect(await standing()).toEqual({ used: 0n, reserved: 4n * SOL });
  });
});

it('of a transaction that its fee payer had signed is followed from the start', async () => {
  const requestId = await lose(await paidByAnother(5n * SOL), false);
  await send(leaked[0]);
  await expect.poll(() => stateOf(requestId), WITHIN).toBe('CONFIRMED');
  expect(await standing()).toEqual({ used: 0n, reserved: 5n * SOL });
  await advance(40);
  await expect.poll(() => stateOf(requestId), WITHIN).toBe('FINALIZED');
  expect((await scene.find(requestId)).signedTransaction).toEqual(leaked[0]);
  expect(await standing()).toEqual({ used: 5n * SOL, reserved: 0n });
});

/** Signs, keeps what it signed, and its answer is lost. */
function forgetful(signer: Signer): Signer {
  return {
    ...signer,
    custody: 'remote',
    sign: async (messageBytes, context) => {
      const result = await signer.sign(messageBytes, context);
      if (result.kind !== 'signed' || context.kind !== 'transaction') return result;
      const parsed = parseTransaction(context.wireTransaction);
      if (parsed.kind === 'malformed') throw new Error('the gateway gave something malformed to sign');
      const index = parsed.value.staticAccounts.findIndex((account) => account.toString() === signer.address);
      leaked.push(withSignature(parsed.value, index, result.signature));
      return { kind: 'unavailable', reason: 'the connection broke', ambiguous: true };
    },
  };
}

function transfer(amount: bigint): Uint8Array {
  return solTransfer(scene.wallet, recipient.address, amount);
}

/** With the signature of who pays, and not yet the wallet's. */
async function paidByAnother(amount: bigint): Promise<Uint8Array> {
  const { value: lifetime } = await createSolanaRpc(localnet.rpcUrl).getLatestBlockhash().send();
  const source = createNoopSigner(scene.wallet);
  const signed = await pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(recipient, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) =>
      appendTransactionMessageInstructions(
        [getTransferSolInstruction({ source, destination: recipient.address, amount })],
        message,
      ),
    partiallySignTransactionMessageWithSigners,
  );
  return new Uint8Array(getTransactionEncoder().encode(signed));
}

/** Under one key for the same bytes. */
async function ask(transaction: Uint8Array, setFreshBlockhash = true) {
  const asked = scene.ask({
    transaction,
    setFreshBlockhash,
    idempotencyKey: keyOf(transaction),
  });
  return createSigningPipeline(deps).signAndSendTransaction(scene.agent, asked, 'FINALIZED', signal);
}

function keyOf(transaction: Uint8Array): string {
  return createHash('sha256').update(transaction).digest('hex');
}

async function lose(transaction: Uint8Array, setFreshBlockhash = true): Promise<string> {
  const fault: unknown = await ask(transaction, setFreshBlockhash).catch((error: unknown) => error);
  if (!(fault instanceof GatewayError)) throw new Error('it was signed');
  expect(fault.reason).toBe('SIGNING_UNKNOWN');
  return fault.metadata.request_id ?? '';
}

async function send(wire: Uint8Array | undefined, config = {}): Promise<void> {
  expect(await sendRaw(localnet.rpcUrl, wire ?? new Uint8Array(), config)).toHaveProperty('result');
}

async function pay(to: Address, amount: bigint): Promise<void> {
  await sendConfirmed(localnet.rpcUrl, recipient, [
    getTransferSolInstruction({ source: recipient, destination: to, amount }),
  ]);
}

async function advance(slots: number): Promise<void> {
  await rawCall(localnet.rpcUrl, 'localnet_advanceSlots', [slots]);
}

async function standing() {
  const budget = 'wallet:treasury|outflow:SOL';
  const [found] = await scene.state.budgets.standings([{ limit: LIMIT, budget, amount: 0n, settlement: 'landing' }]);
  return { used: found?.used, reserved: found?.reserved };
}

async function stateOf(requestId: string): Promise<string> {
  return (await scene.find(requestId)).state;
}
