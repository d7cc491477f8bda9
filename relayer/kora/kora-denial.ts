// Owns the meaning of what a Kora says when it does not sign. All of it is JSON-RPC code -32000; only the prose tells causes apart
// (kora-lib, error.rs and validator/transaction_validator.rs, 2.0).

/** Why it will not pay for this transaction. */
export type DenialCause =
  | 'PROGRAM_NOT_ALLOWED'
  | 'ACCOUNT_NOT_ALLOWED'
  | 'FEE_PAYER_MISUSED'
  | 'AMOUNT_TOO_HIGH'
  | 'TOO_MANY_SIGNATURES'
  | 'DURABLE_NONCE'
  | 'PAYMENT_MISSING'
  | 'USAGE_LIMIT'
  | 'SIMULATION_FAILED'
  /** Said in words that are not known here. */
  | 'OTHER';

export type KoraRefusal =
  | { readonly kind: 'denied'; readonly cause: DenialCause }
  /** It would perhaps have paid, and could not: another Kora, or the same one later, may. */
  | { readonly kind: 'incapable'; readonly why: string }
  /** It has not the key of the fee payer that was asked for. */
  | { readonly kind: 'other_payer' };

const INCAPABLE: readonly (readonly [RegExp, string])[] = [
  [/^Invalid transaction: Transaction simulation failed: Blockhash not found/, 'its node does not know the blockhash'],
  [
    /^Invalid transaction: Transaction simulation failed: (Insufficient funds for fee|Attempt to debit an account but found no)/,
    'its fee payer has not enough SOL',
  ],
  [/^RPC error:/, 'its own node failed it'],
  [/^(Internal|Signing|Serialization) error:/, 'it failed by its own fault'],
  [/^Fee estimation failed:/, 'it could not tell the fee'],
  [/^Rate limit exceeded/, 'it has too much to do'],
  [/^Invalid configuration for Kora/, 'its configuration is wrong'],
];

const DENIED: readonly (readonly [RegExp, DenialCause])[] = [
  [/^Invalid transaction: Program \w+ is (not in the allowed list|disallowed)/, 'PROGRAM_NOT_ALLOWED'],
  [/^Invalid transaction: (Account \w+ is disallowed|Mint \w+ is not a valid token mint)/, 'ACCOUNT_NOT_ALLOWED'],
  [/^Invalid transaction: Fee payer cannot be used for/, 'FEE_PAYER_MISUSED'],
  [/^Invalid transaction: (Total transfer amount|Fee) \d+ exceeds maximum allowed/, 'AMOUNT_TOO_HIGH'],
  [/^Invalid transaction: Too many signatures/, 'TOO_MANY_SIGNATURES'],
  [/^Invalid transaction: Durable transactions/, 'DURABLE_NONCE'],
  [/Insufficient token payment|^Insufficient funds|^Token \w+ is not supported for fee payment/, 'PAYMENT_MISSING'],
  [/^Usage limit exceeded/, 'USAGE_LIMIT'],
  [/^Invalid transaction: Transaction simulation failed/, 'SIMULATION_FAILED'],
];

/** `prose`: the message of the error, as it came. */
export function readRefusal(prose: string): KoraRefusal {
  if (/^Validation error: Signer with pubkey \w+ not found in pool/.test(prose)) return { kind: 'other_payer' };
  const incapable = INCAPABLE.find(([pattern]) => pattern.test(prose));
  if (incapable !== undefined) return { kind: 'incapable', why: incapable[1] };
  return { kind: 'denied', cause: DENIED.find(([pattern]) => pattern.test(prose))?.[1] ?? 'OTHER' };
}
