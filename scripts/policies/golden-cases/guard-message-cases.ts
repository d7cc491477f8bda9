// Owns the golden cases of messages: texts, prefixes and patterns, what they must not let through, envelopes, time.
import { getAddressEncoder } from '@solana/kit';
import { offchainBytes } from '../../../gateway/core/message/testing/offchain-bytes.ts';
import { AT_WORK, DESK, judgedAt } from './desk.ts';
import type { MessagePlan } from './message-plan.ts';
import { KEEPER, named, STRANGER, WALLET } from './scene.ts';

const SIGN_IN = `exchange.example wants you to sign in with your Solana account:\n${WALLET}\n\nNonce: 5f2a`;

const keyOf = (name: string | typeof WALLET) => new Uint8Array(getAddressEncoder().encode(name as typeof WALLET));

function enveloped(body: string, application: string): Uint8Array {
  return offchainBytes({
    domain: keyOf(named(application)),
    signers: [keyOf(STRANGER), keyOf(WALLET)],
    body,
  });
}

interface MessageCase {
  readonly name: string;
  readonly description: string;
  readonly message: string | Uint8Array;
}

const ALLOWED: readonly MessageCase[] = [
  {
    name: 'allow-message-as-it-stands',
    description: 'a text that the data names from beginning to end',
    message: 'I have read the terms of exchange.example',
  },
  { name: 'allow-message-by-its-prefix', description: 'signing in to a site that the data names', message: SIGN_IN },
  {
    name: 'allow-message-by-a-pattern',
    description: 'a text that fits a pattern from ^ to $',
    message: 'exchange.example: withdraw 250 USDC',
  },
  {
    name: 'allow-message-by-the-other-branch',
    description: 'a text that fits the other branch of the pattern',
    message: 'exchange.example: cancel 17',
  },
  {
    name: 'allow-message-in-an-envelope',
    description: 'the same in the envelope of an application that the data names',
    message: enveloped('exchange.example: cancel 17', 'application'),
  },
];

const DENIED: readonly MessageCase[] = [
  {
    name: 'deny-message-that-nobody-named',
    description: 'a plain text that the data does not name',
    message: 'exchange.example: withdraw 250 SOL',
  },
  {
    name: 'deny-message-of-another-site',
    description: 'signing in to a site whose name ends like that of the named one',
    message: `evil-${SIGN_IN}`,
  },
  {
    name: 'deny-message-that-only-a-branch-begins',
    description: 'the first branch of a pattern has no $ of its own: it is bound to the whole text all the same',
    message: 'exchange.example: withdraw 250 USDC to a stranger',
  },
  {
    name: 'deny-message-that-only-a-branch-ends',
    description: 'the second branch of a pattern has no ^ of its own',
    message: 'I give all I have, and exchange.example: cancel 17',
  },
  {
    name: 'deny-message-with-a-second-line',
    description: 'a text that fits a pattern, and another line',
    message: 'exchange.example: cancel 17\nexchange.example: cancel 18',
  },
  {
    name: 'deny-message-with-a-line-feed-behind-it',
    description: 'a text that fits a pattern, and a line feed',
    message: 'exchange.example: cancel 17\n',
  },
  {
    name: 'deny-message-that-is-no-text',
    description: 'bytes that are no plain text, whatever they begin with',
    message: Uint8Array.of(...new TextEncoder().encode(SIGN_IN), 0),
  },
  {
    name: 'deny-message-that-is-too-large',
    description: 'a text that begins as the data names, of more bytes than the data permits',
    message: SIGN_IN.padEnd(301, '.'),
  },
  {
    name: 'deny-message-for-another-application',
    description: 'an envelope of an application that the data does not name',
    message: enveloped('exchange.example: cancel 17', 'other application'),
  },
];

export const GUARD_MESSAGE_CASES: readonly MessagePlan[] = [
  ...[...ALLOWED, ...DENIED].map((one) => ({ ...one, caller: DESK, ...AT_WORK })),
  {
    name: 'deny-message-at-night',
    description: 'a text that the data names, at a time that it does not',
    message: SIGN_IN,
    caller: DESK,
    ...judgedAt('2026-03-02T22:00:00Z'),
  },
  {
    name: 'deny-message-of-an-agent-without-rules-for-messages',
    description: 'the wallet has rules for transactions, and none for messages',
    message: SIGN_IN,
    caller: KEEPER,
  },
];
