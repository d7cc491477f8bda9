// Owns how rows become principals and API keys.
import * as z from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Operator, OperatorRole, Principal } from '../../core/principal/principal.ts';
import type { ApiKeyRecord, PrincipalRecord } from '../contract/principal-store.ts';
import { bigint, milliseconds, millisecondsOrNull, oneOf, type Row, text, textList } from './row.ts';

/** The columns that `parsePrincipal` and `parsePrincipalRecord` read; the table is named `p`. */
export const PRINCIPAL_COLUMNS = `p.principal_id, p.kind, p.roles, p.groups, p.created_at_ms, p.disabled_at_ms, p.revision,
  ARRAY(SELECT b.wallet_id FROM wallet_bindings b JOIN wallets w USING (wallet_id)
        WHERE b.agent_id = p.principal_id AND w.retired_at_ms IS NULL ORDER BY 1) AS wallets`;

export const API_KEY_COLUMNS = 'key_id, principal_id, created_at_ms, revoked_at_ms';

const ROLES: readonly OperatorRole[] = ['admin', 'approver', 'auditor', 'policy'];

export function parsePrincipal(row: Row): Principal {
  const id = text(row, 'principal_id');
  if (oneOf(row, 'kind', ['agent', 'operator']) === 'agent') {
    return { kind: 'agent', id, wallets: textList(row, 'wallets') };
  }
  return { kind: 'operator', id, roles: textList(row, 'roles').map(parseRole), groups: textList(row, 'groups') };
}

function parseRole(value: string): OperatorRole {
  const found = ROLES.find((role) => role === value);
  if (found === undefined) {
    throw new GatewayError('INTERNAL', `the database column roles should hold only ${ROLES.join(', ')}`);
  }
  return found;
}

const gained = z.record(z.templateLiteral([z.enum(['role', 'group']), ':', z.string()]), z.int());

/** Since when what was gained is held, by right. */
export function parseGained(row: Row): NonNullable<Operator['gained']> {
  const result = gained.safeParse(row.gained);
  if (result.success) return result.data;
  throw new GatewayError('INTERNAL', 'the database column gained should hold times by role and group');
}

export function parsePrincipalRecord(row: Row): PrincipalRecord {
  return {
    principal: parsePrincipal(row),
    createdAt: milliseconds(row, 'created_at_ms'),
    disabledAt: millisecondsOrNull(row, 'disabled_at_ms'),
    revision: bigint(row, 'revision'),
  };
}

export function parseApiKey(row: Row): ApiKeyRecord {
  return {
    keyId: text(row, 'key_id'),
    principalId: text(row, 'principal_id'),
    createdAt: milliseconds(row, 'created_at_ms'),
    revokedAt: millisecondsOrNull(row, 'revoked_at_ms'),
  };
}
