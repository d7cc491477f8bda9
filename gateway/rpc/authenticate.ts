// Owns identity: the one place where an API key becomes a principal.
import { timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { GatewayError } from '../core/errors.ts';
import { type ApiKey, parseBearer } from '../core/principal/api-key.ts';
import type { Agent, Operator, OperatorRole, Principal } from '../core/principal/principal.ts';
import { agentWith } from '../core/principal/session.ts';
import { secretHash } from '../pipeline/administration/secret-hash.ts';
import type { PrincipalStore } from '../state/contract/principal-store.ts';
import type { SessionKeyStore } from '../state/contract/session-key-store.ts';
import type { BoundMethod } from './bound-method.ts';
import { createKeyCache, type KnownKey } from './key-cache.ts';
import type { Admission } from './serve-call.ts';

/** Throws CREDENTIALS_MISSING or CREDENTIALS_INVALID; the latter never says why. */
export type Authenticate = (metadata: Metadata) => Promise<Principal>;

/** A disabled principal and a revoked key are refused within the second that an answer of the store is kept. */
const KEY_CACHE_MS = 1000;
const KEY_CACHE_ENTRIES = 10_000;

// Compared with when there is no such key, so that an unknown id takes as long as a wrong secret. No text has this digest.
const NO_HASH = Buffer.alloc(32);

export function createAuthenticate(
  principals: Pick<PrincipalStore, 'findByKey'>,
  sessionKeys: Pick<SessionKeyStore, 'findByKey'>,
): Authenticate {
  const keys = createKeyCache({
    find: async (keyId) => (await knownApiKey(principals, keyId)) ?? knownSessionKey(sessionKeys, keyId),
    now: () => performance.now(),
    maxAgeMs: KEY_CACHE_MS,
    maxEntries: KEY_CACHE_ENTRIES,
  });
  return async (metadata) => {
    const key = presentedKey(metadata);
    const known = await keys.get(key.keyId);
    const matches = timingSafeEqual(secretHash(key.secret), hashOf(known));
    if (known === null || !matches) throw invalidCredentials();
    return known.principal;
  };
}

async function knownApiKey(principals: Pick<PrincipalStore, 'findByKey'>, keyId: string): Promise<KnownKey | null> {
  const found = await principals.findByKey(keyId);
  if (found === null) return null;
  const { principal } = found;
  const caller =
    principal.kind === 'operator' ? { ...principal, keyId } : agentWith(principal, { keyId, session: null });
  return { ...found, principal: caller };
}

async function knownSessionKey(
  sessionKeys: Pick<SessionKeyStore, 'findByKey'>,
  keyId: string,
): Promise<KnownKey | null> {
  const found = await sessionKeys.findByKey(keyId);
  if (found === null) return null;
  const { agent, session, secretHash } = found;
  return { principal: agentWith(agent, { keyId, session }), secretHash };
}

/** The data plane admits agents only. */
export function agentsOnly(authenticate: Authenticate): Admission<Agent> {
  return async (metadata) => {
    const principal = await authenticate(metadata);
    if (principal.kind === 'agent') return principal;
    throw new GatewayError('ROLE_MISSING', 'the data plane is for agents; this key belongs to an operator');
  };
}

/** A service of the control plane admits operators with one of its roles. */
export function operatorsWith(authenticate: Authenticate, roles: readonly OperatorRole[]): Admission<Operator> {
  return async (metadata) => {
    const principal = await authenticate(metadata);
    if (principal.kind === 'agent') {
      throw new GatewayError('ROLE_MISSING', 'the control plane is for operators; this key belongs to an agent');
    }
    if (roles.some((role) => principal.roles.includes(role))) return principal;
    throw roleMissing(roles.join(' or '));
  };
}

function presentedKey(metadata: Metadata): ApiKey {
  const values = metadata.get('authorization');
  const value = values[0];
  if (value === undefined) {
    throw new GatewayError('CREDENTIALS_MISSING', 'send an API key as metadata: authorization: Bearer csk_…');
  }
  const key = values.length === 1 && typeof value === 'string' ? parseBearer(value) : null;
  if (key === null) throw invalidCredentials();
  return key;
}

function hashOf(known: KnownKey | null): Uint8Array {
  return known !== null && known.secretHash.length === NO_HASH.length ? known.secretHash : NO_HASH;
}

function invalidCredentials(): GatewayError {
  return new GatewayError(
    'CREDENTIALS_INVALID',
    'the API key is malformed, unknown, revoked or of a disabled principal',
  );
}

/** The same method, but only for operators with the role, where its service admits others too. */
export function withRole(role: OperatorRole, method: BoundMethod<Operator>): BoundMethod<Operator> {
  if (method.kind !== 'unary') throw new Error(`${method.name} is no unary method`);
  const run: typeof method.run = async (request, call) => {
    if (!call.principal.roles.includes(role)) throw roleMissing(role);
    return method.run(request, call);
  };
  return { ...method, run };
}

function roleMissing(needed: string): GatewayError {
  return new GatewayError('ROLE_MISSING', `this needs the role ${needed}, which the operator does not have`);
}
