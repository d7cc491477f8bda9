// Owns the shape of a decision: what the policy said, in a form that nothing can mistake for permission.

export interface Reason {
  /** Stable upper-snake code. */
  readonly code: string;
  /** Rule name; `gateway` where the gateway itself refused. */
  readonly rule: string;
  /** What was found, in one sentence. */
  readonly message: string;
  /** What would be allowed, in one sentence; absent where the rule agrees. */
  readonly remedy?: string;
  /** Amounts as decimal integers in base units. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface ApprovalRequirement {
  /** ≥ 1, and no less than all seats together. */
  readonly quorum: number;
  /** Whose members may vote. Empty: any approver. */
  readonly groups: readonly string[];
  /** Seats among the quorum that only members of a group can fill. Each group once, and among `groups` where there are any. */
  readonly perGroup?: readonly GroupSeats[];
  readonly escalation?: Escalation;
  readonly timeoutSeconds: number;
}

export interface GroupSeats {
  readonly group: string;
  /** ≥ 1. Each person fills one seat only. */
  readonly quorum: number;
}

/** From then on members of these groups may vote as well, and fill any seat. */
export interface Escalation {
  /** Since people were asked; below the timeout. */
  readonly afterSeconds: number;
  readonly groups: readonly string[];
}

export type Verdict =
  | { readonly kind: 'deny'; readonly reasons: readonly Reason[] }
  | {
      readonly kind: 'require_approval';
      readonly reasons: readonly Reason[];
      readonly approval: ApprovalRequirement;
      readonly limits?: readonly Limit[];
    }
  | {
      readonly kind: 'allow';
      readonly reasons: readonly Reason[];
      /** To be enforced all together, or nothing is signed. Absent: none. */
      readonly limits?: readonly Limit[];
    };

/** A bound over time that the policy asks the gateway to enforce, because only the gateway counts atomically. */
export interface Limit {
  /** Unique within a decision; the same limit has the same id in every decision. */
  readonly id: string;
  /**
   * Whose use counts together: of this agent with this wallet, of all agents with it, of this agent with all wallets, of all agents that
   * the policy puts into one group, of everybody. `session`: of a session key with those made from it; the gateway's own, no policy's.
   */
  readonly scope: 'agent_wallet' | 'wallet' | 'agent' | 'agent_group' | 'global' | 'session';
  /** Name of the group; exactly with `agent_group`. */
  readonly group?: string;
  /** Id of the session key; exactly with `session`. */
  readonly session?: string;
  readonly measure: LimitMeasure;
  readonly window: LimitWindow;
  /** Base units, lamports, or a count; ≥ 0. */
  readonly max: bigint;
  readonly onExceed:
    | { readonly kind: 'deny' }
    | { readonly kind: 'require_approval'; readonly approval: ApprovalRequirement };
}

/** Where `program` stands, only transactions that call it count. */
export type LimitMeasure = (
  | {
      readonly kind: 'outflow';
      readonly asset: string;
      /** Only what goes to this owner. */
      readonly recipient?: string;
      /** What leaves less what comes in by the same transaction, never below zero; without it gross. Not with `recipient`. */
      readonly net?: true;
    }
  | { readonly kind: 'fee' }
  | { readonly kind: 'rent' }
  /** Signatures of the wallet. */
  | { readonly kind: 'count' }
  /** Fee and rent that somebody else than the wallet pays, by this address; the gateway's own, no policy's. */
  | { readonly kind: 'sponsored'; readonly payer: string }
) & { readonly program?: string };

export type LimitWindow =
  /** No stretch of this length, wherever it starts. */
  | { readonly kind: 'rolling'; readonly seconds: number }
  | { readonly kind: 'calendar'; readonly unit: 'day' | 'week' | 'month'; readonly timeZone: string }
  | { readonly kind: 'lifetime' };

export interface Decision {
  /** UUID of this evaluation. */
  readonly decisionId: string;
  readonly verdict: Verdict;
  readonly bundleRevision: string;
  /** SHA-256 of the policy input bytes. */
  readonly inputDigest: Uint8Array;
  /** Id of the key with which it was asked for; absent where an older gateway decided. */
  readonly credential?: string;
}

/** A denial that the gateway itself gives, in the shape of a policy's. */
export function gatewayDenial(code: string, message: string, facts: Record<string, string> = {}): Verdict {
  return { kind: 'deny', reasons: [{ code, rule: 'gateway', message, facts }] };
}

/** A reason as one sentence for a person. */
export function reasonText({ message, remedy }: Pick<Reason, 'message' | 'remedy'>): string {
  return remedy === undefined || remedy === '' ? message : `${message}; ${remedy}`;
}
