// Owns what approvers do: look, vote once a person, and take a vote back while it decided nothing.
import { voteMessage } from '../../core/approval/vote-message.ts';
import { assertNever } from '../../core/assert-never.ts';
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Controls } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalRecord, VoteResult } from '../../state/contract/approval-store.ts';
import { refuseNewcomer } from '../administration/refuse-newcomer.ts';
import { hex } from '../digest.ts';
import type { ApprovalView } from '../outcome.ts';
import type { ApprovalPipeline } from '../pipeline-contract.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import { briefView, establishedNow, fullView } from './approval-view.ts';
import { freezeText, frozenWithin } from './frozen-approval.ts';

/** How often operators may freeze or lift something while one vote is cast. */
const ATTEMPTS = 5;

export function createApprovalPipeline(deps: PipelineDeps): ApprovalPipeline {
  return {
    listApprovals: async (page) => {
      const approvals = await deps.state.approvals.list(page);
      return Promise.all(approvals.map((approval) => briefView(deps, approval)));
    },
    getApproval: async (approvalId) => fullView(deps, await found(deps, approvalId)),
    lookUpApproval: async (approvalId) => briefView(deps, await found(deps, approvalId)),
    vote: async (operator, vote) => {
      const approval = await found(deps, vote.approvalId);
      await checkSignature(deps, operator, vote);
      // To reject is no harm.
      if (vote.approve) {
        const { quorum } = approval.requirement;
        const rights = rightsFor(approval, operator);
        await refuseNewcomer(operator, { ...deps, quorum, rights, databaseTime: deps.state.time });
      }
      return answer(deps, vote.approvalId, await cast(deps, operator, approval, vote));
    },
    withdraw: async (operator, approvalId) => {
      const { requestId } = await found(deps, approvalId);
      const facts = { approval_id: approvalId };
      const entry = approvalEntry(deps, 'approval.vote_withdrawn', requestId, operator, facts);
      const result = await deps.state.approvals.withdraw({ approvalId, approver: operator }, entry);
      return answer(deps, approvalId, result);
    },
  };
}

/** What the operator would vote by. */
function rightsFor({ requirement: { groups, perGroup = [], escalation } }: ApprovalRecord, { groups: own }: Operator) {
  const named = new Set([...groups, ...perGroup.map(({ group }) => group), ...(escalation?.groups ?? [])]);
  return [
    'role:approver',
    ...own.filter((group) => named.has(group)).map((group) => `group:${group}` as const),
  ] as const;
}

type VoteArguments = Parameters<ApprovalPipeline['vote']>[1];

async function cast(
  deps: PipelineDeps,
  operator: Operator,
  approval: ApprovalRecord,
  vote: VoteArguments,
): Promise<VoteResult> {
  const { approvals, controls } = deps.state;
  const entry = voteEntry(deps, operator, approval.requestId, vote);
  const onlySigned = deps.requireSignedVotes;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const looked = await controls.refresh();
    // To reject what is frozen is no harm.
    if (vote.approve) await refuseFrozen(deps, looked, approval);
    const ask = { ...vote, approver: operator, onlySigned, controls: looked.version };
    const result = await approvals.vote(ask, entry);
    if (result.kind !== 'controls_changed') return result;
  }
  return { kind: 'refused', reason: 'operators freeze and lift things all the time; vote again' };
}

/** A vote under a freeze would count once it is lifted, when nobody thinks of it any more. */
async function refuseFrozen(deps: PipelineDeps, controls: Controls, approval: ApprovalRecord): Promise<void> {
  const freeze = await frozenWithin(controls, approval, () => establishedNow(deps, approval));
  if (freeze !== null) throw new GatewayError('FROZEN', `the vote was not counted: ${freezeText(freeze)}`);
}

async function checkSignature(deps: PipelineDeps, operator: Operator, vote: VoteArguments): Promise<void> {
  const { signature, approvalId, approve, comment, intentDigest } = vote;
  if (signature === null) return;
  const { key, time } = signature;
  const signed = { approvalId, approver: operator.id, approve, comment, intentSha256: hex(intentDigest), time };
  const check = { address: key, messageBytes: voteMessage(signed), signature: signature.signature };
  if (!(await deps.verifySignature(check))) {
    throw new GatewayError(
      'VOTE_REFUSED',
      'the vote was not counted: its signature is not one of this vote by this key',
    );
  }
}

async function answer(deps: PipelineDeps, approvalId: string, result: VoteResult): Promise<ApprovalView> {
  switch (result.kind) {
    case 'recorded':
      deps.wakeTracker();
      return briefView(deps, result.approval);
    case 'not_found':
      throw notFound(approvalId);
    case 'controls_changed':
      throw new GatewayError('INTERNAL', 'a vote was answered before it was decided');
    case 'refused':
      throw new GatewayError('VOTE_REFUSED', `the vote was not counted: ${result.reason}`);
    default:
      return assertNever(result);
  }
}

function voteEntry(deps: PipelineDeps, operator: Operator, requestId: string, vote: VoteArguments): AuditEntry {
  const { approvalId, approve, comment, intentDigest, signature } = vote;
  const signed =
    signature === null
      ? {}
      : {
          signature: {
            key: signature.key,
            signature: Buffer.from(signature.signature).toString('base64'),
            time: BigInt(signature.time),
          },
        };
  const facts = { approval_id: approvalId, approve, comment, intent_sha256: hex(intentDigest), ...signed };
  return approvalEntry(deps, 'approval.vote', requestId, operator, facts);
}

function approvalEntry(
  deps: PipelineDeps,
  kind: 'approval.vote' | 'approval.vote_withdrawn',
  requestId: string,
  operator: Operator,
  facts: AuditEntry['facts'],
): AuditEntry {
  return { kind, time: deps.now(), requestId, actor: operator.id, facts };
}

async function found(deps: PipelineDeps, approvalId: string): Promise<ApprovalRecord> {
  const approval = await deps.state.approvals.find(approvalId);
  if (approval === null) throw notFound(approvalId);
  return approval;
}

function notFound(approvalId: string): GatewayError {
  return new GatewayError('APPROVAL_NOT_FOUND', `approval_id: there is no approval ${approvalId}`);
}
