import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Backends } from '../../gateway/compose/backends.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import type { SubmitResult } from '../../relayer/relayer.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import type { SignContext, Signer, SignResult } from '../../signers/signer.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { withoutComputeUnits } from '../integration/doomed-transaction.ts';
import { startTestGateway, type TestGateway } from '../integration/gateway-fixture.ts';
import { SIGNATURE_END, STOLEN, THIEF, theftInsteadOf } from './theft.ts';

const { signTransaction, signAndSendTransaction, getTransaction } = SigningService.method;

type Sign = (honest: Signer, messageBytes: Uint8Array, context: SignContext) => Promise<SignResult>;
type Submit = (wire: Uint8Array, honest: () => Promise<SubmitResult>) => Promise<SubmitResult>;

const honestly: Sign = (honest, messageBytes, context) => honest.sign(messageBytes, context);
const faithfully: Submit = (_wire, honest) => honest();

let sign: Sign = honestly;
let submit: Submit = faithfully;
let beforeOpen: (requestId: string) => Promise<void> = async () => undefined;
let asked: Uint8Array[] = [];
let submitted: Uint8Array[] = [];
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ intercept: faithless, config: { limits: { signer_timeout_ms: 300 } } });
});

afterAll(async () => {
  await gateway.stop();
});

beforeEach(() => {
  sign = honestly;
  submit = faithfully;
  beforeOpen = async () => undefined;
  asked = [];
  submitted = [];
});

describe('[11 changed messages] a signer that', () => {
  const { privateKey } = generateKeyPairSync('ed25519');

  it.each<[string, Sign]>([
    [
      'signs another message',
      (honest, bytes, context) =>
        honest.sign(
          bytes.map((byte) => byte ^ 1),
          context,
        ),
    ],
    [
      'signs with another key',
      async (_honest, bytes) => ({ kind: 'signed', signature: signWith(null, bytes, privateKey) }),
    ],
    ['answers zeros', async () => ({ kind: 'signed', signature: new Uint8Array(64) })],
    ['answers a short signature', async () => ({ kind: 'signed', signature: new Uint8Array(63) })],
    ['answers nothing', async () => ({ kind: 'signed', signature: new Uint8Array() })],
    ['says that it is away', async () => ({ kind: 'unavailable', reason: 'on holiday', ambiguous: false })],
    ['throws, with a secret in the text', async () => Promise.reject(new Error('passphrase hunter2'))],
  ])('%s gets nothing past the gateway', async (_case, faithlessly) => {
    sign = faithlessly;
    const fault = await gateway.agent.unary(signTransaction, ask(1n)).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'SIGNER_UNAVAILABLE', status: 'UNAVAILABLE' });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('hunter2');
    expect(await stateOf(fault)).toBe(RequestState.SIGNING_FAILED);
  });

  it('signs a theft instead of the payment it was given gets nothing past the gateway; the chain would have taken it', async () => {
    let theft = new Uint8Array();
    sign = async (honest, bytes, context) => {
      theft = theftInsteadOf(wireOf(context), gateway.environment.wallet.address);
      const signed = await honest.sign(theft.subarray(SIGNATURE_END), context);
      if (signed.kind === 'signed') theft.set(signed.signature, 1);
      expect(bytes).not.toEqual(theft.subarray(SIGNATURE_END));
      return signed;
    };
    await expect(gateway.agent.unary(signTransaction, ask(11n))).rejects.toMatchObject({
      reason: 'SIGNER_UNAVAILABLE',
    });
    const { rpcUrl } = gateway.environment.localnet;
    expect((await sendRaw(rpcUrl, theft)).result).toBeTypeOf('string');
    await expect.poll(() => stolen()).toBe(STOLEN);
  });

  it('refuses is final and told so', async () => {
    sign = async () => ({ kind: 'refused', reason: 'its own policy says no' });
    await expect(gateway.agent.unary(signTransaction, ask(2n))).rejects.toMatchObject({ reason: 'SIGNER_REFUSED' });
  });

  it('changes the bytes it is handed does not change what is judged, sent or recorded', async () => {
    sign = async (honest, bytes, context) => {
      const result = await honest.sign(bytes.slice(), context);
      bytes.fill(0xff);
      wireOf(context).fill(0xff);
      return result;
    };
    const { outcome } = await gateway.agent.unary(signTransaction, ask(3n));
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    expect(Buffer.from(outcome.value.transaction).includes(Buffer.alloc(40, 0xff))).toBe(false);
  });

  it('hangs is given up at its deadline, and nothing is signed later', async () => {
    let late: () => void = () => undefined;
    sign = (honest, bytes, context) =>
      new Promise((resolve) => {
        late = () => resolve(honest.sign(bytes, { ...context, signal: new AbortController().signal }));
      });
    const fault = await gateway.agent.unary(signTransaction, ask(4n)).catch((error: unknown) => error);
    expect(fault).toMatchObject({ reason: 'SIGNER_UNAVAILABLE' });
    late();
    expect(await stateOf(fault)).toBe(RequestState.SIGNING_FAILED);
  });

  it('is never asked for a transaction that is denied', async () => {
    const { outcome } = await gateway.agent.unary(signTransaction, ask(5_000_000_000n));
    expect(outcome.case).toBe('denied');
    expect(asked).toEqual([]);
  });
});

