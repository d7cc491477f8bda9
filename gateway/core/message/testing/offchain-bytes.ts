// Owns writing off-chain messages by hand for tests: any field may be wrong.
import { SIGNING_DOMAIN } from '../offchain-message.ts';

export interface OffchainPlan {
  readonly version?: number;
  readonly domain?: Uint8Array;
  readonly format?: number;
  readonly signers: readonly Uint8Array[];
  /** As many as there are when not given. */
  readonly signerCount?: number;
  readonly body: Uint8Array | string;
  /** That of the body when not given. */
  readonly length?: number;
}

export function offchainBytes(plan: OffchainPlan): Uint8Array {
  const { version = 0, domain = new Uint8Array(32).fill(5), format = 0, signers, signerCount = signers.length } = plan;
  const body = typeof plan.body === 'string' ? new TextEncoder().encode(plan.body) : plan.body;
  const { length = body.length } = plan;
  const preamble = [...SIGNING_DOMAIN, version, ...domain, format, signerCount, ...signers.flatMap((key) => [...key])];
  return Uint8Array.of(...preamble, length & 0xff, length >> 8, ...body);
}
