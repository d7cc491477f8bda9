// Owns calls of Vault that need a token: a token that is not good any more is replaced, and the call made once more.
import type { VaultAnswer, VaultCall, VaultHttp } from './vault-http.ts';
import type { NoToken } from './vault-login.ts';
import type { VaultTokens } from './vault-tokens.ts';

export type SessionAnswer =
  | VaultAnswer
  /** The call was not made. */
  | NoToken
  /** The token is good, and its policies do not allow the call. */
  | { readonly kind: 'forbidden'; readonly reason: string };

export type AskedCall = Pick<VaultCall, 'method' | 'path' | 'body'>;

export async function callWithToken(
  http: VaultHttp,
  tokens: VaultTokens,
  call: AskedCall,
  signal: AbortSignal,
): Promise<SessionAnswer> {
  const first = await tokens.current(signal);
  if (first.kind === 'no token') return first;
  const answer = await http.call({ ...call, token: first.token }, signal);
  if (!isForbidden(answer)) return answer;
  // Vault answers 403 before it does anything, and the same for a token that is dead and one that may not.
  const next = await tokens.afterRefusal(first.token, signal);
  if (next.kind === 'no token') return next;
  if (next.kind === 'forbidden') return { kind: 'forbidden', reason: answer.reason };
  const second = await http.call({ ...call, token: next.token }, signal);
  return isForbidden(second) ? { kind: 'forbidden', reason: second.reason } : second;
}

/** By Vault itself; what a proxy forbids is no word of its policies. */
function isForbidden(answer: VaultAnswer): answer is Extract<VaultAnswer, { readonly kind: 'error' }> {
  return answer.kind === 'error' && answer.status === 403 && answer.errors !== null;
}
