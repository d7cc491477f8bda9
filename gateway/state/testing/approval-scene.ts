// Owns the scene of approval tests: two gateways on one database, two approvers, an admin, and requests that await approval.
import type { ApprovalRequirement } from '../../core/decision/decision.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { ApprovalRecord, VoteAsk, VoteResult } from '../contract/approval-store.ts';
import type { OperatorChangeResult } from '../contract/principal-store.ts';
import type { NewApproval, NewRequest } from '../contract/request-store.ts';
import type { State } from '../contract/state.ts';
import { openState } from '../open-state.ts';
import { changeRights, createAdmin, createOperator, sampleOperator } from './sample-principals.ts';
import { sampleApproval, sampleEntry, sampleRequest, unsigned } from './sample-request.ts';
import { createTestDatabase } from './test-database.ts';

export interface Asked {
  readonly request: NewRequest;
  readonly approval: NewApproval;
}

export interface ApprovalScene {
  readonly state: State;
  /** As another gateway. */
  readonly other: State;
  /** Approver in the group treasury. */
  readonly ann: Operator;
  /** Approver in the group security. */
  readonly ben: Operator;
  /** Beside the admin `eva`, who has a key. */
  change(operatorId: string, rights: Partial<Pick<Operator, 'roles' | 'groups'>>): Promise<OperatorChangeResult>;
  ask(requirement?: Partial<ApprovalRequirement>, change?: Partial<NewApproval>, agentId?: string): Promise<Asked>;
  vote(asked: Asked, approver: Operator, approve?: boolean, on?: State, more?: Partial<VoteAsk>): Promise<VoteResult>;
  withdraw(asked: Asked, approver: Operator, on?: State): Promise<VoteResult>;
  approvalOf(asked: Asked): Promise<ApprovalRecord>;
  /** Changes what no gateway changes, or as one of an older version does. */
  sql(statement: string): Promise<void>;
  close(): Promise<void>;
}

export async function openApprovalScene(): Promise<ApprovalScene> {
  const database = await createTestDatabase();
  const state = await openState({ databaseUrl: database.url, instanceId: 'one' });
  const other = await openState({ databaseUrl: database.url, instanceId: 'two' });
  await createAdmin(state, 'eva');
  return {
    state,
    other,
    ann: await createOperator(state, sampleOperator('ann', { groups: ['treasury'] })),
    ben: await createOperator(state, sampleOperator('ben', { groups: ['security'] })),
    async ask(requirement = {}, change = {}, agentId = 'agent-1') {
      const full = { quorum: 1, groups: [], timeoutSeconds: 300, ...requirement };
      const approval = sampleApproval({ requirement: full, ...change });
      const awaiting = {
        state: 'AWAITING_APPROVAL',
        approval,
        dueAt: Date.now() + full.timeoutSeconds * 1000,
      } as const;
      const request = sampleRequest(awaiting, { agentId });
      await state.requests.open(request, sampleEntry('request.approval_required', request.requestId));
      return { request, approval };
    },
    change: (operatorId, rights) => changeRights(state, operatorId, rights),
    vote: async ({ request, approval }, approver, approve = true, on = state, more = {}) => {
      await on.controls.refresh();
      return on.approvals.vote(
        {
          approvalId: approval.approvalId,
          approver,
          approve,
          intentDigest: request.judgement.intentDigest,
          comment: 'looked at it',
          ...unsigned(on),
          ...more,
        },
        sampleEntry('approval.vote', request.requestId),
      );
    },
    withdraw: ({ request, approval }, approver, on = state) =>
      on.approvals.withdraw(
        { approvalId: approval.approvalId, approver },
        sampleEntry('approval.vote_withdrawn', request.requestId),
      ),
    async approvalOf({ approval }) {
      const record = await state.approvals.find(approval.approvalId);
      if (record === null) throw new Error('the approval is not in the record');
      return record;
    },
    sql: database.run,
    async close() {
      await state.close();
      await other.close();
      await database.drop();
    },
  };
}
