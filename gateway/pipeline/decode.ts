// Owns the decode stage: from received bytes to a transaction whose accounts, signatures and effects are established.
import type { Address } from '../core/address.ts';
import type { ChainReading } from '../core/effects/chain-facts.ts';
import { computeEffects } from '../core/effects/compute-effects.ts';
import type { Effects } from '../core/effects/effects.ts';
import { GatewayError } from '../core/errors.ts';
import type { Wallet } from '../core/principal/principal.ts';
import { NOT_SIMULATED, type Simulation } from '../core/simulation/simulation.ts';
import { decodeTransaction } from '../core/transaction/decode.ts';
import type { DecodedTransaction } from '../core/transaction/decoded-transaction.ts';
import type { PolicyGeneration } from '../policy/policy-engine.ts';
import type { RequestAsk } from '../state/contract/request-store.ts';
import { chainReadingOf, establishFacts, resolveTransaction } from './facts/chain-facts.ts';
import { openChainSession } from './facts/chain-session.ts';
import { checkSignatures, unsignedFeePayer, walletSlot } from './facts/check-signers.ts';
import { type ComputeBudgetDeps, withAskedComputeBudget } from './facts/compute-budget.ts';
import { bytesToJudge, readReceived } from './facts/judged-bytes.ts';
import { finishSimulation, isWanted, isWantedAtOnce, startSimulation } from './facts/simulation-stage.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** Blocks that an agent's blockhash may be newer than the one that the gateway last saw. */
const BLOCKHASH_SLACK = 64n;

export interface EstablishedTransaction {
  /** The wire transaction as it is judged. */
  readonly wire: Uint8Array;
  readonly decoded: DecodedTransaction;
  readonly effects: Effects;
  readonly simulation: Simulation;
  readonly chain: ChainReading;
  readonly signerIndex: number;
  /** Who is to be asked to pay for it; `null`: nobody. */
  readonly feePayer: Address | null;
  /** Of its blockhash. What lives by a durable nonce may name a blockhash too, and may outlive it. */
  readonly lastValidBlockHeight: bigint;
  /** Questions to the chain that had to wait for one another. */
  readonly roundTrips: number;
}

type DecodeDeps = ComputeBudgetDeps & Pick<PipelineDeps, 'chainCache' | 'routes' | 'verifySignature' | 'observer'>;

/**
 * Throws GatewayError for bytes that cannot be judged and for a chain that cannot be asked. `otherThan`: a blockhash that must not be set,
 * because another request has it in the same message.
 */
export async function establishTransaction(
  deps: DecodeDeps,
  policy: Pick<PolicyGeneration, 'describedPrograms'>,
  asked: RequestAsk,
  wallet: Wallet,
  signal: AbortSignal,
  otherThan: string | null = null,
): Promise<EstablishedTransaction> {
  const started = performance.now();
  const ask = await withAskedComputeBudget(deps, asked, wallet, signal);
  const received = readReceived(ask);
  const signerIndex = walletSlot(received, wallet);
  const feePayer = unsignedFeePayer(received, deps.routes.get(wallet.id)?.feePayer ?? null, ask, signerIndex);
  await checkSignatures(deps, received, ask, signerIndex, feePayer);
  const bytes = bytesToJudge(deps, ask, received, otherThan, signal);
  const session = openChainSession(deps, wallet.address, signal);
  // Where the blockhash is still on its way: the received bytes have the same accounts and instructions.
  const draft = bytes.ready?.compiled ?? received;
  const accounts = await resolveTransaction(session, draft);
  const described = policy.describedPrograms;
  const drafted = decodeTransaction(draft, accounts, described);
  if (ask.setFreshBlockhash) refuseDurableNonce(drafted);
  const decodedAt = performance.now();
  deps.observer.stage('decode', (decodedAt - started) / 1000);

  const early = isWantedAtOnce(deps.simulation, session, drafted)
    ? startSimulation(deps, session, { decoded: drafted, bytes }, signal)
    : null;
  const facts = await establishFacts(session, drafted, wallet.address, early?.accounts);
  const { wire, compiled, latest } = bytes.ready ?? (await bytes.arrival);
  const decoded = compiled === draft ? drafted : decodeTransaction(compiled, accounts, described);
  const effects = computeEffects(decoded, wallet.address, facts);
  deps.observer.stage('facts', (performance.now() - decodedAt) / 1000);

  const wanted = isWanted(deps.simulation, decoded, effects);
  const run = early ?? (wanted ? startSimulation(deps, session, { decoded, bytes }, signal) : null);
  const judged = { decoded, wallet: wallet.address, facts, described };
  const simulation = wanted && run !== null ? await finishSimulation(run, session, judged) : NOT_SIMULATED;

  const roundTrips = Math.max(session.roundTrips, bytes.roundTrips, run?.roundTrips ?? 0);
  deps.observer.roundTrips(roundTrips);
  const newest = ask.setFreshBlockhash ? latest.lastValidBlockHeight : latest.lastValidBlockHeight + BLOCKHASH_SLACK;
  return {
    wire,
    decoded,
    effects,
    simulation,
    chain: chainReadingOf(session, deps.chain.endpoints),
    signerIndex,
    feePayer,
    lastValidBlockHeight: newest,
    roundTrips,
  };
}

function refuseDurableNonce({ lifetime }: DecodedTransaction): void {
  if (lifetime.kind !== 'durable_nonce') return;
  throw new GatewayError(
    'BLOCKHASH_NOT_REPLACEABLE',
    'set_fresh_blockhash: the transaction lives by a durable nonce; leave set_fresh_blockhash off',
  );
}
