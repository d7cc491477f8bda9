// Owns the signing permit: the one value that opens the road to a signer. It can be made only here, only from a decision that
// permits, and it carries its own copy of the bytes that were judged, so that nothing later can change them.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { Decision } from '../decision/decision.ts';
import type { CompiledTransaction } from '../transaction/compiled-transaction.ts';

export interface JudgedTransaction {
  readonly requestId: string;
  readonly transaction: CompiledTransaction;
  readonly wallet: Address;
  /** Place of the wallet among the required signers. */
  readonly signerIndex: number;
  readonly decision: Decision;
  /** SHA-256 that votes name. */
  readonly intentDigest: Uint8Array;
  /** Principal that asked. */
  readonly requester: string;
}

/** What turned a demand for approval into permission. */
export interface GrantedApproval {
  readonly intentDigest: Uint8Array;
  /** Principals whose approving votes count now. */
  readonly approvers: readonly string[];
}

export interface PermitTerms {
  readonly requestId: string;
  readonly wallet: Address;
  readonly signerIndex: number;
  readonly decisionId: string;
  /** A copy: changing it changes nothing else. */
  readonly transaction: CompiledTransaction;
}

class Permit {
  readonly #terms: PermitTerms;

  constructor(terms: PermitTerms) {
    this.#terms = terms;
    Object.freeze(this);
  }

  static terms(value: unknown): PermitTerms | null {
    if (typeof value !== 'object' || value === null || !(#terms in value)) return null;
    return { ...value.#terms, transaction: copyOf(value.#terms.transaction) };
  }
}

export type SigningPermit = Permit;

export type Minting =
  | { readonly kind: 'permit'; readonly permit: SigningPermit }
  | { readonly kind: 'refused'; readonly reason: string };

/** The only source of permits. `approval` is looked at only when the decision demands approval. */
export function mintSigningPermit(judged: JudgedTransaction, approval: GrantedApproval | null): Minting {
  const { verdict } = judged.decision;
  switch (verdict.kind) {
    case 'deny':
      return refused('the decision is deny');
    case 'require_approval':
      return approval === null
        ? refused('the decision requires approval and none was granted')
        : mintApproved(judged, verdict.approval.quorum, approval);
    case 'allow':
      return minted(judged);
    default:
      return assertNever(verdict);
  }
}

/** What the permit permits; throws for anything that was not minted here. */
export function permitTerms(permit: SigningPermit): PermitTerms {
  const terms = Permit.terms(permit);
  if (terms === null) throw new TypeError('not a signing permit');
  return terms;
}

function mintApproved(judged: JudgedTransaction, quorum: number, approval: GrantedApproval): Minting {
  if (!sameBytes(judged.intentDigest, approval.intentDigest)) {
    return refused('the approval was given for another transaction');
  }
  const approvers = new Set(approval.approvers);
  approvers.delete(judged.requester);
  if (!(quorum >= 1) || approvers.size < quorum) {
    return refused(`${approvers.size} of ${quorum} approvals`);
  }
  return minted(judged);
}

function minted(judged: JudgedTransaction): Minting {
  const { requestId, wallet, signerIndex, transaction, decision } = judged;
  const required = transaction.header.requiredSignatures;
  if (signerIndex < 0 || signerIndex >= required || transaction.staticAccounts[signerIndex] !== wallet) {
    return refused('the wallet is not a required signer of the transaction');
  }
  const terms = { requestId, wallet, signerIndex, decisionId: decision.decisionId, transaction: copyOf(transaction) };
  return { kind: 'permit', permit: new Permit(terms) };
}

function refused(reason: string): Minting {
  return { kind: 'refused', reason };
}

function copyOf(transaction: CompiledTransaction): CompiledTransaction {
  return {
    ...transaction,
    messageBytes: transaction.messageBytes.slice(),
    signatures: transaction.signatures.map((signature) => signature?.slice() ?? null),
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === 32 && b.length === 32 && a.every((byte, i) => byte === b[i]);
}
