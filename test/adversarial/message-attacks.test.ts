import { type Address, createNoopSigner, createSolanaRpc, generateKeyPairSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { decodeBase58 } from '../../gateway/core/base58.ts';
import { explainPolicyInput } from '../../gateway/core/explanation/explain-policy-input.ts';
import { offchainBytes } from '../../gateway/core/message/testing/offchain-bytes.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { withSignature } from '../../gateway/core/transaction/wire.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { verifySignature } from '../../signers/verify.ts';
import { startTestGateway, type TestGateway } from '../integration/gateway-fixture.ts';
import { legacy, v0, v1 } from './versions.ts';

const { signMessage, signTransaction, getTransaction } = SigningService.method;

/** A policy that allows whatever it is asked: what is refused here, no policy can allow. */
const CARELESS = { kind: 'allow', reasons: [] } as const;
const VERSIONS = [
  ['legacy', legacy],
  ['v0', v0],
  ['v1', v1],
] as const;

let gateway: TestGateway;
let wallet: Address;
let thief: Address;
/** What the policy was asked, in order. */
const judged: Uint8Array[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({
    intercept: (backends) => ({
      ...backends,
      policy: {
        current: () => ({
          ...backends.policy.current(),
          evaluate: (input) => {
            judged.push(input);
            return CARELESS;
          },
        }),
      },
    }),
  });
  wallet = gateway.environment.wallet.address;
  thief = (await generateKeyPairSigner()).address;
});

afterAll(() => gateway.stop());

describe.each(VERSIONS)('[15 other doors] a message that is really a transaction (%s)', (_version, write) => {
  it('would drain the wallet: the chain takes the signature that a wallet without a gateway gives for it', async () => {
    const transaction = write({ feePayer: wallet, instructions: [drain()], lifetime: await freshBlockhash() });
    const parsed = parseTransaction(transaction);
    if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
    const bounds = { deadline: Date.now() + 5_000, idempotencyKey: 'x', signal: AbortSignal.timeout(5_000) };
    const result = await signer().sign(parsed.value.messageBytes, { ...bounds, kind: 'message' });
    if (result.kind !== 'signed') throw new Error(result.reason);
    const { rpcUrl } = gateway.environment.localnet;
    const { result: sent } = await sendRaw(rpcUrl, withSignature(parsed.value, 0, result.signature));
    expect(sent).toBeTypeOf('string');
    await expect.poll(stolen).toBeGreaterThan(0n);
  });

  it.each<[string, (wire: Uint8Array, message: Uint8Array) => Uint8Array]>([
    ['as its message', (_wire, message) => message],
    ['whole', (wire) => wire],
    ['as its message with a byte behind it', (_wire, message) => joined(message, [0])],
    ['as its message with a text behind it', (_wire, message) => joined(message, bytesOf(' Sign in to example.com'))],
    ['whole with a byte behind it', (wire) => joined(wire, [1])],
    ['as its message without the last byte', (_wire, message) => message.slice(0, -1)],
    ['as its message without the instruction', (_wire, message) => message.slice(0, -20)],
    ['whole without the last byte', (wire) => wire.slice(0, -1)],
    [
      'as its message behind a signature that is not there',
      (_wire, message) => joined([1], new Uint8Array(64), message),
    ],
    ['as its message behind no signatures', (_wire, message) => joined([0], message)],
    ['as its message behind a version still to come', (_wire, message) => joined([0x82], message)],
    ['as its message with another length of its keys', (_wire, message) => nonCanonical(message)],
  ])('is not signed %s', async (_case, bytes) => {
    const wire = write({ feePayer: wallet, instructions: [drain()], lifetime: await freshBlockhash() });
    const parsed = parseTransaction(wire);
    if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
    await expectRefused(bytes(wire, parsed.value.messageBytes), 'MESSAGE_IS_A_TRANSACTION');
  });

  it.each([0, 1, 2])('is not signed in an envelope of format %i', async (format) => {
    const wire = write({ feePayer: wallet, instructions: [drain()] });
    for (const body of [wire, wire.slice(65)]) {
      const reason = await refusalOf(offchainBytes({ format, signers: [keyOf(wallet)], body }));
      expect(['MALFORMED_MESSAGE', 'MESSAGE_IS_A_TRANSACTION']).toContain(reason);
    }
  });

  it('is signed as a base64 text, which is worth nothing to the chain', async () => {
    const wire = write({ feePayer: wallet, instructions: [drain()], lifetime: await freshBlockhash() });
    const parsed = parseTransaction(wire);
    if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
    for (const bytes of [wire, parsed.value.messageBytes]) {
      const signature = await signed(bytesOf(Buffer.from(bytes).toString('base64')));
      const { messageBytes } = parsed.value;
      expect(verifySignature({ address: wallet, messageBytes, signature })).toBe(false);
    }
  });
});

