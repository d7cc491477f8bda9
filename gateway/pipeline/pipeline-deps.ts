// Owns what the pipeline is built on: contracts only, put together by compose.

import type { ChainReader } from '../../relayer/chain-reader.ts';
import type { FeeMarket } from '../../relayer/fee-market.ts';
import type { FeePayer } from '../../relayer/fee-payer.ts';
import type { LandingHints } from '../../relayer/landing-hints.ts';
import type { Relayer } from '../../relayer/relayer.ts';
import type { WalletHistory } from '../../relayer/wallet-history.ts';
import type { Signer } from '../../signers/signer.ts';
import type { Address } from '../core/address.ts';
import type { OptionalForbidden } from '../core/controls/forbidden.ts';
import type { Wallet } from '../core/principal/principal.ts';
import type { SponsorTerms } from '../core/sponsor/sponsor-terms.ts';
import type { PolicyEngine } from '../policy/policy-engine.ts';
import type { State } from '../state/contract/state.ts';
import type { ChainCache } from './facts/chain-cache.ts';
import type { PipelineObserver } from './observer.ts';
import type { Disputes } from './tracking/disputes.ts';

/** Who signs for a wallet, who sends for it, and who may pay its fees. */
export interface WalletRoute {
  readonly wallet: Wallet;
  readonly signer: Signer;
  readonly relayer: Relayer;
  /** Pays the fee of each transaction that names it as its fee payer; `null`: nobody but the wallet does. */
  readonly feePayer: FeePayer | null;
  /** The terms of a fee payer of the gateway's own; `null`: it is somebody else's, or there is none. */
  readonly sponsorship: SponsorTerms | null;
}

/** A wallet of the configuration that nothing is signed for here: none of its signers says which key it holds. */
export interface UnservedWallet {
  readonly id: string;
  /** What the record says from earlier; `null`: nothing. */
  readonly address: Address | null;
  /** Names from the configuration. */
  readonly signer: string;
  readonly relayer: string;
  /** What is wrong with the signer now; `field`: key of its entry that is to be looked at, `null`: none. */
  readonly fault: () => { readonly field: string | null; readonly reason: string };
}

export interface SignatureCheck {
  readonly address: string;
  readonly messageBytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SimulationSettings {
  /** `when_needed`: where the message alone does not tell what the transaction does. */
  readonly mode: 'when_needed' | 'always' | 'off';
  readonly timeoutMs: number;
}

export interface ComputeBudgetSettings {
  /** Micro-lamports for each compute unit that the gateway sets at most. */
  readonly maxPrice: bigint;
  /** Added to what a simulation used. */
  readonly unitMarginPercent: number;
}

export interface PipelineDeps {
  readonly state: State;
  readonly policy: PolicyEngine;
  readonly chain: ChainReader;
  readonly chainCache: ChainCache;
  /** What landed with a wallet's address, of each node on its own, the best first. */
  readonly histories: readonly WalletHistory[];
  readonly feeMarket: FeeMarket;
  readonly simulation: SimulationSettings;
  readonly computeBudget: ComputeBudgetSettings;
  /** By wallet id. */
  readonly routes: ReadonlyMap<string, WalletRoute>;
  /** By wallet id; none of them is in `routes`. */
  readonly unserved: ReadonlyMap<string, UnservedWallet>;
  readonly verifySignature: (check: SignatureCheck) => Promise<boolean>;
  readonly observer: PipelineObserver;
  /** Something went wrong that no caller will hear of. */
  readonly warn: (message: string, facts: Readonly<Record<string, string>>) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** A new UUID, in order of time. */
  readonly newId: () => string;
  readonly signerTimeoutMs: number;
  /** Votes that are not signed do not count. */
  readonly requireSignedVotes: boolean;
  /** See administration/refuse-newcomer.ts. Milliseconds. */
  readonly newAdminWaitMs: number;
  /** Judges, and neither signs nor sends. */
  readonly readOnly: boolean;
  /** Forbidden here beside what is forbidden everywhere. */
  readonly forbid: readonly OptionalForbidden[];
  readonly disputes: Disputes;
  /** Says early that something landed, where it can. */
  readonly landingHints: LandingHints;
  /** Wakes the tracker: something is due now. */
  readonly wakeTracker: () => void;
}
