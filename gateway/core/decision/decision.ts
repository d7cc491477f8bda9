// Owns the shape of a decision: what the policy said, in a form that nothing can mistake for permission.

export interface Reason {
  /** Stable upper-snake code. */
  readonly code: string;
  /** Rule name; `gateway` where the gateway itself refused. */
  readonly rule: string;
  readonly message: string;
  /** Amounts as decimal integers in base units. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface ApprovalRequirement {
  /** ≥ 1. */
  readonly quorum: number;
  /** Empty: any approver. */
  readonly groups: readonly string[];
  readonly timeoutSeconds: number;
}

export type Verdict =
  | { readonly kind: 'deny'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'require_approval'; readonly reasons: readonly Reason[]; readonly approval: ApprovalRequirement }
  | { readonly kind: 'allow'; readonly reasons: readonly Reason[] };

export interface Decision {
  /** UUID of this evaluation. */
  readonly decisionId: string;
  readonly verdict: Verdict;
  readonly bundleRevision: string;
  /** SHA-256 of the policy input bytes. */
  readonly inputDigest: Uint8Array;
}

/** A denial that the gateway itself gives, in the shape of a policy's. */
export function gatewayDenial(code: string, message: string, facts: Record<string, string> = {}): Verdict {
  return { kind: 'deny', reasons: [{ code, rule: 'gateway', message, facts }] };
}