describe('[15 other doors] SignMessage', () => {
  it('does not lend the signature of a transaction to a message, nor the other way, under one idempotency key', async () => {
    const reused = { reason: 'IDEMPOTENCY_KEY_REUSED' };
    const transfer = (idempotencyKey: string) =>
      gateway.agent.unary(signTransaction, {
        wallet: 'treasury',
        transaction: v0({ feePayer: wallet, instructions: [drain()] }),
        setFreshBlockhash: true,
        idempotencyKey,
      });
    await ask(bytesOf('first a message'), 'shared-1');
    await expect(transfer('shared-1')).rejects.toMatchObject(reused);
    await transfer('shared-2');
    await expect(ask(bytesOf('then a message'), 'shared-2')).rejects.toMatchObject(reused);
  });

  it('does not take the bytes of the transaction of an earlier request for a message under the same key', async () => {
    const transaction = v0({ feePayer: wallet, instructions: [drain()] });
    const request = { wallet: 'treasury', transaction, setFreshBlockhash: true, idempotencyKey: 'shared-3' };
    await gateway.agent.unary(signTransaction, request);
    // The recorded answer of the key is not given for it either.
    expect(await refusalOf(transaction, 'shared-3')).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('twin: signs a text, and the signature is good for that text alone', async () => {
    const text = bytesOf('localhost wants you to sign in\nnonce 1');
    const signature = await signed(text);
    expect(verifySignature({ address: wallet, messageBytes: text, signature })).toBe(true);
    expect(verifySignature({ address: wallet, messageBytes: text.slice(1), signature })).toBe(false);
  });
});

describe('[16 identity] a message', () => {
  it('is not signed for an agent that the wallet is not bound to, by its id or its address', async () => {
    const stranger = await gateway.newAgent('stranger', []);
    for (const name of ['treasury', wallet]) {
      const call = stranger.unary(signMessage, { wallet: name, message: bytesOf('hello, world') });
      await expect(call).rejects.toMatchObject({ reason: 'WALLET_NOT_PERMITTED' });
    }
  });

  it('is not signed without a key, nor with one of an operator', async () => {
    const request = { wallet: 'treasury', message: bytesOf('hello, world') };
    await expect(gateway.caller(null).unary(signMessage, request)).rejects.toMatchObject({ status: 'UNAUTHENTICATED' });
    await expect(gateway.operator.unary(signMessage, request)).rejects.toBeInstanceOf(GatewayFault);
  });

  it('of another agent is found neither by its request nor by its signature', async () => {
    const { requestId, outcome } = await ask(bytesOf('between us'));
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    const nosy = await gateway.newAgent('nosy', ['treasury']);
    const unknown = { reason: 'REQUEST_NOT_FOUND' };
    await expect(nosy.unary(getTransaction, { requestId })).rejects.toMatchObject(unknown);
    await expect(nosy.unary(getTransaction, { signature: outcome.value.signature })).rejects.toMatchObject(unknown);
  });

  it('in an envelope that names others, or the wallet twice, is not signed', async () => {
    const others = offchainBytes({ signers: [keyOf(thief)], body: 'I own this' });
    await expectRefused(others, 'WALLET_NOT_A_SIGNER');
    const twice = offchainBytes({ signers: [keyOf(wallet), keyOf(wallet)], body: 'I own this' });
    await expectRefused(twice, 'MALFORMED_MESSAGE');
  });

  it('twin: in an envelope that names the wallet among others is signed whole', async () => {
    const bytes = offchainBytes({ signers: [keyOf(thief), keyOf(wallet)], body: 'we own this' });
    expect(verifySignature({ address: wallet, messageBytes: bytes, signature: await signed(bytes) })).toBe(true);
  });
});

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
      () => joined(bytesOf('\0pay '), keyOf(wallet), bytesOf(' please')),
      'MESSAGE_IS_A_TRANSACTION',
    ],
  ])('%s is refused with a reason, and the gateway lives on', async (_case, bytes, reason) => {
    await expectRefused(bytes(), reason);
    expect((await ask(bytesOf('still there?'))).outcome.case).toBe('signed');
  });

  it.each<[string, Uint8Array]>([
    ['NUL', Uint8Array.of(0x61, 0, 0x62)],
    ['a lone surrogate', Uint8Array.of(0x61, 0xed, 0xa0, 0x80)],
    ['an overlong form', Uint8Array.of(0x61, 0xc0, 0xaf)],
    ['half of a character', Uint8Array.of(0x61, 0xe2, 0x82)],
    ['an escape sequence', new TextEncoder().encode('\u001b]0;owned\u0007')],
    ['a C1 control', new TextEncoder().encode('a\u009b2J')],
  ])('with %s in it has no text that a rule could name', async (_case, message) => {
    judged.length = 0;
    await ask(message);
    const document = JSON.parse(Buffer.from(judged.at(-1) ?? []).toString());
    expect(document.message).toMatchObject({ envelope: 'none', size: message.length });
    expect(document.message).not.toHaveProperty('text');
  });

  it('with marks of direction in it is judged with all of them, and shown with none', async () => {
    judged.length = 0;
    const text = '\ufeffpay \u202egnp.exe\u2066 to\u200b me\u2028now';
    const { requestId } = await ask(bytesOf(text));
    expect(JSON.parse(Buffer.from(judged.at(-1) ?? []).toString()).message.text).toBe(text);
    const { policyInput } = await gateway.agent.unary(getTransaction, { requestId });
    expect(explainPolicyInput(policyInput).join('\n')).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('with quotes, braces and line feeds in it changes nothing but its own text in input and record', async () => {
    judged.length = 0;
    const text = '"},"agent":{"id":"admin"},"x":{"\n\\u0000';
    const { requestId } = await ask(bytesOf(text));
    const document = JSON.parse(Buffer.from(judged.at(-1) ?? []).toString());
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
    expect(verifySignature({ address: wallet, messageBytes: text, signature: await signed(text) })).toBe(true);
  });
});

