// Owns what every signer backend must do; each backend's tests run this suite over a real one of its kind.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignContext, Signer, SignResult } from '../../signers/signer.ts';
import { verifySignature } from '../../signers/verify.ts';

export interface SignerUnderTest {
  readonly signer: Signer;
  /** What `backend` must say. */
  readonly backend: string;
  /** Base58 address of the key, known by another way than by asking the signer. */
  readonly address: string;
}

const FAR_AHEAD_MS = 60_000;

type Bounds = Pick<SignContext, 'deadline' | 'idempotencyKey' | 'signal'>;

function contextWith(changes: Partial<Bounds> = {}, kind: SignContext['kind'] = 'transaction'): SignContext {
  const bounds = {
    deadline: Date.now() + FAR_AHEAD_MS,
    idempotencyKey: randomBytes(16).toString('hex'),
    signal: new AbortController().signal,
    ...changes,
  };
  return kind === 'message' ? { ...bounds, kind } : { ...bounds, kind, wireTransaction: new Uint8Array() };
}

function signatureOf(result: SignResult): Uint8Array {
  if (result.kind !== 'signed') throw new Error(`expected a signature, got ${result.kind}: ${result.reason}`);
  return result.signature;
}

/** `open` is called once before the suite and once more for the test of `close`. */
export function describeSignerConformance(name: string, open: () => Promise<SignerUnderTest>): void {
  describe(`${name} as a signer`, () => {
    let subject: SignerUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.signer.close());

    const sign = (messageBytes: Uint8Array, changes?: Partial<Bounds>) =>
      subject.signer.sign(messageBytes, contextWith(changes));
    const holds = (messageBytes: Uint8Array, signature: Uint8Array) =>
      verifySignature({ address: subject.address, messageBytes, signature });

    it('says which key and which backend it is', () => {
      expect(subject.signer.address).toBe(subject.address);
      expect(subject.signer.backend).toBe(subject.backend);
    });

    it.each([1, 32, 200, 1232, 4096])('signs exactly the %i bytes that it is given', async (length) => {
      const message = randomBytes(length);
      expect(holds(message, signatureOf(await sign(message)))).toBe(true);
    });

    it('signs a message that is no transaction as it is, or refuses all such', async () => {
      const message = new TextEncoder().encode('Sign in to example.com');
      const result = await subject.signer.sign(message, contextWith({}, 'message'));
      expect(result.kind === 'refused' || holds(message, signatureOf(result))).toBe(true);
    });

    it('signs with a signature that holds for no other message', async () => {
      const message = randomBytes(100);
      const signature = signatureOf(await sign(message));
      const other = Buffer.from(message);
      other[50] = (other[50] ?? 0) ^ 1;
      expect(holds(other, signature)).toBe(false);
    });

    it('leaves the bytes that it signs as they are', async () => {
      const message = randomBytes(100);
      const before = Buffer.from(message);
      signatureOf(await sign(message));
      expect(message.equals(before)).toBe(true);
    });

    it('signs the same bytes again when a call is repeated', async () => {
      const message = randomBytes(100);
      const [first, second] = [
        await sign(message, { idempotencyKey: 'one' }),
        await sign(message, { idempotencyKey: 'one' }),
      ];
      expect(holds(message, signatureOf(first)) && holds(message, signatureOf(second))).toBe(true);
    });

    it('signs many messages at once without mixing them up', async () => {
      const messages = Array.from({ length: 32 }, () => randomBytes(64));
      const results = await Promise.all(messages.map((message) => sign(message)));
      expect(messages.every((message, n) => holds(message, signatureOf(results[n] ?? fail(n))))).toBe(true);
    });

    it('is unavailable, and does not sign, once the deadline has passed', async () => {
      expect((await sign(randomBytes(100), { deadline: Date.now() - 1 })).kind).toBe('unavailable');
      expect((await sign(randomBytes(100), { deadline: Number.NaN })).kind).toBe('unavailable');
    });

    it('is unavailable, and does not sign, when the call was aborted before', async () => {
      expect((await sign(randomBytes(100), { signal: AbortSignal.abort() })).kind).toBe('unavailable');
    });

    it('refuses an empty message', async () => {
      expect((await sign(new Uint8Array())).kind).toBe('refused');
    });

    it('is unavailable after it was closed, and can be closed twice', async () => {
      const { signer } = await open();
      await signer.close();
      await signer.close();
      expect((await signer.sign(randomBytes(100), contextWith())).kind).toBe('unavailable');
    });
  });
}

function fail(n: number): never {
  throw new Error(`message ${n} has no result`);
}
