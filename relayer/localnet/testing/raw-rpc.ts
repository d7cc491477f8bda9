// Owns raw JSON-RPC calls for tests: what kit would not send, and answers as they came.
import { isRecord, parseExactJson, stringifyExactJson } from '../../json-exact.ts';

export interface RawAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly data?: unknown };
}

export async function rawCall(rpcUrl: string, method: string, params: readonly unknown[]): Promise<RawAnswer> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: stringifyExactJson({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = parseExactJson(await response.text());
  if (!isRecord(answer)) throw new Error('the answer is no JSON object');
  const { result, error } = answer;
  if (error === undefined) return { result };
  return isRecord(error) ? { error } : {};
}

export function sendRaw(rpcUrl: string, wire: Uint8Array, config: Readonly<Record<string, unknown>> = {}) {
  const text = Buffer.from(wire).toString('base64');
  return rawCall(rpcUrl, 'sendTransaction', [text, { encoding: 'base64', ...config }]);
}

/** `err` of a preflight failure. */
export function preflightError(answer: RawAnswer): unknown {
  return isRecord(answer.error?.data) ? answer.error.data.err : undefined;
}
