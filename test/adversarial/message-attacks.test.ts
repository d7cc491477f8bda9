import { type Address, createNoopSigner, createSolanaRpc, generateKeyPairSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { offchainBytes } from '../../gateway/core/message/testing/offchain-bytes.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { withSignature } from '../../gateway/core/transaction/wire.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { sendRaw } from '../../relayer/localnet/testing/raw-rpc.ts';
import { verifySignature } from '../../signers/verify.ts';
import { bytesOf, type CarelessGateway, joined, keyOf, startCarelessGateway } from './careless-gateway.ts';
import { legacy, v0, v1 } from './versions.ts';

const { signMessage, signTransaction, getTransaction } = SigningService.method;

const VERSIONS = [
  ['legacy', legacy],
  ['v0', v0],
  ['v1', v1],
] as const;

let gateway: CarelessGateway;
let wallet: Address;
let thief: Address;

beforeAll(async () => {
  gateway = await startCarelessGateway();
  wallet = gateway.wallet;
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
    expect(await gateway.refusal(bytes(wire, parsed.value.messageBytes))).toBe('MESSAGE_IS_A_TRANSACTION');
  });

  it.each([0, 1, 2])('is not signed in an envelope of format %i', async (format) => {
    const wire = write({ feePayer: wallet, instructions: [drain()] });
    for (const body of [wire, wire.slice(65)]) {
      const reason = await gateway.refusal(offchainBytes({ format, signers: [keyOf(wallet)], body }));
      expect(['MALFORMED_MESSAGE', 'MESSAGE_IS_A_TRANSACTION']).toContain(reason);
    }
  });

  it('is signed as a base64 text, which is worth nothing to the chain', async () => {
    const wire = write({ feePayer: wallet, instructions: [drain()], lifetime: await freshBlockhash() });
    const parsed = parseTransaction(wire);
    if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
    for (const bytes of [wire, parsed.value.messageBytes]) {
      const signature = await gateway.signed(bytesOf(Buffer.from(bytes).toString('base64')));
      const { messageBytes } = parsed.value;
      expect(await verifySignature({ address: wallet, messageBytes, signature })).toBe(false);
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
    await gateway.ask(bytesOf('first a message'), 'shared-1');
    await expect(transfer('shared-1')).rejects.toMatchObject(reused);
    await transfer('shared-2');
    await expect(gateway.ask(bytesOf('then a message'), 'shared-2')).rejects.toMatchObject(reused);
  });

  it('does not take the bytes of the transaction of an earlier request for a message under the same key', async () => {
    const transaction = v0({ feePayer: wallet, instructions: [drain()] });
    const request = { wallet: 'treasury', transaction, setFreshBlockhash: true, idempotencyKey: 'shared-3' };
    await gateway.agent.unary(signTransaction, request);
    // The recorded answer of the key is not given for it either.
    expect(await gateway.refusal(transaction, 'shared-3')).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('twin: signs a text, and the signature is good for that text alone', async () => {
    const text = bytesOf('localhost wants you to sign in\nnonce 1');
    const signature = await gateway.signed(text);
    expect(await verifySignature({ address: wallet, messageBytes: text.slice(1), signature })).toBe(false);
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
    const { requestId, outcome } = await gateway.ask(bytesOf('between us'));
    if (outcome.case !== 'signed') throw new Error(`answered ${outcome.case}`);
    const nosy = await gateway.newAgent('nosy', ['treasury']);
    const unknown = { reason: 'REQUEST_NOT_FOUND' };
    await expect(nosy.unary(getTransaction, { requestId })).rejects.toMatchObject(unknown);
    await expect(nosy.unary(getTransaction, { signature: outcome.value.signature })).rejects.toMatchObject(unknown);
  });

  it('in an envelope that names others, or the wallet twice, is not signed', async () => {
    const others = offchainBytes({ signers: [keyOf(thief)], body: 'I own this' });
    expect(await gateway.refusal(others)).toBe('WALLET_NOT_A_SIGNER');
    const twice = offchainBytes({ signers: [keyOf(wallet), keyOf(wallet)], body: 'I own this' });
    expect(await gateway.refusal(twice)).toBe('MALFORMED_MESSAGE');
  });

  it('twin: in an envelope that names the wallet among others is signed whole', async () => {
    const bytes = offchainBytes({ signers: [keyOf(thief), keyOf(wallet)], body: 'we own this' });
    expect(await gateway.signed(bytes)).toHaveLength(64);
  });
});

function drain(): Instruction {
  return getTransferSolInstruction({ source: createNoopSigner(wallet), destination: thief, amount: 1_000_000_000n });
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
