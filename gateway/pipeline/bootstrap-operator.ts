// Owns the first operator: without one, nobody could make another.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ApiKey, formatApiKey, parseApiKey } from '../core/principal/api-key.ts';
import type { Operator } from '../core/principal/principal.ts';
import type { PrincipalStore } from '../state/state.ts';
import { newApiKey, principalFacts } from './administration.ts';
import { secretHash } from './secret-hash.ts';

export type Bootstrap =
  /** The operator was made; its key stands in the file. */
  | { readonly kind: 'created'; readonly operatorId: string }
  /** There are operators already; nothing was done. */
  | { readonly kind: 'unneeded' };

/**
 * Makes an operator with all roles and one key, when there is no operator. The key comes from the file; where there is none, a new
 * key is written to it, readable by its owner only. Safe to run on several replicas with the same file, and again after a crash.
 */
export async function bootstrapOperator(options: {
  readonly principals: PrincipalStore;
  readonly keyFile: string;
  readonly operatorId: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}): Promise<Bootstrap> {
  const { principals, operatorId } = options;
  if ((await principals.hasOperator()) && !(await isHalfMade(principals, operatorId))) return { kind: 'unneeded' };
  const key = readOrMakeKey(options.keyFile);
  const operator: Operator = { kind: 'operator', id: operatorId, roles: ['admin', 'approver', 'auditor'], groups: [] };
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

function readOrMakeKey(file: string): ApiKey {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = newApiKey();
  try {
    writeFileSync(file, `${formatApiKey(fresh)}\n`, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if ((statSync(file).mode & 0o007) !== 0) {
    throw new Error(`the operator key file ${file} is open to every user of this machine; chmod 600 it`);
  }
  const key = parseApiKey(readFileSync(file, 'utf8').trim());
  if (key === null) {
    throw new Error(`the operator key file ${file} does not hold an API key (csk_<16 hex>_<43 base64url>)`);
  }
  return key;
}
