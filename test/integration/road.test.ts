import { createHash } from 'node:crypto';
import {
  type Address,
  address,
  getPublicKeyFromAddress,
  getTransactionDecoder,
  signatureBytes,
  verifySignature,
} from '@solana/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Verdict } from '../../proto/gen/countersign/v1/decision_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { solTransfer, solTransfers, tokenTransfer, unnamedProgramCall } from '../../tour/transactions.ts';
import { balancesOf, sendAs, signAs } from './agent-calls.ts';
import { withoutComputeUnits } from './doomed-transaction.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

const { signTransaction, signAndSendTransaction, evaluateTransaction, getTransaction } = SigningService.method;

const SOL = 1_000_000_000n;
const STRANGER = address('GsbwXfJraMomNxBcjYLcG3mxkBUiyWXAB32fGbSMQRdW');

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

describe('SignTransaction', () => {
  it('answers an allowed transaction with the wallet signature in its slot over the judged message', async () => {
    const answer = await sign(solTransfer(wallet, recipient, SOL / 10n));
    if (answer.outcome.case !== 'signed') throw new Error(`answered ${answer.outcome.case}`);
    const { transaction } = answer.outcome.value;
    const decoded = getTransactionDecoder().decode(transaction);
    const signature = decoded.signatures[wallet];
    const key = await getPublicKeyFromAddress(wallet);
    expect(signature && (await verifySignature(key, signatureBytes(signature), decoded.messageBytes))).toBe(true);
    expect(hex(answer.messageDigest)).toBe(sha256Hex(new Uint8Array(decoded.messageBytes)));
  });

  it('leaves the bytes exactly as sent when no fresh blockhash is asked for', async () => {
    const sent = solTransfer(wallet, recipient, 1n);
    const answer = await gateway.agent.unary(signTransaction, { wallet: 'treasury', transaction: sent });
    if (answer.outcome.case !== 'signed') throw new Error(`answered ${answer.outcome.case}`);
    expect(hex(answer.outcome.value.transaction.subarray(65))).toBe(hex(sent.subarray(65)));
  });

  it('takes the wallet by its address too', async () => {
    const request = { wallet, transaction: solTransfer(wallet, recipient, 2n), setFreshBlockhash: true };
    expect((await gateway.agent.unary(signTransaction, request)).outcome.case).toBe('signed');
  });

  it.each([
    ['a transfer over the limit', () => solTransfer(wallet, recipient, 3n * SOL), /at most 2000000000/],
    ['a transfer over the limit in two instructions', () => twice(SOL + SOL / 10n), /at most 2000000000/],
    ['a transfer to a stranger', () => solTransfer(wallet, STRANGER, 1n), /allowed/],
    ['a program that nobody named', () => unnamedProgramCall(wallet, STRANGER), /allowed/],
  ])('denies %s and says what would be allowed', async (_case, transaction, remedy) => {
    const answer = await sign(transaction());
    if (answer.outcome.case !== 'denied') throw new Error(`answered ${answer.outcome.case}`);
    expect(answer.outcome.value.reasons.map((reason) => reason.remedy).join('\n')).toMatch(remedy);
  });
});

