import { fromJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  SignAndSendTransactionRequestSchema,
  SigningService,
  WaitFor,
} from '../../../proto/gen/countersign/v1/signing_pb.ts';
import type { Outcome } from '../../pipeline/outcome.ts';
import { dataPlane, type Plane } from '../testing/planes.ts';
import { AGENT, REQUEST_ID, sampleRequest, WALLET } from '../testing/samples.ts';

const { method } = SigningService;

interface Asked {
  readonly wallet: string;
  readonly transaction: Uint8Array;
  readonly idempotencyKey: string;
  readonly context: Record<string, string>;
}

const GOOD: Asked = { wallet: 'treasury', transaction: new Uint8Array([1, 2, 3]), idempotencyKey: '', context: {} };
const waitFor = WaitFor.SUBMITTED;

let plane: Plane;
let outcome: Outcome = { kind: 'signed', request: sampleRequest() };
const asked: unknown[][] = [];

beforeAll(async () => {
  plane = await dataPlane({
    signTransaction: async (agent, ask) => {
      asked.push([agent, ask]);
      return outcome;
    },
    signAndSendTransaction: async (agent, ask, waitFor) => {
      asked.push([agent, ask, waitFor]);
      return outcome;
    },
  });
});

afterAll(() => plane.close());

describe('what a signing call may ask', () => {
  const refused: readonly [string, Partial<Asked>, string, string][] = [
    ['no wallet', { wallet: '' }, 'wallet', '1 to 64 characters; found nothing'],
    ['a long wallet', { wallet: 'a'.repeat(65) }, 'wallet', '1 to 64 characters'],
    ['a wallet with a space', { wallet: 'a b' }, 'wallet', 'found "a b"'],
    ['a wallet with a newline', { wallet: 'a\n' }, 'wallet', 'found "a\\n"'],
    ['no transaction', { transaction: new Uint8Array() }, 'transaction', '1 to 4096 bytes; found nothing'],
    [
      'a large transaction',
      { transaction: new Uint8Array(4097) },
      'transaction',
      'at most 4096 bytes; found 4097 bytes',
    ],
    ['a long idempotency key', { idempotencyKey: 'k'.repeat(129) }, 'idempotency_key', 'at most 128 visible ASCII'],
    ['an idempotency key with a space', { idempotencyKey: 'a b' }, 'idempotency_key', 'visible ASCII'],
    ['an idempotency key beyond ASCII', { idempotencyKey: 'schlüssel' }, 'idempotency_key', 'visible ASCII'],
    ['17 context entries', { context: numbered(17) }, 'context', 'at most 16 entries; found 17'],
    ['an empty context key', { context: { '': 'x' } }, 'context', 'keyed by 1 to 64 letters'],
    ['a long context key', { context: { ['k'.repeat(65)]: 'x' } }, 'context', 'keyed by 1 to 64 letters'],
    ['a context key like __proto__', { context: JSON.parse('{"__proto__":"x"}') }, 'context', 'keyed by'],
    [
      'a long context value',
      { context: { a: 'ü'.repeat(129) } },
      'context[a]',
      'at most 256 bytes of UTF-8; found 258',
    ],
    ['a context value with NUL', { context: { a: 'x\0' } }, 'context[a]', 'without control characters'],
    ['a context value with an escape', { context: { a: '\u001b[2J' } }, 'context[a]', 'without control characters'],
  ];

  it.each(refused)('refuses %s and names the field', async (_name, change, field, text) => {
    const request = { ...GOOD, ...change };
    const { idempotencyKey: _none, ...dryRun } = request;
    asked.length = 0;
    const fault = { status: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', retry: 'never', metadata: { field } };
    const calls = [
      plane.caller.unary(method.signTransaction, request),
      plane.caller.unary(method.signAndSendTransaction, { ...request, waitFor }),
      ...(field === 'idempotency_key' ? [] : [plane.caller.unary(method.evaluateTransaction, dryRun)]),
    ];
    for (const call of calls) {
      const error = await call.catch((caught: unknown) => caught);
      expect(error).toMatchObject(fault);
      expect(String(error)).toContain(`${field} must be`);
      expect(String(error)).toContain(text);
    }
    expect(asked).toEqual([]);
  });

  it.each([0, 5, 99, -1])('refuses wait_for %i', async (number) => {
    const request = fromJson(SignAndSendTransactionRequestSchema, {
      wallet: 'a',
      transaction: 'AQID',
      waitFor: number,
    });
    await expect(plane.caller.unary(method.signAndSendTransaction, request)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field: 'wait_for' },
      message: expect.stringContaining('one of SUBMITTED, PROCESSED, CONFIRMED, FINALIZED'),
    });
  });

  it.each(['', 'x', `${REQUEST_ID}0`, REQUEST_ID.replaceAll('-', ''), `${REQUEST_ID}\n`])(
    'refuses the request id %j',
    async (requestId) => {
      const fault = { reason: 'INVALID_FIELD', metadata: { field: 'request_id' } };
      await expect(plane.caller.unary(method.getTransaction, { requestId })).rejects.toMatchObject(fault);
      await expect(collect(plane.caller.stream(method.watchTransaction, { requestId }))).rejects.toMatchObject(fault);
    },
  );

  it.each([
    ['abc', 'a signature of 64 bytes in base58; found "abc"'],
    ['0'.repeat(88), 'a signature of 64 bytes in base58'],
    ['1'.repeat(5000), 'a signature of 64 bytes in base58'],
  ])('refuses the signature %j', async (signature, message) => {
    await expect(plane.caller.unary(method.getTransaction, { signature })).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a request id beside a signature', async () => {
    const both = { requestId: REQUEST_ID, signature: '1'.repeat(64) };
    await expect(plane.caller.unary(method.getTransaction, both)).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field: 'signature' },
    });
  });

  it('passes on what is in bounds, exactly', async () => {
    asked.length = 0;
    outcome = { kind: 'submitted', request: sampleRequest() };
    const context = { ...numbered(15), 'order/id:1_a.b-c': `${'é'.repeat(127)}\n\t` };
    await plane.caller.unary(method.signAndSendTransaction, {
      wallet: WALLET,
      transaction: new Uint8Array(4096).fill(7),
      setFreshBlockhash: true,
      idempotencyKey: '~'.repeat(128),
      context,
      waitFor: WaitFor.FINALIZED,
    });
    const ask = {
      walletName: WALLET,
      transaction: Buffer.alloc(4096, 7),
      setFreshBlockhash: true,
      idempotencyKey: '~'.repeat(128),
      context,
    };
    expect(asked).toEqual([[expect.objectContaining(AGENT), ask, 'FINALIZED']]);
  });

  it('gives the pipeline no idempotency key where the caller gave none', async () => {
    asked.length = 0;
    outcome = { kind: 'signed', request: sampleRequest() };
    await plane.caller.unary(method.signTransaction, { wallet: 'treasury', transaction: GOOD.transaction });
    expect(asked).toMatchObject([
      [expect.objectContaining(AGENT), { idempotencyKey: null, context: {}, setFreshBlockhash: false }],
    ]);
  });
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'v']));
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(values);
}
