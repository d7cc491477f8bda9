// Owns how a recorded request is shown to people: as a row of a list, and as a screen.
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { SigningRequest } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { explainPolicyInput } from '../core/explanation/explain-policy-input.ts';
import { printable } from '../core/explanation/printable.ts';
import { decisionLines } from './decision-text.ts';
import { UsageError } from './exit.ts';
import { requestStateName } from './request-state-name.ts';

export const REQUEST_HEADER = ['REQUEST', 'STATE', 'AGENT', 'WALLET', 'ASKED', 'WHY'] as const;

export function requestRow(request: SigningRequest): readonly string[] {
  const { requestId, state, agent, wallet } = request;
  return [requestId, requestStateName(state), agent, wallet, timeText(request.createTime), whyText(request)];
}

/** `policyInput`: as it was evaluated last. */
export function renderRequest(request: SigningRequest, policyInput: Uint8Array): readonly string[] {
  const { requestId, agent, wallet, credential, approvalId, signature, slot, error } = request;
  const line = (name: string, value: string) => (value === '' ? [] : [`  ${name.padEnd(16)} ${printable(value)}`]);
  return [
    `Request ${printable(requestId)}: ${requestStateName(request.state)}`,
    ...line('asked by', `agent ${agent}${credential === '' ? '' : `, with the key ${credential}`}`),
    ...line('for wallet', wallet),
    ...line('asked', timeText(request.createTime)),
    ...line('last change', timeText(request.updateTime)),
    ...line('approval', approvalId),
    ...line('signature', signature),
    ...line('slot', slot === 0n ? '' : String(slot)),
    ...line('error', error),
    ...decisionLines(request.decision),
    ...explainPolicyInput(policyInput),
  ];
}

/** Throws UsageError. */
export function requestStateOf(name: string): RequestState {
  const found = Object.entries(RequestState).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (found !== undefined && found[1] !== RequestState.UNSPECIFIED) return found[1];
  const names = Object.keys(RequestState).filter((key) => key !== 'UNSPECIFIED');
  throw new UsageError(`--state is among ${names.join(', ').toLowerCase()}; not ${name}`);
}

export function timeText(time: SigningRequest['createTime']): string {
  return time === undefined ? 'NOT KNOWN' : timestampDate(time).toISOString();
}

function whyText({ error, decision }: SigningRequest): string {
  return error === '' ? (decision?.reasons[0]?.code ?? '') : error;
}
