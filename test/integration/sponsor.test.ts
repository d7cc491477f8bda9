import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTransaction } from '../../gateway/core/transaction/parse.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { AuditService } from '../../proto/gen/countersign/v1/audit_pb.ts';
import { OperationsService } from '../../proto/gen/countersign/v1/operations_pb.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { rawCall } from '../../relayer/localnet/testing/raw-rpc.ts';
import { verifySignature } from '../../signers/verify.ts';
import { solTransfer } from '../../tour/transactions.ts';
import { SPONSOR, type SponsoredGateway, startSponsoredGateway } from './sponsored-gateway.ts';

const { listWallets, signAndSendTransaction } = SigningService.method;
const FEE = 10_000n;

let gateway: SponsoredGateway;

beforeAll(async () => {
  gateway = await startSponsoredGateway({ terms: () => ({ alert_below: '11 SOL' }) });
});

afterAll(() => gateway.stop());

it('is told to agents as the fee payer of their wallet', async () => {
  const { wallets } = await gateway.agent.unary(listWallets, {});
  expect(wallets).toMatchObject([{ wallet: 'treasury', address: gateway.wallet, feePayer: gateway.sponsor }]);
});

describe('a transaction that names the sponsor as its fee payer', () => {
  it('is paid for and lands: the wallet pays what it sends, and no fee', async () => {
    const { wallet, sponsor } = gateway;
    const before = await Promise.all([wallet, sponsor].map(gateway.lamports));
    const transaction = gateway.paid(gateway.sol(5n));
    const ask = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
    const { outcome } = await gateway.agent.unary(signAndSendTransaction, ask);
    expect(outcome.case).toBe('submitted');
    const after = await Promise.all([wallet, sponsor].map(gateway.lamports));
    expect(after.map((lamports, n) => (before[n] ?? 0n) - lamports)).toEqual([5n, FEE]);
  });

  it('is signed by both where its agent sends it, and the record names who pays', async () => {
    const { outcome, transaction } = await gateway.sign(gateway.paid(gateway.sol(6n)));
    expect(outcome).toBe('signed');
    const parsed = parseTransaction(transaction);
    if (parsed.kind === 'malformed') throw new Error('malformed');
    const { messageBytes, signatures, staticAccounts } = parsed.value;
    expect(staticAccounts.slice(0, 2)).toEqual([gateway.sponsor, gateway.wallet]);
    for (const [n, signature] of signatures.entries()) {
      const address = staticAccounts[n] ?? '';
      expect(await verifySignature({ address, messageBytes, signature: signature ?? new Uint8Array() }), address).toBe(
        true,
      );
    }
    const facts = await lastSigned();
    expect(facts).toMatchObject({
      fee_payer: SPONSOR,
      fee_payer_backend: 'sponsor',
      fee_payer_address: gateway.sponsor,
    });
    expect(facts.fee_payer_signature).toMatch(/^[1-9A-HJ-NP-Za-km-z]{80,90}$/);
  });

  it('is still judged by the policy', async () => {
    expect((await gateway.sign(gateway.paid(gateway.sol(3_000_000_000n)))).codes).not.toEqual([]);
  });
});

it('is watched: its balance is told, and that it is low', async () => {
  const { findings } = await gateway.operator.unary(OperationsService.method.getStatus, {});
  expect(findings.find(({ code }) => code === 'SPONSOR_LOW')).toMatchObject({
    subjects: [SPONSOR],
    remedy: expect.stringContaining(gateway.sponsor),
  });
  const { checks } = await gateway.operator.unary(OperationsService.method.checkRelayers, { relayer: SPONSOR });
  expect(checks).toMatchObject([{ name: SPONSOR, type: 'sponsor', address: gateway.sponsor, ready: true }]);
  expect(checks.map((check) => check.detail).join()).toContain(`pays as ${gateway.sponsor}`);
  const metrics = await (await fetch(`http://${gateway.environment.gateway.http}/metrics`)).text();
  expect(metrics).toMatch(/^countersign_sponsor_alert_below_lamports\{sponsor="gas-station"\} 11000000000$/m);
});

it('asks nobody to pay where the wallet pays itself', async () => {
  const before = await gateway.lamports(gateway.sponsor);
  const { outcome } = await gateway.sign(solTransfer(gateway.wallet, gateway.recipient, 7n));
  expect(outcome).toBe('signed');
  expect(await lastSigned()).not.toHaveProperty('fee_payer');
  expect(await gateway.lamports(gateway.sponsor)).toBe(before);
});

it('lets a wallet without any SOL pay in tokens', async () => {
  const nothing = { owner: SYSTEM_PROGRAM, lamports: 0n, data: '' };
  await rawCall(gateway.environment.localnet.rpcUrl, 'localnet_setAccount', [gateway.wallet, nothing]);
  expect(await gateway.lamports(gateway.wallet)).toBe(0n);
  const transaction = gateway.paid(gateway.tokens(3n));
  const ask = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
  const { outcome } = await gateway.agent.unary(signAndSendTransaction, ask);
  expect(outcome.case).toBe('submitted');
});

async function lastSigned(): Promise<{ readonly [fact: string]: unknown }> {
  const head = await gateway.environment.gateway.backends.state.audit.head();
  for (let sequence = head?.sequence ?? 0n; sequence > 0n; sequence--) {
    const { record } = await gateway.operator.unary(AuditService.method.getAuditRecord, { sequence });
    const body = JSON.parse(Buffer.from(record?.body ?? []).toString());
    if (body.kind === 'request.signed') return body.facts;
  }
  throw new Error('nothing was signed');
}
