// Owns what needs a person: from the facts of how everything stands, what is stuck, why, and what to do.
import type { RequestState } from '../request/request-state.ts';
import type { KeysLeft } from '../wallet/managed-wallet.ts';
import { type DisputeFacts, disputeFindings } from './dispute-findings.ts';
import { ageText, counted, type Finding, notice, problem } from './finding.ts';
import { type SigningFacts, signingFindings } from './signing-findings.ts';

/** Requests in one state that are not final. */
export interface OpenRequests {
  readonly state: RequestState;
  readonly count: number;
  /** Unix milliseconds; when the one that waits longest changed last. */
  readonly oldestAt: number;
  /** The ones that wait longest. */
  readonly oldest: readonly string[];
}

export interface PendingApprovals {
  readonly count: number;
  /** Those whose time ends first. */
  readonly next: readonly { readonly approvalId: string; readonly expiresAt: number }[];
}

export interface ReplicaFacts {
  readonly replica: string;
  readonly revision: string;
  /** What it says is wrong with its policy; `null`: nothing. */
  readonly problem: string | null;
  readonly seenAt: number;
}

export interface WalletFacts {
  readonly walletId: string;
  readonly foreign: number;
  /** When the newest one was found; `null`: there is none. */
  readonly foreignAt: number | null;
  /** Why it could not be compared with the chain; `null`: it could. */
  readonly problem: string | null;
}

/** A fee payer of the gateway's own. */
export interface SponsorFacts {
  /** Name of the relayer from the configuration. */
  readonly name: string;
  readonly address: string;
  /** `null`: the chain did not tell. */
  readonly lamports: bigint | null;
  readonly alertBelow: bigint;
}

export interface StatusFacts extends SigningFacts {
  /** Unix milliseconds by the database's clock, as are all times here. */
  readonly now: number;
  /** How far the gateway's clock is ahead of that. */
  readonly clockAheadMs: number;
  readonly open: readonly OpenRequests[];
  readonly approvals: PendingApprovals;
  readonly reservations: { readonly count: number; readonly oldestAgeMs: number };
  readonly replicas: readonly ReplicaFacts[];
  readonly freezes: readonly string[];
  readonly isReadOnly: boolean;
  /** Why the chain does not answer; `null`: it does. */
  readonly chainProblem: string | null;
  /** Of the database, and as many as this gateway knows. */
  readonly schema: { readonly found: number; readonly known: number };
  readonly wallets: readonly WalletFacts[];
  readonly sponsors: readonly SponsorFacts[];
  readonly keysLeft: KeysLeft;
  /** A sentence for each approval that the active policy asks for, and that operators as they are could not give. */
  readonly unmetApprovals: readonly string[];
  readonly disputes: DisputeFacts;
}

const MINUTE = 60_000;
/** A signer has seconds; then the tracker takes it up. */
const SIGNING_MS = MINUTE;
/** A blockhash lives for a minute or two, and finality takes seconds. */
const LANDING_MS = 5 * MINUTE;
const INDETERMINATE_MS = 10 * MINUTE;
const RESERVATION_MS = 24 * 60 * MINUTE;
const APPROVAL_NEAR_MS = 15 * MINUTE;
/** A replica that is not heard of for so long is gone. */
export const REPLICA_MS = MINUTE;
const CLOCK_MS = 2_000;
const FOREIGN_MS = 24 * 60 * MINUTE;

/** Problems first. */
export function findingsOf(facts: StatusFacts): readonly Finding[] {
  const all = [
    ...clockFindings(facts),
    ...chainFindings(facts),
    ...schemaFindings(facts),
    ...requestFindings(facts),
    ...disputeFindings(facts.disputes),
    ...approvalFindings(facts),
    ...approverFindings(facts),
    ...reservationFindings(facts),
    ...replicaFindings(facts),
    ...walletFindings(facts),
    ...sponsorFindings(facts),
    ...keyFindings(facts),
    ...signingFindings(facts),
    ...controlFindings(facts),
  ];
  return [
    ...all.filter(({ severity }) => severity === 'problem'),
    ...all.filter(({ severity }) => severity === 'notice'),
  ];
}

