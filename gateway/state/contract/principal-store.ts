// Owns the contract of principals, their API keys and the wallets that they may use.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Agent, Operator, Principal, Wallet } from '../../core/principal/principal.ts';

export interface PrincipalRecord {
  readonly principal: Principal;
  readonly createdAt: number;
  readonly disabledAt: number | null;
  /** Grows with each change of roles and groups. */
  readonly revision: bigint;
}

/** All that an operator has from then on. */
export interface OperatorChange extends Pick<Operator, 'roles' | 'groups'> {
  readonly operatorId: string;
  /** Of the record that was looked at. */
  readonly revision: bigint;
}

export type OperatorChangeResult =
  | { readonly kind: 'changed'; readonly record: PrincipalRecord }
  /** There is no such operator that is enabled. */
  | { readonly kind: 'not_found' }
  | { readonly kind: 'other_revision'; readonly revision: bigint }
  /** No admin that is enabled and has an API key would be left. */
  | { readonly kind: 'last_admin' };

export interface ApiKeyRecord {
  readonly keyId: string;
  readonly principalId: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

export interface PrincipalStore {
  create(principal: Agent | Operator, audit: AuditEntry): Promise<PrincipalRecord | 'exists' | 'unknown_wallet'>;
  list(): Promise<readonly PrincipalRecord[]>;
  /**
   * Once it returns, no vote of theirs permits anything, on any gateway on this database. `last_admin`: no other admin is enabled and has
   * an API key.
   */
  disable(principalId: string, audit: AuditEntry): Promise<PrincipalRecord | 'not_found' | 'last_admin'>;
  /** Once it returns, votes count by what is held then: by what was lost no more, by what was gained only if cast later. */
  changeOperator(change: OperatorChange, audit: AuditEntry): Promise<OperatorChangeResult>;
  /** Stores only the SHA-256 of the secret. */
  createKey(
    key: { readonly keyId: string; readonly principalId: string; readonly secretHash: Uint8Array },
    audit: AuditEntry,
  ): Promise<ApiKeyRecord | 'not_found'>;
  listKeys(principalId: string | null): Promise<readonly ApiKeyRecord[]>;
  /** `last_admin_key`: no admin that is enabled has another, so nobody could make one any more. */
  revokeKey(keyId: string, audit: AuditEntry): Promise<ApiKeyRecord | 'not_found' | 'last_admin_key'>;
  /** The principal of a key that is not revoked and whose principal is not disabled. Not cached here. */
  findByKey(keyId: string): Promise<{ readonly principal: Principal; readonly secretHash: Uint8Array } | null>;
  bindWallet(agentId: string, walletId: string, audit: AuditEntry): Promise<'bound' | 'not_found'>;
  unbindWallet(agentId: string, walletId: string, audit: AuditEntry): Promise<'unbound' | 'not_found'>;
  hasOperator(): Promise<boolean>;
}

export interface WalletStore {
  /**
   * Makes the table hold the configured wallets, and leaves those that were made through the gateway as they are. Refuses (throws) to give a
   * known id another address, and an id or an address of one that was made through the gateway.
   */
  sync(wallets: readonly Wallet[]): Promise<void>;
  /** The configured ones, and the active ones of those that were made through the gateway; by id. */
  list(): Promise<readonly Wallet[]>;
}
