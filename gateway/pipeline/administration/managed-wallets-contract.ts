// Owns what admins do with wallets whose keys are made through the gateway: one alone makes one; several agree to anything else.
import type { SignerCheck } from '../../../signers/signer.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ManagedWallet, WalletActionTerms, WalletProposal } from '../../core/wallet/managed-wallet.ts';
import type { ManagedWalletStore } from '../../state/contract/managed-wallet-store.ts';
import type { ManagedTemplate } from './managed-template.ts';

/**
 * Every method throws GatewayError: INVALID_FIELD, WALLET_NOT_FOUND, WALLET_TEMPLATE_NOT_FOUND, WALLET_PROPOSAL_NOT_FOUND,
 * WALLET_CHANGE_REFUSED, KEY_…, VOTE_REFUSED, STORE_UNAVAILABLE. No text of them has any part of a key.
 */
export interface ManagedWallets {
  /** Votes of different admins that a proposal takes. */
  readonly quorum: number;
  /** Active once it resolves. The same call again goes on where an earlier one ended, and makes no second key. */
  createWallet(by: Operator, ask: CreateAsk, signal: AbortSignal): Promise<ManagedWallet>;
  /** By id, those behind `after`; the destroyed ones too. */
  listWallets(page: { readonly after: string | null; readonly limit: number }): Promise<readonly ManagedWallet[]>;
  /** By name. `check`: asks each creator now whether its credentials are good. */
  listTemplates(ask: { readonly check: boolean }): Promise<readonly TemplateState[]>;
  propose(by: Operator, ask: ProposalAsk): Promise<WalletProposal>;
  vote(by: Operator, proposalId: string, reason: string): Promise<WalletProposal>;
  /** The newest first. */
  listProposals(filter: { readonly open: boolean }): Promise<readonly WalletProposal[]>;
  /** Of one that was never finished too. Where it was carried out and its key is left, any admin may call it again. */
  destroyWallet(by: Operator, proposalId: string, signal: AbortSignal): Promise<Destruction>;
  /** That the key of a destroyed wallet was destroyed by hand. Nothing can be used again for it. */
  noteKeyDestroyed(by: Operator, ask: KeyNoteAsk): Promise<ManagedWallet>;
  /** Again for the same proposal until its time is over: to the same recipient, and on record each time. */
  exportWallet(by: Operator, proposalId: string, signal: AbortSignal): Promise<ExportedWallet>;
  /** `privateKey`: 64 bytes, seed and public key; wiped, whatever comes of it. */
  importWallet(by: Operator, proposalId: string, privateKey: Uint8Array, signal: AbortSignal): Promise<ManagedWallet>;
}

export interface CreateAsk {
  /** 1 to 64 of a-z, 0-9, dash. */
  readonly walletId: string;
  readonly template: string;
}

export interface ProposalAsk {
  readonly walletId: string;
  readonly terms: WalletActionTerms;
  readonly reason: string;
}

export interface KeyNoteAsk {
  readonly walletId: string;
  readonly reason: string;
}

export interface TemplateState {
  readonly name: string;
  readonly backend: string;
  /** That are not destroyed. */
  readonly wallets: number;
  readonly maxWallets: number;
  readonly canExport: boolean;
  readonly canImport: boolean;
  readonly canDestroyKey: boolean;
  /** Else what it can besides making keys is not known, and said to be nothing. */
  readonly isOpen: boolean;
  /** `null`: not asked since the gateway started. `at`: Unix milliseconds. */
  readonly lastCheck: { readonly result: SignerCheck; readonly at: number } | null;
}

export interface Destruction {
  /** Destroyed: nothing is signed for it. */
  readonly wallet: ManagedWallet;
  /** Why its key is still at the backend, or may be, and what to do; `null`: it is destroyed there too, or an admin has said so. */
  readonly keyProblem: string | null;
}

export interface ExportedWallet {
  readonly wallet: ManagedWallet;
  /** By age, in its armor, to the recipient of the proposal: a key file of the Solana CLI. */
  readonly encryptedKey: string;
}

export interface ManagedWalletsDeps {
  readonly store: ManagedWalletStore;
  /** By name. */
  readonly templates: ReadonlyMap<string, ManagedTemplate>;
  /** Votes of different admins that a proposal takes. */
  readonly quorum: number;
  /** See refuse-newcomer.ts. */
  readonly newAdminWaitMs: number;
  /** Who has this address of those that no template made, such as `the signer treasury-key`; `null`: nobody. */
  readonly holderOf: (address: string) => string | null;
  /** How long a call may take, milliseconds. */
  readonly answerWithinMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** As `now`, by the database's clock. */
  readonly databaseTime: () => Promise<number>;
  readonly newId: () => string;
}
