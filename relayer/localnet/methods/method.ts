// Owns the shape of a JSON-RPC method of the local chain.
import type { Chain } from '../chain.ts';
import type { Params } from '../params.ts';

/** Answers synchronously: LiteSVM runs in this process. Throws RpcError. A bigint is written as an integer literal. */
export type Method = (chain: Chain, params: Params) => unknown;

export type Methods = Readonly<Record<string, Method>>;

/** `{context, value}`, by default at the newest slot: the chain keeps one state, which serves every commitment. */
export function withContext(chain: Chain, value: unknown, slot = chain.clock.slot('processed')): unknown {
  return { context: { slot, apiVersion: API_VERSION }, value };
}

/** What the local chain says it is: the runtime release that LiteSVM 1.5 is built on speaks like this. */
export const API_VERSION = '4.0.0';
