import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterEach, describe, expect, it } from 'vitest';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  StatusSchema,
} from '../../proto/gen/google/rpc/status_pb.ts';
import { ERROR_SPECS, ErrorCode, type ErrorName, GatewayError } from '../core/errors.ts';
import { DETAILS_TRAILER, statusOf } from './error-status.ts';
import { dataPlane, type Plane } from './testing/planes.ts';
import { REQUEST_ID, sampleRequest } from './testing/samples.ts';

const { method } = SigningService;
const ASK = { wallet: 'treasury', transaction: new Uint8Array([1]) };
const NAMES = Object.keys(ERROR_SPECS).filter((name): name is ErrorName => Object.hasOwn(ERROR_SPECS, name));

const open: Plane[] = [];
async function opened(plane: Promise<Plane>): Promise<Plane> {
  const value = await plane;
  open.push(value);
  return value;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((plane) => plane.close()));
});

describe('faults on the wire', () => {
  it.each(NAMES.filter((name) => name !== 'INTERNAL'))(
    '%s keeps its status, reason, number, retry and text',
    async (name) => {
      const fault = new GatewayError(name, `what ${name} says`, { metadata: { detail: 'x' } });
      const plane = await opened(dataPlane({ signTransaction: () => Promise.reject(fault) }));
      await expect(plane.caller.unary(method.signTransaction, ASK)).rejects.toMatchObject({
        status: ERROR_SPECS[name].status,
        reason: name,
        retry: ERROR_SPECS[name].retry,
        message: `what ${name} says`,
        metadata: { detail: 'x', retry: ERROR_SPECS[name].retry, error_code: String(ErrorCode[name]) },
      });
      expect(plane.observed).toEqual([`SignTransaction ${ERROR_SPECS[name].status}`]);
    },
  );

  it.each([
    ['a plain error', () => Promise.reject(new Error('password=hunter2'))],
    ['a thrown string', () => Promise.reject('password=hunter2')],
    ['undefined', () => Promise.reject(undefined)],
    [
      'a synchronous throw',
      () => {
        throw new Error('password=hunter2');
      },
    ],
    [
      'INTERNAL',
      () => Promise.reject(new GatewayError('INTERNAL', 'password=hunter2', { metadata: { p: 'hunter2' } })),
    ],
  ])('%s becomes INTERNAL with a name for the log and nothing else', async (_name, signTransaction) => {
    const plane = await opened(dataPlane({ signTransaction }));
    const fault = await plane.caller.unary(method.signTransaction, ASK).catch((error: unknown) => error);
    expect(fault).toMatchObject({ status: 'INTERNAL', reason: 'INTERNAL', retry: 'ambiguous' });
    expect(JSON.stringify(fault) + String(fault)).not.toContain('hunter2');
    const [line] = plane.logged;
    expect(String(fault)).toContain(String(line?.correlation_id));
    expect(line).toMatchObject({ grpc_service: 'countersign.v1.SigningService', grpc_method: 'SignTransaction' });
  });

  it('a stream that throws ends with the fault, after what it had yielded', async () => {
    const plane = await opened(
      dataPlane({
        async *watchTransaction() {
          yield sampleRequest();
          throw new GatewayError('STORE_UNAVAILABLE', 'Postgres is away');
        },
      }),
    );
    const seen: string[] = [];
    const read = async () => {
      for await (const { request } of plane.caller.stream(method.watchTransaction, { requestId: REQUEST_ID })) {
        seen.push(request?.requestId ?? '');
      }
    };
    await expect(read()).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'STORE_UNAVAILABLE',
      retry: 'ambiguous',
    });
    expect(seen).toEqual([REQUEST_ID]);
  });

  it('carries field violations and a retry delay in their own details', () => {
    const details = (error: GatewayError) => {
      const bytes = statusOf(error).metadata.get(DETAILS_TRAILER)[0];
      if (!(bytes instanceof Uint8Array)) throw new Error('no details');
      return fromBinary(StatusSchema, bytes);
    };
    const invalid = details(new GatewayError('INVALID_FIELD', 'bad', { metadata: { field: 'wallet' } }));
    expect(invalid).toMatchObject({ code: 3, message: 'bad' });
    const [info, badRequest] = invalid.details;
    expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({ reason: 'INVALID_FIELD', domain: 'countersign' });
    expect(badRequest && anyUnpack(badRequest, BadRequestSchema)).toMatchObject({
      fieldViolations: [{ field: 'wallet', description: 'bad' }],
    });
    const retry = details(new GatewayError('OVERLOADED', 'busy')).details[1];
    expect(retry && anyUnpack(retry, RetryInfoSchema)).toMatchObject({ retryDelay: { seconds: 1n } });
    const limited = details(new GatewayError('RATE_LIMITED', 'too many calls', { retryAfterMs: 2_050 })).details[1];
    expect(limited && anyUnpack(limited, RetryInfoSchema)).toMatchObject({
      retryDelay: { seconds: 2n, nanos: 50_000_000 },
    });
  });

  it('stays below 8 KiB of trailers and keeps hostile text harmless', async () => {
    const hostile = `\ud800\u0000\u001b[2J${'€'.repeat(5000)}`;
    const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, hostile]));
    const error = new GatewayError('MALFORMED_TRANSACTION', hostile, { metadata: { field: hostile, ...metadata } });
    const { details, metadata: trailers } = statusOf(error);
    const bytes = trailers.get(DETAILS_TRAILER)[0];
    expect(encodeURI(details).length + (bytes?.length ?? 0) * (4 / 3)).toBeLessThan(8 * 1024);
    expect(details).toMatch(/^� {2}\[2J€+…$/);
    const plane = await opened(dataPlane({ signTransaction: () => Promise.reject(error) }));
    await expect(plane.caller.unary(method.signTransaction, ASK)).rejects.toMatchObject({
      reason: 'MALFORMED_TRANSACTION',
    });
  });
});
