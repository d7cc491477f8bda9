// Owns what administrators do with the keys by which operators sign votes, each with its audit record.
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import { decodeBase58 } from '../../core/base58.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApproverKeyRecord, ApproverKeyStore } from '../../state/contract/approval-store.ts';
import type { PrincipalStore } from '../../state/contract/principal-store.ts';
import type { RightsStores } from '../../state/contract/state.ts';
import { noPrincipal } from '../administration/name-faults.ts';

const KEY_BYTES = 32;

/**
 * Every method throws GatewayError: INVALID_FIELD, APPROVER_KEY_EXISTS, …_NOT_FOUND, STORE_UNAVAILABLE; ROLE_MISSING and
 * CREDENTIALS_INVALID where `by` may not change anything any more when the change commits.
 */
export interface ApproverKeys {
  /** `publicKey`: base58. A key that was ever registered cannot be again. */
  register(by: Operator, key: { readonly operatorId: string; readonly publicKey: string }): Promise<ApproverKeyRecord>;
  /** `null`: of all operators. */
  list(operatorId: string | null): Promise<readonly ApproverKeyRecord[]>;
  revoke(by: Operator, publicKey: string): Promise<ApproverKeyRecord>;
}

export function createApproverKeys(deps: {
  readonly keys: Pick<ApproverKeyStore, 'list'>;
  readonly principals: Pick<PrincipalStore, 'list'>;
  readonly asAdmin: (by: Operator) => Pick<RightsStores, 'approverKeys'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}): ApproverKeys {
  const { keys, principals, asAdmin, now } = deps;
  const entry = (kind: AuditKind, by: Operator, facts: AuditEntry['facts']): AuditEntry => ({
    kind,
    time: now(),
    requestId: null,
    actor: by.id,
    facts,
  });
  return {
    async register(by, { operatorId, publicKey }) {
      requireKey(publicKey);
      const facts = { principal: operatorId, public_key: publicKey };
      const audit = entry('approver_key.registered', by, facts);
      const made = await asAdmin(by).approverKeys.register({ operatorId, publicKey }, audit);
      if (made === 'not_found') throw await noPrincipal(principals, operatorId, 'operator');
      if (made === 'exists') {
        throw new GatewayError(
          'APPROVER_KEY_EXISTS',
          `the key ${publicKey} was registered before; each person needs a new one`,
        );
      }
      return made;
    },
    list: (operatorId) => keys.list(operatorId),
    async revoke(by, publicKey) {
      requireKey(publicKey);
      const audit = entry('approver_key.revoked', by, { public_key: publicKey });
      const revoked = await asAdmin(by).approverKeys.revoke(publicKey, audit);
      if (revoked === 'not_found') {
        throw new GatewayError('APPROVER_KEY_NOT_FOUND', `no operator has the key ${publicKey}`);
      }
      return revoked;
    },
  };
}

function requireKey(publicKey: string): void {
  if (publicKey.length <= 44 && decodeBase58(publicKey)?.length === KEY_BYTES) return;
  const expected = 'an Ed25519 public key in base58';
  throw new GatewayError('INVALID_FIELD', `public_key must be ${expected}`, {
    metadata: { field: 'public_key', expected },
  });
}