function clockFindings({ clockAheadMs }: StatusFacts): readonly Finding[] {
  if (Math.abs(clockAheadMs) <= CLOCK_MS) return [];
  const off = `${ageText(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [
    problem(
      'CLOCK_OFF',
      `the clock of this gateway is ${off} the database's`,
      'set both by NTP; approvals and policies that look at the time judge by the gateway, limits by the database',
    ),
  ];
}

function chainFindings({ chainProblem }: StatusFacts): readonly Finding[] {
  if (chainProblem === null) return [];
  const remedy = 'look at the node of chain.rpc_url; what needs facts of the chain is refused until it answers';
  return [problem('CHAIN_AWAY', `the chain does not answer: ${chainProblem}`, remedy)];
}

function schemaFindings({ schema: { found, known } }: StatusFacts): readonly Finding[] {
  if (found === known) return [];
  return [
    problem(
      'SCHEMA_DIFFERS',
      `the database has schema version ${found}, this gateway knows ${known}`,
      found > known ? 'a newer gateway runs on it: update this one' : 'restart this gateway, which applies the rest',
    ),
  ];
}

function requestFindings({ open, now }: StatusFacts): readonly Finding[] {
  return open.flatMap((requests) => {
    const { state, count, oldestAt, oldest } = requests;
    const what = `${counted(count, 'request')} ${state}, the oldest for ${ageText(now - oldestAt)}`;
    const isOlder = (ms: number) => now - oldestAt > ms;
    if (state === 'SIGNING' && isOlder(SIGNING_MS)) {
      return [
        problem(
          'SIGNING_STUCK',
          what,
          'look at the signer of the wallet and at the log of the tracker; nothing is lost',
          oldest,
        ),
      ];
    }
    if (state === 'INDETERMINATE') {
      const remedy =
        'look the signature up on chain, or the wallet where a signer lost one; what it uses of limits stays reserved until a node with the history tells';
      return [
        isOlder(INDETERMINATE_MS)
          ? problem('OUTCOME_UNKNOWN', what, remedy, oldest)
          : notice('OUTCOME_UNKNOWN', what, remedy, oldest),
      ];
    }
    if ((state === 'SUBMITTED' || state === 'CONFIRMED') && isOlder(LANDING_MS)) {
      return [
        problem(
          'LANDING_SLOW',
          what,
          'look at the relayer and at the node of the chain: blocks or answers stand still',
          oldest,
        ),
      ];
    }
    return [];
  });
}

function approvalFindings({ approvals: { count, next }, now }: StatusFacts): readonly Finding[] {
  if (count === 0) return [];
  const near = next.filter(({ expiresAt }) => expiresAt - now < APPROVAL_NEAR_MS);
  const waiting = `${counted(count, 'approval')} waiting for votes`;
  const ids = (some: PendingApprovals['next']) => some.map(({ approvalId }) => approvalId);
  if (near.length === 0) {
    return [notice('APPROVALS_WAITING', waiting, 'countersign approvals list shows them', ids(next))];
  }
  const first = Math.min(...near.map(({ expiresAt }) => expiresAt));
  return [
    problem(
      'APPROVAL_NEAR_TIMEOUT',
      `${waiting}, the first for ${ageText(Math.max(0, first - now))} more`,
      'vote: countersign approvals show, then approve or reject; without votes they are denied',
      ids(near),
    ),
  ];
}

function approverFindings({ unmetApprovals: [first, ...others] }: StatusFacts): readonly Finding[] {
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : `; ${others.length} more are like that`;
  const remedy =
    'give operators the role approver, and the groups (countersign principals change), or ask for fewer in the policy; until then it waits in vain';
  return [notice('APPROVERS_MISSING', `${first}${more}`, remedy)];
}

