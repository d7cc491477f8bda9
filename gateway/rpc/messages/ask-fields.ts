// Owns the fields that every signing call has, of a transaction or of a message: wallet, idempotency key, context.
import { refuseField, shown, textField } from '../fields.ts';

const MAX_CONTEXT_ENTRIES = 16;
const MAX_CONTEXT_VALUE_BYTES = 256;

// Names that every language and every store can hold, and that cannot pass for something else on an approver's screen.
const CONTEXT_KEY = /^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}$/;
const WALLET = /^[\x21-\x7e]{1,64}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

export function walletField(value: string): string {
  if (!WALLET.test(value))
    refuseField('wallet', 'the id or base58 address of a wallet, 1 to 64 characters', shown(value));
  return value;
}

/** `null`: none given. */
export function idempotencyKeyField(value: string): string | null {
  if (value === '') return null;
  if (!IDEMPOTENCY_KEY.test(value)) {
    refuseField(
      'idempotency_key',
      'at most 128 visible ASCII characters',
      `${value.length} characters, ${shown(value)}`,
    );
  }
  return value;
}

export function contextField(context: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(context);
  if (entries.length > MAX_CONTEXT_ENTRIES) {
    refuseField('context', `at most ${MAX_CONTEXT_ENTRIES} entries`, `${entries.length}`);
  }
  for (const [key, value] of entries) {
    if (!CONTEXT_KEY.test(key)) {
      refuseField('context', 'keyed by 1 to 64 letters, digits and _ . : / -, the first a letter or digit', shown(key));
    }
    textField(`context[${key}]`, value, MAX_CONTEXT_VALUE_BYTES);
  }
  return Object.fromEntries(entries);
}
