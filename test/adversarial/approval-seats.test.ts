import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyVotes } from '../../gateway/audit/verify-votes.ts';
import { gatewayRecords } from '../../gateway/cli/commands/audit-source.ts';
import { type Connection, openConnection } from '../../gateway/cli/connection.ts';
import { voteMessage } from '../../gateway/core/approval/vote-message.ts';
import { AdminService, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { type Approval, ApprovalService, ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { base58FromBytes, publicKeyBytes } from '../../signers/ed25519-key.ts';
import { verifySignature } from '../../signers/verify.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway } from './attacked-gateway.ts';

const { approve, reject, withdraw, listApprovals, getApproval, watchApprovals } = ApprovalService.method;
const admin = AdminService.method;

let gateway: AttackedGateway;
const people = new Map<string, Connection>();
const open: Connection[] = [];

beforeAll(async () => {
  gateway = await startAttackedGateway((scene) => {
    const rules = carefulRules(scene, { [SYSTEM]: ['transfer'] });
    const human_approval = {
      always: true,
      above: {},
      programs: {},
      quorum: 3n,
      groups: ['security', 'treasury'],
      per_group: [
        { group: 'treasury', quorum: 2n },
        { group: 'security', quorum: 1n },
      ],
      escalation: { after_seconds: 3000n, groups: ['board'] },
      timeout_seconds: 3600n,
    };
    const enabled = ['spending_limit', 'program_allowlist', 'address_allowlist', 'authority_guard', 'fee_limit'];
    return { ...rules, enabled: [...enabled, 'human_approval'], human_approval };
  });
  const groups = { ann: ['treasury'], tom: ['treasury'], tim: ['treasury'], ben: ['security'], kim: ['board'] };
  for (const [id, of] of Object.entries({ ...groups, amy: ['security', 'treasury'] })) await enrol(id, of);
});

afterAll(async () => {
  for (const connection of open) connection.close();
  await gateway.stop();
});

describe('[16 identity] two of treasury and one of security', () => {
  it('are not three of treasury, nor two people of whom one is in both', async () => {
    const asked = await pending();
    await vote('ann', asked);
    await vote('tom', asked);
    const after = await vote('tim', asked);
    expect(after).toMatchObject({ state: ApprovalState.PENDING, openSeats: [{ group: 'security', quorum: 1 }] });
    expect(await vote('ben', asked)).toMatchObject({ state: ApprovalState.APPROVED });
    await signedIs(asked, true);

    const other = await pending();
    await vote('amy', other);
    expect(await vote('ann', other)).toMatchObject({ state: ApprovalState.PENDING, missingVotes: 1 });
    await signedIs(other, false);
  });

  it('are not one person by many keys', async () => {
    const asked = await pending();
    await vote('ann', asked);
    const again = await connect('ann');
    await expect(again.unary(approve, naming(asked))).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  });

  it('are not those of others, before it escalates', async () => {
    const asked = await pending();
    await expect(vote('kim', asked)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await expect(gateway.operator.unary(approve, naming(asked))).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  });

  it('do not count one who was shut out before the last vote', async () => {
    await enrol('mole', ['treasury']);
    const asked = await pending();
    for (const id of ['mole', 'ann']) await vote(id, asked);
    await gateway.operator.unary(admin.disablePrincipal, { principal: 'mole' });
    expect(await vote('ben', asked)).toMatchObject({ state: ApprovalState.PENDING, missingVotes: 1 });
    await signedIs(asked, false);
    expect(await vote('tom', asked)).toMatchObject({ state: ApprovalState.APPROVED });
    await signedIs(asked, true);
  });
});

describe('[16 identity] a vote', () => {
  it('is withdrawn by nobody but its voter, and by them only before the quorum', async () => {
    const asked = await pending();
    for (const id of ['ann', 'tom']) await vote(id, asked);
    const { approvalId } = asked;
    await expect(as('ben').unary(withdraw, { approvalId })).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await as('tom').unary(withdraw, { approvalId });
    expect(await vote('ben', asked)).toMatchObject({ state: ApprovalState.PENDING });
    await vote('tom', asked);
    await expect(as('tom').unary(withdraw, { approvalId })).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await signedIs(asked, true);
  });

  it('that is withdrawn while the last one is cast leads to a signature only if it still stood', async () => {
    for (let round = 0; round < 5; round++) {
      const asked = await pending();
      for (const id of ['ann', 'tom']) await vote(id, asked);
      const [withdrawn] = await Promise.allSettled([
        as('ann').unary(withdraw, { approvalId: asked.approvalId }),
        vote('ben', asked),
      ]);
      await signedIs(asked, withdrawn.status === 'rejected');
    }
  });

  it('for it becomes one against it, and ends it for all', async () => {
    const asked = await pending();
    for (const id of ['ann', 'tom']) await vote(id, asked);
    await as('ann').unary(reject, { ...naming(asked), comment: 'looked again' });
    await expect(vote('ben', asked)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    await expect.poll(() => stateOf(asked.requestId)).toBe(RequestState.DENIED);
  });
});

describe('[16 identity] a signature of a vote', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const publicKey = base58FromBytes(publicKeyBytes(key));

  it('is of nobody but its operator, of no other approval, and of no other digest', async () => {
    await gateway.operator.unary(admin.registerApproverKey, { principal: 'ann', publicKey });
    const twice = gateway.operator.unary(admin.registerApproverKey, { principal: 'tom', publicKey });
    await expect(twice).rejects.toMatchObject({ reason: 'APPROVER_KEY_EXISTS' });
    const [asked, other] = [await pending(), await pending()];
    for (const [id, on, signature] of [
      ['ann', asked, signed(key, 'ann', other)],
      ['tom', asked, signed(key, 'tom', asked)],
      ['tom', asked, signed(key, 'ann', asked)],
      ['ann', asked, signed(key, 'ann', asked, { approve: false })],
      ['ann', asked, signed(key, 'ann', asked, { time: Date.now() - 3_600_000 })],
      ['ann', asked, signed(generateKeyPairSync('ed25519').privateKey, 'ann', asked)],
    ] as const) {
      const cast = as(id).unary(approve, { ...naming(on), signature });
      await expect(cast).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    }
    await as('ann').unary(approve, { ...naming(asked), signature: signed(key, 'ann', asked) });
    expect(await verifyVotes(gatewayRecords(gateway.operator, 0n, true), verifySignature)).toMatchObject({
      kind: 'intact',
      signed: 1n,
    });
  });

  it('does not count any more once its key is revoked', async () => {
    const asked = await pending();
    await as('ann').unary(approve, { ...naming(asked), signature: signed(key, 'ann', asked) });
    await vote('tom', asked);
    await gateway.operator.unary(admin.revokeApproverKey, { publicKey });
    expect(await vote('ben', asked)).toMatchObject({ state: ApprovalState.PENDING, missingVotes: 1 });
  });
});

it('whoever watches hears of every change, and of none less when they come back', async () => {
  const asked = await pending();
  const states: number[] = [];
  let last = 0n;
  for await (const { approval, sequence } of as('ann').stream(watchApprovals, {})) {
    last = sequence;
    if (approval?.approvalId === asked.approvalId) break;
  }
  await vote('ann', asked);
  await as('ben').unary(reject, { ...naming(asked), comment: 'no' });
  for await (const { approval } of as('ann').stream(watchApprovals, { afterSequence: last })) {
    if (approval?.approvalId !== asked.approvalId) continue;
    states.push(approval.votes.length);
    if (states.length === 3) break;
  }
  // Of the two votes and of the end, each as it stood when it was told.
  expect(states.at(-1)).toBe(2);
});

async function enrol(principal: string, groups: readonly string[]): Promise<void> {
  const roles = [OperatorRole.APPROVER];
  const kind = PrincipalKind.OPERATOR;
  await gateway.operator.unary(admin.createPrincipal, { principal, kind, roles, groups: [...groups] });
  people.set(principal, await connect(principal));
}

/** By a key of its own. */
async function connect(principal: string): Promise<Connection> {
  const { secret } = await gateway.operator.unary(admin.createApiKey, { principal });
  const address = gateway.environment.gateway.controlPlane;
  const connection = openConnection({ address, apiKey: secret, caFile: null });
  open.push(connection);
  return connection;
}

function as(id: string): Connection {
  const connection = people.get(id);
  if (connection === undefined) throw new Error(`nobody is called ${id}`);
  return connection;
}

let amount = 0n;

async function pending(): Promise<Approval> {
  const { wallet, recipient } = gateway.scene;
  amount += 1n;
  const request = { wallet: 'treasury', transaction: solTransfer(wallet, recipient, amount), setFreshBlockhash: true };
  const { outcome } = await gateway.agent.unary(SigningService.method.signTransaction, request);
  if (outcome.case !== 'pendingApproval') throw new Error(outcome.case);
  const { approval } = await gateway.operator.unary(getApproval, { approvalId: outcome.value.approvalId });
  if (approval === undefined) throw new Error('no approval');
  return approval;
}

function naming({ approvalId, intentDigest }: Approval) {
  return { approvalId, intentDigest };
}

async function vote(id: string, asked: Approval): Promise<Approval | undefined> {
  return (await as(id).unary(approve, naming(asked))).approval;
}

interface Said {
  readonly approve: boolean;
  readonly time: number;
}

function signed(key: KeyObject, approver: string, { approvalId, intentDigest }: Approval, said: Partial<Said> = {}) {
  const { approve: choice, time } = { approve: true, time: Date.now(), ...said };
  const intentSha256 = Buffer.from(intentDigest).toString('hex');
  const message = voteMessage({ approvalId, approver, approve: choice, comment: '', intentSha256, time });
  const seconds = BigInt(Math.floor(time / 1000));
  return {
    key: base58FromBytes(publicKeyBytes(key)),
    signature: new Uint8Array(sign(null, message, key)),
    time: { seconds, nanos: (time % 1000) * 1_000_000 },
  };
}

async function stateOf(requestId: string): Promise<RequestState | undefined> {
  const { request } = await gateway.agent.unary(SigningService.method.getTransaction, { requestId });
  return request?.state;
}

/** What is not signed still waits. */
async function signedIs({ requestId, approvalId }: Approval, expected: boolean): Promise<void> {
  if (expected) await expect.poll(() => stateOf(requestId)).toBe(RequestState.SIGNED);
  else {
    expect(await stateOf(requestId)).toBe(RequestState.AWAITING_APPROVAL);
    const { approvals } = await gateway.operator.unary(listApprovals, { pageSize: 200 });
    expect(approvals.map((approval) => approval.approvalId)).toContain(approvalId);
  }
}
