// Owns a remote signer that answers what a test says, and notes what it was asked.
import { generateKeyPairSync, sign } from 'node:crypto';
import { base58FromBytes, publicKeyBytes } from '../ed25519-key.ts';
import type { SignContext, Signer, SignResult } from '../signer.ts';

export interface ScriptedSigner extends Signer {
  /** The idempotency key of each call, in their order. */
  readonly asked: readonly string[];
  readonly isClosed: () => boolean;
}

/** `sign`: signs with the key; a function is asked itself. */
export type ScriptedAnswer = 'sign' | SignResult | ((context: SignContext) => Promise<SignResult>);

const { privateKey } = generateKeyPairSync('ed25519');
/** Of the one key that all of them have. */
export const SCRIPTED_ADDRESS = base58FromBytes(publicKeyBytes(privateKey));

/** One answer a call; the last one is for all that follow. */
export function scriptedSigner(
  name: string,
  answers: readonly ScriptedAnswer[],
  changes: Partial<Pick<Signer, 'repeatable' | 'address' | 'custody'>> = {},
): ScriptedSigner {
  const asked: string[] = [];
  let isClosed = false;
  return {
    name,
    backend: 'scripted',
    address: SCRIPTED_ADDRESS,
    custody: 'remote',
    repeatable: true,
    ...changes,
    asked,
    isClosed: () => isClosed,
    sign: async (messageBytes, context) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(context.idempotencyKey);
      if (answer === undefined) throw new Error(`${name} was asked, and has no answer`);
      if (answer === 'sign') return { kind: 'signed', signature: sign(null, messageBytes, privateKey) };
      return typeof answer === 'function' ? answer(context) : answer;
    },
    check: async () => ({ kind: 'ready', detail: `${name} is there` }),
    close: async () => {
      isClosed = true;
    },
  };
}

export function unavailable(
  ambiguous: boolean,
  reason = 'it is away',
): Extract<SignResult, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason, ambiguous };
}

export function askContext(changes: Partial<Pick<SignContext, 'deadline' | 'signal'>> = {}): SignContext {
  return {
    kind: 'message',
    deadline: Date.now() + 10_000,
    idempotencyKey: 'key',
    signal: new AbortController().signal,
    ...changes,
  };
}
