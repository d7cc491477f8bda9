// Owns the proof that a key of a remote service serves as it is configured: a whole gateway, the service, and an agent that asks by gRPC.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../../gateway/core/base58.ts';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { verifySignature } from '../../signers/verify.ts';
import { solTransfer } from '../../tour/transactions.ts';
import type { RemoteService } from '../conformance/remote-signer.ts';
import { sendAs, signAs } from './agent-calls.ts';
import { startTestGateway, type TestGateway } from './gateway-fixture.ts';

export interface KeyAtService {
  readonly service: RemoteService;
  readonly address: string;
  /** The entry of the configuration, without name and address. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** What is in the file that the entry names. */
  readonly secret: string;
  /** The secret is another one from now on. */
  readonly rotate: () => string | Promise<string>;
}

export function describeKeyAtService(backend: string, start: (secretFile: string) => Promise<KeyAtService>): void {
  describe(`a gateway whose key is at ${backend}`, () => {
    let folder: string;
    let subject: KeyAtService;
    let gateway: TestGateway;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'countersign-remote-'));
      const secretFile = join(folder, 'secret');
      subject = await start(secretFile);
      await write(secretFile, subject.secret);
      const { address, entry } = subject;
      gateway = await startTestGateway({ config: { signers: [{ name: 'treasury-key', address, ...entry }] } });
    });
    afterAll(async () => {
      await gateway.stop();
      await subject.service.close();
      await rm(folder, { recursive: true, force: true });
    });

    let amount = 1_000n;
    const transfer = () => {
      const { wallet, recipient } = gateway.environment;
      amount += 1n;
      return solTransfer(wallet.address, recipient, amount);
    };
    const check = async () => {
      const { checks } = await gateway.operator.unary(OperationsService.method.checkSigners, {});
      return checks[0];
    };

    it('answers an allowed transaction with its signature, and the chain takes it', async () => {
      const answer = await signAs(gateway, transfer());
      if (answer.outcome.case !== 'signed') throw new Error(`answered ${answer.outcome.case}`);
      const parsed = parseTransaction(answer.outcome.value.transaction);
      if (parsed.kind === 'malformed') throw new Error(parsed.error.code);
      const { messageBytes, signatures } = parsed.value;
      const signature = signatures[0] ?? new Uint8Array();
      expect(await verifySignature({ address: subject.address, messageBytes, signature })).toBe(true);
      expect(answer.outcome.value.signature).toBe(encodeBase58(signature));
      expect((await sendAs(gateway, transfer())).outcome.case).toBe('submitted');
    });

    it('tells the agent that the service refused', async () => {
      await subject.service.misbehave('refuses', 1);
      await expect(signAs(gateway, transfer())).rejects.toThrow(/refused/);
      expect((await signAs(gateway, transfer())).outcome.case).toBe('signed');
    });

    it('gives out nothing that the service signed wrong', async () => {
      await subject.service.misbehave('other_message', 5);
      await expect(signAs(gateway, transfer())).rejects.toThrow(/does not verify/);
      await subject.service.misbehave(null);
    });

    it('asks again where an answer was lost, and says so where all are', async () => {
      const { service } = subject;
      const made = service.signCalls();
      await service.misbehave('signs_and_is_lost', 1);
      expect((await signAs(gateway, transfer())).outcome.case).toBe('signed');
      await service.misbehave('signs_and_is_lost');
      await expect(signAs(gateway, transfer())).rejects.toMatchObject({ reason: 'SIGNING_UNKNOWN' });
      expect(service.signCalls() - made).toBe(4);
      await service.misbehave(null);
    });

    it('checks the key without a signature, and follows a secret that is rotated in its file', async () => {
      const made = subject.service.signatures();
      expect(await check()).toMatchObject({ name: 'treasury-key', type: backend, ready: true });
      const secret = await subject.rotate();
      expect(await check()).toMatchObject({ ready: false, field: expect.stringMatching(/_file$/) });
      expect(subject.service.signatures()).toBe(made);
      await write(join(folder, 'secret'), secret);
      expect(await check()).toMatchObject({ ready: true });
      expect((await signAs(gateway, transfer())).outcome.case).toBe('signed');
    });
  });
}

/** As a secret store does: another file, put in place at once. */
async function write(path: string, secret: string): Promise<void> {
  await writeFile(`${path}.new`, `${secret}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
