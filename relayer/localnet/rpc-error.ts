// Owns the JSON-RPC errors of the local chain, numbered as the cluster's RPC numbers them.

const RPC_ERROR_CODES = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  BLOCK_CLEANED_UP: -32001,
  PREFLIGHT_FAILURE: -32002,
  SIGNATURE_VERIFICATION_FAILURE: -32003,
  BLOCK_NOT_AVAILABLE: -32004,
  UNSUPPORTED_TRANSACTION_VERSION: -32015,
  MIN_CONTEXT_SLOT_NOT_REACHED: -32016,
} as const;

export type RpcErrorName = keyof typeof RPC_ERROR_CODES;

/** Thrown by a method; becomes the `error` member of the answer. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(name: RpcErrorName, message: string, data?: unknown) {
    super(message);
    this.name = 'RpcError';
    this.code = RPC_ERROR_CODES[name];
    this.data = data;
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError('INVALID_PARAMS', `Invalid params: ${message}`);
}
