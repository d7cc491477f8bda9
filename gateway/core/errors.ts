// Owns the catalogue of faults: numbered, append-only; what each means to a caller stands in one table.

export const ErrorCode = {
  MALFORMED_TRANSACTION: 1001,
  INVALID_FIELD: 1002,
  IDEMPOTENCY_KEY_REUSED: 1003,
  LOOKUP_TABLE_UNRESOLVED: 1004,
  SIGNATURE_INVALID: 1005,
  WALLET_NOT_A_SIGNER: 1006,
  SIGNATURES_MISSING: 1007,
  BLOCKHASH_NOT_REPLACEABLE: 1008,
  MALFORMED_MESSAGE: 1009,
  MESSAGE_IS_A_TRANSACTION: 1010,
  BUNDLE_REFUSED: 1011,
  COMPUTE_BUDGET_NOT_SETTABLE: 1012,
  CREDENTIALS_MISSING: 2001,
  CREDENTIALS_INVALID: 2002,
  WALLET_NOT_PERMITTED: 2003,
  ROLE_MISSING: 2004,
  VOTE_REFUSED: 2005,
  FROZEN: 2006,
  READ_ONLY: 2007,
  METHOD_NOT_PERMITTED: 2008,
  SESSION_KEY_TOO_WIDE: 2009,
  WALLET_CHANGE_REFUSED: 2010,
  PRINCIPAL_CHANGED: 2011,
  PRINCIPAL_CHANGE_REFUSED: 2012,
  REQUEST_NOT_FOUND: 3001,
  APPROVAL_NOT_FOUND: 3002,
  AUDIT_RECORD_NOT_FOUND: 3003,
  PRINCIPAL_NOT_FOUND: 3004,
  PRINCIPAL_EXISTS: 3005,
  API_KEY_NOT_FOUND: 3006,
  WALLET_NOT_FOUND: 3007,
  SERVICE_NOT_FOUND: 3008,
  REVISION_NOT_FOUND: 3009,
  APPROVER_KEY_NOT_FOUND: 3020,
  APPROVER_KEY_EXISTS: 3021,
  FREEZE_NOT_FOUND: 3010,
  WALLET_TEMPLATE_NOT_FOUND: 3011,
  WALLET_PROPOSAL_NOT_FOUND: 3012,
  AUDIT_RECORDS_PRUNED: 3030,
  STORE_UNAVAILABLE: 4001,
  CHAIN_UNAVAILABLE: 4002,
  POLICY_UNAVAILABLE: 4003,
  SIGNER_UNAVAILABLE: 4004,
  SIGNER_REFUSED: 4005,
  SIGNING_INTERRUPTED: 4006,
  DEADLINE_EXCEEDED: 4007,
  CANCELLED: 4008,
  SHUTTING_DOWN: 4009,
  OVERLOADED: 4010,
  SIGNING_UNKNOWN: 4011,
  FEE_PAYER_REFUSED: 4012,
  FEE_PAYER_UNAVAILABLE: 4013,
  KEY_REFUSED: 4014,
  KEY_UNAVAILABLE: 4015,
  KEY_NOT_USABLE: 4016,
  KEY_NOT_EXPORTED: 4017,
  RELAYER_UNAVAILABLE: 4018,
  RATE_LIMITED: 4030,
  INTERNAL: 5000,
} as const;

export type ErrorName = keyof typeof ErrorCode;

/** Whether the same call may be made again: `ambiguous` means look first (GetTransaction). */
export type Retry = 'never' | 'safe' | 'ambiguous';

export type StatusName =
  | 'INVALID_ARGUMENT'
  | 'ALREADY_EXISTS'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'INTERNAL';

export interface ErrorSpec {
  readonly status: StatusName;
  readonly retry: Retry;
}

