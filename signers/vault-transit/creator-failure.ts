// Owns what an answer of Vault that is no answer means for who makes, brings, destroys or exports keys.
import type { CreateResult } from '../key-creator.ts';
import type { Right } from './rights.ts';
import type { SessionAnswer } from './vault-session.ts';

export type CreatorFailure = Exclude<CreateResult, { readonly kind: 'created' }>;

/** 400: Vault says what is wrong with the request or the key, and the same request again is as wrong. */
const REFUSED_STATUSES: ReadonlySet<number> = new Set([400, 413, 422]);

/** `needed`: what the policy of the token must allow for it. */
export function failureOf(
  answer: Exclude<SessionAnswer, { readonly kind: 'answered' }>,
  needed: Right,
): CreatorFailure {
  switch (answer.kind) {
    case 'forbidden':
      return refused(`${answer.reason}; the policy of the creator's token must allow ${shownRight(needed)}`);
    case 'error': {
      const isRefusal = REFUSED_STATUSES.has(answer.status) && answer.errors !== null;
      return isRefusal ? refused(answer.reason) : unavailable(answer.reason);
    }
    case 'no token':
    case 'lost':
      return unavailable(answer.reason);
  }
}

export function shownRight({ capability, path }: Right): string {
  return `${capability} on ${path}`;
}

export function refused(reason: string): Extract<CreatorFailure, { readonly kind: 'refused' }> {
  return { kind: 'refused', reason };
}

export function unavailable(reason: string): Extract<CreatorFailure, { readonly kind: 'unavailable' }> {
  return { kind: 'unavailable', reason };
}
