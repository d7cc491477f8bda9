// Owns how everything stands: the facts are gathered here, what they mean is for core to say.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { Freeze } from '../../core/controls/freeze.ts';
import type { Finding } from '../../core/status/finding.ts';
import { findingsOf, REPLICA_MS, type StatusFacts } from '../../core/status/findings.ts';
import type { FeePayerFacts, SignerFacts, UnopenedFacts } from '../../core/status/signing-findings.ts';
import type { PolicyReplicaRecord } from '../../state/contract/policy-store.ts';
import type { State } from '../../state/contract/state.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { readSponsors } from '../sponsor-balances.ts';
import { unservedText } from '../unserved-wallet.ts';

export interface StatusDeps
  extends Pick<PipelineDeps, 'chain' | 'routes' | 'unserved' | 'now' | 'readOnly' | 'disputes'> {
  readonly state: Pick<
    State,
    'status' | 'reservations' | 'controls' | 'policy' | 'walletChecks' | 'time' | 'managedWallets'
  >;
  readonly bundleRevision: () => string;
  /** A sentence for each approval that this revision asks for, and that operators could not give. */
  readonly unmetApprovals: (revision: string) => Promise<readonly string[]>;
  /** As they were last seen. */
  readonly signerFacts: () => readonly SignerFacts[];
  readonly feePayerFacts: () => readonly FeePayerFacts[];
  readonly unopenedFacts: () => readonly UnopenedFacts[];
}

export interface GatewayStatus {
  readonly findings: readonly Finding[];
  readonly facts: StatusFacts;
  /** Heard of within the last minute. */
  readonly replicas: number;
  readonly bundleRevision: string;
}

const CHAIN_MS = 2_000;

/** Throws STORE_UNAVAILABLE: without the record nobody knows how anything stands. */
export async function readStatus(deps: StatusDeps): Promise<GatewayStatus> {
  const { state } = deps;
  const [clock, record, reservations, freezes, replicas, wallets, chainProblem, sponsors, keysLeft, unmetApprovals] =
    await Promise.all([
      compareClocks(deps),
      state.status.read(),
      state.reservations.open(),
      state.controls.list({ lifted: false }),
      state.policy.replicas(),
      state.walletChecks.list([...deps.routes.keys()]),
      chainProblemOf(deps),
      readSponsors(deps, AbortSignal.timeout(CHAIN_MS)),
      state.managedWallets.keysLeft(),
      deps.unmetApprovals(deps.bundleRevision()),
    ]);
  const frozen = await stillOfUse(deps, freezes);
  const facts: StatusFacts = {
    ...record,
    ...clock,
    reservations,
    replicas: replicas.map(replicaFacts),
    freezes: frozen.map(({ scope, target }) => (scope === 'all' ? 'everything' : `${scope} ${target}`)),
    isReadOnly: deps.readOnly,
    chainProblem,
    wallets,
    sponsors,
    keysLeft,
    unmetApprovals,
    signers: deps.signerFacts(),
    unserved: [...deps.unserved.values()].map((wallet) => ({ walletId: wallet.id, why: unservedText(wallet) })),
    feePayers: deps.feePayerFacts(),
    unopened: deps.unopenedFacts(),
    disputes: deps.disputes.facts(),
  };
  const alive = facts.replicas.filter(({ seenAt }) => facts.now - seenAt <= REPLICA_MS).length;
  return { findings: findingsOf(facts), facts, replicas: alive, bundleRevision: deps.bundleRevision() };
}

/** That of a destroyed wallet stays for good, and nobody has to think of it. */
async function stillOfUse({ state }: StatusDeps, freezes: readonly Freeze[]): Promise<readonly Freeze[]> {
  const wallets = freezes.flatMap(({ scope, target }) => (scope === 'wallet' ? [target] : []));
  const destroyed = await state.managedWallets.destroyedAmong(wallets);
  return freezes.filter(({ scope, target }) => scope !== 'wallet' || !destroyed.has(target));
}

/** The gateway's clock at the middle of the question, against the database's answer. */
async function compareClocks({ state, now }: StatusDeps): Promise<Pick<StatusFacts, 'now' | 'clockAheadMs'>> {
  const before = now();
  const found = await state.time();
  return { now: found, clockAheadMs: Math.round((before + now()) / 2 - found) };
}

async function chainProblemOf({ chain }: StatusDeps): Promise<string | null> {
  try {
    await chain.getLatestBlockhash(AbortSignal.timeout(CHAIN_MS));
    return null;
  } catch (error) {
    return error instanceof ChainUnavailable ? error.message : 'it does not answer in time';
  }
}

function replicaFacts({ replica, revision, problem, seenAt }: PolicyReplicaRecord) {
  return { replica, revision, problem, seenAt };
}
