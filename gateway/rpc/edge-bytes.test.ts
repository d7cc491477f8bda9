import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditRecordSchema } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { dataPlane, type Plane } from './testing/planes.ts';
import { message, rawCall } from './testing/raw-call.ts';
import { AGENT, WALLET } from './testing/samples.ts';

const SIGN = '/countersign.v1.SigningService/SignTransaction';
const LIST = '/countersign.v1.SigningService/ListWallets';
// grpc-status as HPACK writes it: Huffman-coded name, so the tests look at the observed status instead.
const ANSWERED = /[\s\S]{60,}/;

let plane: Plane;
let key: string;

beforeAll(async () => {
  plane = await dataPlane({ listWallets: async () => [{ id: 'treasury', address: WALLET, feePayer: null }] });
  key = plane.principals.add({ ...AGENT, id: 'raw' });
});
afterAll(() => plane.close());

/** The status of one raw call, as the edge observed it. */
async function statusOf(
  path: string,
  headers: readonly [string, string][],
  body: Uint8Array,
): Promise<string | undefined> {
  plane.observed.length = 0;
  await rawCall(plane.address, { path, headers, body: message(body) }, ANSWERED);
  return plane.observed[0];
}

const bearer = (): [string, string] => ['authorization', `Bearer ${key}`];

describe('bytes that no gRPC client sends', () => {
  it('serves a plain call, so that the refusals below mean something', async () => {
    expect(await statusOf(LIST, [bearer()], new Uint8Array())).toBe('ListWallets OK');
  });

  it('refuses a second authorization header, whichever of the two is valid', async () => {
    const other: [string, string] = ['authorization', `Bearer csk_0000000000000000_${'A'.repeat(43)}`];
    expect(await statusOf(LIST, [bearer(), other], new Uint8Array())).toBe('ListWallets UNAUTHENTICATED');
    expect(await statusOf(LIST, [other, bearer()], new Uint8Array())).toBe('ListWallets UNAUTHENTICATED');
    expect(await statusOf(LIST, [bearer(), bearer()], new Uint8Array())).toBe('ListWallets UNAUTHENTICATED');
  });

  it.each([
    ['random bytes', new Uint8Array([0xff, 0xff, 0xff, 0xff])],
    ['a truncated field', new Uint8Array([0x0a, 0x10, 0x61])],
    ['a length beyond the message', new Uint8Array([0x12, 0xff, 0xff, 0xff, 0xff, 0x07])],
    ['a wallet that is not UTF-8', new Uint8Array([0x0a, 0x02, 0xc3, 0x28])],
    ['half a surrogate pair', new Uint8Array([0x0a, 0x03, 0xed, 0xa0, 0x80])],
    ['groups nested 16,000 deep', new Uint8Array(16_000).fill(0x0b)],
    ['a wrong wire type for a known field', new Uint8Array([0x0d, 1, 2, 3, 4])],
  ])('answers %s with INVALID_ARGUMENT', async (_name, body) => {
    expect(await statusOf(SIGN, [bearer()], body)).toBe('SignTransaction INVALID_ARGUMENT');
  });

  it('refuses a body over the limit without reading it into a handler', async () => {
    const transaction = new Uint8Array(128 * 1024);
    const call = plane.connect(key).unary(SigningService.method.signTransaction, { wallet: 'a', transaction });
    await expect(call).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
  });

  it('names the message that the bytes are not', async () => {
    const { signTransaction } = SigningService.method;
    const call = plane.connect(key).unary({ ...signTransaction, input: AuditRecordSchema }, { sequence: 1n });
    await expect(call).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      message: expect.stringContaining('the request is not a countersign.v1.SignTransactionRequest message'),
      metadata: { field: 'request' },
    });
  });
});
