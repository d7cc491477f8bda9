// Owns a principal store in memory for tests of the edge, with a count of its lookups.
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import { formatApiKey } from '../../core/principal/api-key.ts';
import type { Principal } from '../../core/principal/principal.ts';
import { newApiKey } from '../../pipeline/administration/administration.ts';
import { secretHash } from '../../pipeline/administration/secret-hash.ts';
import type { ApiKeyRecord, PrincipalRecord, PrincipalStore } from '../../state/contract/principal-store.ts';

export interface MemoryPrincipals extends PrincipalStore {
  readonly audit: AuditEntry[];
  /** Key ids that were looked up, in order. */
  readonly lookups: string[];
  /** Makes a principal and returns an API key of it. */
  add(principal: Principal): string;
}

export function memoryPrincipals(walletIds: readonly string[] = []): MemoryPrincipals {
  const principals = new Map<string, PrincipalRecord>();
  const keys = new Map<string, ApiKeyRecord & { readonly secretHash: Uint8Array }>();
  const audit: AuditEntry[] = [];
  const lookups: string[] = [];

  function rebind(
    agentId: string,
    walletId: string,
    change: (wallets: readonly string[]) => readonly string[],
  ): boolean {
    const record = principals.get(agentId);
    if (record?.principal.kind !== 'agent' || !walletIds.includes(walletId)) return false;
    const wallets = change(record.principal.wallets);
    principals.set(agentId, { ...record, principal: { ...record.principal, wallets } });
    return true;
  }

  return {
    audit,
    lookups,
    add(principal) {
      const key = newApiKey();
      principals.set(principal.id, { principal, createdAt: 1, disabledAt: null, revision: 1n });
      keys.set(key.keyId, {
        keyId: key.keyId,
        principalId: principal.id,
        createdAt: 1,
        revokedAt: null,
        secretHash: secretHash(key.secret),
      });
      return formatApiKey(key);
    },
    async create(principal, entry) {
      if (principals.has(principal.id)) return 'exists';
      const unknown = principal.kind === 'agent' && principal.wallets.some((wallet) => !walletIds.includes(wallet));
      if (unknown) return 'unknown_wallet';
      const record = { principal, createdAt: entry.time, disabledAt: null, revision: 1n };
      principals.set(principal.id, record);
      audit.push(entry);
      return record;
    },
    list: async () => [...principals.values()],
    async disable(principalId, entry) {
      const record = principals.get(principalId);
      if (record === undefined) return 'not_found';
      const disabled = { ...record, disabledAt: entry.time };
      principals.set(principalId, disabled);
      audit.push(entry);
      return disabled;
    },
    async changeOperator({ operatorId, roles, groups, revision }, entry) {
      const record = principals.get(operatorId);
      if (record?.principal.kind !== 'operator') return { kind: 'not_found' };
      if (record.revision !== revision) return { kind: 'other_revision', revision: record.revision };
      const changed = { ...record, principal: { ...record.principal, roles, groups }, revision: revision + 1n };
      principals.set(operatorId, changed);
      audit.push(entry);
      return { kind: 'changed', record: changed };
    },
    async createKey({ keyId, principalId, secretHash: hash }, entry) {
      if (principals.get(principalId)?.disabledAt !== null) return 'not_found';
      const record = { keyId, principalId, createdAt: entry.time, revokedAt: null };
      keys.set(keyId, { ...record, secretHash: hash });
      audit.push(entry);
      return record;
    },
    listKeys: async (principalId) =>
      [...keys.values()].filter((key) => principalId === null || key.principalId === principalId),
    async revokeKey(keyId, entry) {
      const key = keys.get(keyId);
      if (key === undefined) return 'not_found';
      const revoked = { ...key, revokedAt: entry.time };
      keys.set(keyId, revoked);
      audit.push(entry);
      return revoked;
    },
    async findByKey(keyId) {
      lookups.push(keyId);
      const key = keys.get(keyId);
      const record = key === undefined ? undefined : principals.get(key.principalId);
      if (key === undefined || record === undefined) return null;
      if (key.revokedAt !== null || record.disabledAt !== null) return null;
      return { principal: record.principal, secretHash: key.secretHash };
    },
    async bindWallet(agentId, walletId, entry) {
      if (principals.get(agentId)?.disabledAt !== null) return 'not_found';
      if (!rebind(agentId, walletId, (wallets) => [...wallets, walletId])) return 'not_found';
      audit.push(entry);
      return 'bound';
    },
    async unbindWallet(agentId, walletId, entry) {
      if (!rebind(agentId, walletId, (wallets) => wallets.filter((wallet) => wallet !== walletId))) return 'not_found';
      audit.push(entry);
      return 'unbound';
    },
    hasOperator: async () => [...principals.values()].some(({ principal }) => principal.kind === 'operator'),
  };
}