describe('SignAndSendTransaction', () => {
  it('confirms an allowed SOL transfer on chain', async () => {
    const before = await lamportsOf(recipient);
    const answer = await send(solTransfer(wallet, recipient, SOL / 4n));
    if (answer.outcome.case !== 'submitted') throw new Error(`answered ${answer.outcome.case}`);
    expect(answer.outcome.value.state).toBe(RequestState.CONFIRMED);
    expect(answer.outcome.value.slot).toBeGreaterThan(0n);
    expect(await lamportsOf(recipient)).toBe(before + SOL / 4n);
  });

  it('confirms an allowed token transfer on chain', async () => {
    const { token } = gateway.environment;
    const before = await tokensOf(recipient);
    const answer = await send(await tokenTransfer(wallet, recipient, token, 7_000_000n));
    expect(answer.outcome.case).toBe('submitted');
    expect(await tokensOf(recipient)).toBe(before + 7_000_000n);
  });

  it('says at once that a transaction was refused in preflight, and broadcasts nothing', async () => {
    const before = await lamportsOf(wallet);
    const answer = await send(withoutComputeUnits(wallet, recipient, 1n));
    if (answer.outcome.case !== 'submitted') throw new Error(`answered ${answer.outcome.case}`);
    expect(answer.outcome.value.state).toBe(RequestState.SUBMITTED);
    expect(answer.outcome.value.error).toMatch(/^not broadcast, and will not be sent: refused in preflight: /);
    expect(await lamportsOf(wallet)).toBe(before);
  });

  it('refuses a request that does not say what to wait for', async () => {
    const transaction = solTransfer(wallet, recipient, 3n);
    const request = { wallet: 'treasury', transaction, setFreshBlockhash: true };
    await expect(gateway.agent.unary(signAndSendTransaction, request)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
    });
  });
});

