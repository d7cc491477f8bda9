// Owns how a command asks a gateway for the decision about one request.
import { PolicyService } from '../../../../proto/gen/countersign/v1/policy_pb.ts';
import type { LoggedDecision } from '../../../policy/decision-log/decision-line.ts';
import type { Connection } from '../../connection.ts';
import { decisionRecord } from './decision-messages.ts';

/** Throws where there is none. */
export async function recordedRequest(gateway: Connection, requestId: string): Promise<LoggedDecision> {
  for await (const { decisions } of gateway.stream(PolicyService.method.streamDecisions, { requestId })) {
    for (const recorded of decisions) return decisionRecord(recorded);
  }
  throw new Error(`the gateway has recorded no decision about request ${requestId}`);
}
