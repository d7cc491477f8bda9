import { type Address, createNoopSigner } from '@solana/kit';
import { getCreateAssociatedTokenIdempotentInstruction } from '@solana-program/token';
import { afterEach, describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../gateway/core/base58.ts';
import { TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { tokenAccount } from '../../tour/transactions.ts';
import { type SponsoredGateway, startSponsoredGateway } from './sponsored-gateway.ts';

const { signAndSendTransaction, evaluateTransaction } = SigningService.method;
/** Of two signatures. */
const FEE = 10_000n;

let gateway: SponsoredGateway;

afterEach(() => gateway.stop());

it('costs no more than is set, rent included', {
  timeout: 20_000,
}, async () => {
  const cost = TOKEN_ACCOUNT_RENT + FEE;
  gateway = await startSponsoredGateway({
    careless: true,
    terms: () => ({ account_rent: 'associated_token_accounts', max_per_transaction: Number(cost) }),
  });
  const [first, second] = await Promise.all([opening(), opening()]);
  const { agent, sponsor } = gateway;
  const before = await gateway.lamports(sponsor);
  const ask = { wallet: 'treasury', setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
  const one = gateway.paid(first.instruction, gateway.sol(1n));
  expect((await agent.unary(signAndSendTransaction, { ...ask, transaction: one })).outcome.case).toBe('submitted');
  expect(before - (await gateway.lamports(sponsor))).toBe(cost);
  expect(await gateway.lamports(first.account)).toBe(TOKEN_ACCOUNT_RENT);
  const two = gateway.paid(first.instruction, second.instruction, gateway.sol(1n));
  expect((await gateway.sign(two)).codes).toEqual(['SPONSOR_COST_EXCEEDED']);
});

describe('a payment in tokens', () => {
  it('must come with the transaction, and how much is right is told', { timeout: 20_000 }, async () => {
    gateway = await startSponsoredGateway({
      terms: async ({ mint, recipient }) => ({
        payment: { mint, to: await tokenAccount(recipient, mint), price: { base_units: 3, lamports: '0.000001 SOL' } },
      }),
    });
    const missing = await gateway.sign(gateway.paid(gateway.sol(1n)));
    expect(missing.codes).toEqual(['SPONSOR_PAYMENT_MISSING']);
    expect(missing.remedy).toContain(`transfer at least 30 base units of ${gateway.mint}`);
    expect((await gateway.sign(gateway.paid(gateway.sol(1n), gateway.tokens(29n)))).codes).toEqual([
      'SPONSOR_PAYMENT_MISSING',
    ]);
    const transaction = gateway.paid(gateway.sol(1n), gateway.tokens(30n));
    const dry = await gateway.agent.unary(evaluateTransaction, {
      wallet: 'treasury',
      transaction,
      setFreshBlockhash: true,
    });
    expect(dry.budgets.map(({ amount }) => amount)).toContain(FEE.toString());
    const ask = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
    expect((await gateway.agent.unary(signAndSendTransaction, ask)).outcome.case).toBe('submitted');
  });
});

/** A token account that is not there, of somebody new. */
async function opening() {
  const owner = crypto.getRandomValues(new Uint8Array(32));
  const holder: Address = addressFromBytes(owner);
  const account = await tokenAccount(holder, gateway.mint);
  const payer = createNoopSigner(gateway.sponsor);
  return {
    account,
    instruction: getCreateAssociatedTokenIdempotentInstruction({
      payer,
      ata: account,
      owner: holder,
      mint: gateway.mint,
    }),
  };
}
