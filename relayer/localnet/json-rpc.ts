// Owns the JSON-RPC 2.0 envelope of the local chain: parse, dispatch, answer.
import { isRecord, parseExactJson, stringifyExactJson } from '../json-exact.ts';
import type { Chain } from './chain.ts';
import { accountMethods } from './methods/accounts.ts';
import { addressHistoryMethods } from './methods/address-history.ts';
import { blockhashMethods } from './methods/blockhashes.ts';
import { clusterMethods } from './methods/cluster.ts';
import { feeMarketMethods } from './methods/fee-market.ts';
import { historyMethods } from './methods/history.ts';
import type { Methods } from './methods/method.ts';
import { transactionMethods } from './methods/transactions.ts';
import { RpcError } from './rpc-error.ts';

export const CHAIN_METHODS: Methods = {
  ...clusterMethods,
  ...accountMethods,
  ...blockhashMethods,
  ...feeMarketMethods,
  ...transactionMethods,
  ...historyMethods,
  ...addressHistoryMethods,
};

const MAX_BATCH = 100;

/** The parsed body; undefined when it is not JSON. */
export function parseBody(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

/** Names of the methods that a body calls; what is malformed names none. */
export function methodsOf(body: unknown): readonly string[] {
  const calls: readonly unknown[] = Array.isArray(body) ? body : [body];
  return calls.flatMap((call) => (isRecord(call) && typeof call.method === 'string' ? [call.method] : []));
}

/** Answers a parsed body, a single call or a batch, as JSON text. Notifications are answered like calls with id null. */
export function answer(chain: Chain, methods: Methods, body: unknown): string {
  if (body === undefined) return errorText(null, new RpcError('PARSE_ERROR', 'Parse error'));
  if (!Array.isArray(body)) return answerCall(chain, methods, body);
  if (body.length === 0 || body.length > MAX_BATCH) {
    return errorText(null, new RpcError('INVALID_REQUEST', `a batch must hold 1 to ${MAX_BATCH} calls`));
  }
  return `[${body.map((call) => answerCall(chain, methods, call)).join(',')}]`;
}

function answerCall(chain: Chain, methods: Methods, call: unknown): string {
  const id = isRecord(call) ? idOf(call.id) : null;
  try {
    if (!isRecord(call) || call.jsonrpc !== '2.0' || typeof call.method !== 'string') {
      throw new RpcError('INVALID_REQUEST', 'Invalid request');
    }
    const params = call.params ?? [];
    if (!Array.isArray(params)) throw new RpcError('INVALID_PARAMS', 'Invalid params: params must be an array');
    if (!Object.hasOwn(methods, call.method)) throw new RpcError('METHOD_NOT_FOUND', 'Method not found');
    chain.advance();
    return stringifyExactJson({ jsonrpc: '2.0', id, result: methods[call.method]?.(chain, params) });
  } catch (error) {
    return errorText(id, error);
  }
}

/** JSON text of an error answer; what is no RpcError is a fault of the local chain and said to be one. */
export function errorText(id: unknown, error: unknown): string {
  const known =
    error instanceof RpcError
      ? error
      : new RpcError('INTERNAL_ERROR', `Internal error: ${error instanceof Error ? error.message : 'unknown'}`);
  const data = known.data === undefined ? {} : { data: known.data };
  return stringifyExactJson({ jsonrpc: '2.0', id, error: { code: known.code, message: known.message, ...data } });
}

function idOf(id: unknown): unknown {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? id : null;
}
