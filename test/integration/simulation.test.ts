// Proves over a node's RPC that a program's calls are seen, and that a node that hangs, refuses or fails costs the simulation only.
import { createNoopSigner, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { interpretSimulation } from '../../gateway/core/simulation/interpret.ts';
import type { SimulationAnswer } from '../../gateway/core/simulation/simulation-answer.ts';
import { withBlockhash } from '../../gateway/core/transaction/wire.ts';
import { simulateOnce } from '../../gateway/pipeline/simulate.ts';
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { type Localnet, startLocalnet } from '../../relayer/localnet/localnet.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { fundedSigner } from '../../relayer/localnet/testing/signed-transaction.ts';
import { createRpcChainReader } from '../../relayer/rpc/rpc-chain-reader.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { decode } from '../differential/execution.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';

const { signal } = new AbortController();

describe('a simulation over RPC', () => {
  let localnet: Localnet;
  let chain: ChainReader;
  let wallet: KeyPairSigner;
  let thief: KeyPairSigner;
  let proxy: KeyPairSigner;

  beforeAll(async () => {
    localnet = await startLocalnet();
    chain = createRpcChainReader({ url: localnet.rpcUrl, timeoutMs: 5_000 });
    [wallet, thief, proxy] = await Promise.all([
      fundedSigner(localnet.rpcUrl),
      generateKeyPairSigner(),
      generateKeyPairSigner(),
    ]);
    const elf = Buffer.from(cpiProxy()).toString('base64');
    expect((await rawCall(localnet.rpcUrl, 'localnet_addProgram', [proxy.address, elf])).result).toBe(true);
  });
  afterEach(() => rawCall(localnet.rpcUrl, 'localnet_clearFaults', []));
  afterAll(async () => {
    await chain.close();
    await localnet.stop();
  });

  /** The wallet's signature is not there yet, as when the gateway judges. */
  const hiddenTransfer = async (amount: bigint) => {
    const source = createNoopSigner(wallet.address);
    const transfer = getTransferSolInstruction({ source, destination: thief.address, amount });
    const wire = wireTransaction(wallet.address, [through(proxy.address, transfer)]);
    const { blockhash } = await chain.getLatestBlockhash(signal);
    const judged = withBlockhash(decode(wire).compiled, blockhash);
    const decoded = decode(judged);
    const facts = await chain.getAccounts(
      decoded.accounts.map(({ address }) => address),
      signal,
    );
    return { wire: judged, decoded, facts };
  };
  const ask = (given: Awaited<ReturnType<typeof hiddenTransfer>>, timeoutMs = 2_000): Promise<SimulationAnswer> =>
    simulateOnce(
      chain,
      { wire: given.wire, accounts: given.decoded.accounts, notBefore: given.facts.slot, timeoutMs },
      signal,
    );

  it('shows what a program does with the signature that it gets', async () => {
    const hidden = await hiddenTransfer(50_000_000n);
    const { decoded, facts } = hidden;
    const answer = await ask(hidden);
    expect(interpretSimulation(answer, { decoded, facts, wallet: wallet.address, described: new Map() })).toMatchObject(
      {
        status: 'succeeded',
        missing: [],
        divergences: [],
        instructions: [{ depth: 1 }, { depth: 2, instruction: { name: 'transfer' } }],
        effects: {
          outflows: [{ asset: 'SOL', amount: 50_000_000n }],
          outflowsByRecipient: [{ recipient: thief.address }],
          cpiSigners: [{ program: proxy.address, signer: wallet.address }],
          missing: [],
        },
      },
    );
  });

  it('is failed where the transaction fails', async () => {
    const answer = await ask(await hiddenTransfer(10n ** 15n));
    expect(answer).toMatchObject({ status: 'failed', error: '{"InstructionError":[0,{"Custom":1}]}' });
  });

  it.each(['hang', 'rateLimit', 'serverError', 'loseAnswer'])(
    'is unavailable where the node has a fault: %s',
    async (kind) => {
      const hidden = await hiddenTransfer(1_000_000n);
      await rawCall(localnet.rpcUrl, 'localnet_setFault', [{ kind, method: 'simulateTransaction' }]);
      expect(await ask(hidden, 300)).toMatchObject({ status: 'unavailable' });
      await rawCall(localnet.rpcUrl, 'localnet_clearFaults', []);
      expect(await ask(hidden)).toMatchObject({ status: 'succeeded' });
    },
  );
});
