import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { decodeBase58 } from '../../gateway/core/base58.ts';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { offchainBytes } from '../../gateway/core/message/testing/offchain-bytes.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { type SigningRequest, SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { verifySignature } from '../../signers/verify.ts';
import { type AttackedGateway, carefulRules, SYSTEM, startAttackedGateway } from '../adversarial/attacked-gateway.ts';

const { signMessage, getTransaction, watchTransaction } = SigningService.method;

const SIGN_IN = 'example.com wants you to sign in with your Solana account:\n';
const DOMAIN = '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR';

let gateway: AttackedGateway;
/** Needs a person for each message. */
let asking: Connection;
/** May use the wallet, and no rule of its data speaks of messages. */
let silent: Connection;

beforeAll(async () => {
  const guard = {
    message_guard: { prefixes: [SIGN_IN], envelopes: ['none', 'offchain_v0'], application_domains: { [DOMAIN]: 'us' } },
  };
  const human = { always: true, above: {}, programs: {}, quorum: 1n, groups: [], timeout_seconds: 600n };
  gateway = await startAttackedGateway(
    (scene) => ({
      ...carefulRules(scene, { [SYSTEM]: ['transfer'] }),
      enabled_for_messages: ['message_guard'],
      ...guard,
    }),
    new Map(),
    {
      agents: (scene) => ({
        asking: { enabled_for_messages: ['message_guard', 'human_approval'], human_approval: human, ...guard },
        silent: carefulRules(scene, { [SYSTEM]: ['transfer'] }),
      }),
    },
  );
  asking = await gateway.newAgent('asking', ['treasury']);
  silent = await gateway.newAgent('silent', ['treasury']);
});

afterAll(() => gateway.stop());

describe('SignMessage', () => {
  it('signs what the policy names, and the signature holds over the very bytes', async () => {
    const message = bytesOf(`${SIGN_IN}nonce 1 – é`);
    const { outcome, requestId, messageDigest } = await ask(gateway.agent, message);
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    expect(await holds(message, outcome.value.signature)).toBe(true);
    expect(await holds(bytesOf(`${SIGN_IN}nonce 2`), outcome.value.signature)).toBe(false);
    const { request, policyInput } = await gateway.agent.unary(getTransaction, { requestId });
    expect(request).toMatchObject({ state: RequestState.SIGNED, signature: outcome.value.signature });
    expect([Buffer.from(request?.message ?? []), request?.transaction.length]).toEqual([Buffer.from(message), 0]);
    expect(Buffer.from(request?.messageDigest ?? [])).toEqual(Buffer.from(messageDigest));
    expect(explainPolicyInput(policyInput)).toContain('  | nonce 1 – é');
  });

  it('signs an off-chain message for the application that the policy names, and for no other', async () => {
    const enveloped = (domain: string) =>
      offchainBytes({
        format: 1,
        domain: decodeBase58(domain) ?? new Uint8Array(),
        signers: [decodeBase58(gateway.scene.wallet) ?? new Uint8Array()],
        body: `${SIGN_IN}nonce 3`,
      });
    const message = enveloped(DOMAIN);
    const { outcome } = await ask(gateway.agent, message);
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    expect(await holds(message, outcome.value.signature)).toBe(true);
    expect(await codes(gateway.agent, enveloped(gateway.scene.wallet))).toEqual(['APPLICATION_DOMAIN_NOT_ALLOWED']);
  });

  it('is denied for a text that no rule names, and where the data do not speak of messages', async () => {
    expect(await codes(gateway.agent, bytesOf('I owe you 100 SOL'))).toEqual(['MESSAGE_NOT_NAMED']);
    expect(await codes(silent, bytesOf(`${SIGN_IN}nonce 4`))).toEqual(['RULES_NOT_CONFIGURED']);
  });

  it('gives the same signature under the same key, and refuses the key for anything else', async () => {
    const message = bytesOf(`${SIGN_IN}nonce 5`);
    const first = await ask(gateway.agent, message, 'key-5');
    const second = await ask(gateway.agent, message, 'key-5');
    expect([second.requestId, second.outcome]).toEqual([first.requestId, first.outcome]);
    const reused = { reason: 'IDEMPOTENCY_KEY_REUSED' };
    await expect(ask(gateway.agent, bytesOf(`${SIGN_IN}nonce 6`), 'key-5')).rejects.toMatchObject(reused);
  });

  it('ends a watch as soon as it is signed', async () => {
    const { requestId } = await ask(gateway.agent, bytesOf(`${SIGN_IN}nonce 7`));
    const states: (RequestState | undefined)[] = [];
    for await (const { request } of gateway.agent.stream(watchTransaction, { requestId })) states.push(request?.state);
    expect(states).toEqual([RequestState.SIGNED]);
  });
});

