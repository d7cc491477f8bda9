// Owns the judgement over a run: every sentence that it returns is a broken promise.
import { isFinal } from '../../gateway/core/request/request-state.ts';
import { checkApprovals } from './approval-oracle.ts';
import { type Ask, askIndexOf } from './ask.ts';
import type { Answer, Evidence, Landing, RecordedRequest } from './evidence.ts';
import { checkFreezes } from './freeze-oracle.ts';
import { checkLimits } from './limit-oracle.ts';

export function violationsIn(evidence: Evidence): readonly string[] {
  return [
    ...evidence.faults,
    ...checkBalance(evidence),
    ...checkLandings(evidence),
    ...checkRequests(evidence),
    ...checkAnswers(evidence),
    ...checkLimits(evidence),
    ...checkApprovals(evidence),
    ...checkFreezes(evidence),
    ...checkAudit(evidence),
    ...(evidence.deadlocks === 0 ? [] : [`Postgres found ${evidence.deadlocks} deadlocks`]),
  ];
}

/** Nothing left the wallet that is not among the landings. */
function checkBalance({ walletBefore, walletAfter, landings }: Evidence): readonly string[] {
  const told = landings.reduce((sum, { lamports, fee }) => sum + lamports + fee, 0n);
  const left = walletBefore - walletAfter;
  return told === left ? [] : [`${left} lamports left the wallet, but what landed tells of ${told}`];
}

/** Whatever landed was signed for one request, and no ask landed twice. */
function checkLandings({ asks, landings, requests, signatures }: Evidence): readonly string[] {
  const signedFor = Map.groupBy(signatures, ({ signature }) => signature);
  const requestOf = new Map(requests.map((request) => [request.requestId, request]));
  const executed = new Set<number>();
  return landings.flatMap((landing) => {
    const { signature, hasFailed, lamports } = landing;
    const [record, ...others] = signedFor.get(signature) ?? [];
    const request = record === undefined ? undefined : requestOf.get(record.requestId);
    if (request === undefined) return [`${signature} landed, and no request was signed so`];
    if (others.length > 0) return [`${signature} was signed for ${others.length + 1} requests`];
    if (request.signature !== signature)
      return [`${signature} landed, but ${request.requestId} is recorded with another`];
    const index = hasFailed ? request.ask : askIndexOf(lamports);
    if (executed.has(index)) return [`the ask ${index} was executed twice, the second time as ${signature}`];
    executed.add(index);
    return mismatch(asks[index], request, landing);
  });
}

function mismatch(
  ask: Ask | undefined,
  request: RecordedRequest,
  { signature, hasFailed, lamports }: Landing,
): readonly string[] {
  const wanted = ask !== undefined && request.ask === ask.index && request.agent === ask.agent;
  const paid = hasFailed ? 0n : ask?.lamports;
  return wanted && lamports === paid ? [] : [`${signature} paid ${lamports}, which nobody asked for`];
}

/** Every request came to its end, and to the right one. */
function checkRequests({ landings, requests, signatures }: Evidence): readonly string[] {
  const landed = new Map(landings.map((landing) => [landing.signature, landing]));
  const signed = new Set(signatures.map(({ requestId }) => requestId));
  return requests.flatMap((request) => {
    const { requestId, state, signature } = request;
    if (!isFinal(state)) return [`${requestId} is still ${state}`];
    const landing = signature === null ? undefined : landed.get(signature);
    const right =
      landing === undefined ? unlandedState(signed.has(requestId)) : [landing.hasFailed ? 'FAILED' : 'FINALIZED'];
    return right.includes(state) ? [] : [`${requestId} is ${state}, and should be ${right.join(' or ')}`];
  });
}

function unlandedState(wasSigned: boolean): readonly string[] {
  return wasSigned ? ['EXPIRED'] : ['DENIED', 'SIGNING_FAILED'];
}

const STATES_OF: { readonly [K in Answer['kind']]: readonly string[] } = {
  signed: ['FINALIZED', 'FAILED', 'EXPIRED'],
  denied: ['DENIED'],
  failed: ['SIGNING_FAILED'],
  // Sent by a gateway that died before it could say so, and then frozen, it lands all the same.
  held: ['EXPIRED', 'FINALIZED', 'FAILED'],
};

/** What an agent was told is what is recorded, and it was told the same each time. */
function checkAnswers({ asks, answers, requests }: Evidence): readonly string[] {
  const requestOf = new Map(requests.map((request) => [request.requestId, request]));
  const first = new Map<number, Answer>();
  const untrue = answers.flatMap((answer) => {
    const { ask, kind, requestId, signature } = answer;
    const request = requestOf.get(requestId);
    if (request === undefined) return [`the ask ${ask} was answered as ${requestId}, which is not recorded`];
    const earlier = first.get(ask) ?? answer;
    first.set(ask, earlier);
    if (asks[ask]?.key !== null && !isSameAnswer(earlier, answer))
      return [`the ask ${ask} was answered ${earlier.kind} as ${earlier.requestId}, and later ${kind} as ${requestId}`];
    const isRecorded =
      STATES_OF[kind].includes(request.state) && (kind !== 'signed' || request.signature === signature);
    return isRecorded ? [] : [`the ask ${ask} was answered ${kind}, but ${requestId} is ${request.state}`];
  });
  const unanswered = asks.filter(({ index, key }) => key !== null && !first.has(index));
  return [...untrue, ...unanswered.map(({ index }) => `the ask ${index} never got an answer`)];
}

/** Of what was signed and held, the signature is told once it is dead. */
function isSameAnswer(earlier: Answer, { requestId, kind, signature }: Answer): boolean {
  if (earlier.requestId !== requestId) return false;
  return earlier.kind === 'held'
    ? kind === 'held' || kind === 'signed'
    : earlier.kind === kind && earlier.signature === signature;
}

function checkAudit({ chain, intents, requests }: Evidence): readonly string[] {
  const signed = requests.filter(({ signature }) => signature !== null).length;
  const broken = chain.kind === 'broken' ? [`the audit chain is broken at ${chain.sequence}: ${chain.reason}`] : [];
  if (intents.kind === 'broken') return [...broken, `the audit record ${intents.sequence}: ${intents.reason}`];
  const told = intents.signatures;
  return told === BigInt(signed)
    ? broken
    : [...broken, `the audit chain tells of ${told} signatures, the requests of ${signed}`];
}