export const ERROR_SPECS = {
  MALFORMED_TRANSACTION: { status: 'INVALID_ARGUMENT', retry: 'never' },
  INVALID_FIELD: { status: 'INVALID_ARGUMENT', retry: 'never' },
  IDEMPOTENCY_KEY_REUSED: { status: 'ALREADY_EXISTS', retry: 'never' },
  LOOKUP_TABLE_UNRESOLVED: { status: 'INVALID_ARGUMENT', retry: 'never' },
  SIGNATURE_INVALID: { status: 'INVALID_ARGUMENT', retry: 'never' },
  WALLET_NOT_A_SIGNER: { status: 'INVALID_ARGUMENT', retry: 'never' },
  SIGNATURES_MISSING: { status: 'INVALID_ARGUMENT', retry: 'never' },
  BLOCKHASH_NOT_REPLACEABLE: { status: 'INVALID_ARGUMENT', retry: 'never' },
  MALFORMED_MESSAGE: { status: 'INVALID_ARGUMENT', retry: 'never' },
  MESSAGE_IS_A_TRANSACTION: { status: 'INVALID_ARGUMENT', retry: 'never' },
  BUNDLE_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  COMPUTE_BUDGET_NOT_SETTABLE: { status: 'INVALID_ARGUMENT', retry: 'never' },
  CREDENTIALS_MISSING: { status: 'UNAUTHENTICATED', retry: 'never' },
  CREDENTIALS_INVALID: { status: 'UNAUTHENTICATED', retry: 'never' },
  WALLET_NOT_PERMITTED: { status: 'PERMISSION_DENIED', retry: 'never' },
  ROLE_MISSING: { status: 'PERMISSION_DENIED', retry: 'never' },
  VOTE_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  FROZEN: { status: 'FAILED_PRECONDITION', retry: 'never' },
  READ_ONLY: { status: 'FAILED_PRECONDITION', retry: 'safe' },
  METHOD_NOT_PERMITTED: { status: 'PERMISSION_DENIED', retry: 'never' },
  SESSION_KEY_TOO_WIDE: { status: 'PERMISSION_DENIED', retry: 'never' },
  WALLET_CHANGE_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  PRINCIPAL_CHANGED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  PRINCIPAL_CHANGE_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  REQUEST_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  APPROVAL_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  AUDIT_RECORD_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  PRINCIPAL_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  PRINCIPAL_EXISTS: { status: 'ALREADY_EXISTS', retry: 'never' },
  API_KEY_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  WALLET_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  SERVICE_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  REVISION_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  APPROVER_KEY_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  APPROVER_KEY_EXISTS: { status: 'ALREADY_EXISTS', retry: 'never' },
  FREEZE_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  WALLET_TEMPLATE_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  WALLET_PROPOSAL_NOT_FOUND: { status: 'NOT_FOUND', retry: 'never' },
  AUDIT_RECORDS_PRUNED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  STORE_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'ambiguous' },
  CHAIN_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  POLICY_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  SIGNER_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  SIGNER_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  SIGNING_INTERRUPTED: { status: 'UNAVAILABLE', retry: 'safe' },
  DEADLINE_EXCEEDED: { status: 'DEADLINE_EXCEEDED', retry: 'ambiguous' },
  CANCELLED: { status: 'CANCELLED', retry: 'ambiguous' },
  SHUTTING_DOWN: { status: 'UNAVAILABLE', retry: 'safe' },
  OVERLOADED: { status: 'RESOURCE_EXHAUSTED', retry: 'safe' },
  SIGNING_UNKNOWN: { status: 'UNAVAILABLE', retry: 'ambiguous' },
  FEE_PAYER_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  FEE_PAYER_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  KEY_REFUSED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  KEY_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  KEY_NOT_USABLE: { status: 'FAILED_PRECONDITION', retry: 'safe' },
  KEY_NOT_EXPORTED: { status: 'FAILED_PRECONDITION', retry: 'never' },
  RELAYER_UNAVAILABLE: { status: 'UNAVAILABLE', retry: 'safe' },
  RATE_LIMITED: { status: 'RESOURCE_EXHAUSTED', retry: 'safe' },
  INTERNAL: { status: 'INTERNAL', retry: 'ambiguous' },
} satisfies Record<ErrorName, ErrorSpec>;

/** A fault. Expected outcomes (a denial, a pending approval) are values and never this. */
export class GatewayError extends Error {
  readonly reason: ErrorName;
  /** Shown to the caller beside the message; never secrets. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Until it may go better; `null`: nobody knows. */
  readonly retryAfterMs: number | null;

  constructor(
    reason: ErrorName,
    message: string,
    options: {
      readonly metadata?: Record<string, string>;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.reason = reason;
    this.metadata = options.metadata ?? {};
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
