// Owns how session keys come to be and end: made by administrators or by agents from their own keys, never wider than those.
import { assertNever } from '../../core/assert-never.ts';
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import { measureName } from '../../core/budget/charge.ts';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { GatewayError } from '../../core/errors.ts';
import { formatApiKey, isKeyId } from '../../core/principal/api-key.ts';
import type { Agent, Credential, Operator } from '../../core/principal/principal.ts';
import { limitsUnder, lineageUnder, type SessionTerms, wideningOf } from '../../core/principal/session.ts';
import type { SessionKeyFilter, SessionKeyRecord, SessionKeyStore } from '../../state/contract/session-key-store.ts';
import type { State } from '../../state/contract/state.ts';
import { newApiKey } from './administration.ts';
import { noPrincipal } from './name-faults.ts';
import { secretHash } from './secret-hash.ts';

export interface MadeSessionKey {
  readonly record: SessionKeyRecord;
  /** In this answer and nowhere else. */
  readonly secret: string;
}

/**
 * Every method throws GatewayError: SESSION_KEY_TOO_WIDE, PRINCIPAL_NOT_FOUND, API_KEY_NOT_FOUND, OVERLOADED, STORE_UNAVAILABLE;
 * ROLE_MISSING and CREDENTIALS_INVALID where an operator may not change anything any more when the change commits.
 */
export interface SessionKeys {
  /** Of any agent. */
  createFor(by: Operator, agentId: string, terms: SessionTerms): Promise<MadeSessionKey>;
  /** From the key that the agent calls with. */
  createUnder(by: Agent, terms: SessionTerms): Promise<MadeSessionKey>;
  /** `null`: of all agents. */
  listOf(agentId: string | null, ended: boolean): Promise<readonly SessionKeyRecord[]>;
  listUnder(by: Agent, ended: boolean): Promise<readonly SessionKeyRecord[]>;
  revoke(by: Operator, keyId: string): Promise<SessionKeyRecord>;
  revokeUnder(by: Agent, keyId: string): Promise<SessionKeyRecord>;
}

export interface SessionKeyDeps {
  readonly state: Pick<State, 'principals' | 'sessionKeys' | 'asAdmin'>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly maxLifetimeMs: number;
}

export function createSessionKeys(deps: SessionKeyDeps): SessionKeys {
  const { state } = deps;
  const list = (filter: SessionKeyFilter) => state.sessionKeys.list(filter);
  const asAdmin = (by: Operator): Changing => ({ ...deps, sessionKeys: state.asAdmin(by).sessionKeys });
  const asAgent: Changing = { ...deps, sessionKeys: state.sessionKeys };
  return {
    async createFor(by, agentId, terms) {
      const records = await state.principals.list();
      const record = records.find(({ principal, disabledAt }) => principal.id === agentId && disabledAt === null);
      if (record?.principal.kind !== 'agent') throw await noPrincipal(state.principals, agentId, 'agent');
      return create(asAdmin(by), by.id, record.principal, null, terms);
    },
    createUnder: async (by, terms) => create(asAgent, by.id, by, credentialOf(by), terms),
    listOf: (agentId, ended) => list({ agentId, under: null, ended }),
    listUnder: async (by, ended) => list({ agentId: by.id, under: credentialOf(by).keyId, ended }),
    revoke: (by, keyId) => revoke(asAdmin(by), by.id, keyId, null),
    revokeUnder: async (by, keyId) => revoke(asAgent, by.id, keyId, credentialOf(by).keyId),
  };
}

type Changing = SessionKeyDeps & { readonly sessionKeys: SessionKeyStore };

async function create(
  deps: Changing,
  by: string,
  agent: Agent,
  parent: Credential | null,
  terms: SessionTerms,
): Promise<MadeSessionKey> {
  const widening = wideningOf(terms, agent.wallets, parent);
  if (widening !== null) throw tooWide(widening.field, widening.expected, widening.found);
  const { maxLifetimeMs } = deps;
  if ((terms.lifetimeMs ?? 0) > maxLifetimeMs) throw tooLong(`at most ${maxLifetimeMs / 1000}`, terms);
  const { keyId, secret } = newApiKey();
  const key = {
    keyId,
    agentId: agent.id,
    secretHash: secretHash(secret),
    lineage: lineageUnder(parent),
    wallets: terms.wallets,
    methods: terms.methods,
    limits: limitsUnder(parent, keyId, terms.maxima),
    lifetimeMs: terms.lifetimeMs ?? maxLifetimeMs,
    notAfter: parent?.session?.expiresAt ?? null,
    isLifetimeAsked: terms.lifetimeMs !== null,
  };
  const facts = { principal: agent.id, key_id: keyId, lineage: key.lineage, ...termFacts(terms, key.lifetimeMs) };
  const result = await deps.sessionKeys.create(key, entry(deps, 'session_key.created', by, facts));
  switch (result.kind) {
    case 'created':
      return { record: result.record, secret: formatApiKey({ keyId, secret }) };
    case 'not_found':
      throw await noPrincipal(deps.state.principals, agent.id, 'agent');
    case 'outlives_parent':
      throw tooLong('within the life of the key that it comes from', terms);
    case 'too_many':
      throw new GatewayError('OVERLOADED', `the agent ${agent.id} has too many session keys; revoke some, or wait`);
    default:
      return assertNever(result);
  }
}

async function revoke(deps: Changing, by: string, keyId: string, under: string | null): Promise<SessionKeyRecord> {
  const audit = entry(deps, 'session_key.revoked', by, { key_id: keyId });
  const revoked = isKeyId(keyId) ? await deps.sessionKeys.revoke(keyId, under, audit) : 'not_found';
  // The same answer for a key that does not exist and for one of somebody else.
  if (revoked === 'not_found') throw new GatewayError('API_KEY_NOT_FOUND', 'key_id: no session key of yours');
  return revoked;
}

function termFacts({ wallets, methods, maxima }: SessionTerms, lifetimeMs: number): Record<string, CanonicalValue> {
  return {
    wallets,
    methods,
    maxima: maxima.map(({ measure, max }) => ({ measure: measureName(measure), max: max.toString() })),
    lifetime_ms: BigInt(lifetimeMs),
  };
}

function entry({ now }: Changing, kind: AuditKind, actor: string, facts: AuditEntry['facts']): AuditEntry {
  return { kind, time: now(), requestId: null, actor, facts };
}

/** What it is called with is known wherever a call comes from. */
function credentialOf({ credential }: Agent): Credential {
  if (credential === undefined) throw new GatewayError('INTERNAL', 'nobody knows with which key the agent calls');
  return credential;
}

function tooLong(expected: string, { lifetimeMs }: SessionTerms): GatewayError {
  return tooWide('lifetime_seconds', expected, `${(lifetimeMs ?? 0) / 1000}`);
}

function tooWide(field: string, expected: string, found: string): GatewayError {
  return new GatewayError('SESSION_KEY_TOO_WIDE', `${field} must be ${expected}; found ${found}; no key was made`, {
    metadata: { field, expected, found },
  });
}
