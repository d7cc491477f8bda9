// Owns what every signer backend must do; each backend's tests run this suite over a real one of its kind.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignContext, Signer, SignResult } from '../../signers/signer.ts';
import { verifySignature } from '../../signers/verify.ts';
import { type AskedBytes, askedBytes } from './asked-bytes.ts';

export interface SignerUnderTest {
  readonly signer: Signer;
  /** What `backend` must say. */
  readonly backend: string;
  /** Base58 address of the key, known by another way than by asking the signer. */
  readonly address: string;
  /** It signs only what is the message of the whole transaction that it is given with it. Absent: any bytes. */
  readonly wantsTransactions?: boolean;
  /** What the signer calls; closed after it. */
  readonly service?: { close(): Promise<void> };
}

const FAR_AHEAD_MS = 60_000;

type Bounds = Pick<SignContext, 'deadline' | 'idempotencyKey' | 'signal'>;

function boundsWith(changes: Partial<Bounds>): Bounds {
  return {
    deadline: Date.now() + FAR_AHEAD_MS,
    idempotencyKey: randomBytes(16).toString('hex'),
    signal: new AbortController().signal,
    ...changes,
  };
}

async function closeAll({ signer, service }: SignerUnderTest): Promise<void> {
  await signer.close();
  await service?.close();
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
    afterAll(() => closeAll(subject));

    const bytesOf = (length: number): AskedBytes =>
      askedBytes({ address: subject.address, wantsTransactions: subject.wantsTransactions ?? false }, length);
    const sign = ({ messageBytes, wireTransaction }: AskedBytes, changes: Partial<Bounds> = {}, { signer } = subject) =>
      signer.sign(messageBytes, { ...boundsWith(changes), kind: 'transaction', wireTransaction });
    const holds = (messageBytes: Uint8Array, signature: Uint8Array) =>
      verifySignature({ address: subject.address, messageBytes, signature });

    it('says which key and which backend it is', () => {
      expect(subject.signer.address).toBe(subject.address);
      expect(subject.signer.backend).toBe(subject.backend);
    });

    it.each([1, 32, 200, 1232, 4096])('signs exactly the %i bytes that it is given', async (length) => {
      const asked = bytesOf(length);
      expect(await holds(asked.messageBytes, signatureOf(await sign(asked)))).toBe(true);
    });

    it('signs a message that is no transaction as it is, or refuses all such', async () => {
      const message = new TextEncoder().encode('Sign in to example.com');
      const result = await subject.signer.sign(message, { ...boundsWith({}), kind: 'message' });
      expect(result.kind === 'refused' || (await holds(message, signatureOf(result)))).toBe(true);
    });

    it('signs with a signature that holds for no other message', async () => {
      const asked = bytesOf(100);
      const signature = signatureOf(await sign(asked));
      const other = Buffer.from(asked.messageBytes);
      other[50] = (other[50] ?? 0) ^ 1;
      expect(await holds(other, signature)).toBe(false);
    });

    it('leaves the bytes that it signs as they are', async () => {
      const asked = bytesOf(100);
      const [message, transaction] = [Buffer.from(asked.messageBytes), Buffer.from(asked.wireTransaction)];
      signatureOf(await sign(asked));
      expect(message.equals(asked.messageBytes)).toBe(true);
      expect(transaction.equals(asked.wireTransaction)).toBe(true);
    });

    it('signs the same bytes again when a call is repeated', async () => {
      const asked = bytesOf(100);
      const { messageBytes } = asked;
      const [first, second] = [
        await sign(asked, { idempotencyKey: 'one' }),
        await sign(asked, { idempotencyKey: 'one' }),
      ];
      expect(await holds(messageBytes, signatureOf(first))).toBe(true);
      expect(await holds(messageBytes, signatureOf(second))).toBe(true);
    });

    it('signs many messages at once without mixing them up', async () => {
      const asked = Array.from({ length: 32 }, () => bytesOf(64));
      const results = await Promise.all(asked.map((bytes) => sign(bytes)));
      for (const [n, { messageBytes }] of asked.entries()) {
        expect(await holds(messageBytes, signatureOf(results[n] ?? fail(n)))).toBe(true);
      }
    });

    it('is unavailable, and does not sign, once the deadline has passed', async () => {
      expect((await sign(bytesOf(100), { deadline: Date.now() - 1 })).kind).toBe('unavailable');
      expect((await sign(bytesOf(100), { deadline: Number.NaN })).kind).toBe('unavailable');
    });

    it('is unavailable, and does not sign, when the call was aborted before', async () => {
      expect((await sign(bytesOf(100), { signal: AbortSignal.abort() })).kind).toBe('unavailable');
    });

    it('refuses an empty message', async () => {
      expect((await sign({ messageBytes: new Uint8Array(), wireTransaction: new Uint8Array() })).kind).toBe('refused');
    });

    it('is unavailable after it was closed, and can be closed twice', async () => {
      const closed = await open();
      await closed.signer.close();
      await closeAll(closed);
      expect((await sign(bytesOf(100), {}, closed)).kind).toBe('unavailable');
    });
  });
}

function fail(n: number): never {
  throw new Error(`message ${n} has no result`);
}
