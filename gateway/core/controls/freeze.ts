// Owns what operators have frozen, and whether it stops a request.
import { assertNever } from '../assert-never.ts';

export const FREEZE_SCOPES = ['all', 'agent', 'wallet', 'program', 'mint', 'recipient'] as const;

export type FreezeScope = (typeof FREEZE_SCOPES)[number];

export interface Freeze {
  readonly freezeId: string;
  readonly scope: FreezeScope;
  /** Id of an agent or wallet, or the address of a program, mint or recipient; empty for `all`. */
  readonly target: string;
  readonly reason: string;
  /** Operator who froze. */
  readonly frozenBy: string;
  /** Unix milliseconds. */
  readonly frozenAt: number;
}

/** An operator wants a freeze lifted. */
export interface LiftVote {
  readonly operatorId: string;
  readonly reason: string;
  /** Unix milliseconds. */
  readonly time: number;
  /** Whether the operator is enabled, and has been an admin since before the vote: others do not count. */
  readonly counts: boolean;
}

export interface FreezeRecord extends Freeze {
  readonly votes: readonly LiftVote[];
  /** `null`: it is in force. */
  readonly lifted: { readonly by: string; readonly at: number } | null;
}

/** What is in force. Whatever is signed is checked against the newest version, in the transaction that records it. */
export interface Controls {
  readonly version: bigint;
  readonly freezes: readonly Freeze[];
}

/** What a request touches. */
export interface FreezeSubject {
  readonly agentId: string;
  readonly walletId: string;
  /** Called at any depth, and every account that is named: what a program calls is always among them. */
  readonly programs: ReadonlySet<string>;
  /** Of what moves, and every account that is named: nobody knows what a program does with it. */
  readonly mints: ReadonlySet<string>;
  /** Whoever gets or may take something, and every account that is named. */
  readonly recipients: ReadonlySet<string>;
}

/** The first freeze that stops the request; `null`: none. */
export function frozenBy(freezes: readonly Freeze[], subjectOf: () => FreezeSubject): Freeze | null {
  if (freezes.length === 0) return null;
  const subject = subjectOf();
  return freezes.find((freeze) => touches(freeze, subject)) ?? null;
}

function touches({ scope, target }: Freeze, subject: FreezeSubject): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'agent':
      return subject.agentId === target;
    case 'wallet':
      return subject.walletId === target;
    case 'program':
      return subject.programs.has(target);
    case 'mint':
      return subject.mints.has(target);
    case 'recipient':
      return subject.recipients.has(target);
    default:
      return assertNever(scope);
  }
}

/** For people. */
export function freezeText({ scope, target, reason }: Freeze): string {
  return `operators have frozen ${scope === 'all' ? 'everything' : `the ${scope} ${target}`}: ${reason}`;
}
