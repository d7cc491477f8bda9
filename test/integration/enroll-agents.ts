// Owns making agents of the wallet `treasury` on a gateway that runs.
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { connectWithKeyFile } from '../../scripts/dev/enroll-agent.ts';
import type { Environment } from '../../scripts/dev/environment.ts';
import { WALLET } from '../../scripts/dev/policy-data.ts';

/** Returns an API key of each. */
export async function enrollAgents<T extends string>(
  { gateway, operatorKeyFile }: Environment,
  ids: readonly T[],
): Promise<ReadonlyMap<T, string>> {
  const operator = await connectWithKeyFile(gateway.controlPlane, operatorKeyFile);
  const { createPrincipal, createApiKey } = AdminService.method;
  const keys = new Map<T, string>();
  try {
    for (const principal of ids) {
      await operator.unary(createPrincipal, { principal, kind: PrincipalKind.AGENT, wallets: [WALLET] });
      keys.set(principal, (await operator.unary(createApiKey, { principal })).secret);
    }
  } finally {
    operator.close();
  }
  return keys;
}
