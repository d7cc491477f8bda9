// Owns the agent of a development environment: made over the control plane like any other, its key kept in a file.
import { readFile } from 'node:fs/promises';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { AdminService, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { type DevelopmentKeys, readIfThere, writePrivate } from './keys.ts';
import { AGENT, WALLET } from './policy-data.ts';

export async function enrollAgent(controlPlane: string, dataPlane: string, keys: DevelopmentKeys): Promise<void> {
  if (await keyWorks(dataPlane, await readIfThere(keys.agentKeyFile))) return;
  const operator = await connectWithKeyFile(controlPlane, keys.operatorKeyFile);
  try {
    const { principals } = await operator.unary(AdminService.method.listPrincipals, {});
    if (!principals.some(({ principal }) => principal === AGENT)) {
      await operator.unary(AdminService.method.createPrincipal, {
        principal: AGENT,
        kind: PrincipalKind.AGENT,
        wallets: [WALLET],
      });
    }
    const { secret } = await operator.unary(AdminService.method.createApiKey, { principal: AGENT });
    await writePrivate(keys.agentKeyFile, `${secret}\n`);
  } finally {
    operator.close();
  }
}

export async function connectWithKeyFile(address: string, keyFile: string): Promise<Connection> {
  return openConnection({ address, apiKey: (await readFile(keyFile, 'utf8')).trim(), caFile: null });
}

async function keyWorks(dataPlane: string, key: string | null): Promise<boolean> {
  if (key === null) return false;
  const agent = openConnection({ address: dataPlane, apiKey: key.trim(), caFile: null });
  try {
    const { wallets } = await agent.unary(SigningService.method.listWallets, {});
    return wallets.some(({ wallet }) => wallet === WALLET);
  } catch {
    return false;
  } finally {
    agent.close();
  }
}
