// Owns the screen on which a person decides: who asks, what moves where, why it needs a person, and what a vote is for.
import { timestampDate, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Approval, ApprovalLimit, Vote } from '../../proto/gen/countersign/v1/approval_pb.ts';
import { ApprovalState } from '../../proto/gen/countersign/v1/approval_pb.ts';
import type { ApprovalRequirement, Reason } from '../../proto/gen/countersign/v1/decision_pb.ts';
import type { JudgedMessage } from '../../proto/gen/countersign/v1/message_pb.ts';
import { RequestState } from '../../proto/gen/countersign/v1/transaction_pb.ts';
import { reasonText } from '../core/decision/decision.ts';
import { amountText } from '../core/explanation/amounts.ts';
import { explainPolicyInput } from '../core/explanation/explain-policy-input.ts';
import { printable, printableLines } from '../core/explanation/printable.ts';
import { limitAmount } from './limit-amount.ts';
import { requestStateName } from './request-state-name.ts';

/** Of a message in a list; the whole of it is in `show`. */
const SHOWN_CHARACTERS = 40;

/** `policyInput`: of the transaction as it stands. `now`: Unix milliseconds. */
export function renderApproval(approval: Approval, policyInput: Uint8Array, now: number): readonly string[] {
  const { votes, requirement, reasons, context, intentDigest } = approval;
  return [
    `Approval ${printable(approval.approvalId)}: ${standingText(approval)}, ${expiryText(approval, now)}`,
    `  asked by         agent ${printable(approval.agent)}, request ${printable(approval.requestId)}`,
    `  for wallet       ${printable(approval.wallet)} (${printable(approval.walletAddress)})`,
    `  needs            ${requirement === undefined ? 'NOT KNOWN' : requirementText(requirement)}`,
    ...escalationLines(approval),
    ...supersededLines(approval),
    ...notSignedLines(approval),
    ...(approval.frozen === '' ? [] : [`  FROZEN           ${printable(approval.frozen)}; no vote for it counts`]),
    'Why a person is asked',
    ...reasons.flatMap(reasonLines).map((line) => `  ${line}`),
    ...explainPolicyInput(policyInput),
    ...limitLines(approval),
    ...changeLines(approval),
    "Context: the agent's own words, NOT VERIFIED",
    ...contextLines(context),
    `Votes (${votesText(approval)})`,
    ...votes.map((vote) => `  ${voteText(vote)}`),
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

/** With what became of the request, once it was approved: `APPROVED, its request is DENIED`. */
export function standingText({ state, requestState }: Approval): string {
  const isCarriedOn = requestState !== RequestState.UNSPECIFIED && requestState !== RequestState.AWAITING_APPROVAL;
  if (state !== ApprovalState.APPROVED || !isCarriedOn) return stateName(state);
  return `${stateName(state)}, its request is ${requestStateName(requestState)}`;
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

/** What leaves, or how a message begins. */
export function subjectText({ effects, message }: Approval): string {
  if (message !== undefined) return `nothing; message ${messageStart(message)}`;
  if (effects === undefined) return 'NOT KNOWN';
  return effects.outflows.map(({ asset, amount, decimals }) => amountText(asset, amount, decimals)).join(' + ');
}

function messageStart({ text, message }: JudgedMessage): string {
  if (text === undefined) return `of ${message.length} bytes that are no plain text`;
  const start = Array.from(text).slice(0, SHOWN_CHARACTERS).join('');
  return `"${printable(start)}${start === text ? '' : '…'}"`;
}

/** Of those that count. */
export function votesText({ countedVotes, missingVotes, openSeats, state }: Approval): string {
  if (state !== ApprovalState.PENDING) return `${countedVotes} for`;
  const seats = openSeats.map(({ group, quorum }) => `${quorum} of ${printable(group)}`);
  return `${countedVotes} for, ${missingVotes} missing${seats.length === 0 ? '' : `, with ${seats.join(' and ')}`}`;
}

function voteText({ approver, approve, comment, signature, counts, notCounted }: Vote): string {
  const by = signature === undefined ? '' : `, signed by ${printable(signature.key)}`;
  const why = notCounted === '' ? 'its approver may not approve any more' : printable(notCounted);
  const void_ = counts && notCounted === '' ? '' : ` (does not count: ${why})`;
  return `${printable(approver)} ${approve ? 'approved' : 'rejected'}${by}${void_}${comment === '' ? '' : `: ${printable(comment)}`}`;
}

function requirementText({ quorum, groups, perGroup }: ApprovalRequirement): string {
  const seats = perGroup.map((each) => `${each.quorum} of ${printable(each.group)}`);
  const among = seats.length === 0 ? '' : `, among them ${seats.join(' and ')}`;
  return `${quorum} approval${quorum === 1 ? '' : 's'}${groupText(groups)}${among}`;
}

function escalationLines({ requirement, escalatesAt, escalated }: Approval): readonly string[] {
  const groups = requirement?.escalation?.groups ?? [];
  if (groups.length === 0 || escalatesAt === undefined) return [];
  const when = escalated ? 'now' : `from ${timestampDate(escalatesAt).toISOString()} on`;
  return [`  or, ${when},    members of ${groups.map(printable).join(' or ')} in anybody's place`];
}

function supersededLines({ state, supersededBy, requestId }: Approval): readonly string[] {
  if (state !== ApprovalState.SUPERSEDED) return [];
  return [
    supersededBy === ''
      ? `  superseded       nobody was asked again: countersign requests show ${printable(requestId)} tells what became of it`
      : `  superseded by    ${printable(supersededBy)}: countersign approvals show ${printable(supersededBy)}`,
  ];
}

/** People approved it, and it was not signed all the same. */
function notSignedLines({ state, requestState, requestId }: Approval): readonly string[] {
  const isOver = requestState === RequestState.DENIED || requestState === RequestState.SIGNING_FAILED;
  if (state !== ApprovalState.APPROVED || !isOver) return [];
  return [`  NOT SIGNED       nothing left the wallet: countersign requests show ${printable(requestId)} tells why`];
}

function limitLines({ limits, state }: Approval): readonly string[] {
  if (limits.length === 0 || state !== ApprovalState.PENDING) return [];
  return ['Limits over time, with what it would use of them', ...limits.map((limit) => `  ${limitText(limit)}`)];
}

function limitText(standing: ApprovalLimit): string {
  const { limit, unit, amount, used, reserved, left } = standing;
  const text = (value: string) => limitAmount(limit, unit, value);
  const open = reserved === '0' ? '' : `, ${text(reserved)} reserved`;
  const now = `${text(used)} of ${text(limit?.max ?? 'NOT KNOWN')} used${open}, ${text(left)} left`;
  return `${printable(limit?.id ?? 'NOT KNOWN')}: uses ${text(amount)}, ${now}${excessText(standing, text)}`;
}

/** By how much it exceeds the limit, which others may have exceeded before, and what people can do about it. */
function excessText(
  { limit, amount, used, reserved, exceedsBy, excessAsked }: ApprovalLimit,
  text: (amount: string) => string,
): string {
  if (exceedsBy === '0') return '';
  const inAll = sumLess([used, reserved, amount], limit?.max ?? '');
  const over =
    inAll === exceedsBy || inAll === null ? text(exceedsBy) : `${text(exceedsBy)} more, ${text(inAll)} in all`;
  if (limit !== undefined && limit.approval === undefined) {
    return `; EXCEEDS IT BY ${over}: it will be denied whatever people decide, unless room frees until then`;
  }
  return `; EXCEEDS IT BY ${over}${excessAsked ? ', which approval lets it' : ''}`;
}

/** `null`: one of them is no amount. */
function sumLess(amounts: readonly string[], less: string): string | null {
  if (![...amounts, less].every((amount) => /^[0-9]+$/.test(amount))) return null;
  return (amounts.reduce((sum, amount) => sum + BigInt(amount), 0n) - BigInt(less)).toString();
}

function changeLines({ changes, state }: Approval): readonly string[] {
  if (state !== ApprovalState.PENDING) return [];
  if (changes.length === 0) return ['Nothing of this changed since people were asked'];
  const text = (value: string) => (value === '' ? 'nothing' : printable(value));
  return [
    'CHANGED since people were asked: after the votes they would be asked again',
    ...changes.map(({ path, before, after }) => `  ${printable(path)}: ${text(before)} became ${text(after)}`),
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
