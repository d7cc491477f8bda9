// Owns what administrators do: principals, API keys and wallet bindings, each with its audit record.
import { randomBytes } from 'node:crypto';
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { GatewayError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import { type ApiKey, formatApiKey, isKeyId, KEY_ID_BYTES, SECRET_BYTES } from '../../core/principal/api-key.ts';
import type { Operator, Principal } from '../../core/principal/principal.ts';
import type {
  ApiKeyRecord,
  PrincipalRecord,
  PrincipalStore,
  WalletStore,
} from '../../state/contract/principal-store.ts';
import type { RightsStores } from '../../state/contract/state.ts';
import { GATEWAY } from '../audit-entries.ts';
import type { BudgetPage, ListBudgets } from './budgets.ts';
import { changeOperator, lastAdmin, lastAdminKey, type OperatorAsk } from './change-operator.ts';
import { idField, idListField, invalid } from './fields.ts';
import { noPrincipal, noWalletOf, walletsOfAgent } from './name-faults.ts';
import { secretHash } from './secret-hash.ts';

/**
 * Every method throws GatewayError: INVALID_FIELD, PRINCIPAL_EXISTS, PRINCIPAL_CHANGE…, …_NOT_FOUND, STORE_UNAVAILABLE; ROLE_MISSING and
 * CREDENTIALS_INVALID where `by` may not change anything any more when the change commits.
 */
export interface Administration {
  createPrincipal(by: Operator, principal: Principal): Promise<PrincipalRecord>;
  listPrincipals(): Promise<readonly PrincipalRecord[]>;
  /** All that the operator has from then on. */
  changeOperator(by: Operator, asked: OperatorAsk): Promise<PrincipalRecord>;
  /** For good, with all its keys. Nobody can do it to themselves, nor to the last admin that has a key. */
  disablePrincipal(by: Operator, principalId: string): Promise<PrincipalRecord>;
  /** The secret is in this answer and nowhere else. */
  createApiKey(by: Operator, principalId: string): Promise<{ readonly record: ApiKeyRecord; readonly secret: string }>;
  /** `null`: of all principals. */
  listApiKeys(principalId: string | null): Promise<readonly ApiKeyRecord[]>;
  /** Not the last one of an admin: nobody could make another. */
  revokeApiKey(by: Operator, keyId: string): Promise<ApiKeyRecord>;
  bindWallet(by: Operator, agentId: string, walletId: string): Promise<void>;
  unbindWallet(by: Operator, agentId: string, walletId: string): Promise<void>;
  /** `null`: any. */
  listBudgets(agentId: string | null, walletId: string | null): Promise<BudgetPage>;
}

export interface AdministrationDeps {
  readonly principals: Pick<PrincipalStore, 'list' | 'listKeys'>;
  readonly wallets: Pick<WalletStore, 'list'>;
  readonly asAdmin: (by: Operator) => Pick<RightsStores, 'principals'>;
  readonly listBudgets: ListBudgets;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export function createAdministration(deps: AdministrationDeps): Administration {
  const { principals, wallets, asAdmin, listBudgets, now } = deps;
  /** Somebody may have made it meanwhile. */
  const noWallet = async (ids: readonly string[]): Promise<GatewayError> =>
    (await noWalletOf(wallets, ids)) ?? new GatewayError('WALLET_NOT_FOUND', 'there was no such wallet; ask again');
  const entry = (kind: AuditKind, by: Operator, facts: AuditEntry['facts']): AuditEntry => ({
    kind,
    time: now(),
    requestId: null,
    actor: by.id,
    facts,
  });
  return {
    async createPrincipal(by, asked) {
      const principal = checkedPrincipal(asked);
      const audit = entry('principal.created', by, principalFacts(principal));
      const made = await asAdmin(by).principals.create(principal, audit);
      if (made === 'exists') throw new GatewayError('PRINCIPAL_EXISTS', `there is a principal ${principal.id} already`);
      if (made === 'unknown_wallet') {
        throw await noWallet(principal.kind === 'agent' ? principal.wallets : []);
      }
      return made;
    },
    listPrincipals: () => principals.list(),
    changeOperator: (by, asked) => changeOperator(deps, by, asked),
    async disablePrincipal(by, asked) {
      const principalId = idField('principal', asked);
      if (principalId === by.id)
        throw invalid('principal', 'somebody else: nobody can disable themselves', principalId);
      const audit = entry('principal.disabled', by, { principal: principalId });
      const disabled = await asAdmin(by).principals.disable(principalId, audit);
      if (disabled === 'last_admin') throw lastAdmin(principalId);
      if (disabled === 'not_found') throw await noPrincipal(principals, principalId);
      return disabled;
    },
    async createApiKey(by, asked) {
      const principalId = idField('principal', asked);
      const key = newApiKey();
      const audit = entry('api_key.created', by, { principal: principalId, key_id: key.keyId });
      const stored = { keyId: key.keyId, principalId, secretHash: secretHash(key.secret) };
      const made = await asAdmin(by).principals.createKey(stored, audit);
      if (made === 'not_found') throw await noPrincipal(principals, principalId);
      return { record: made, secret: formatApiKey(key) };
    },
    listApiKeys: async (asked) => principals.listKeys(asked === null ? null : idField('principal', asked)),
    async revokeApiKey(by, keyId) {
      if (!isKeyId(keyId)) throw invalid('key_id', '16 hex characters, as keys list shows it', keyId);
      const audit = entry('api_key.revoked', by, { key_id: keyId });
      const revoked = await asAdmin(by).principals.revokeKey(keyId, audit);
      if (revoked === 'not_found') throw new GatewayError('API_KEY_NOT_FOUND', `there is no API key ${keyId}`);
      if (revoked === 'last_admin_key') throw lastAdminKey(keyId);
      return revoked;
    },
    async bindWallet(by, agent, wallet) {
      const audit = entry('wallet.bound', by, bindingFacts(agent, wallet));
      const result = await asAdmin(by).principals.bindWallet(agent, wallet, audit);
      if (result !== 'not_found') return;
      await walletsOfAgent(principals, agent);
      throw await noWallet([wallet]);
    },
    async unbindWallet(by, agent, wallet) {
      const audit = entry('wallet.unbound', by, bindingFacts(agent, wallet));
      const result = await asAdmin(by).principals.unbindWallet(agent, wallet, audit);
      if (result !== 'not_found') return;
      const bound = await walletsOfAgent(principals, agent);
      const meant = didYouMean(wallet, bound);
      throw new GatewayError('WALLET_NOT_FOUND', `the agent ${agent} is not bound to the wallet ${wallet}${meant}`);
    },
    listBudgets: async (agent, wallet) =>
      listBudgets({
        agentId: agent === null ? null : idField('agent', agent),
        walletIds: wallet === null ? null : [idField('wallet', wallet)],
        withOthers: true,
      }),
  };
}

export function newApiKey(): ApiKey {
  return {
    keyId: randomBytes(KEY_ID_BYTES).toString('hex'),
    secret: randomBytes(SECRET_BYTES).toString('base64url'),
  };
}

/** What the audit record says of a new principal. */
export function principalFacts(principal: Principal): { readonly [key: string]: CanonicalValue } {
  const { id, kind } = principal;
  return principal.kind === 'agent'
    ? { principal: id, kind, wallets: principal.wallets }
    : { principal: id, kind, roles: principal.roles, groups: principal.groups };
}

function checkedPrincipal(asked: Principal): Principal {
  if (idField('principal', asked.id) === GATEWAY) {
    throw invalid(
      'principal',
      'another id: by this one the audit chain names what the gateway does by itself',
      asked.id,
    );
  }
  if (asked.kind === 'agent') idListField('wallets', asked.wallets);
  else idListField('groups', asked.groups);
  return asked;
}

function bindingFacts(agent: string, wallet: string): { readonly [key: string]: CanonicalValue } {
  return { principal: idField('principal', agent), wallet: idField('wallet', wallet) };
}
