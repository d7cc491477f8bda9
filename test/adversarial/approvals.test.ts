import { type Address, address, createNoopSigner, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import {
  AuthorityType,
  getInitializeAccount3Instruction,
  getSetAuthorityInstruction,
  getTransferCheckedInstruction,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from '../../gateway/cli/connection.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { AdminService, OperatorRole, PrincipalKind } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService, ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer, tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway, TOKEN } from './attacked-gateway.ts';

const { approve, getApproval, listApprovals } = ApprovalService.method;

/** Does nothing as long as there is nothing in the gate. */
const GATED = keyAddress(270);
const GATE = keyAddress(271);

let gateway: AttackedGateway;

beforeAll(async () => {
  gateway = await startAttackedGateway(
    (scene) => {
      const rules = carefulRules(scene, { [SYSTEM]: ['transfer'], [TOKEN]: ['transfer_checked'] });
      const terms = { always: true, above: {}, programs: {}, quorum: 1n, groups: [], timeout_seconds: 3600n };
      const enabled = ['spending_limit', 'program_allowlist', 'authority_guard', 'fee_limit', 'human_approval'];
      const gated = { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' };
      const system = { [SYSTEM]: { instructions: ['transfer'] }, [TOKEN]: { instructions: ['transfer_checked'] } };
      const programs = { programs: { ...system, [GATED]: gated } };
      const { address_allowlist: _, ...settings } = rules;
      return {
        ...settings,
        enabled,
        waived: ['address_allowlist'],
        human_approval: terms,
        program_allowlist: programs,
      };
    },
    new Map([[GATED, cpiProxy({ gated: true })]]),
  );
});

afterAll(async () => {
  await gateway.stop();
});

describe('[14 races] [16 identity] an approval', () => {
  it('of a payment to one person does not pay another who came to own the account meanwhile', async () => {
    const { attacker, scene } = gateway;
    const account = await generateKeyPairSigner();
    await gateway.land(newTokenAccount(account, attacker.address));
    const requestId = await asked(wireTransaction(scene.wallet, [await transfer(account.address)]));
    const seen = await pendingFor(requestId);
    await gateway.land([
      getSetAuthorityInstruction({
        owned: account.address,
        owner: attacker,
        authorityType: AuthorityType.AccountOwner,
        newAuthority: scene.recipient,
      }),
    ]);
    await gateway.operator.unary(approve, { approvalId: seen.approvalId, intentDigest: seen.intentDigest });
    await expect.poll(async () => (await pendingFor(requestId)).approvalId).not.toBe(seen.approvalId);
    expect(await stateOf(requestId)).toBe(RequestState.AWAITING_APPROVAL);
    const { approval } = await gateway.operator.unary(getApproval, { approvalId: seen.approvalId });
    expect(approval?.state).toBe(ApprovalState.SUPERSEDED);
    const again = { approvalId: seen.approvalId, intentDigest: seen.intentDigest };
    await expect(gateway.operator.unary(approve, again)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  });

  it('of what a simulation showed is not one of what the program does since', async () => {
    const { attacker, scene } = gateway;
    const payment = { source: createNoopSigner(scene.wallet), destination: attacker.address, amount: 1_000_000n };
    const attempt = [through(GATED, getTransferSolInstruction(payment), GATE)];
    const requestId = await asked(wireTransaction(scene.wallet, attempt));
    const seen = await pendingFor(requestId);
    await gateway.put(GATE, { owner: attacker.address, lamports: 10_000_000n, data: new Uint8Array(1) });
    await gateway.operator.unary(approve, { approvalId: seen.approvalId, intentDigest: seen.intentDigest });
    await expect.poll(async () => (await pendingFor(requestId)).approvalId).not.toBe(seen.approvalId);
    const fork = gateway.fork();
    const before = await fork.lamports(attacker.address);
    await fork.act(scene.wallet, attempt);
    expect((await fork.lamports(attacker.address)) - before).toBe(1_000_000n);
    // Seen as it is, it may still be approved.
    const again = await pendingFor(requestId);
    await gateway.operator.unary(approve, { approvalId: again.approvalId, intentDigest: again.intentDigest });
    await expect.poll(() => stateOf(requestId)).toBe(RequestState.SIGNED);
  });

  it('is not given by a vote for other bytes, nor for another request’s approval', async () => {
    const { wallet, recipient } = gateway.scene;
    const [first, second] = await Promise.all([
      asked(solTransfer(wallet, recipient, 1n)).then(pendingFor),
      asked(solTransfer(wallet, recipient, 2n)).then(pendingFor),
    ]);
    const swapped = { approvalId: first.approvalId, intentDigest: second.intentDigest };
    await expect(gateway.operator.unary(approve, swapped)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    const none = { approvalId: first.approvalId, intentDigest: new Uint8Array(32) };
    await expect(gateway.operator.unary(approve, none)).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
    const short = { approvalId: first.approvalId, intentDigest: first.intentDigest.subarray(0, 31) };
    await expect(gateway.operator.unary(approve, short)).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
    expect(await stateOf(first.requestId)).toBe(RequestState.AWAITING_APPROVAL);
  });

  it('of one request approves no other of the same bytes', async () => {
    const { wallet, recipient } = gateway.scene;
    const bytes = solTransfer(wallet, recipient, 3n);
    const [one, other] = [await asked(bytes), await asked(bytes)];
    const { approvalId, intentDigest } = await pendingFor(one);
    await gateway.operator.unary(approve, { approvalId, intentDigest });
    await expect.poll(() => stateOf(one)).toBe(RequestState.SIGNED);
    expect(await stateOf(other)).toBe(RequestState.AWAITING_APPROVAL);
  });

  it('is not for those who only read, nor for the agent that asks', async () => {
    const { wallet, recipient } = gateway.scene;
    const { approvalId, intentDigest } = await pendingFor(await asked(solTransfer(wallet, recipient, 4n)));
    const { createPrincipal, createApiKey } = AdminService.method;
    const principal = 'reader';
    const roles = [OperatorRole.AUDITOR];
    await gateway.operator.unary(createPrincipal, { principal, kind: PrincipalKind.OPERATOR, roles });
    await gateway.operator.unary(createPrincipal, {
      principal: 'double',
      kind: PrincipalKind.AGENT,
      wallets: ['treasury'],
    });
    for (const caller of [principal, 'double']) {
      const { secret } = await gateway.operator.unary(createApiKey, { principal: caller });
      const connection = openConnection({
        address: gateway.environment.gateway.controlPlane,
        apiKey: secret,
        caFile: null,
      });
      const vote = connection.unary(approve, { approvalId, intentDigest });
      await expect(vote).rejects.toMatchObject({ reason: 'ROLE_MISSING' });
      connection.close();
    }
  });

  it('cannot be won by many votes of one person at once, and signs once', async () => {
    const { wallet, recipient } = gateway.scene;
    const requestId = await asked(solTransfer(wallet, recipient, 5n));
    const { approvalId, intentDigest } = await pendingFor(requestId);
    const votes = Array.from({ length: 8 }, () => gateway.operator.unary(approve, { approvalId, intentDigest }));
    const counted = (await Promise.allSettled(votes)).filter(({ status }) => status === 'fulfilled');
    expect(counted.length).toBe(1);
    await expect.poll(() => stateOf(requestId)).toBe(RequestState.SIGNED);
  });
});

async function asked(transaction: Uint8Array): Promise<string> {
  const request = { wallet: 'treasury', transaction, setFreshBlockhash: true };
  const { requestId, outcome } = await gateway.agent.unary(SigningService.method.signTransaction, request);
  expect(outcome.case).toBe('pendingApproval');
  return requestId;
}

async function pendingFor(requestId: string) {
  const states = [ApprovalState.PENDING];
  const { approvals } = await gateway.operator.unary(listApprovals, { states, pageSize: 100 });
  const approval = approvals.find((each) => each.requestId === requestId);
  if (approval === undefined) throw new Error('no approval is pending');
  return approval;
}

async function stateOf(requestId: string) {
  const { request } = await gateway.agent.unary(SigningService.method.getTransaction, { requestId });
  return request?.state;
}

function newTokenAccount(account: KeyPairSigner, owner: Address) {
  return [
    getCreateAccountInstruction({
      payer: gateway.attacker,
      newAccount: account,
      lamports: 2_039_280n,
      space: 165n,
      programAddress: address(TOKEN),
    }),
    getInitializeAccount3Instruction({ account: account.address, mint: gateway.scene.mint, owner }),
  ];
}

async function transfer(destination: Address) {
  const { wallet, mint } = gateway.scene;
  const source = await tokenAccount(wallet, mint);
  const authority = createNoopSigner(wallet);
  return getTransferCheckedInstruction({ source, mint, destination, authority, amount: 5n, decimals: 6 });
}
