// Owns the screen on which a person decides: who asks, what moves where, why it needs a person, and what a vote is for.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Approval } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import type { Reason } from '../../proto/gen/countersign/v1/decision_pb.ts';
import { reasonText } from '../core/decision/decision.ts';
import { explainPolicyInput } from '../core/explanation/explain-policy-input.ts';
import { printable, printableLines } from '../core/explanation/printable.ts';

/** `policyInput`: of the transaction as it stands. `now`: Unix milliseconds. */
export function renderApproval(approval: Approval, policyInput: Uint8Array, now: number): readonly string[] {
  const { votes, requirement, reasons, context, intentDigest } = approval;
  return [
    `Approval ${printable(approval.approvalId)}: ${stateName(approval.state)}, ${expiryText(approval, now)}`,
    `  asked by         agent ${printable(approval.agent)}, request ${printable(approval.requestId)}`,
    `  for wallet       ${printable(approval.wallet)} (${printable(approval.walletAddress)})`,
    `  needs            ${requirement === undefined ? 'NOT KNOWN' : `${requirement.quorum} approval${requirement.quorum === 1 ? '' : 's'}${groupText(requirement.groups)}`}`,
    'Why a person is asked',
    ...reasons.flatMap(reasonLines).map((line) => `  ${line}`),
    ...explainPolicyInput(policyInput),
    "Context: the agent's own words, NOT VERIFIED",
    ...contextLines(context),
    `Votes (${votes.filter(({ approve }) => approve).length} for, ${votes.filter(({ approve }) => !approve).length} against)`,
    ...votes.map(
      ({ approver, approve, comment }) =>
        `  ${printable(approver)} ${approve ? 'approved' : 'rejected'}${comment === '' ? '' : `: ${printable(comment)}`}`,
    ),
    'Digest that a vote is for',
    `  ${digestText(intentDigest)}`,
  ];
}

export function digestText(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}

export function stateName(state: ApprovalState): string {
  const name = Object.entries(ApprovalState).find(([, value]) => value === state)?.[0];
  return name ?? `unknown state ${String(state)}`;
}

export function expiryText({ state, expiresAt }: Approval, now: number): string {
  if (state !== ApprovalState.PENDING) return 'no vote is awaited';
  if (expiresAt === undefined) return 'time of expiry NOT KNOWN';
  const seconds = Math.floor((timestampMs(expiresAt) - now) / 1000);
  if (seconds <= 0) return 'EXPIRED';
  return seconds < 120 ? `expires in ${seconds} s` : `expires in ${Math.floor(seconds / 60)} min`;
}

export function reasonLines({ code, rule, message, remedy, facts }: Reason): readonly string[] {
  return [
    `${printable(code)} (${printable(rule)}): ${printable(reasonText({ message, remedy }))}`,
    ...Object.entries(facts).map(([key, value]) => `  ${printable(key)} = ${printable(value)}`),
  ];
}

function groupText(groups: readonly string[]): string {
  return groups.length === 0 ? ', by any approver' : ` from ${groups.map(printable).join(' or ')}`;
}

function contextLines(context: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(context);
  if (entries.length === 0) return ['  (it said nothing)'];
  return entries.flatMap(([key, value]) => {
    const [first = '', ...rest] = printableLines(value);
    return [`  ${printable(key)}: ${first}`, ...rest.map((line) => `  ${' '.repeat(key.length)}| ${line}`)];
  });
}
