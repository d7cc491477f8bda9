// Owns how a batch of operations becomes the parameters of commit_operations (migrations/0017), in its order.

import type { KeyCustody, NewApproval, NewRequest, RequestChange } from '../contract/request-store.ts';
import { boolArray, byteaArray, int8Array, textArray } from '../sql/binary-array.ts';
import { decisionJson, reasonsJson, requirementJson } from '../sql/decision-json.ts';
import { keysInProcess } from '../sql/key-custody.ts';
import { type ChargedBatch, encodeCharges } from './encode-charges.ts';
import { type Operation, operationApproval, operationRequestId } from './operation.ts';

const PARAMETERS = Array.from({ length: 69 }, (_, i) => `$${i + 1}`).join(', ');

export const COMMIT_OPERATIONS = {
  name: 'commit_operations',
  text: `SELECT skipped, exceeded_request, exceeded_window, current_controls FROM commit_operations(${PARAMETERS})`,
};

interface Round {
  readonly requestId: string;
  readonly approval: NewApproval;
}

interface Body {
  readonly requestId: string | null;
  readonly body: Uint8Array;
}

/** Throws on values that have no place in the database (a time that is no whole number, say). */
export function encodeBatch(
  batchId: string,
  operations: readonly Operation[],
  charged: ChargedBatch,
): readonly unknown[] {
  const opens: NewRequest[] = [];
  const changes: RequestChange[] = [];
  const leaving: string[] = [];
  const rounds: Round[] = [];
  const bodies: Body[] = [];
  for (const operation of operations) {
    if (operation.kind === 'open') opens.push(operation.request);
    if (operation.kind === 'advance') changes.push(operation.change);
    if (operation.kind === 'advance' && leavesApproval(operation.change)) leaving.push(operation.change.requestId);
    const requestId = operationRequestId(operation);
    const approval = operationApproval(operation);
    if (approval !== null && requestId !== null) rounds.push({ requestId, approval });
    if (operation.auditBody !== null) bodies.push({ requestId, body: operation.auditBody });
  }
  return [
    batchId,
    ...encodeOpens(opens.sort(byIdempotencyKey)),
    ...encodeChanges(changes.sort((a, b) => compare(a.requestId, b.requestId))),
    textArray(leaving),
    ...encodeRounds(rounds),
    textArray(bodies.map((each) => each.requestId)),
    byteaArray(bodies.map((each) => each.body)),
    ...encodeCharges(charged),
  ];
}

// The order in which rows are locked must be the same in every gateway.
function byIdempotencyKey(a: NewRequest, b: NewRequest): number {
  return compare(a.ask.agentId, b.ask.agentId) || compare(a.ask.idempotencyKey ?? '', b.ask.idempotencyKey ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function leavesApproval(change: RequestChange): boolean {
  return change.from === 'AWAITING_APPROVAL' && change.to !== 'AWAITING_APPROVAL';
}

function encodeOpens(all: readonly NewRequest[]): readonly Buffer[] {
  return [
    textArray(all.map((each) => each.requestId)),
    textArray(all.map((each) => each.ask.agentId)),
    textArray(all.map((each) => each.ask.idempotencyKey)),
    textArray(all.map((each) => each.ask.walletId)),
    textArray(all.map((each) => each.ask.method)),
    textArray(all.map((each) => each.state)),
    int8Array(all.map((each) => each.dueAt)),
    boolArray(all.map((each) => each.ask.setFreshBlockhash)),
    textArray(all.map((each) => decimal(each.judgement.lastValidBlockHeight))),
    textArray(all.map((each) => each.approval?.approvalId ?? null)),
    byteaArray(all.map((each) => each.askDigest)),
    byteaArray(all.map((each) => each.judgement.messageDigest)),
    byteaArray(all.map((each) => each.judgement.intentDigest)),
    textArray(all.map((each) => JSON.stringify(each.ask.context))),
    textArray(all.map((each) => decisionJson(each.judgement.decision))),
    byteaArray(all.map((each) => each.ask.received)),
    byteaArray(all.map((each) => each.judgement.transaction)),
    byteaArray(all.map((each) => each.judgement.policyInput)),
    int8Array(all.map((each) => versionOf(each.terms?.controls))),
    textArray(all.map((each) => inProcess(each.custody))),
  ];
}

function encodeChanges(all: readonly RequestChange[]): readonly Buffer[] {
  return [
    textArray(all.map((each) => each.requestId)),
    textArray(all.map((each) => each.from)),
    textArray(all.map((each) => each.to)),
    int8Array(all.map((each) => each.dueAt)),
    boolArray(all.map((each) => each.slot !== undefined)),
    textArray(all.map((each) => decimal(each.slot ?? null))),
    textArray(all.map((each) => each.approval?.approvalId ?? null)),
    textArray(all.map((each) => each.walletSignature ?? null)),
    textArray(all.map((each) => each.transactionSignature ?? null)),
    boolArray(all.map((each) => each.error !== undefined)),
    textArray(all.map((each) => prose(each.error ?? null))),
    byteaArray(all.map((each) => each.signedTransaction ?? null)),
    boolArray(all.map((each) => each.judgement !== undefined)),
    textArray(all.map((each) => decimal(each.judgement?.lastValidBlockHeight ?? null))),
    byteaArray(all.map((each) => each.judgement?.messageDigest ?? null)),
    byteaArray(all.map((each) => each.judgement?.intentDigest ?? null)),
    textArray(all.map((each) => (each.judgement === undefined ? null : decisionJson(each.judgement.decision)))),
    byteaArray(all.map((each) => each.judgement?.transaction ?? null)),
    byteaArray(all.map((each) => each.judgement?.policyInput ?? null)),
    int8Array(all.map((each) => versionOf(each.terms?.controls ?? each.controls))),
    textArray(all.map((each) => inProcess(each.custody))),
    textArray(all.map((each) => each.onApproval ?? null)),
  ];
}

function encodeRounds(all: readonly Round[]): readonly Buffer[] {
  return [
    textArray(all.map((each) => each.requestId)),
    textArray(all.map((each) => each.approval.approvalId)),
    textArray(all.map((each) => requirementJson(each.approval.requirement))),
    textArray(all.map((each) => JSON.stringify(each.approval.excess))),
    textArray(all.map((each) => reasonsJson(each.approval.reasons))),
    int8Array(all.map((each) => each.approval.expiresAt)),
  ];
}

function decimal(value: bigint | null): string | null {
  return value === null ? null : value.toString();
}

function inProcess(custody: KeyCustody | undefined): string | null {
  return custody === undefined ? null : keysInProcess(custody);
}

function versionOf(controls: bigint | undefined): number | null {
  return controls === undefined ? null : Number(controls);
}

// What a remote system said must not keep a request from moving on.
function prose(value: string | null): string | null {
  return value === null ? null : value.replaceAll('\0', '\ufffd');
}
