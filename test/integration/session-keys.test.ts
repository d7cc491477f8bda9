import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Address } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { AdminService } from '../../proto/gen/countersign/v1/admin_pb.ts';
import { ApprovalService } from '../../proto/gen/countersign/v1/approval_pb.ts';
import {
  SessionKeyService,
  type SessionMaximumSchema,
  SessionMethod,
  type SessionTermsSchema,
} from '../../proto/gen/countersign/v1/session_key_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { createSessionKey, listSessionKeys, revokeSessionKey } = SessionKeyService.method;
const { signTransaction, evaluateTransaction, getTransaction, watchTransaction } = SigningService.method;
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

interface Terms {
  readonly methods?: readonly SessionMethod[];
  readonly maxima?: readonly (readonly ['outflow' | 'count', string])[];
  readonly lifetimeSeconds?: number;
  readonly wallets?: readonly string[];
}

function termsOf({
  methods = [SessionMethod.SIGN_TRANSACTION],
  maxima = [],
  ...terms
}: Terms): MessageInitShape<typeof SessionTermsSchema> {
  return {
    wallets: [...(terms.wallets ?? ['treasury'])],
    methods: [...methods],
    lifetimeSeconds: terms.lifetimeSeconds ?? 0,
    maxima: maxima.map(maximumOf),
  };
}

function maximumOf([name, max]: NonNullable<Terms['maxima']>[number]): MessageInitShape<typeof SessionMaximumSchema> {
  if (name === 'count') return { measure: { case: name, value: {} }, max };
  return { measure: { case: name, value: { asset: 'SOL' } }, max };
}

/** A new key of the agent that comes from the one of this connection, and a connection with it. */
async function under(parent: Connection, terms: Terms = {}) {
  const { key, secret } = await parent.unary(createSessionKey, { terms: termsOf(terms) });
  if (key === undefined) throw new Error('no key');
  return { keyId: key.keyId, caller: gateway.caller(secret) };
}

function sign(caller: Connection, lamports: bigint, idempotencyKey = '') {
  const transaction = solTransfer(wallet, recipient, lamports);
  return caller.unary(signTransaction, { wallet: 'treasury', transaction, setFreshBlockhash: true, idempotencyKey });
}

const reasons = ({ outcome }: Awaited<ReturnType<typeof sign>>) =>
  outcome.case === 'denied' ? outcome.value.reasons.map(({ code }) => code) : outcome.case;

describe('a session key', () => {
  it('signs as its agent until what it was given is used up', async () => {
    const { caller, keyId } = await under(gateway.agent, { maxima: [['outflow', '100']] });
    const first = await sign(caller, 60n);
    expect(first.outcome.case).toBe('signed');
    const denied = await sign(caller, 41n);
    expect(reasons(denied)).toEqual(['BUDGET_EXCEEDED']);
    expect(denied.outcome.case === 'denied' && denied.outcome.value.reasons[0]?.facts).toMatchObject({
      limit: `session/${keyId}/outflow:SOL`,
      left: '40',
    });
    expect((await sign(caller, 40n)).outcome.case).toBe('signed');
    const { request } = await caller.unary(getTransaction, { requestId: first.requestId });
    expect(request).toMatchObject({ agent: 'trader', credential: keyId });
  });

  it('shares what it was given with the keys made from it, whatever those were given', async () => {
    const parent = await under(gateway.agent, { maxima: [['count', '3']] });
    const child = await under(parent.caller, { maxima: [['count', '1']] });
    const other = await under(parent.caller);
    expect(reasons(await sign(child.caller, 1n))).toBe('signed');
    expect(reasons(await sign(child.caller, 2n))).toEqual(['BUDGET_EXCEEDED']);
    expect(reasons(await sign(other.caller, 3n))).toBe('signed');
    expect(reasons(await sign(parent.caller, 4n))).toBe('signed');
    expect(reasons(await sign(other.caller, 5n))).toEqual(['BUDGET_EXCEEDED']);
    expect(reasons(await sign(gateway.agent, 6n))).toBe('signed');
  });

  it('is never given more than that by calls at once', async () => {
    const { caller } = await under(gateway.agent, { maxima: [['count', '3']] });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => sign(caller, 100n + BigInt(i))));
    expect(answers.filter(({ outcome }) => outcome.case === 'signed')).toHaveLength(3);
  });

  it('does only what it was made for', async () => {
    const { caller } = await under(gateway.agent, { methods: [SessionMethod.EVALUATE_TRANSACTION] });
    const transaction = solTransfer(wallet, recipient, 1n);
    expect((await caller.unary(evaluateTransaction, { wallet: 'treasury', transaction })).decision).toBeDefined();
    await expect(sign(caller, 1n)).rejects.toMatchObject({ reason: 'METHOD_NOT_PERMITTED' });
  });

  it('uses no wallet that was taken from its agent meanwhile', async () => {
    const agent = await gateway.newAgent('borrower', ['treasury']);
    const { caller } = await under(agent);
    await gateway.operator.unary(AdminService.method.unbindWallet, { principal: 'borrower', wallet: 'treasury' });
    await eventuallyRefused(() => sign(caller, 1n), 'WALLET_NOT_PERMITTED');
  });

  it('sees nothing that its agent, or another key, asked for', async () => {
    const [one, two] = [await under(gateway.agent), await under(gateway.agent)];
    const { requestId } = await sign(one.caller, 70n, 'shared');
    await expect(two.caller.unary(getTransaction, { requestId })).rejects.toMatchObject({
      reason: 'REQUEST_NOT_FOUND',
    });
    await expect(sign(two.caller, 70n, 'shared')).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await sign(one.caller, 70n, 'shared')).requestId).toBe(requestId);
    expect((await gateway.agent.unary(getTransaction, { requestId })).request?.requestId).toBe(requestId);
  });
});

