import { createHash } from 'node:crypto';
import type { Address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { balancesOf, sendAs, signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { getTransaction, watchTransaction } = SigningService.method;

const SOL = 1_000_000_000n;

let gateway: TestGateway;
let wallet: Address;
let recipient: Address;

beforeAll(async () => {
  gateway = await startTestGateway();
  wallet = gateway.environment.wallet.address;
  recipient = gateway.environment.recipient;
});

afterAll(async () => {
  await gateway.stop();
});

describe('a transfer that needs a human', () => {
  it('is pending until another principal approves, and is then judged anew and confirmed', async () => {
    const before = await lamportsOf(recipient);
    const answer = await send(solTransfer(wallet, recipient, (SOL * 3n) / 2n));
    const approval = await pendingApproval(answer);
    expect(approval.effects?.outflows[0]?.amount).toBe('1500000000');
    const vote = { approvalId: approval.approvalId, intentDigest: approval.intentDigest, comment: 'fine' };
    await gateway.operator.unary(ApprovalService.method.approve, vote);
    expect(await stateReached(answer.requestId, RequestState.CONFIRMED)).toBe(RequestState.CONFIRMED);
    expect(await lamportsOf(recipient)).toBe(before + (SOL * 3n) / 2n);
  });

  it('leaves the policy input of the first judgement in its record, though a later judgement replaces it', async () => {
    const answer = await sign(solTransfer(wallet, recipient, SOL + 3n));
    const { approvalId, intentDigest } = await pendingApproval(answer);
    await gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest });
    expect(await stateReached(answer.requestId, RequestState.SIGNED)).toBe(RequestState.SIGNED);
    const kinds = ['request.approval_required', 'request.signing'];
    const filter = { requestId: answer.requestId, kinds };
    const facts = [];
    const request = { afterSequence: 0n, stopAtHead: true, filter };
    for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
      facts.push(JSON.parse(new TextDecoder().decode(record?.body)).facts);
    }
    const [first, second] = facts;
    expect(first.policy_input_sha256).not.toBe(second.policy_input_sha256);
    expect(createHash('sha256').update(first.policy_input).digest('hex')).toBe(first.policy_input_sha256);
  });

  it('is denied for good when it is rejected', async () => {
    const answer = await sign(solTransfer(wallet, recipient, SOL + 1n));
    const { approvalId, intentDigest } = await pendingApproval(answer);
    const vote = { approvalId, intentDigest, comment: 'who is this?' };
    await gateway.operator.unary(ApprovalService.method.reject, vote);
    expect(await stateReached(answer.requestId, RequestState.DENIED)).toBe(RequestState.DENIED);
    const { request } = await gateway.agent.unary(getTransaction, { requestId: answer.requestId });
    expect(request?.decision?.reasons[0]?.code).toBe('APPROVAL_REJECTED');
    await expect(gateway.operator.unary(ApprovalService.method.approve, vote)).rejects.toMatchObject({
      reason: 'VOTE_REFUSED',
    });
  });

  it('is not approved by a vote for other bytes, and not twice by one approver', async () => {
    const answer = await sign(solTransfer(wallet, recipient, SOL + 2n));
    const { approvalId, intentDigest } = await pendingApproval(answer);
    const other = { approvalId, intentDigest: new Uint8Array(32), comment: '' };
    await expect(gateway.operator.unary(ApprovalService.method.approve, other)).rejects.toMatchObject({
      reason: 'VOTE_REFUSED',
    });
    await gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest, comment: '' });
    await expect(
      gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest, comment: '' }),
    ).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    expect(await stateReached(answer.requestId, RequestState.SIGNED)).toBe(RequestState.SIGNED);
  });
});

const sign = (transaction: Uint8Array) => signAs(gateway, transaction);
const send = (transaction: Uint8Array) => sendAs(gateway, transaction);

async function pendingApproval({ outcome }: Awaited<ReturnType<typeof sign | typeof send>>) {
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  const { approvalId } = outcome.value;
  const { approval } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
  if (approval === undefined) throw new Error('no approval');
  return approval;
}

async function stateReached(requestId: string, wanted: RequestState): Promise<RequestState | undefined> {
  let state: RequestState | undefined;
  for await (const { request } of gateway.agent.stream(watchTransaction, { requestId })) {
    state = request?.state;
    if (state === wanted) break;
  }
  return state;
}

async function lamportsOf(owner: Address): Promise<bigint> {
  return (await balancesOf(gateway, owner)).lamports;
}
