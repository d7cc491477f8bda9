// Owns how an admin gives an operator other roles and groups: never their own, and never over what somebody else changed meanwhile.
import { assertNever } from '../../core/assert-never.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { PrincipalRecord, PrincipalStore } from '../../state/contract/principal-store.ts';
import type { AdministrationDeps } from './administration.ts';
import { idField, idListField, invalid } from './fields.ts';
import { noPrincipal } from './name-faults.ts';

export interface OperatorAsk extends Pick<Operator, 'roles' | 'groups'> {
  readonly operatorId: string;
  /** Of the principal that was looked at. */
  readonly revision: bigint;
}

/** Throws INVALID_FIELD, ROLE_MISSING, CREDENTIALS_INVALID, PRINCIPAL_NOT_FOUND, PRINCIPAL_CHANGED, PRINCIPAL_CHANGE_REFUSED, STORE_UNAVAILABLE. */
export async function changeOperator(
  deps: Pick<AdministrationDeps, 'principals' | 'asAdmin' | 'now'>,
  by: Operator,
  { operatorId, roles, groups, revision }: OperatorAsk,
): Promise<PrincipalRecord> {
  const looked = await operatorNamed(deps.principals, operatorId);
  if (operatorId === by.id) {
    throw invalid('principal', 'somebody else: nobody changes roles and groups of their own', operatorId);
  }
  idListField('groups', groups);
  if (revision === 0n) throw invalid('revision', 'that of the principal, as ListPrincipals tells it', '0');
  if (looked.revision !== revision) throw changedMeanwhile(operatorId, revision, looked.revision);
  const { roles: oldRoles, groups: oldGroups } = looked.operator;
  const facts = {
    principal: operatorId,
    from: { roles: oldRoles, groups: oldGroups },
    to: { roles, groups },
    revision: revision + 1n,
  };
  const entry = { kind: 'operator.changed', time: deps.now(), requestId: null, actor: by.id, facts } as const;
  const result = await deps.asAdmin(by).principals.changeOperator({ operatorId, roles, groups, revision }, entry);
  switch (result.kind) {
    case 'changed':
      return result.record;
    case 'not_found':
      throw await noPrincipal(deps.principals, operatorId);
    case 'other_revision':
      throw changedMeanwhile(operatorId, revision, result.revision);
    case 'last_admin':
      throw lastAdmin(operatorId);
    default:
      return assertNever(result);
  }
}

export function lastAdmin(operatorId: string): GatewayError {
  return refused(
    `${operatorId} is the last admin that is enabled and can call; give the role, and an API key, to somebody else first`,
  );
}

export function lastAdminKey(keyId: string): GatewayError {
  return refused(
    `${keyId} is the last API key with which an admin can call; make another one first, and revoke it with that`,
  );
}

async function operatorNamed(
  principals: Pick<PrincipalStore, 'list'>,
  asked: string,
): Promise<{ readonly operator: Operator; readonly revision: bigint }> {
  const operatorId = idField('principal', asked);
  const record = (await principals.list()).find(({ principal }) => principal.id === operatorId);
  if (record === undefined) throw await noPrincipal(principals, operatorId);
  const { principal, disabledAt, revision } = record;
  if (principal.kind === 'agent') {
    throw invalid('principal', 'an operator: agents have neither roles nor groups', operatorId);
  }
  if (disabledAt !== null) throw refused(`${operatorId} is disabled, for good; make another operator`);
  return { operator: principal, revision };
}

function changedMeanwhile(operatorId: string, asked: bigint, revision: bigint): GatewayError {
  return new GatewayError(
    'PRINCIPAL_CHANGED',
    `somebody changed ${operatorId} meanwhile: it has revision ${revision}, not ${asked}; look at it again; nothing was changed`,
    { metadata: { revision: `${revision}` } },
  );
}

function refused(reason: string): GatewayError {
  return new GatewayError('PRINCIPAL_CHANGE_REFUSED', reason);
}
