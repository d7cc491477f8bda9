// Owns who asked for a recorded request, as that stands now: the agent, with no more rights than the key that it asked with.
import type { Agent } from '../core/principal/principal.ts';
import { agentWith } from '../core/principal/session.ts';
import type { RequestRecord } from '../state/contract/request-store.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

type RequesterDeps = Pick<PipelineDeps, 'state'>;

/**
 * `null`: the agent is disabled, or its session key was revoked, or is not in the record any more. One that expired since was valid when it
 * was asked.
 */
export async function requesterOf({ state }: RequesterDeps, request: RequestRecord): Promise<Agent | null> {
  const records = await state.principals.list();
  const record = records.find((r) => r.principal.id === request.ask.agentId);
  if (record === undefined || record.disabledAt !== null || record.principal.kind !== 'agent') return null;
  const keyId = request.judgement.decision.credential;
  if (keyId === undefined) return record.principal;
  const key = await state.sessionKeys.find(keyId);
  if (key !== null) return key.revokedAt === null ? agentWith(record.principal, { keyId, session: key.session }) : null;
  // Only an API key may do all that the agent may.
  const apiKeys = await state.principals.listKeys(record.principal.id);
  return apiKeys.some((each) => each.keyId === keyId) ? agentWith(record.principal, { keyId, session: null }) : null;
}
