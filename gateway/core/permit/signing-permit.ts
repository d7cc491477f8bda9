// Owns the signing permit: the one value that opens the road to a signer. It can be made only here, only from a decision that
// permits, and it carries its own copy of the bytes that were judged, so that nothing later can change them.
import type { Address } from '../address.ts';
import { type Approver, isQuorate } from '../approval/quorum.ts';
import { assertNever } from '../assert-never.ts';
import type { ApprovalRequirement, Decision } from '../decision/decision.ts';
import { classifyMessage } from '../message/classify-message.ts';
import type { CompiledTransaction } from '../transaction/compiled-transaction.ts';

interface JudgedBasis {
  readonly requestId: string;
  readonly wallet: Address;
  readonly decision: Decision;
  /** SHA-256 that votes name. */
  readonly intentDigest: Uint8Array;
  /** Principal that asked. */
  readonly requester: string;
}

export interface JudgedTransaction extends JudgedBasis {
  readonly kind: 'transaction';
  readonly transaction: CompiledTransaction;
  /** Place of the wallet among the required signers. */
  readonly signerIndex: number;
  /** Who is to be asked to pay for it, in slot 0; `null`: nobody. */
  readonly feePayer: Address | null;
}

export interface JudgedMessage extends JudgedBasis {
  readonly kind: 'message';
  /** All that would be signed, the envelope included. */
  readonly messageBytes: Uint8Array;
}

export type JudgedSubject = JudgedTransaction | JudgedMessage;

/** What turned a demand for approval into permission. */
export interface GrantedApproval {
  readonly intentDigest: Uint8Array;
  /** People whose approving votes count now, with the groups that they are in now. */
  readonly approvers: readonly Approver[];
  /** Whether the groups of the escalation may vote. */
  readonly escalated: boolean;
}

interface CommonTerms {
  readonly requestId: string;
  readonly wallet: Address;
  readonly decisionId: string;
  /** Principal that asked. */
  readonly requester: string;
}

/** Bytes are copies: changing them changes nothing else. */
export type PermitTerms =
  | (CommonTerms & {
      readonly kind: 'transaction';
      readonly signerIndex: number;
      /** The only one that may be asked for its signature in slot 0, before the wallet's; `null`: nobody may. */
      readonly feePayer: Address | null;
      readonly transaction: CompiledTransaction;
    })
  | (CommonTerms & { readonly kind: 'message'; readonly messageBytes: Uint8Array });

class Permit {
  readonly #terms: PermitTerms;

  constructor(terms: PermitTerms) {
    this.#terms = copyOf(terms);
    Object.freeze(this);
  }

  static terms(value: unknown): PermitTerms | null {
    if (typeof value !== 'object' || value === null || !(#terms in value)) return null;
    return copyOf(value.#terms);
  }
}

export type SigningPermit = Permit;

export type Minting =
  | { readonly kind: 'permit'; readonly permit: SigningPermit }
  | { readonly kind: 'refused'; readonly reason: string };

/** The only source of permits. `approval` is looked at only when the decision demands approval. */
export function mintSigningPermit(judged: JudgedSubject, approval: GrantedApproval | null): Minting {
  const { verdict } = judged.decision;
  switch (verdict.kind) {
    case 'deny':
      return refused('the decision is deny');
    case 'require_approval':
      return approval === null
        ? refused('the decision requires approval and none was granted')
        : mintApproved(judged, verdict.approval, approval);
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

function mintApproved(judged: JudgedSubject, requirement: ApprovalRequirement, approval: GrantedApproval): Minting {
  if (!sameBytes(judged.intentDigest, approval.intentDigest)) {
    return refused('the approval was given for other bytes');
  }
  const approvers = approval.approvers.filter(({ id }) => id !== judged.requester);
  if (!isQuorate(requirement, approvers, approval.escalated)) {
    return refused('the approvals that count are not those that it needs');
  }
  return minted(judged);
}

function minted(judged: JudgedSubject): Minting {
  switch (judged.kind) {
    case 'transaction':
      return mintedForTransaction(judged);
    case 'message':
      return mintedForMessage(judged);
    default:
      return assertNever(judged);
  }
}

function mintedForTransaction(judged: JudgedTransaction): Minting {
  const { requestId, wallet, requester, signerIndex, feePayer, transaction, decision } = judged;
  const required = transaction.header.requiredSignatures;
  if (signerIndex < 0 || signerIndex >= required || transaction.staticAccounts[signerIndex] !== wallet) {
    return refused('the wallet is not a required signer of the transaction');
  }
  const [first] = transaction.staticAccounts;
  if (feePayer !== null && (first !== feePayer || first === wallet || transaction.signatures[0] !== null)) {
    return refused('the fee payer that is to be asked is not the one whose signature is missing');
  }
  const { decisionId } = decision;
  return permitted({
    kind: 'transaction',
    requestId,
    wallet,
    requester,
    decisionId,
    signerIndex,
    feePayer,
    transaction,
  });
}

/** Looks at the bytes once more: a permit for a message never signs a transaction, whoever asks for one. */
function mintedForMessage({ requestId, wallet, requester, messageBytes, decision }: JudgedMessage): Minting {
  const copy = messageBytes.slice();
  if (classifyMessage(copy, wallet).kind !== 'message') return refused('the bytes are no message that may be signed');
  const { decisionId } = decision;
  return permitted({ kind: 'message', requestId, wallet, requester, decisionId, messageBytes: copy });
}

function permitted(terms: PermitTerms): Minting {
  return { kind: 'permit', permit: new Permit(terms) };
}

function refused(reason: string): Minting {
  return { kind: 'refused', reason };
}

function copyOf(terms: PermitTerms): PermitTerms {
  switch (terms.kind) {
    case 'transaction':
      return { ...terms, transaction: copyOfTransaction(terms.transaction) };
    case 'message':
      return { ...terms, messageBytes: terms.messageBytes.slice() };
    default:
      return assertNever(terms);
  }
}

function copyOfTransaction(transaction: CompiledTransaction): CompiledTransaction {
  return {
    ...transaction,
    messageBytes: transaction.messageBytes.slice(),
    signatures: transaction.signatures.map((signature) => signature?.slice() ?? null),
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === 32 && b.length === 32 && a.every((byte, i) => byte === b[i]);
}
