// Owns the contract of the comparison of wallets with the chain: how far it came, and what was found that the gateway did not sign.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import type { RequestRecord } from './request-store.ts';

export interface WalletCheck {
  readonly walletId: string;
  /** `null`: never. */
  readonly checkedAt: number | null;
  readonly comparedSignature: string | null;
  readonly foreign: number;
  readonly foreignSignature: string | null;
  /** Unix milliseconds at which the newest was found. */
  readonly foreignAt: number | null;
  /** Why it could not be compared at the last look; `null`: it could. */
  readonly problem: string | null;
}

export type Unsigned = Pick<RequestRecord, 'state' | 'custody'>;

export interface WalletCheckStore {
  /** Wallets whose time has come, each for one gateway only: its next time is then `intervalMs` later. */
  claim(walletIds: readonly string[], limit: number, intervalMs: number): Promise<readonly WalletCheck[]>;
  list(walletIds: readonly string[]): Promise<readonly WalletCheck[]>;
  /** Those of these signatures that are recorded as a wallet's, or as that of a transaction that a wallet signed. */
  known(signatures: readonly string[]): Promise<ReadonlySet<string>>;
  /** SHA-256 of the message, hex, by those of these signatures of transactions that are recorded. */
  messagesOf(signatures: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Requests in one of these states for this message (its SHA-256), over which no signature of the wallet is recorded. */
  unsigned(walletId: string, messageDigest: Uint8Array, states: readonly RequestState[]): Promise<readonly Unsigned[]>;
  /** All that landed up to this signature is compared. */
  compared(walletId: string, signature: string | null): Promise<void>;
  failed(walletId: string, problem: string): Promise<void>;
  /** `signature`: of the transaction. Once for each: `false` where it was found before. */
  foundForeign(walletId: string, signature: string, audit: AuditEntry): Promise<boolean>;
}
