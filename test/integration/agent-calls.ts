// Owns the calls that the tests of the road make as the agent `trader`, and what they look at on chain.
import type { Address } from '@solana/kit';
import { SigningService, WaitFor } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { readBalances } from '../../scripts/dev/funds.ts';
import type { TestGateway } from './gateway-fixture.ts';

export function signAs({ agent }: TestGateway, transaction: Uint8Array) {
  const request = { wallet: 'treasury', transaction, setFreshBlockhash: true };
  return agent.unary(SigningService.method.signTransaction, request);
}

/** Waits until it is confirmed. */
export function sendAs({ agent }: TestGateway, transaction: Uint8Array) {
  const request = { wallet: 'treasury', transaction, setFreshBlockhash: true, waitFor: WaitFor.CONFIRMED };
  return agent.unary(SigningService.method.signAndSendTransaction, request);
}

/** Lamports, and base units of the test token. */
export function balancesOf({ environment }: TestGateway, owner: Address) {
  return readBalances(environment.localnet.rpcUrl, owner, environment.token.address);
}
