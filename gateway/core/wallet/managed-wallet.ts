// Owns what a managed wallet is: one whose key was made through the gateway, from a template of the configuration.
import type { Address } from '../address.ts';

/**
 * CREATING: its key may be there already; nothing can be signed. ACTIVE: as a wallet of the configuration. DESTROYED: nothing is signed any
 * more; its key is, or will be, destroyed at the backend.
 */
export const MANAGED_WALLET_STATES = ['CREATING', 'ACTIVE', 'DESTROYED'] as const;
export type ManagedWalletState = (typeof MANAGED_WALLET_STATES)[number];

export interface ManagedWallet {
  /** 1 to 64 of a-z, 0-9, dash; of no other wallet, ever. */
  readonly walletId: string;
  /** Name from the configuration. */
  readonly template: string;
  /** `type` of that template when it was begun: who was asked for its key. `null`: a gateway of an older version began it. */
  readonly backend: string | null;
  readonly state: ManagedWalletState;
  /** What its key is called at the backend. */
  readonly label: string;
  /** `null` while it is being created, and for one that was destroyed before it was finished. */
  readonly key: ManagedKey | null;
  /** Operators. */
  readonly createdBy: string;
  /** Unix milliseconds by the database's clock. */
  readonly createdAt: number;
  readonly destroyedAt: number | null;
  /** The backend has said that the key is destroyed, or when it will be; `null`: not yet. */
  readonly keyDestroyedDetail: string | null;
  /** Of the key of a destroyed wallet; `null`: nobody has said so. */
  readonly keyNote: KeyNote | null;
}

/** An admin's word, and no more, that a key was destroyed by hand. */
export interface KeyNote {
  readonly operatorId: string;
  readonly reason: string;
  /** Unix milliseconds by the database's clock. */
  readonly at: number;
}

export interface ManagedKey {
  readonly address: Address;
  /** See signers/key-creator.ts. */
  readonly reference: Readonly<Record<string, string | number>>;
}

/** Of destroyed wallets, those of whose keys nobody has said that they are destroyed too. */
export interface KeysLeft {
  readonly count: number;
  /** The wallets that were destroyed first, at most five. */
  readonly wallets: readonly string[];
}

/** What takes more than one admin. `create` does not: no agent can use a wallet that nobody bound and no policy names. */
export const WALLET_ACTIONS = ['destroy', 'export', 'import'] as const;
export type WalletAction = (typeof WALLET_ACTIONS)[number];

export type WalletActionTerms =
  | { readonly action: 'destroy' }
  /** `recipient`: an age recipient (`age1…`), the only one who can read what is exported. */
  | { readonly action: 'export'; readonly recipient: string }
  /** The key that is to come, by its address. */
  | { readonly action: 'import'; readonly template: string; readonly address: Address };

/** Never changes but for its votes: who votes for it votes for exactly this. */
export interface WalletProposal {
  readonly proposalId: string;
  readonly walletId: string;
  readonly terms: WalletActionTerms;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedAt: number;
  /** Unix milliseconds; from then on it can neither be voted for nor be carried out. */
  readonly expiresAt: number;
  /** The first is that of who proposed it. */
  readonly votes: readonly WalletProposalVote[];
  /** Set when it was carried out, by whom it was proposed. */
  readonly carriedOutAt: number | null;
}

export interface WalletProposalVote {
  readonly operatorId: string;
  readonly reason: string;
  readonly at: number;
  /** False: the operator is disabled or no admin any more. */
  readonly counts: boolean;
}

/** How long admins have for their votes, and then to carry it out. */
export const WALLET_PROPOSAL_LIFE_MS = 24 * 3_600_000;
