import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import {
  GetKeyRequestSchema,
  GetKeyResponseSchema,
  SignerService,
  type SignRequest,
  SignRequestSchema,
  SignResponseSchema,
} from '../../proto/gen/countersign/signer/v1/signer_pb.ts';
import { base58FromBytes } from '../ed25519-key.ts';
import type { SignContext, Signer } from '../signer.ts';
import { openRemoteSigner } from './remote-signer.ts';

type Answer = sendUnaryData<Uint8Array>;
type Call = ServerUnaryCall<Uint8Array, Uint8Array>;

interface Behaviour {
  readonly sign?: (answer: Answer, request: SignRequest, call: Call) => void;
  readonly getKey?: MessageInitShape<typeof GetKeyResponseSchema> | status;
}

const PUBLIC_KEY = new Uint8Array(32).fill(7);
const SIGNATURE = toBinary(SignResponseSchema, create(SignResponseSchema, { signature: new Uint8Array(64).fill(9) }));
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server of grpc-js in the clear, as somebody would write one. */
async function opened({ sign, getKey = { publicKey: PUBLIC_KEY } }: Behaviour): Promise<Signer> {
  const server = new Server();
  const method = (name: string) => ({
    path: `/${SignerService.typeName}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    requestDeserialize: (bytes: Buffer): Uint8Array => bytes,
    responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    responseDeserialize: (bytes: Buffer): Uint8Array => bytes,
  });
  server.addService(
    { Sign: method('Sign'), GetKey: method('GetKey') },
    {
      Sign: (call: Call, answer: Answer) => sign?.(answer, fromBinary(SignRequestSchema, call.request), call),
      GetKey: (call: Call, answer: Answer) => {
        expect(fromBinary(GetKeyRequestSchema, call.request).key).toBe('treasury');
        if (typeof getKey === 'number') answer({ code: getKey, details: 'no' });
        else answer(null, toBinary(GetKeyResponseSchema, create(GetKeyResponseSchema, getKey)));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    );
  });
  const address = base58FromBytes(PUBLIC_KEY);
  const signer = openRemoteSigner({ name: 'hsm', address, target: `127.0.0.1:${port}`, key: 'treasury', tls: null });
  closers.push(
    () => signer.close(),
    () => server.forceShutdown(),
  );
  return signer;
}

const bounds = (signal = new AbortController().signal) => ({
  deadline: Date.now() + 20_000,
  idempotencyKey: 'one',
  signal,
});
const transaction = (signal?: AbortSignal): SignContext => ({
  ...bounds(signal),
  kind: 'transaction',
  wireTransaction: Uint8Array.of(1, 2, 3),
});

describe('what a remote signer is asked', () => {
  it('is the key, the bytes as they were when it was asked, the whole transaction and a deadline', async () => {
    const asked: SignRequest[] = [];
    const left: number[] = [];
    const signer = await opened({
      sign: (answer, request, call) => {
        asked.push(request);
        left.push(Number(call.getDeadline()) - Date.now());
        answer(null, SIGNATURE);
      },
    });
    const message = Uint8Array.of(4, 5, 6);
    const answer = signer.sign(message, transaction());
    message.fill(0);
    expect(await answer).toEqual({ kind: 'signed', signature: Buffer.alloc(64, 9) });
    await signer.sign(Buffer.from('text'), { ...bounds(), kind: 'message' });
    const wire = { case: 'wireTransaction', value: Buffer.from([1, 2, 3]) };
    expect(asked[0]).toMatchObject({ key: 'treasury', idempotencyKey: 'one', subject: { case: wire.case } });
    expect(Buffer.from(asked[0]?.message ?? [])).toEqual(Buffer.from([4, 5, 6]));
    expect(asked[0]?.subject.case === 'wireTransaction' && Buffer.from(asked[0].subject.value)).toEqual(wire.value);
    expect([Buffer.from(asked[1]?.message ?? []).toString(), asked[1]?.subject.case]).toEqual([
      'text',
      'offchainMessage',
    ]);
    expect(left.every((ms) => ms > 10_000 && ms <= 20_000)).toBe(true);
  });
});

describe('what a remote signer answers', () => {
  const outcomes = {
    refused: [status.PERMISSION_DENIED, status.FAILED_PRECONDITION, status.INVALID_ARGUMENT, status.NOT_FOUND],
    'did not sign': [status.RESOURCE_EXHAUSTED, status.UNAUTHENTICATED],
    'may have signed': [
      ...[status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.INTERNAL, status.UNKNOWN, status.CANCELLED],
      ...[status.ABORTED, status.UNIMPLEMENTED, status.DATA_LOSS, status.ALREADY_EXISTS, status.OUT_OF_RANGE],
    ],
  };
  const kindOf = (result: Awaited<ReturnType<Signer['sign']>>): string => {
    if (result.kind !== 'unavailable') return result.kind;
    return result.ambiguous ? 'may have signed' : 'did not sign';
  };
  const each = Object.entries(outcomes).flatMap(([outcome, codes]) =>
    codes.map((code) => ({ code, name: status[code], outcome })),
  );

  it('names every status that is a failure', () => {
    expect(new Set(each.map(({ code }) => code)).size).toBe(16);
  });

  it.each(each)('$name, as one that $outcome', async ({ code, name, outcome }) => {
    const signer = await opened({ sign: (answer) => answer({ code, details: 'no\u0007more' }) });
    const result = await signer.sign(Uint8Array.of(1), transaction());
    expect(kindOf(result)).toBe(outcome);
    expect(result.kind !== 'signed' && result.reason).toMatch(new RegExp(`answered ${name}: no more$`));
  });

  it.each([status.PERMISSION_DENIED, status.RESOURCE_EXHAUSTED])(
    'is not believed with status %i that comes when an answer was under way',
    async (code) => {
      const sign = (answer: Answer, _request: SignRequest, call: Call) => {
        call.sendMetadata(new Metadata());
        answer({ code, details: 'after all' });
      };
      const signer = await opened({ sign });
      expect(kindOf(await signer.sign(Uint8Array.of(1), transaction()))).toBe('may have signed');
    },
  );

  it('may have been lost where the signer is closed meanwhile', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const signer = await opened({ sign: () => resolve() });
    const result = signer.sign(Uint8Array.of(1), transaction());
    await asked;
    await signer.close();
    expect(kindOf(await result)).toBe('may have signed');
  });

  it.each([
    [
      'another key',
      { publicKey: new Uint8Array(32).fill(8) },
      'address',
      `is ${base58FromBytes(new Uint8Array(32).fill(8))}`,
    ],
    ['no key', {}, null, '0 bytes, not a public key of 32'],
    ['a key that is too long', { publicKey: new Uint8Array(33) }, null, '33 bytes'],
    ['that it knows no such key', status.NOT_FOUND, 'key', 'NOT_FOUND'],
    ['that we may not ask', status.PERMISSION_DENIED, 'client_cert_file', 'PERMISSION_DENIED'],
    ['that it is another service', status.UNIMPLEMENTED, 'target', 'UNIMPLEMENTED'],
    ['that it is out of order', status.INTERNAL, null, 'INTERNAL'],
  ])('to a check, being %s, names what is to be looked at', async (_what, getKey, field, reason) => {
    const signer = await opened({ getKey });
    const found = await signer.check(AbortSignal.timeout(5_000));
    expect(found).toEqual({ kind: 'failed', field, reason: expect.stringContaining(reason) });
  });

  it('to a check is shown to people, cleaned', async () => {
    const signer = await opened({ getKey: { publicKey: PUBLIC_KEY, detail: `slot\u001b[31m 3 ${'x'.repeat(5_000)}` } });
    const found = await signer.check(AbortSignal.timeout(5_000));
    expect(found.kind === 'ready' && found.detail).toMatch(/^slot \[31m 3 x{200,300}…$/);
  });
});