describe('a message that needs a person', () => {
  it('is shown to that person as a text, and signed once it is approved', async () => {
    const message = bytesOf(`${SIGN_IN}nonce 8`);
    const { requestId, approvalId, intentDigest } = await pending(message);
    const { approval, policyInput } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
    expect(approval?.message).toMatchObject({ envelope: 'none', text: `${SIGN_IN}nonce 8` });
    expect([approval?.transaction, approval?.effects]).toEqual([undefined, undefined]);
    expect(explainPolicyInput(policyInput)).toContain('  | nonce 8');
    const { approvals } = await gateway.operator.unary(ApprovalService.method.listApprovals, {});
    expect(approvals.find((listed) => listed.approvalId === approvalId)?.message?.text).toBe(`${SIGN_IN}nonce 8`);
    await gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest, comment: '' });
    const request = await settled(requestId);
    expect(request?.state).toBe(RequestState.SIGNED);
    expect(await holds(message, request?.signature ?? '')).toBe(true);
  });

  it('is denied for good once it is rejected', async () => {
    const { requestId, approvalId, intentDigest } = await pending(bytesOf(`${SIGN_IN}nonce 9`));
    await gateway.operator.unary(ApprovalService.method.reject, { approvalId, intentDigest, comment: 'no' });
    const request = await settled(requestId);
    expect([request?.state, request?.decision?.reasons[0]?.code]).toEqual([RequestState.DENIED, 'APPROVAL_REJECTED']);
  });

  it('is not approved by a vote for another message', async () => {
    const { approvalId } = await pending(bytesOf(`${SIGN_IN}nonce 10`));
    const { intentDigest } = await pending(bytesOf(`${SIGN_IN}nonce 11`));
    const vote = gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest, comment: '' });
    await expect(vote).rejects.toMatchObject({ reason: 'VOTE_REFUSED' });
  });
});

it('leaves an intent before the signature in the audit chain, with the message', async () => {
  const { requestId } = await ask(gateway.agent, bytesOf(`${SIGN_IN}nonce 12`));
  const records = await auditOf(requestId);
  expect(records.map(({ kind }) => kind)).toEqual(['request.signing', 'request.signed']);
  expect(Buffer.from(records[0]?.facts.message ?? '', 'base64').toString()).toBe(`${SIGN_IN}nonce 12`);
  expect(records[0]?.facts.method).toBe('sign_message');
  const { policyInput } = await gateway.operator.unary(AuditService.method.getAuditRecord, {
    sequence: records[0]?.sequence ?? 0n,
  });
  expect(explainPolicyInput(policyInput)).toContain('  | nonce 12');
});

function ask(agent: Connection, message: Uint8Array, idempotencyKey = '') {
  return agent.unary(signMessage, { wallet: 'treasury', message, idempotencyKey });
}

async function codes(agent: Connection, message: Uint8Array): Promise<readonly string[]> {
  const { outcome } = await ask(agent, message);
  return outcome.case === 'denied' ? outcome.value.reasons.map(({ code }) => code) : [String(outcome.case)];
}

async function pending(message: Uint8Array) {
  const { requestId, outcome } = await ask(asking, message);
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  const { approvalId } = outcome.value;
  const { approval } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
  return { requestId, approvalId, intentDigest: approval?.intentDigest ?? new Uint8Array() };
}

/** The last record that a watch tells of. */
async function settled(requestId: string) {
  const seen: (SigningRequest | undefined)[] = [];
  for await (const { request } of asking.stream(watchTransaction, { requestId })) seen.push(request);
  return seen.at(-1);
}

async function auditOf(requestId: string) {
  const found: { readonly sequence: bigint; readonly kind: string; readonly facts: Record<string, string> }[] = [];
  const request = { afterSequence: 0n, stopAtHead: true, filter: { requestId } };
  for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
    const { kind, facts } = JSON.parse(new TextDecoder().decode(record?.body));
    found.push({ sequence: record?.sequence ?? 0n, kind, facts });
  }
  return found;
}

function holds(messageBytes: Uint8Array, signature: string): Promise<boolean> {
  const bytes = decodeBase58(signature) ?? new Uint8Array();
  return verifySignature({ address: gateway.scene.wallet, messageBytes, signature: bytes });
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
