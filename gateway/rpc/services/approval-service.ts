// Owns ApprovalService: what approvers see and vote.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { ApprovalService, type VoteSignature as WireSignature } from '../../../proto/gen/countersign/v1/approval_pb.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalPipeline } from '../../pipeline/pipeline-contract.ts';
import type { VoteSignature } from '../../state/contract/approval-store.ts';
import { type BoundMethod, serverStream, unary } from '../bound-method.ts';
import { addressField, bytesField, countField, refuseField, sequenceField, textField, uuidField } from '../fields.ts';
import { approvalMessage, approvalStates } from '../messages/approval.ts';
import { type WatchSources, watchApprovals } from './watch-approvals.ts';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
const MAX_COMMENT_BYTES = 1024;

export function approvalMethods(
  pipeline: ApprovalPipeline,
  chain: Omit<WatchSources, 'approvals'>,
): readonly BoundMethod<Operator>[] {
  const { method } = ApprovalService;
  return [
    unary(method.listApprovals, async ({ states, pageSize, pageToken }) => {
      const size = countField('page_size', pageSize, DEFAULT_PAGE, MAX_PAGE);
      const after = pageToken === '' ? null : uuidField('page_token', pageToken);
      // One more than asked for tells whether there is a next page.
      const found = await pipeline.listApprovals({ states: approvalStates(states), limit: size + 1, after });
      const page = found.slice(0, size);
      return {
        approvals: page.map(approvalMessage),
        nextPageToken: found.length > size ? (page.at(-1)?.approval.approvalId ?? '') : '',
      };
    }),
    unary(method.getApproval, async ({ approvalId }, { principal }) => {
      const view = await pipeline.getApproval(uuidField('approval_id', approvalId));
      return {
        approval: approvalMessage(view),
        policyInput: view.policyInput ?? new Uint8Array(),
        caller: principal.id,
      };
    }),
    unary(method.approve, async (request, { principal }) => ({
      approval: approvalMessage(await pipeline.vote(principal, voteOf(request, true))),
    })),
    unary(method.reject, async (request, { principal }) => ({
      approval: approvalMessage(await pipeline.vote(principal, voteOf(request, false))),
    })),
    unary(method.withdraw, async ({ approvalId }, { principal }) => ({
      approval: approvalMessage(await pipeline.withdraw(principal, uuidField('approval_id', approvalId))),
    })),
    serverStream(method.watchApprovals, ({ afterSequence }, { signal }) =>
      watchApprovals({ approvals: pipeline, ...chain }, sequenceField('after_sequence', afterSequence), signal),
    ),
  ];
}

interface VoteRequest {
  readonly approvalId: string;
  readonly intentDigest: Uint8Array;
  readonly comment: string;
  readonly signature?: WireSignature | undefined;
}

function voteOf(request: VoteRequest, approve: boolean): Parameters<ApprovalPipeline['vote']>[1] {
  return {
    approve,
    approvalId: uuidField('approval_id', request.approvalId),
    intentDigest: bytesField('intent_digest', request.intentDigest, 32, 'the digest of the approval as it was shown'),
    comment: textField('comment', request.comment, MAX_COMMENT_BYTES),
    signature: request.signature === undefined ? null : signatureOf(request.signature),
  };
}

function signatureOf({ key, signature, time }: WireSignature): VoteSignature {
  const expected = 'the time that was signed, in whole milliseconds';
  if (time === undefined) return refuseField('signature.time', expected, 'nothing');
  if (time.nanos % 1_000_000 !== 0) refuseField('signature.time', expected, `${time.nanos} nanoseconds`);
  return {
    key: addressField('signature.key', key),
    signature: bytesField('signature.signature', signature, 64, 'an Ed25519 signature'),
    time: timestampMs(time),
  };
}