function reservationFindings({ reservations: { count, oldestAgeMs } }: StatusFacts): readonly Finding[] {
  if (count === 0 || oldestAgeMs <= RESERVATION_MS) return [];
  return [
    notice(
      'RESERVATION_OLD',
      `${counted(count, 'reservation')} of limits open, the oldest for ${ageText(oldestAgeMs)}`,
      'a signature that may still land keeps its part: look for INDETERMINATE requests and for durable nonces, and advance those',
    ),
  ];
}

function replicaFindings({ replicas, now }: StatusFacts): readonly Finding[] {
  const alive = replicas.filter(({ seenAt }) => now - seenAt <= REPLICA_MS);
  const revisions = new Set(alive.map(({ revision }) => revision));
  const failing = alive.filter((replica) => replica.problem !== null);
  return [
    ...(revisions.size > 1
      ? [
          problem(
            'REVISIONS_DIFFER',
            `${alive.length} gateways decide by ${revisions.size} revisions of the policy: ${[...revisions].join(', ')}`,
            'countersign policy status tells which; it settles within seconds, unless one cannot load the revision',
            alive.map(({ replica }) => replica),
          ),
        ]
      : []),
    ...failing.map(({ replica, problem: why }) =>
      problem(
        'POLICY_FAILING',
        `${replica}: ${why ?? ''}`,
        'countersign policy status tells more; the last good bundle decides',
        [replica],
      ),
    ),
  ];
}

function walletFindings({ wallets, now }: StatusFacts): readonly Finding[] {
  const moved = wallets.filter(({ foreignAt }) => foreignAt !== null && now - foreignAt <= FOREIGN_MS);
  const unseen = wallets.filter((wallet) => wallet.problem !== null);
  return [
    ...moved.map(({ walletId, foreign }) =>
      problem(
        'WALLET_MOVED_ELSEWHERE',
        `the chain shows ${counted(foreign, 'transaction')} signed by the wallet ${walletId} that this gateway did not sign`,
        'somebody else has its key: countersign freeze wallet, find out who, and move what is left',
        [walletId],
      ),
    ),
    ...(unseen.length === 0
      ? []
      : [
          notice(
            'WALLETS_NOT_COMPARED',
            `${counted(unseen.length, 'wallet')} not compared with the chain: ${unseen[0]?.problem ?? ''}`,
            'look at the node of chain.rpc_url: it must serve getSignaturesForAddress',
            unseen.map(({ walletId }) => walletId),
          ),
        ]),
  ];
}

function sponsorFindings({ sponsors }: StatusFacts): readonly Finding[] {
  return sponsors.flatMap(({ name, address, lamports, alertBelow }) => {
    if (lamports === null || lamports >= alertBelow) return [];
    const what = `the fee payer of ${name} holds ${lamports} lamports, below its alert_below of ${alertBelow}`;
    return [problem('SPONSOR_LOW', what, `send SOL to ${address}: what it cannot pay for does not land`, [name])];
  });
}

function keyFindings({ keysLeft: { count, wallets } }: StatusFacts): readonly Finding[] {
  if (count === 0) return [];
  const what = `of ${counted(count, 'destroyed wallet')} the key is still at its backend, or may be`;
  const remedy =
    'countersign wallets managed says where; countersign wallets destroy WALLET tries again, and once it is destroyed by hand: countersign wallets key-destroyed WALLET --reason TEXT';
  return [notice('KEYS_LEFT', what, remedy, wallets)];
}

function controlFindings({ freezes, isReadOnly }: StatusFacts): readonly Finding[] {
  return [
    ...(freezes.length === 0
      ? []
      : [
          notice(
            'FROZEN',
            `frozen: ${freezes.join(', ')}`,
            'countersign freezes tells why and by whom; unfreeze lifts',
          ),
        ]),
    ...(isReadOnly ? [notice('READ_ONLY', 'this gateway signs nothing', 'read_only in its configuration')] : []),
  ];
}