describe('[11 changed messages] a message', () => {
  it('that somebody has signed gets no other blockhash: their signature would be for another one', async () => {
    const { wallet, recipient } = gateway.environment;
    const signed = solTransfer(wallet.address, recipient, 1n);
    signed.fill(7, 1, SIGNATURE_END);
    const request = { wallet: wallet.id, transaction: signed, setFreshBlockhash: true };
    await expect(gateway.agent.unary(signTransaction, request)).rejects.toMatchObject({
      reason: 'BLOCKHASH_NOT_REPLACEABLE',
    });
    const kept = { ...request, setFreshBlockhash: false };
    await expect(gateway.agent.unary(signTransaction, kept)).rejects.toMatchObject({ reason: 'SIGNATURE_INVALID' });
    expect(asked).toEqual([]);
  });

  it('twin: is handed back as it was judged, but for the blockhash and the signature', async () => {
    const { outcome } = await gateway.agent.unary(signTransaction, ask(12n));
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    const [message] = asked;
    expect(Buffer.from(outcome.value.transaction.subarray(SIGNATURE_END))).toEqual(Buffer.from(message ?? []));
  });
});

describe('a caller that leaves', () => {
  it('while the intent is being committed gets nothing signed', async () => {
    const commit = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<string>();
    beforeOpen = (requestId) => {
      reached.resolve(requestId);
      return commit.promise;
    };
    const call = new AbortController();
    const calling = gateway.agent.unary(signTransaction, ask(6n), { signal: call.signal });
    const requestId = await reached.promise;
    const cancelled = await cancelledCalls();
    call.abort();
    await expect(calling).rejects.toMatchObject({ status: 'CANCELLED' });
    await expect.poll(cancelledCalls).toBeGreaterThan(cancelled);
    commit.resolve();
    const settled = async () => (await gateway.agent.unary(getTransaction, { requestId })).request?.state;
    await expect.poll(() => settled().catch(() => null)).toBe(RequestState.SIGNING_FAILED);
    expect(asked).toEqual([]);
  });
});

