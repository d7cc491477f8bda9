// Owns a gateway whose policy allows whatever it is asked: what it refuses to sign as a message, no policy can allow.
import type { Address } from '@solana/kit';
import type { Connection } from '../../gateway/cli/connection.ts';
import { GatewayFault } from '../../gateway/cli/gateway-fault.ts';
import { decodeBase58 } from '../../gateway/core/base58.ts';
import { SigningService, type SignMessageResponse } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { verifySignature } from '../../signers/verify.ts';
import { startTestGateway, type TestGateway } from '../integration/gateway-fixture.ts';

export interface CarelessGateway extends TestGateway {
  readonly wallet: Address;
  /** Inputs that the policy was asked about, in order. */
  readonly judged: Uint8Array[];
  ask(message: Uint8Array, idempotencyKey?: string, agent?: Connection): Promise<SignMessageResponse>;
  /** The signature; throws when there is none, or when it does not hold over the message. */
  signed(message: Uint8Array): Promise<Uint8Array>;
  /** Name of the fault that the message meets before the policy is asked; throws when it meets none. */
  refusal(message: Uint8Array, idempotencyKey?: string): Promise<string>;
}

export async function startCarelessGateway(): Promise<CarelessGateway> {
  const judged: Uint8Array[] = [];
  const gateway = await startTestGateway({
    intercept: (backends) => ({
      ...backends,
      policy: {
        current: () => ({
          ...backends.policy.current(),
          evaluate: (input) => {
            judged.push(input);
            return { kind: 'allow', reasons: [] };
          },
        }),
      },
    }),
  });
  const wallet = gateway.environment.wallet.address;
  const ask: CarelessGateway['ask'] = (message, idempotencyKey = '', agent = gateway.agent) =>
    agent.unary(SigningService.method.signMessage, { wallet: 'treasury', message, idempotencyKey });
  return {
    ...gateway,
    wallet,
    judged,
    ask,
    signed: async (message) => {
      const { outcome } = await ask(message);
      const signature = outcome.case === 'signed' ? decodeBase58(outcome.value.signature) : null;
      if (signature !== null && (await verifySignature({ address: wallet, messageBytes: message, signature })))
        return signature;
      throw new Error(`answered ${outcome.case}, without a signature that holds`);
    },
    refusal: async (message, idempotencyKey = '') => {
      const before = judged.length;
      const fault = await ask(message, idempotencyKey).catch((error: unknown) => error);
      if (judged.length !== before) throw new Error('the policy was asked');
      if (fault instanceof GatewayFault) return fault.reason ?? fault.status;
      throw new Error(`answered ${JSON.stringify(fault)}`);
    },
  };
}

export function keyOf(address: Address): Uint8Array {
  return decodeBase58(address) ?? new Uint8Array();
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
