// Owns which recorded requests are a caller's own, and when an earlier one is the same as what is asked now.
import { assertNever } from '../core/assert-never.ts';
import { GatewayError } from '../core/errors.ts';
import type { Agent } from '../core/principal/principal.ts';
import { sessionOf } from '../core/principal/session.ts';
import type { RequestAsk, RequestRecord } from '../state/contract/request-store.ts';
import { askDigest, hex } from './digest.ts';
import type { RequestKey } from './pipeline-contract.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** Throws REQUEST_NOT_FOUND, for what does not exist and for what is somebody else's. */
export async function ownRequest(deps: PipelineDeps, agent: Agent, by: RequestKey): Promise<RequestRecord> {
  const { requests } = deps.state;
  switch (by.kind) {
    case 'request_id':
      return requireOwn(
        agent,
        await requests.find(by.requestId),
        `request_id: none of your requests is ${by.requestId}`,
      );
    case 'signature':
      return requireOwn(
        agent,
        await requests.findBySignature(agent.id, by.signature),
        `signature: none of your requests has ${by.signature}`,
      );
    default:
      return assertNever(by);
  }
}

function requireOwn(agent: Agent, request: RequestRecord | null, otherwise: string): RequestRecord {
  if (request !== null && isOwn(agent, request)) return request;
  throw new GatewayError('REQUEST_NOT_FOUND', otherwise);
}

/** The earlier one; throws IDEMPOTENCY_KEY_REUSED. */
export function sameAsk(agent: Agent, earlier: RequestRecord, ask: RequestAsk): RequestRecord {
  if (isOwn(agent, earlier) && hex(earlier.askDigest) === hex(askDigest(ask))) return earlier;
  throw new GatewayError(
    'IDEMPOTENCY_KEY_REUSED',
    'idempotency_key: used before for another request (other bytes, wallet, method, set_fresh_blockhash, context or session key); use a new key',
    { metadata: { request_id: earlier.requestId } },
  );
}

/** What was asked for with one session key is not for another: there may be signed bytes in it. */
function isOwn(agent: Agent, { ask, judgement }: RequestRecord): boolean {
  const session = sessionOf(agent);
  return ask.agentId === agent.id && (session === null || judgement.decision.credential === session.keyId);
}
