// Owns handing a signed transaction to one RPC node, byte for byte, and reading what the node says of it.
import { encodeBase58 } from '../base58.ts';
import { isRecord, stringifyExactJson } from '../json-exact.ts';
import type { Relayer, RelayerCheck, SubmitResult } from '../relayer.ts';
import { createRpcClient, type RpcAnswer, type RpcClient } from './json-rpc-client.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
/** The answer is a signature, or an error with the logs of a simulation. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Error codes of the cluster's RPC (rpc-client-api, custom_error.rs). */
const PREFLIGHT_FAILURE = -32002;
/** Answered before anything is broadcast: bytes that do not parse, wrong signatures. */
const MALFORMED_CODES: ReadonlySet<number> = new Set([-32602, -32003, -32013]);

export interface RpcRelayerOptions {
  readonly name: string;
  /** http(s) URL. It may hold an API key: results name its host only. */
  readonly url: string;
  /** Default false: the node simulates first and refuses what would fail. */
  readonly skipPreflight?: boolean;
  /** For one call, connection included. Default 10,000. */
  readonly timeoutMs?: number;
}

/** A relayer over one RPC endpoint. The node is told not to retry: whoever sends does. @throws Error when the URL is none. */
export function createRpcRelayer(options: RpcRelayerOptions): Relayer {
  const { name, url, skipPreflight = false, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const client = createRpcClient({ url, timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES });
  // Blockhashes are taken at `confirmed`; a preflight at the default, finalized, would not know them yet.
  const config = { encoding: 'base64', skipPreflight, preflightCommitment: 'confirmed', maxRetries: 0 };
  return {
    name,
    backend: 'rpc',
    submit: async (signedTransaction, signal) => {
      const text = Buffer.from(signedTransaction).toString('base64');
      const answer = await client.call('sendTransaction', [text, config], signal);
      return interpret(client, answer, firstSignature(signedTransaction));
    },
    check: async (signal) => checkOf(client, await client.call('getHealth', [], signal)),
    close: async () => client.close(),
  };
}

function checkOf({ endpoint: { host, clean } }: RpcClient, answer: RpcAnswer): RelayerCheck {
  switch (answer.kind) {
    case 'lost':
      return { kind: 'failed', field: 'url', reason: `RPC ${host}: ${answer.reason}` };
    case 'error':
      return { kind: 'failed', field: null, reason: `RPC ${host}: error ${answer.code}: ${clean(answer.message)}` };
    case 'result':
      if (answer.result === 'ok') return { kind: 'ready', detail: `${host} is healthy` };
      return { kind: 'failed', field: 'url', reason: `RPC ${host}: it is no node of a cluster` };
  }
}

function interpret(client: RpcClient, answer: RpcAnswer, signature: string | null): SubmitResult {
  const about = `RPC ${client.endpoint.host}`;
  switch (answer.kind) {
    case 'lost':
      return { kind: 'unknown', reason: `${about}: ${answer.reason}` };
    case 'result':
      if (answer.result === signature) return { kind: 'accepted' };
      return { kind: 'unknown', reason: `${about}: the node answered another signature than the transaction's own` };
    case 'error':
      return interpretError(client, answer);
  }
}

function interpretError(client: RpcClient, error: Extract<RpcAnswer, { readonly kind: 'error' }>): SubmitResult {
  const { host, clean } = client.endpoint;
  const reason = `RPC ${host}: error ${error.code}: ${clean(error.message)}`;
  if (MALFORMED_CODES.has(error.code)) return { kind: 'rejected', code: 'OTHER', reason };
  const cause = isRecord(error.data) ? error.data.err : undefined;
  if (error.code !== PREFLIGHT_FAILURE || cause === undefined || cause === null) return { kind: 'unknown', reason };
  if (cause === 'BlockhashNotFound') return { kind: 'rejected', code: 'BLOCKHASH_NOT_FOUND', reason };
  if (cause === 'AlreadyProcessed') return { kind: 'rejected', code: 'ALREADY_PROCESSED', reason };
  return { kind: 'rejected', code: 'OTHER', reason: `RPC ${host}: preflight: ${clean(stringifyExactJson(cause))}` };
}

/** Base58 of the first signature: behind the count, or in version 1 (first byte 0x81) behind the message. */
function firstSignature(wire: Uint8Array): string | null {
  const start = wire[0] === 0x81 ? wire.length - 64 * (wire[1] ?? 0) : 1;
  const bytes = wire.subarray(start, start + 64);
  return start > 0 && bytes.length === 64 ? encodeBase58(bytes) : null;
}
