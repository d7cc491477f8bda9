// Owns AdminService: who may call, with which key, for which wallet.
import { AdminService } from '../../../proto/gen/countersign/v1/admin_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { Administration } from '../../pipeline/administration/administration.ts';
import type { ApproverKeys } from '../../pipeline/approval/approver-keys.ts';
import { type BoundMethod, unary } from '../bound-method.ts';
import { budgetPageMessage } from '../messages/budget.ts';
import {
  apiKeyMessage,
  approverKeyMessage,
  askedPrincipal,
  askedRights,
  principalMessage,
} from '../messages/principal.ts';

export function adminMethods(
  administration: Administration,
  approverKeys: ApproverKeys,
): readonly BoundMethod<Operator>[] {
  const { method } = AdminService;
  return [
    unary(method.createPrincipal, async (request, { principal }) => ({
      principal: principalMessage(await administration.createPrincipal(principal, askedPrincipal(request))),
    })),
    unary(method.listPrincipals, async () => ({
      principals: (await administration.listPrincipals()).map(principalMessage),
    })),
    unary(method.changeOperator, async ({ principal: operatorId, revision, ...rights }, { principal }) => ({
      principal: principalMessage(
        await administration.changeOperator(principal, { operatorId, revision, ...askedRights(rights) }),
      ),
    })),
    unary(method.disablePrincipal, async (request, { principal }) => ({
      principal: principalMessage(await administration.disablePrincipal(principal, request.principal)),
    })),
    unary(method.createApiKey, async (request, { principal }) => {
      const { record, secret } = await administration.createApiKey(principal, request.principal);
      return { key: apiKeyMessage(record), secret };
    }),
    unary(method.listApiKeys, async (request) => {
      const keys = await administration.listApiKeys(request.principal === '' ? null : request.principal);
      return { keys: keys.map(apiKeyMessage) };
    }),
    unary(method.revokeApiKey, async (request, { principal }) => ({
      key: apiKeyMessage(await administration.revokeApiKey(principal, request.keyId)),
    })),
    unary(method.registerApproverKey, async ({ principal: operatorId, publicKey }, { principal }) => ({
      key: approverKeyMessage(await approverKeys.register(principal, { operatorId, publicKey })),
    })),
    unary(method.listApproverKeys, async (request) => {
      const keys = await approverKeys.list(request.principal === '' ? null : request.principal);
      return { keys: keys.map(approverKeyMessage) };
    }),
    unary(method.revokeApproverKey, async ({ publicKey }, { principal }) => ({
      key: approverKeyMessage(await approverKeys.revoke(principal, publicKey)),
    })),
    unary(method.listBudgets, async ({ agent, wallet }) =>
      budgetPageMessage(await administration.listBudgets(agent === '' ? null : agent, wallet === '' ? null : wallet)),
    ),
    unary(method.bindWallet, async (request, { principal }) => {
      await administration.bindWallet(principal, request.principal, request.wallet);
      return {};
    }),
    unary(method.unbindWallet, async (request, { principal }) => {
      await administration.unbindWallet(principal, request.principal, request.wallet);
      return {};
    }),
  ];
}
