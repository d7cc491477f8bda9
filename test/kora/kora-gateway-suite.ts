// Owns what a gateway must do with a Kora, whichever: the fake one (test/integration/kora.test.ts) and the real one (make test-kora).
import { createNoopSigner } from '@solana/kit';
import { getSetComputeUnitLimitInstruction, getSetComputeUnitPriceInstruction } from '@solana-program/compute-budget';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { type KoraGateway, type StartedKora, startKoraGateway } from './kora-gateway.ts';
import { FEE_PAYER } from './scene.ts';

const BACK_WITHIN = { timeout: 10_000, interval: 100 };

export function describeKoraGateway(name: string, startKora: (rpcUrl: string) => Promise<StartedKora>): void {
  let scene: KoraGateway;

  beforeAll(async () => {
    scene = await startKoraGateway(startKora);
    await vi.waitFor(async () => expect(await scene.feePayer()).toBe(FEE_PAYER), BACK_WITHIN);
  });

  afterAll(() => scene?.stop());

  describe(`a gateway with ${name}`, () => {
    it('lands a transfer of a wallet that has not one lamport', async () => {
      const before = await scene.balances();
      expect(before.wallet.lamports).toBe(0n);
      expect(await scene.pay(1_000_000n)).toBe('submitted');
      const after = await scene.balances();
      expect(after).toEqual({
        wallet: { lamports: 0n, tokens: before.wallet.tokens - 1_000_000n },
        recipient: { ...before.recipient, tokens: before.recipient.tokens + 1_000_000n },
        feePayer: { ...before.feePayer, lamports: before.feePayer.lamports - 10_000n },
      });
    });

    it('records who paid', async () => {
      await scene.pay(1n);
      expect(await scene.lastFacts('request.signed')).toMatchObject({
        fee_payer: 'kora',
        fee_payer_backend: 'kora',
        fee_payer_address: FEE_PAYER,
      });
    });

    it('says why the Kora does not pay, and signs nothing', async () => {
      const before = await scene.balances();
      const limit = getSetComputeUnitLimitInstruction({ units: 100_000 });
      const price = getSetComputeUnitPriceInstruction({ microLamports: 1_000_000n });
      await expect(scene.pay(1n, limit, price)).rejects.toMatchObject({
        reason: 'FEE_PAYER_REFUSED',
        message: expect.stringMatching(
          /the fee payer kora refused: AMOUNT_TOO_HIGH: Kora .*Fee 110000 exceeds maximum allowed 100000; nothing was signed/,
        ),
      });
      expect(await scene.balances()).toEqual(before);
    });

    it('judges by the policy before it asks the Kora', async () => {
      const theft = getTransferSolInstruction({
        source: createNoopSigner(scene.wallet),
        destination: scene.gateway.environment.wallet.address,
        amount: 1n,
      });
      expect(await scene.pay(1n, theft)).toBe('denied');
    });

    it('is without a fee payer while the Kora is dead, and has it back afterwards', async () => {
      await scene.kora.fall();
      const before = await scene.balances();
      await expect(scene.pay(2n)).rejects.toMatchObject({ reason: 'FEE_PAYER_UNAVAILABLE', status: 'UNAVAILABLE' });
      await expect(scene.pay(2n)).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
      expect(await scene.balances()).toEqual(before);
      await scene.kora.rise();
      await vi.waitFor(async () => expect(await scene.pay(2n)).toBe('submitted'), BACK_WITHIN);
    });

    it('checks it: it is ready, and says what it pays for', async () => {
      const ask = { relayer: 'kora' };
      const { checks } = await scene.gateway.operator.unary(OperationsService.method.checkRelayers, ask);
      const detail = expect.stringMatching(new RegExp(`pays as ${FEE_PAYER}, price free, at most 100000 lamports`));
      expect(checks).toMatchObject([
        { name: 'kora', type: 'kora', address: FEE_PAYER, ready: true, detail, wallets: ['thrifty'] },
      ]);
    });
  });
}
