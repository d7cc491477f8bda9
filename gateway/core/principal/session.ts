// Owns session keys: short-lived keys of an agent that may do less than the agent, and less than the key that they were made from.
import { measureName } from '../budget/charge.ts';
import type { Limit, LimitMeasure } from '../decision/decision.ts';
import type { Agent, Credential } from './principal.ts';

export const SESSION_METHODS = ['sign', 'sign_and_send', 'sign_message', 'evaluate'] as const;

export type SessionMethod = (typeof SESSION_METHODS)[number];

/** What a session key may do. */
export interface SessionTerms {
  /** Ids of wallets, at least one. */
  readonly wallets: readonly string[];
  /** At least one. */
  readonly methods: readonly SessionMethod[];
  /** Over the whole life of the key, with those made from it. Each measure once. */
  readonly maxima: readonly SessionMaximum[];
  /** `null`: as long as it may be. */
  readonly lifetimeMs: number | null;
}

export interface SessionMaximum {
  readonly measure: LimitMeasure;
  /** Base units, lamports, or a count; ≥ 0. */
  readonly max: bigint;
}

export interface Session {
  readonly keyId: string;
  /** Ids of the keys that it comes from, the oldest first. Where one of them is revoked, so is this. */
  readonly lineage: readonly string[];
  readonly wallets: readonly string[];
  readonly methods: readonly SessionMethod[];
  /** Its own, and those of the session keys that it comes from. */
  readonly limits: readonly Limit[];
  /** Unix milliseconds by the database's clock. */
  readonly expiresAt: number;
}

/** Keys that a key may come from. */
export const MAX_LINEAGE = 5;

export interface Widening {
  /** Field of the terms. */
  readonly field: 'wallets' | 'methods' | 'maxima' | 'lineage';
  /** What would be right; completes "must be …". */
  readonly expected: string;
  readonly found: string;
}

/** How these terms go beyond what the key can give; `null`: they do not. A longer life is for the record to refuse, which has the clock. */
export function wideningOf(
  terms: SessionTerms,
  wallets: readonly string[],
  parent: Credential | null,
): Widening | null {
  const wallet = terms.wallets.find((id) => !wallets.includes(id));
  if (wallet !== undefined) {
    return { field: 'wallets', expected: `among ${wallets.join(', ') || 'none'}`, found: wallet };
  }
  const session = parent?.session ?? null;
  if (session === null) return null;
  if (session.lineage.length >= MAX_LINEAGE) {
    return { field: 'lineage', expected: `at most ${MAX_LINEAGE} keys`, found: `${session.lineage.length + 1}` };
  }
  const method = terms.methods.find((asked) => !session.methods.includes(asked));
  if (method !== undefined) return { field: 'methods', expected: `among ${session.methods.join(', ')}`, found: method };
  for (const { measure, max } of terms.maxima) {
    const least = leastOf(session.limits, measure);
    if (least !== null && max > least) {
      return { field: 'maxima', expected: `at most ${least} for ${measureName(measure)}`, found: `${max}` };
    }
  }
  return null;
}

function leastOf(limits: readonly Limit[], measure: LimitMeasure): bigint | null {
  const same = limits.filter((limit) => measureName(limit.measure) === measureName(measure));
  return same.reduce<bigint | null>((least, { max }) => (least === null || max < least ? max : least), null);
}

export function lineageUnder(parent: Credential | null): readonly string[] {
  return parent === null ? [] : [...(parent.session?.lineage ?? []), parent.keyId];
}

/** What the gateway enforces for a key with these maxima: its own limits, behind those of the keys that it comes from. */
export function limitsUnder(
  parent: Credential | null,
  keyId: string,
  maxima: readonly SessionMaximum[],
): readonly Limit[] {
  const own = maxima.map(
    ({ measure, max }): Limit => ({
      id: `session/${keyId}/${measureName(measure)}`,
      scope: 'session',
      session: keyId,
      measure,
      window: { kind: 'lifetime' },
      max,
      onExceed: { kind: 'deny' },
    }),
  );
  return [...(parent?.session?.limits ?? []), ...own];
}

/** The agent as the holder of a key: with a session key, only the wallets of both. */
export function agentWith(agent: Agent, credential: Credential): Agent {
  const { session } = credential;
  if (session === null) return { ...agent, credential };
  return { ...agent, wallets: agent.wallets.filter((id) => session.wallets.includes(id)), credential };
}

/** `null`: the agent has none, or called with an API key. */
export function sessionOf({ credential }: Agent): Session | null {
  return credential?.session ?? null;
}
