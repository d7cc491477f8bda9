// Owns OperationsService: what was asked, how everything stands, and the wallets.
import {
  type CheckSignersRequest,
  OperationsService,
  type RequestFilter as WireFilter,
} from '../../../proto/gen/countersign/v1/operations_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { SignersAsk } from '../../pipeline/administration/backend-checks.ts';
import type { Operations } from '../../pipeline/administration/operations.ts';
import type { RequestFilter } from '../../state/contract/request-list.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { type BoundMethod, serverStream, unary } from '../bound-method.ts';
import { countField, refuseField, shown, uuidField } from '../fields.ts';
import { backendCheckMessage, gatewayStatusMessage, walletStateMessage } from '../messages/operations.ts';
import { requestMessage } from '../messages/request.ts';
import { requestPage, requestStates, sinceField } from '../messages/request-page.ts';

const { method } = OperationsService;
const ID = /^[a-z0-9-]{1,64}$/;
const SIGNER = /^[a-z0-9-]{1,64}(?:\/[a-z0-9-]{1,64})?$/;
const MAX_SIGNERS = 20;
const DEFAULT_WALLETS = 50;
const MAX_WALLETS = 100;

export function operationsMethods(operations: Operations): readonly BoundMethod<Operator>[] {
  return [
    unary(method.listRequests, ({ filter, pageSize, pageToken }) => {
      const asked = filterOf(filter);
      return requestPage(
        pageSize,
        pageToken,
        (page) => operations.listRequests({ ...page, filter: asked }),
        unsendable,
      );
    }),
    unary(method.getRequest, async ({ requestId }) => {
      const request = await operations.getRequest(uuidField('request_id', requestId));
      return { request: requestMessage(unsendable(request)), policyInput: request.judgement.policyInput };
    }),
    serverStream(method.watchRequest, ({ requestId }, { signal }) =>
      states(operations.watchRequest(uuidField('request_id', requestId), signal)),
    ),
    unary(method.getStatus, async () => gatewayStatusMessage(await operations.status())),
    unary(method.listWalletStates, async ({ balances, pageSize, pageToken }, { signal }) => {
      const size = countField('page_size', pageSize, DEFAULT_WALLETS, MAX_WALLETS);
      const after = pageToken === '' ? null : idField('page_token', pageToken);
      const found = await operations.walletStates({ limit: size, after, balances }, signal);
      const last = found.length === size ? found.at(-1) : undefined;
      return { wallets: found.map(walletStateMessage), nextPageToken: last?.wallet.id ?? '' };
    }),
    unary(method.checkSigners, async (request) => {
      const ask = askedSigners(request);
      const { checks, notAsked } = await operations.checkSigners(ask);
      const last = ask.kind === 'page' && checks.length === ask.limit ? checks.at(-1) : undefined;
      return { checks: checks.map(backendCheckMessage), notAsked, nextPageToken: last?.name ?? '' };
    }),
    unary(method.checkRelayers, async ({ relayer }) => {
      const checks = await operations.checkRelayers(relayer === '' ? null : idField('relayer', relayer));
      return { checks: checks.map(backendCheckMessage) };
    }),
  ];
}

/** Whoever holds a signed transaction can send it: that is for the agent, and not for those who look. */
function unsendable(request: RequestRecord): RequestRecord {
  return { ...request, signedTransaction: null };
}

async function* states(records: AsyncIterable<RequestRecord>) {
  for await (const record of records) yield { request: requestMessage(unsendable(record)) };
}

function askedSigners({ signer, all, pageSize, pageToken }: CheckSignersRequest): SignersAsk {
  if (all) {
    if (signer !== '') refuseField('signer', 'empty where all is true', shown(signer));
    const limit = countField('page_size', pageSize, MAX_SIGNERS, MAX_SIGNERS);
    return { kind: 'page', after: pageToken === '' ? null : signerField('page_token', pageToken), limit };
  }
  if (pageSize !== 0) refuseField('page_size', '0 where all is false', String(pageSize));
  if (pageToken !== '') refuseField('page_token', 'empty where all is false', shown(pageToken));
  return signer === '' ? { kind: 'some' } : { kind: 'named', name: signerField('signer', signer) };
}

function signerField(field: string, value: string): string {
  if (!SIGNER.test(value)) {
    refuseField(field, 'the name of a signer, or template/wallet, each 1 to 64 of a-z, 0-9 and dash', shown(value));
  }
  return value;
}

function filterOf(filter: WireFilter | undefined): RequestFilter {
  return {
    agentId: filter === undefined || filter.agent === '' ? null : idField('filter.agent', filter.agent),
    walletId: filter === undefined || filter.wallet === '' ? null : idField('filter.wallet', filter.wallet),
    states: requestStates(filter?.states ?? []),
    since: sinceField(filter?.since),
    credential: null,
  };
}

function idField(field: string, value: string): string {
  if (!ID.test(value)) refuseField(field, '1 to 64 of a-z, 0-9 and dash', shown(value));
  return value;
}