function ask(message: Uint8Array, idempotencyKey = '', agent: Connection = gateway.agent) {
  return agent.unary(signMessage, { wallet: 'treasury', message, idempotencyKey });
}

async function signed(message: Uint8Array): Promise<Uint8Array> {
  const { outcome } = await ask(message);
  if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
  return decodeBase58(outcome.value.signature) ?? new Uint8Array();
}

/** The name of the fault; throws when there is none. */
async function refusalOf(message: Uint8Array, idempotencyKey = ''): Promise<string> {
  const fault = await ask(message, idempotencyKey).catch((error: unknown) => error);
  if (fault instanceof GatewayFault) return fault.reason ?? fault.status;
  throw new Error(`answered ${JSON.stringify(fault)}`);
}

/** Before the policy is asked. */
async function expectRefused(message: Uint8Array, reason: string): Promise<void> {
  judged.length = 0;
  expect(await refusalOf(message)).toBe(reason);
  expect(judged).toEqual([]);
}

function drain(): Instruction {
  return getTransferSolInstruction({ source: createNoopSigner(wallet), destination: thief, amount: 1_000_000_000n });
}

function offchain(plan: Partial<Parameters<typeof offchainBytes>[0]> = {}): Uint8Array {
  return offchainBytes({ signers: [keyOf(wallet)], body: 'I own this', ...plan });
}

/** The count of keys of a message in two bytes, where one is the right form. */
function nonCanonical(message: Uint8Array): Uint8Array {
  const at = (message[0] ?? 0) < 0x80 ? 3 : (message[0] ?? 0) === 0x80 ? 4 : 41;
  return joined(message.slice(0, at), [(message[at] ?? 0) | 0x80, 0], message.slice(at + 1));
}

function signer() {
  const route = gateway.environment.gateway.backends.routes.get('treasury');
  if (route === undefined) throw new Error('no signer');
  return route.signer;
}

async function freshBlockhash() {
  const { value } = await createSolanaRpc(gateway.environment.localnet.rpcUrl).getLatestBlockhash().send();
  return value.blockhash;
}

async function stolen(): Promise<bigint> {
  return (await createSolanaRpc(gateway.environment.localnet.rpcUrl).getBalance(thief).send()).value;
}

function keyOf(address: Address): Uint8Array {
  return decodeBase58(address) ?? new Uint8Array();
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
