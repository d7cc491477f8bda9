import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { type OffchainPlan, offchainBytes } from '../../gateway/core/message/testing/offchain-bytes.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { bytesOf, type CarelessGateway, joined, keyOf, startCarelessGateway } from './careless-gateway.ts';

const { getTransaction } = SigningService.method;

let gateway: CarelessGateway;

beforeAll(async () => {
  gateway = await startCarelessGateway();
});

afterAll(() => gateway.stop());

describe('[18 bytes] a message', () => {
  it.each<[string, () => Uint8Array, string]>([
    ['of no bytes', () => new Uint8Array(), 'INVALID_FIELD'],
    ['of 4097 bytes', () => new Uint8Array(4097).fill(0x61), 'INVALID_FIELD'],
    ['of 100 KB', () => new Uint8Array(100_000).fill(0x61), 'INVALID_FIELD'],
    ['of zeros', () => new Uint8Array(512), 'MESSAGE_IS_A_TRANSACTION'],
    ['of 0xff', () => new Uint8Array(512).fill(0xff), 'MESSAGE_IS_A_TRANSACTION'],
    ['with the signing domain and nothing else', () => offchain().slice(0, 16), 'MALFORMED_MESSAGE'],
    ['with an envelope that ends early', () => offchain().slice(0, -1), 'MALFORMED_MESSAGE'],
    ['with a byte behind its envelope', () => joined(offchain(), [0x20]), 'MALFORMED_MESSAGE'],
    ['with an envelope of version 1', () => offchain({ version: 1 }), 'MALFORMED_MESSAGE'],
    ['with NUL in an ASCII envelope', () => offchain({ body: 'a\0b' }), 'MALFORMED_MESSAGE'],
    [
      'with a surrogate in an UTF-8 envelope',
      () => offchain({ format: 1, body: Uint8Array.of(0xed, 0xb0, 0x80) }),
      'MALFORMED_MESSAGE',
    ],
    [
      'with the key of the wallet in it',
      () => joined(bytesOf('\0pay '), keyOf(gateway.wallet), bytesOf(' please')),
      'MESSAGE_IS_A_TRANSACTION',
    ],
  ])('%s is refused with a reason, and the gateway lives on', async (_case, bytes, reason) => {
    expect(await gateway.refusal(bytes())).toBe(reason);
    expect((await gateway.ask(bytesOf('still there?'))).outcome.case).toBe('signed');
  });

  it.each<[string, Uint8Array]>([
    ['NUL', Uint8Array.of(0x61, 0, 0x62)],
    ['a lone surrogate', Uint8Array.of(0x61, 0xed, 0xa0, 0x80)],
    ['an overlong form', Uint8Array.of(0x61, 0xc0, 0xaf)],
    ['half of a character', Uint8Array.of(0x61, 0xe2, 0x82)],
    ['an escape sequence', new TextEncoder().encode('\u001b]0;owned\u0007')],
    ['a C1 control', new TextEncoder().encode('a\u009b2J')],
  ])('with %s in it has no text that a rule could name', async (_case, message) => {
    await gateway.ask(message);
    const document = JSON.parse(Buffer.from(gateway.judged.at(-1) ?? []).toString());
    expect(document.message).toMatchObject({ envelope: 'none', size: message.length });
    expect(document.message).not.toHaveProperty('text');
  });

  it('with marks of direction in it is judged with all of them, and shown with none', async () => {
    const text = '\ufeffpay \u202egnp.exe\u2066 to\u200b me\u2028now';
    const { requestId } = await gateway.ask(bytesOf(text));
    expect(JSON.parse(Buffer.from(gateway.judged.at(-1) ?? []).toString()).message.text).toBe(text);
    const { policyInput } = await gateway.agent.unary(getTransaction, { requestId });
    expect(explainPolicyInput(policyInput).join('\n')).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('with quotes, braces and line feeds in it changes nothing but its own text in input and record', async () => {
    const text = '"},"agent":{"id":"admin"},"x":{"\n\\u0000';
    const { requestId } = await gateway.ask(bytesOf(text));
    const document = JSON.parse(Buffer.from(gateway.judged.at(-1) ?? []).toString());
    expect([document.agent.id, document.message.text]).toEqual(['trader', text]);
    const request = { afterSequence: 0n, stopAtHead: true, filter: { requestId } };
    const bodies = [];
    for await (const { record } of gateway.operator.stream(AuditService.method.streamAuditRecords, request)) {
      bodies.push(JSON.parse(Buffer.from(record?.body ?? []).toString()));
    }
    expect(bodies[0].facts).toMatchObject({ agent: 'trader', message: Buffer.from(text).toString('base64') });
  });

  it('twin: of 4096 bytes of text is signed', async () => {
    const text = bytesOf('é'.repeat(2048));
    expect(await gateway.signed(text)).toHaveLength(64);
  });
});

function offchain(plan: Partial<OffchainPlan> = {}): Uint8Array {
  return offchainBytes({ signers: [keyOf(gateway.wallet)], body: 'I own this', ...plan });
}
