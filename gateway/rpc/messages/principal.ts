// Owns how principals and API keys look on the wire, and what may be asked of them.
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type ApiKeySchema,
  type ApproverKeySchema,
  type PrincipalSchema,
  PrincipalKind as WireKind,
  OperatorRole as WireRole,
} from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Operator, OperatorRole, Principal } from '../../core/principal/principal.ts';
import type { ApproverKeyRecord } from '../../state/contract/approval-store.ts';
import type { ApiKeyRecord, PrincipalRecord } from '../../state/contract/principal-store.ts';
import { refuseField } from '../fields.ts';

const ROLES = {
  admin: WireRole.ADMIN,
  approver: WireRole.APPROVER,
  auditor: WireRole.AUDITOR,
  policy: WireRole.POLICY,
} satisfies Record<OperatorRole, WireRole>;

const ROLE_NAMES: readonly OperatorRole[] = ['admin', 'approver', 'auditor', 'policy'];

interface PrincipalFields {
  readonly principal: string;
  readonly kind: number;
  readonly roles: readonly number[];
  readonly groups: readonly string[];
  readonly wallets: readonly string[];
}

/** Throws INVALID_FIELD. Which ids are well-formed is the administration's to say. */
export function askedPrincipal({ principal: id, kind, roles, groups, wallets }: PrincipalFields): Principal {
  switch (kind) {
    case WireKind.AGENT:
      if (roles.length > 0) refuseField('roles', 'empty for an agent: roles are for operators', `${roles.length}`);
      if (groups.length > 0) refuseField('groups', 'empty for an agent: groups are for operators', `${groups.length}`);
      return { kind: 'agent', id, wallets: unique(wallets) };
    case WireKind.OPERATOR:
      if (wallets.length > 0)
        refuseField('wallets', 'empty for an operator: wallets are for agents', `${wallets.length}`);
      if (roles.length === 0) {
        refuseField('roles', 'at least one of ADMIN, APPROVER, AUDITOR, POLICY for an operator', 'none');
      }
      return { kind: 'operator', id, ...askedRights({ roles, groups }) };
    default:
      return refuseField('kind', 'AGENT or OPERATOR', kind === 0 ? 'UNSPECIFIED' : String(kind));
  }
}

/** Throws INVALID_FIELD. */
export function askedRights({
  roles,
  groups,
}: Pick<PrincipalFields, 'roles' | 'groups'>): Pick<Operator, 'roles' | 'groups'> {
  return { roles: askedRoles(roles), groups: unique(groups) };
}

function askedRoles(values: readonly number[]): readonly OperatorRole[] {
  const asked = new Set(values);
  for (const value of asked) {
    if (!ROLE_NAMES.some((role) => ROLES[role] === value)) {
      refuseField('roles', 'among ADMIN, APPROVER, AUDITOR, POLICY', value === 0 ? 'UNSPECIFIED' : String(value));
    }
  }
  return ROLE_NAMES.filter((role) => asked.has(ROLES[role]));
}

export function principalMessage(record: PrincipalRecord): MessageInitShape<typeof PrincipalSchema> {
  const { principal, createdAt, disabledAt, revision } = record;
  return {
    principal: principal.id,
    ...(principal.kind === 'agent'
      ? { kind: WireKind.AGENT, wallets: [...principal.wallets] }
      : {
          kind: WireKind.OPERATOR,
          roles: principal.roles.map((role) => ROLES[role]),
          groups: [...principal.groups],
        }),
    createTime: timestampFromMs(createdAt),
    revision,
    ...(disabledAt === null ? {} : { disableTime: timestampFromMs(disabledAt) }),
  };
}

export function apiKeyMessage(key: ApiKeyRecord): MessageInitShape<typeof ApiKeySchema> {
  return {
    keyId: key.keyId,
    principal: key.principalId,
    createTime: timestampFromMs(key.createdAt),
    ...(key.revokedAt === null ? {} : { revokeTime: timestampFromMs(key.revokedAt) }),
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

export function approverKeyMessage(key: ApproverKeyRecord): MessageInitShape<typeof ApproverKeySchema> {
  const { publicKey, operatorId, createdAt, revokedAt } = key;
  return {
    publicKey,
    principal: operatorId,
    createTime: timestampFromMs(createdAt),
    ...(revokedAt === null ? {} : { revokeTime: timestampFromMs(revokedAt) }),
  };
}
