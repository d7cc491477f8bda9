// Owns making the people of a soak on a gateway that runs: those who approve, with two API keys each, and those who lift freezes.
import { AdminService, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { connectWithKeyFile } from '../../scripts/dev/enroll-agent.ts';
import type { Environment } from '../../scripts/dev/environment.ts';
import { APPROVERS, DESK, OPERATOR_IDS, type OperatorId } from './crew.ts';

/** Two keys of one person are one person. */
export const KEYS_EACH = 2;

/** API keys of each. */
export async function enrollOperators({
  gateway,
  operatorKeyFile,
}: Environment): Promise<ReadonlyMap<OperatorId, readonly string[]>> {
  const operator = await connectWithKeyFile(gateway.controlPlane, operatorKeyFile);
  const { createPrincipal, createApiKey } = AdminService.method;
  const keys = new Map<OperatorId, readonly string[]>();
  try {
    for (const principal of OPERATOR_IDS) {
      const roles = [APPROVERS.includes(principal) ? OperatorRole.APPROVER : OperatorRole.ADMIN];
      const groups = DESK.members.some((member) => member === principal) ? [DESK.group] : [];
      await operator.unary(createPrincipal, { principal, kind: PrincipalKind.OPERATOR, roles, groups });
      const made = [];
      for (let key = 0; key < KEYS_EACH; key++) made.push((await operator.unary(createApiKey, { principal })).secret);
      keys.set(principal, made);
    }
  } finally {
    operator.close();
  }
  return keys;
}
