// Owns SigningService: what agents ask of the pipeline.
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type EvaluateTransactionResponseSchema,
  type GetTransactionRequest,
  SigningService,
} from '../../../proto/gen/countersign/v1/signing_pb.ts';
import type { Agent } from '../../core/principal/principal.ts';
import type { DryRun } from '../../pipeline/outcome.ts';
import type { RequestKey, SigningPipeline } from '../../pipeline/pipeline-contract.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { type BoundMethod, serverStream, unary } from '../bound-method.ts';
import { refuseField, signatureField, uuidField } from '../fields.ts';
import { walletField } from '../messages/ask-fields.ts';
import { budgetPageMessage, budgetUseMessage } from '../messages/budget.ts';
import { decisionMessage } from '../messages/decision.ts';
import { effectsMessage } from '../messages/effects.ts';
import { messageAsk } from '../messages/message-ask.ts';
import { requestMessage, sendResponse, signMessageResponse, signResponse } from '../messages/request.ts';
import { requestPage, requestStates, sinceField } from '../messages/request-page.ts';
import { transactionMessage } from '../messages/transaction.ts';
import { transactionAsk, waitForField } from '../messages/transaction-ask.ts';

export function signingMethods(pipeline: SigningPipeline): readonly BoundMethod<Agent>[] {
  const { method } = SigningService;
  return [
    unary(method.signTransaction, async (request, { principal, signal }) =>
      signResponse(await pipeline.signTransaction(principal, transactionAsk(request, request.idempotencyKey), signal)),
    ),
    unary(method.signAndSendTransaction, async (request, { principal, signal }) => {
      const ask = transactionAsk(request, request.idempotencyKey);
      const waitFor = waitForField(request.waitFor);
      return sendResponse(await pipeline.signAndSendTransaction(principal, ask, waitFor, signal));
    }),
    unary(method.signMessage, async (request, { principal, signal }) =>
      signMessageResponse(await pipeline.signMessage(principal, messageAsk(request), signal)),
    ),
    unary(method.evaluateTransaction, async (request, { principal, signal }) =>
      dryRunMessage(await pipeline.evaluateTransaction(principal, transactionAsk(request, ''), signal)),
    ),
    unary(method.getTransaction, async (request, { principal }) => {
      const found = await pipeline.getTransaction(principal, requestKey(request));
      return { request: requestMessage(found), policyInput: found.judgement.policyInput };
    }),
    unary(method.listTransactions, async (request, { principal }) => {
      const { wallet, states, since, pageSize, pageToken } = request;
      const walletName = wallet === '' ? null : walletField(wallet);
      const filter = { states: requestStates(states), since: sinceField(since) };
      return requestPage(pageSize, pageToken, (page) =>
        pipeline.listTransactions(principal, walletName, { ...page, filter }),
      );
    }),
    serverStream(method.watchTransaction, ({ requestId }, { principal, signal }) =>
      statesOf(pipeline.watchTransaction(principal, uuidField('request_id', requestId), signal)),
    ),
    unary(method.listWallets, async (_request, { principal }) => {
      const wallets = await pipeline.listWallets(principal);
      return {
        wallets: wallets.map(({ id, address, feePayer }) => ({ wallet: id, address, feePayer: feePayer ?? '' })),
      };
    }),
    unary(method.getBudgets, async ({ wallet }, { principal }) =>
      budgetPageMessage(await pipeline.getBudgets(principal, wallet === '' ? null : wallet)),
    ),
  ];
}

function requestKey({ requestId, signature }: GetTransactionRequest): RequestKey {
  if (signature === '') return { kind: 'request_id', requestId: uuidField('request_id', requestId) };
  if (requestId !== '') refuseField('signature', 'empty where request_id is given', 'both');
  return { kind: 'signature', signature: signatureField('signature', signature) };
}

function dryRunMessage(run: DryRun): MessageInitShape<typeof EvaluateTransactionResponseSchema> {
  return {
    decision: decisionMessage(run.decision),
    transaction: transactionMessage(run.transaction),
    effects: effectsMessage(run.effects),
    messageDigest: run.messageDigest,
    policyInput: run.policyInput,
    budgets: run.budgets.map(budgetUseMessage),
  };
}

async function* statesOf(records: AsyncIterable<RequestRecord>) {
  for await (const record of records) yield { request: requestMessage(record) };
}
