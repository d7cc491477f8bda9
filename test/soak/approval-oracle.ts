// Owns the check of approvals: nothing that people must approve is signed without the votes that it takes, and none is stuck.
import { isFinal } from '../../gateway/core/request/request-state.ts';
import { alwaysNeedsApproval, askIndexOf } from './ask.ts';
import { DESK } from './crew.ts';
import type { Evidence, RecordedRequest, RecordedVote, Trail } from './evidence.ts';

/** The clocks of gateway and database are one machine's; what is under way when the time ends takes a moment. */
const LATE_MS = 1_000;

export function checkApprovals(evidence: Evidence): readonly string[] {
  const book = createBook(evidence);
  const requestOf = new Map(evidence.requests.map((request) => [request.requestId, request]));
  return [
    ...evidence.trail.intents.flatMap((intent) => checkIntent(evidence, book, requestOf.get(intent.requestId), intent)),
    ...checkLandings(evidence, book),
    ...[...book.votes].flatMap(([approvalId, votes]) =>
      checkVotes(approvalId, votes, requestOf.get(book.askedFor(approvalId))),
    ),
    ...checkEnds(evidence, requestOf),
  ];
}

type Intent = Trail['intents'][number];

/** The approval that an intent was made under; `null`: nobody had been asked. */
export type ApprovalOf = (intent: Intent) => string | null;

interface Book {
  readonly votes: ReadonlyMap<string, readonly RecordedVote[]>;
  readonly approvalOf: ApprovalOf;
  /** Id of the request. */
  askedFor(approvalId: string): string;
}

function createBook({ trail }: Pick<Evidence, 'trail'>): Book {
  const demands = Map.groupBy(trail.demands, ({ requestId }) => requestId);
  const requests = new Map(trail.demands.map(({ approvalId, requestId }) => [approvalId, requestId]));
  return {
    votes: Map.groupBy(trail.votes, ({ approvalId }) => approvalId),
    approvalOf: ({ requestId, sequence }) =>
      demands.get(requestId)?.findLast((demand) => demand.sequence < sequence)?.approvalId ?? null,
    askedFor: (approvalId) => requests.get(approvalId) ?? '',
  };
}

/** Whether an intent had the votes of the people whom it takes. */
export function approvedIntents({ trail }: Pick<Evidence, 'trail'>): ReadonlySet<bigint> {
  const { votes, approvalOf } = createBook({ trail });
  const approved = trail.intents.filter((intent) => {
    const approvalId = approvalOf(intent);
    return approvalId !== null && whyNotApproved(votes.get(approvalId) ?? [], intent.sequence) === null;
  });
  return new Set(approved.map(({ sequence }) => sequence));
}

function checkIntent(
  { asks, approvals }: Evidence,
  { votes, approvalOf }: Book,
  request: RecordedRequest | undefined,
  intent: Intent,
): readonly string[] {
  const { requestId, sequence, time } = intent;
  const ask = request === undefined ? undefined : asks[request.ask];
  const approvalId = approvalOf(intent);
  if (approvalId === null) {
    const isNeeded = ask !== undefined && alwaysNeedsApproval(ask);
    return isNeeded ? [`${requestId} was to be signed at ${sequence}, and nobody had been asked`] : [];
  }
  const missing = whyNotApproved(votes.get(approvalId) ?? [], sequence);
  if (missing !== null)
    return [`${requestId} was to be signed at ${sequence}, and its approval ${approvalId} ${missing}`];
  const end = approvals.find((approval) => approval.approvalId === approvalId)?.expiresAt ?? 0;
  return time <= end + LATE_MS ? [] : [`${requestId} was to be signed ${time - end} ms after its approval was void`];
}

/** By the votes that stood in the chain before a sequence. */
function whyNotApproved(votes: readonly RecordedVote[], before: bigint): string | null {
  const approving = new Set<string>();
  for (const { voter, choice, sequence } of votes) {
    if (sequence > before) break;
    if (choice === 'reject') return `had been rejected by ${voter}`;
    if (choice === 'withdraw') approving.delete(voter);
    else if (DESK.members.some((member) => member === voter)) approving.add(voter);
  }
  return approving.size >= DESK.quorum ? null : `had ${approving.size} of ${DESK.quorum} votes`;
}

/** By what the chain shows: the amount tells which ask it was. */
function checkLandings(
  { asks, landings, signatures, trail }: Evidence,
  { votes, approvalOf }: Book,
): readonly string[] {
  const requestOf = new Map(signatures.map(({ signature, requestId }) => [signature, requestId]));
  const intentOf = new Map(trail.intents.map((intent) => [intent.requestId, intent]));
  return landings.flatMap(({ signature, lamports, hasFailed }) => {
    const ask = hasFailed ? undefined : asks[askIndexOf(lamports)];
    if (ask === undefined || !alwaysNeedsApproval(ask)) return [];
    const intent = intentOf.get(requestOf.get(signature) ?? '');
    const approvalId = intent === undefined ? null : approvalOf(intent);
    const approving = new Set((votes.get(approvalId ?? '') ?? []).map(({ voter }) => voter));
    return approving.size >= DESK.quorum ? [] : [`${signature} paid ${lamports}, which needs approval, and had none`];
  });
}

/** Only those who may vote, each once at a time, and nobody on a request of their own. */
function checkVotes(
  approvalId: string,
  votes: readonly RecordedVote[],
  request: RecordedRequest | undefined,
): readonly string[] {
  const standing = new Set<string>();
  return votes.flatMap(({ voter, choice }) => {
    if (request?.agent === voter) return [`${voter} voted on a request of its own: ${approvalId}`];
    if (!DESK.members.some((member) => member === voter)) return [`${voter}, who is not asked, voted on ${approvalId}`];
    if (choice === 'approve' && standing.has(voter)) return [`${voter} voted twice on ${approvalId}`];
    if (choice === 'approve') standing.add(voter);
    else standing.delete(voter);
    return [];
  });
}

/** Every approval came to an end with its request, or is open within its time. */
function checkEnds({ approvals }: Evidence, requestOf: ReadonlyMap<string, RecordedRequest>): readonly string[] {
  return approvals.flatMap(({ approvalId, requestId, state, expiresAt }) => {
    const request = requestOf.get(requestId);
    if (request === undefined) return [`the approval ${approvalId} is of no request`];
    const isOpen = state === 'PENDING';
    if (isOpen && isFinal(request.state)) return [`${approvalId} is open, and its request ${request.state}`];
    if (isOpen && expiresAt + LATE_MS < Date.now())
      return [`${approvalId} is open, and its time was over at ${expiresAt}`];
    if (!isOpen && request.state === 'AWAITING_APPROVAL') return [`${approvalId} is ${state}, and its request waits`];
    return [];
  });
}
