// Owns the contract of the wallets that are made through the gateway, and of what admins propose to do with them.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type {
  KeysLeft,
  ManagedKey,
  ManagedWallet,
  WalletActionTerms,
  WalletProposal,
} from '../../core/wallet/managed-wallet.ts';

/** Every write commits together with its audit record, or not at all. */
export interface ManagedWalletStore {
  /** The active ones as of the last look, by id; a fraction of a second old while Postgres answers. */
  active(): ReadonlyMap<string, ManagedWallet>;
  /** Calls back after a look that found others than before. Returns how to stop that. */
  onChange(callback: () => void): () => void;
  /** Looks now. */
  refresh(): Promise<void>;
  find(walletId: string): Promise<ManagedWallet | null>;
  /** In the order of their ids, after one of them; the destroyed ones too. */
  list(page: { readonly after: string | null; readonly limit: number }): Promise<readonly ManagedWallet[]>;
  keysLeft(): Promise<KeysLeft>;
  /** Those of these that are destroyed. */
  destroyedAmong(walletIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** How many are not destroyed, by template; a template without any is not there. */
  countByTemplate(): Promise<ReadonlyMap<string, number>>;
  /**
   * The intent to make a key, before the backend is asked. The same ask again finds the wallet as it is. `maxWallets`: of this template
   * that are not destroyed.
   */
  begin(ask: BeginAsk, audit: AuditEntry): Promise<BeginResult>;
  /** CREATING becomes ACTIVE. `proposalId`: of the import that it was begun with last. Repeated with the same key: `activated`. */
  activate(walletId: string, key: ManagedKey, proposalId: string | null, audit: AuditEntry): Promise<ActivateResult>;
  /**
   * ACTIVE becomes DESTROYED; nothing is signed any more by any gateway once this returns. Refused unless the proposal is agreed and in
   * time, the caller proposed it, a freeze of the wallet is in force, and the gateway has no request of it to go on with (one that is signed
   * and that nobody looks at again is none). From then on that freeze stays. CREATING becomes DESTROYED without a freeze, and can then not
   * be activated. Repeated for the same proposal: `done`; for another admin only as long as `keyDestroyed` was not called.
   */
  destroy(ask: CarryOutAsk, audit: AuditEntry): Promise<WalletChangeResult>;
  /** What the backend said of the key of a destroyed wallet. */
  keyDestroyed(walletId: string, detail: string, audit: AuditEntry): Promise<void>;
  /**
   * What an admin says of the key of a destroyed wallet. Refused for one that is not destroyed, and where the backend or another admin has
   * said so already. The same again by the same admin: `noted`.
   */
  noteKeyDestroyed(ask: KeyNoteAsk, audit: AuditEntry): Promise<KeyNoteResult>;
  /**
   * Notes that an agreed export is carried out, before the key is asked for: refused as above. Again for the same proposal, until its time is
   * over: noted again.
   */
  beginExport(ask: CarryOutAsk, audit: AuditEntry): Promise<WalletChangeResult>;
  /**
   * Refused for a wallet that is not active (to destroy it: that is destroyed), or is there where a key is to be imported. The first vote is
   * that of who proposes.
   */
  propose(ask: ProposeAsk, audit: AuditEntry): Promise<ProposalResult>;
  /** Each admin counts once. */
  vote(ask: WalletVoteAsk, audit: AuditEntry): Promise<ProposalResult>;
  findProposal(proposalId: string): Promise<WalletProposal | null>;
  /** The newest first, at most 1000; `open`: neither carried out nor expired. */
  listProposals(filter: { readonly open: boolean }): Promise<readonly WalletProposal[]>;
}

export interface BeginAsk {
  readonly walletId: string;
  readonly template: string;
  /** `type` of the template. */
  readonly backend: string;
  readonly label: string;
  readonly createdBy: string;
  readonly maxWallets: number;
  /** Of an import: agreed, in time, proposed by `createdBy` for this wallet and template, and `quorum` votes of admins. */
  readonly proposal: { readonly proposalId: string; readonly quorum: number } | null;
}

export type BeginResult =
  /** `isNew`: it was not there before. An earlier one keeps its label. */
  | { readonly kind: 'begun'; readonly wallet: ManagedWallet; readonly isNew: boolean }
  /** One sentence for the operator: the id is that of another wallet, or was; the template has no room; the proposal does not allow it. */
  | { readonly kind: 'refused'; readonly reason: string };

export type ActivateResult =
  | { readonly kind: 'activated'; readonly wallet: ManagedWallet }
  /** `stale`: it is not CREATING, or was begun with another proposal. `key_taken`: another wallet has this address, or had it. */
  | { readonly kind: 'stale' | 'key_taken' };

export interface CarryOutAsk {
  readonly proposalId: string;
  readonly operatorId: string;
  /** Votes of different admins that it takes. */
  readonly quorum: number;
}

export type WalletChangeResult =
  | { readonly kind: 'done'; readonly wallet: ManagedWallet; readonly proposal: WalletProposal }
  /** No such proposal. */
  | { readonly kind: 'not_found' }
  /** One sentence for the operator. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface KeyNoteAsk {
  readonly walletId: string;
  readonly operatorId: string;
  readonly reason: string;
}

export type KeyNoteResult =
  | { readonly kind: 'noted'; readonly wallet: ManagedWallet }
  /** No such wallet. */
  | { readonly kind: 'not_found' }
  /** One sentence for the operator. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface ProposeAsk {
  readonly proposalId: string;
  readonly walletId: string;
  readonly terms: WalletActionTerms;
  readonly reason: string;
  readonly proposedBy: string;
  /** From now, milliseconds. */
  readonly lifeMs: number;
}

export interface WalletVoteAsk {
  readonly proposalId: string;
  readonly operatorId: string;
  readonly reason: string;
}

export type ProposalResult =
  | { readonly kind: 'recorded'; readonly proposal: WalletProposal }
  /** No such wallet, or no such proposal. */
  | { readonly kind: 'not_found' }
  /** One sentence for the operator. */
  | { readonly kind: 'refused'; readonly reason: string };