describe('making one', () => {
  it.each<[string, Terms]>([
    ['another method', { methods: [SessionMethod.SIGN_TRANSACTION, SessionMethod.SIGN_MESSAGE] }],
    ['a larger maximum', { maxima: [['outflow', '101']] }],
    ['another wallet', { wallets: ['treasury', 'payroll'] }],
    ['a longer life', { lifetimeSeconds: 3601 }],
  ])('from a session key with %s than that has is refused', async (_name, change) => {
    const parent = await under(gateway.agent, { maxima: [['outflow', '100']], lifetimeSeconds: 3600 });
    await expect(under(parent.caller, change)).rejects.toMatchObject({ reason: 'SESSION_KEY_TOO_WIDE' });
    await under(parent.caller, { maxima: [['outflow', '100']] });
  });

  it('for longer than a day, or with a wallet that is not the agent’s, is refused to operators and agents alike', async () => {
    for (const terms of [termsOf({ lifetimeSeconds: 86_401 }), termsOf({ wallets: ['payroll'] })]) {
      const refused = { reason: 'SESSION_KEY_TOO_WIDE' };
      await expect(gateway.agent.unary(createSessionKey, { terms })).rejects.toMatchObject(refused);
      await expect(gateway.operator.unary(createSessionKey, { principal: 'trader', terms })).rejects.toMatchObject(
        refused,
      );
    }
  });

  it('for another agent is refused to an agent', async () => {
    const asked = gateway.agent.unary(createSessionKey, { principal: 'somebody', terms: termsOf({}) });
    await expect(asked).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
  });
});

describe('revoking', () => {
  it('a key ends the keys made from it; who holds a child cannot end its parent', async () => {
    const { key, secret } = await gateway.operator.unary(createSessionKey, { principal: 'trader', terms: termsOf({}) });
    const parent = gateway.caller(secret);
    const child = await under(parent);
    expect(reasons(await sign(child.caller, 80n))).toBe('signed');
    const keyId = key?.keyId ?? '';
    await expect(child.caller.unary(revokeSessionKey, { keyId })).rejects.toMatchObject({
      reason: 'API_KEY_NOT_FOUND',
    });
    const listed = await parent.unary(listSessionKeys, {});
    expect(listed.keys.map((each) => each.keyId)).toEqual([child.keyId]);
    await gateway.operator.unary(revokeSessionKey, { keyId });
    await eventuallyRefused(() => sign(child.caller, 81n), 'CREDENTIALS_INVALID');
    await eventuallyRefused(() => sign(parent, 82n), 'CREDENTIALS_INVALID');
  });

  it('a key ends what waits for approval, which else uses what the key was given', async () => {
    const { caller, keyId } = await under(gateway.agent, { maxima: [['outflow', `${2n * SOL}`]] });
    const [kept, revoked] = [await sign(caller, SOL + 100n), await sign(caller, SOL + 200n)];
    await approve(kept);
    expect(await finalState(kept.requestId)).toBe(RequestState.SIGNED);
    await approve(revoked);
    expect(await finalState(revoked.requestId)).toBe(RequestState.DENIED);
    const { request } = await gateway.agent.unary(getTransaction, { requestId: revoked.requestId });
    expect(request?.decision?.reasons.map(({ code }) => code)).toEqual(['BUDGET_EXCEEDED']);

    const { caller: leaked, keyId: leakedId } = await under(gateway.agent);
    const waiting = await sign(leaked, SOL + 300n);
    await gateway.operator.unary(revokeSessionKey, { keyId: leakedId });
    await approve(waiting);
    expect(await finalState(waiting.requestId)).toBe(RequestState.DENIED);
    expect(keyId).not.toBe(leakedId);
  });
});

async function approve({ outcome }: Awaited<ReturnType<typeof sign>>): Promise<void> {
  if (outcome.case !== 'pendingApproval') throw new Error(`answered ${outcome.case}`);
  const { approvalId } = outcome.value;
  const { approval } = await gateway.operator.unary(ApprovalService.method.getApproval, { approvalId });
  const intentDigest = approval?.intentDigest ?? new Uint8Array();
  await gateway.operator.unary(ApprovalService.method.approve, { approvalId, intentDigest });
}

async function finalState(requestId: string): Promise<RequestState | undefined> {
  let state: RequestState | undefined;
  for await (const { request } of gateway.agent.stream(watchTransaction, { requestId })) state = request?.state;
  return state;
}

/** Keys are known for a second. */
async function eventuallyRefused(call: () => Promise<unknown>, reason: string): Promise<void> {
  await expect
    .poll(
      () =>
        call().then(
          () => 'done',
          (error: { reason?: string }) => error.reason,
        ),
      { timeout: 5_000 },
    )
    .toBe(reason);
}