describe('EvaluateTransaction', () => {
  it('decodes, shows the effects and the decision, and records nothing', async () => {
    const transaction = solTransfer(wallet, recipient, SOL / 5n);
    const request = { wallet: 'treasury', transaction, setFreshBlockhash: true };
    const answer = await gateway.agent.unary(evaluateTransaction, request);
    expect(answer.decision?.verdict).toBe(Verdict.ALLOW);
    expect(answer.effects?.outflows.map(({ asset, amount }) => [asset, amount])).toEqual([['SOL', '200000000']]);
    expect(answer.transaction?.instructions.map(({ programName, name }) => `${programName}.${name}`)).toEqual([
      'system.transfer',
    ]);
    const input = JSON.parse(new TextDecoder().decode(answer.policyInput));
    expect(input).toMatchObject({
      v: 1,
      agent: { id: 'trader' },
      request: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    await expect(gateway.agent.unary(getTransaction, { requestId: input.request.id })).rejects.toMatchObject({
      reason: 'REQUEST_NOT_FOUND',
    });
  });
});

describe('an idempotency key', () => {
  it('gives the same answer to the same request, also to many at once', async () => {
    const request = {
      wallet: 'treasury',
      transaction: solTransfer(wallet, recipient, 11n),
      setFreshBlockhash: true,
      idempotencyKey: crypto.randomUUID(),
    };
    const answers = await Promise.all(Array.from({ length: 12 }, () => gateway.agent.unary(signTransaction, request)));
    expect(new Set(answers.map((answer) => answer.requestId)).size).toBe(1);
    expect(new Set(answers.map(signedHex)).size).toBe(1);
  });

  it('is refused for another request', async () => {
    const idempotencyKey = crypto.randomUUID();
    const first = { wallet: 'treasury', transaction: solTransfer(wallet, recipient, 12n), idempotencyKey };
    await gateway.agent.unary(signTransaction, first);
    const second = { ...first, transaction: solTransfer(wallet, recipient, 13n) };
    await expect(gateway.agent.unary(signTransaction, second)).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('repeats a denial as a denial', async () => {
    const idempotencyKey = crypto.randomUUID();
    const request = { wallet: 'treasury', transaction: solTransfer(wallet, recipient, 9n * SOL), idempotencyKey };
    const first = await gateway.agent.unary(signTransaction, request);
    const second = await gateway.agent.unary(signTransaction, request);
    expect([first.outcome.case, second.outcome.case]).toEqual(['denied', 'denied']);
    expect(second.requestId).toBe(first.requestId);
  });
});

describe('two requests for the same payment', () => {
  it('are two transactions, each confirmed, when the gateway sets the blockhash', async () => {
    const before = await lamportsOf(recipient);
    const transaction = solTransfer(wallet, recipient, 5_000n);
    const answers = await Promise.all([send(transaction), send(transaction), send(transaction)]);
    const signatures = answers.map(({ outcome }) => (outcome.case === 'submitted' ? outcome.value.signature : null));
    expect(new Set(signatures).size).toBe(3);
    expect(await lamportsOf(recipient)).toBe(before + 15_000n);
  });

  it('are the same transaction when their bytes are sent as they are', async () => {
    const request = { wallet: 'treasury', transaction: solTransfer(wallet, recipient, 5_001n) };
    const answers = await Promise.all([1, 2].map(() => gateway.agent.unary(signTransaction, request)));
    expect(new Set(answers.map(signedHex)).size).toBe(1);
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(2);
  });
});

describe('callers', () => {
  it('get one and the same refusal for a wallet that does not exist and for one of another agent', async () => {
    const other = await gateway.newAgent('newcomer', []);
    const transaction = solTransfer(wallet, recipient, 1n);
    const faults = await Promise.all(
      ['treasury', 'no-such-wallet', wallet].map((name) =>
        other.unary(signTransaction, { wallet: name, transaction }).catch((fault: unknown) => String(fault)),
      ),
    );
    expect(new Set(faults).size).toBe(1);
    expect(faults[0]).toContain('not one of yours');
  });

  it('cannot see the requests of another agent', async () => {
    const { requestId } = await sign(solTransfer(wallet, recipient, 14n));
    const other = await gateway.newAgent('onlooker', ['treasury']);
    await expect(other.unary(getTransaction, { requestId })).rejects.toMatchObject({ reason: 'REQUEST_NOT_FOUND' });
  });

  it('are refused without a key and with a wrong one', async () => {
    const request = { wallet: 'treasury', transaction: solTransfer(wallet, recipient, 1n) };
    await expect(gateway.caller(null).unary(signTransaction, request)).rejects.toMatchObject({
      reason: 'CREDENTIALS_MISSING',
    });
    const wrong = `csk_${'0'.repeat(16)}_${'A'.repeat(43)}`;
    await expect(gateway.caller(wrong).unary(signTransaction, request)).rejects.toMatchObject({
      reason: 'CREDENTIALS_INVALID',
    });
  });

  it('are denied by default where no policy speaks of them', async () => {
    const other = await gateway.newAgent('unconfigured', ['treasury']);
    const transaction = solTransfer(wallet, recipient, 1n);
    const { outcome } = await other.unary(signTransaction, { wallet: 'treasury', transaction });
    expect(outcome.case).toBe('denied');
  });
});

describe('malformed transactions', () => {
  it('are refused with field, offset and what was expected', async () => {
    const good = solTransfer(wallet, recipient, 1n);
    const fault = sign(new Uint8Array([...good, 0]));
    await expect(fault).rejects.toMatchObject({ reason: 'MALFORMED_TRANSACTION' });
    await expect(fault).rejects.toThrow(/at byte \d+: expected/);
  });

  it('are refused when a signature that is present does not verify', async () => {
    const transaction = solTransfer(wallet, recipient, 1n).fill(7, 1, 65);
    const request = { wallet: 'treasury', transaction };
    await expect(gateway.agent.unary(signTransaction, request)).rejects.toMatchObject({ reason: 'SIGNATURE_INVALID' });
  });
});

const sign = (transaction: Uint8Array) => signAs(gateway, transaction);
const send = (transaction: Uint8Array) => sendAs(gateway, transaction);

function twice(lamports: bigint): Uint8Array {
  return solTransfers(wallet, recipient, [lamports, lamports]);
}

function signedHex({ outcome }: Awaited<ReturnType<typeof sign>>): string {
  return outcome.case === 'signed' ? hex(outcome.value.transaction) : `${outcome.case}`;
}

async function lamportsOf(owner: Address): Promise<bigint> {
  return (await balancesOf(gateway, owner)).lamports;
}

async function tokensOf(owner: Address): Promise<bigint> {
  return (await balancesOf(gateway, owner)).tokens;
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
