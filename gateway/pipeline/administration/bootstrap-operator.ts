// Owns the first operator: without one, nobody could make another.
import type { ApiKey } from '../../core/principal/api-key.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { PrincipalStore } from '../../state/contract/principal-store.ts';
import { principalFacts } from './administration.ts';
import { secretHash } from './secret-hash.ts';

export type Bootstrap =
  /** The operator was made, with that key. */
  | { readonly kind: 'created'; readonly operatorId: string }
  /** There are operators already; nothing was done. */
  | { readonly kind: 'unneeded' };

/**
 * Makes an operator with all roles and one key, when there is no operator. Safe to run on several replicas with the same key, and
 * again after a crash.
 */
export async function bootstrapOperator(options: {
  readonly principals: PrincipalStore;
  /** Asked only when there is something to do; the same key for every replica. */
  readonly readKey: () => ApiKey;
  readonly operatorId: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}): Promise<Bootstrap> {
  const { principals, operatorId } = options;
  if ((await principals.hasOperator()) && !(await isHalfMade(principals, operatorId))) return { kind: 'unneeded' };
  const key = options.readKey();
  const operator: Operator = {
    kind: 'operator',
    id: operatorId,
    roles: ['admin', 'approver', 'auditor', 'policy'],
    groups: [],
  };
  const audit = { time: options.now(), requestId: null, actor: 'gateway' } as const;
  await principals.create(operator, { ...audit, kind: 'principal.created', facts: principalFacts(operator) });
  if ((await principals.findByKey(key.keyId)) === null) {
    await principals.createKey(
      { keyId: key.keyId, principalId: operatorId, secretHash: secretHash(key.secret) },
      { ...audit, kind: 'api_key.created', facts: { principal: operatorId, key_id: key.keyId } },
    );
  }
  return { kind: 'created', operatorId };
}

/** A crash between the two writes leaves an operator that never had a key. */
async function isHalfMade(principals: PrincipalStore, operatorId: string): Promise<boolean> {
  const records = await principals.list();
  if (!records.some(({ principal, disabledAt }) => principal.id === operatorId && disabledAt === null)) return false;
  return (await principals.listKeys(operatorId)).length === 0;
}