describe('[11 changed messages] a relayer that', () => {
  it('loses its answer does not make the gateway sign or pay twice', async () => {
    submit = async (_wire, honest) => {
      await honest();
      return { kind: 'unknown', reason: 'the answer was lost' };
    };
    const { outcome } = await gateway.agent.unary(signAndSendTransaction, { ...ask(8n), waitFor: WaitFor.CONFIRMED });
    if (outcome.case !== 'submitted') throw new Error(`answered ${outcome.case}`);
    expect(outcome.value.state).toBe(RequestState.CONFIRMED);
    expect(asked.length).toBe(1);
    expect(new Set(submitted.map((wire) => Buffer.from(wire).toString('hex'))).size).toBe(1);
  });

  it('sends another message with the signature that it got sends nothing: the chain refuses it', async () => {
    const before = await stolen();
    submit = async (wire) => {
      const theft = theftInsteadOf(wire, gateway.environment.wallet.address);
      theft.set(wire.subarray(0, SIGNATURE_END));
      const { error } = await sendRaw(gateway.environment.localnet.rpcUrl, theft, { skipPreflight: true });
      expect(error).toBeDefined();
      return { kind: 'accepted' };
    };
    const { outcome } = await gateway.agent.unary(signAndSendTransaction, { ...ask(13n), waitFor: WaitFor.SUBMITTED });
    expect(outcome.case).toBe('submitted');
    expect(await stolen()).toBe(before);
  });

  it('skips preflight lands what cannot execute, and the caller is told the error at once and FAILED when that is final', async () => {
    submit = async (wire) => {
      const params = [Buffer.from(wire).toString('base64'), { encoding: 'base64', skipPreflight: true }];
      await fetch(gateway.environment.localnet.rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sendTransaction', params }),
      });
      return { kind: 'accepted' };
    };
    const { wallet, recipient } = gateway.environment;
    const transaction = withoutComputeUnits(wallet.address, recipient, 10n);
    const request = { wallet: wallet.id, transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
    const { outcome, requestId } = await gateway.agent.unary(signAndSendTransaction, request);
    if (outcome.case !== 'submitted') throw new Error(`answered ${outcome.case}`);
    expect(outcome.value.state).toBe(RequestState.SUBMITTED);
    expect(outcome.value.error).toContain('ComputationalBudgetExceeded');
    const state = async () => (await gateway.agent.unary(getTransaction, { requestId })).request?.state;
    await expect.poll(state).toBe(RequestState.FAILED);
  });

  it('swallows the first submission gets the same bytes again', async () => {
    let first = true;
    submit = (_wire, honest) => {
      if (!first) return honest();
      first = false;
      return Promise.resolve({ kind: 'unknown', reason: 'swallowed' });
    };
    const { outcome } = await gateway.agent.unary(signAndSendTransaction, { ...ask(9n), waitFor: WaitFor.CONFIRMED });
    expect(outcome.case).toBe('submitted');
    expect(asked.length).toBe(1);
    expect(submitted.length).toBeGreaterThan(1);
    expect(new Set(submitted.map((wire) => Buffer.from(wire).toString('hex'))).size).toBe(1);
  });
});

function stolen(): Promise<bigint> {
  const { rpcUrl } = gateway.environment.localnet;
  return readBalances(rpcUrl, THIEF, gateway.environment.token.address).then(({ lamports }) => lamports);
}

function wireOf(context: SignContext): Uint8Array {
  if (context.kind !== 'transaction') throw new Error('a message was to be signed');
  return context.wireTransaction;
}

function faithless(backends: Backends): Backends {
  const routes = [...backends.routes].map(([id, route]) => {
    const { signer, relayer } = route;
    return [
      id,
      {
        ...route,
        signer: {
          ...signer,
          sign: (messageBytes: Uint8Array, context: SignContext) => {
            asked.push(messageBytes.slice());
            return sign(signer, messageBytes, context);
          },
        },
        relayer: {
          ...relayer,
          submit: (wire: Uint8Array, signal: AbortSignal) => {
            submitted.push(wire.slice());
            return submit(wire, () => relayer.submit(wire, signal));
          },
        },
      },
    ] as const;
  });
  const { requests } = backends.state;
  const open: typeof requests.open = async (request, audit) => {
    await beforeOpen(request.requestId);
    return requests.open(request, audit);
  };
  return { ...backends, routes: new Map(routes), state: { ...backends.state, requests: { ...requests, open } } };
}

function ask(lamports: bigint) {
  const { wallet, recipient } = gateway.environment;
  const transaction = solTransfer(wallet.address, recipient, lamports);
  return { wallet: wallet.id, transaction, setFreshBlockhash: true };
}

async function cancelledCalls(): Promise<number> {
  const metrics = await (await fetch(`http://${gateway.environment.gateway.http}/metrics`)).text();
  const line = metrics.split('\n').find((l) => l.includes('grpc_calls_total') && l.includes('status="CANCELLED"'));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function stateOf(fault: unknown): Promise<RequestState | undefined> {
  const requestId = requestIdOf(fault);
  const { request } = await gateway.agent.unary(getTransaction, { requestId });
  return request?.state;
}

function requestIdOf(fault: unknown): string {
  if (typeof fault !== 'object' || fault === null || !('metadata' in fault)) throw new Error('no fault');
  const { metadata } = fault;
  if (typeof metadata !== 'object' || metadata === null || !('request_id' in metadata)) throw new Error('no request');
  return String(metadata.request_id);
}
