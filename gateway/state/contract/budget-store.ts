// Owns the contract of budgets as they are read. What changes them is a commit of requests.
import type { Charge } from '../../core/budget/charge.ts';
import type { Standing, StandingOf } from '../../core/budget/standing.ts';

export interface BudgetRecord extends Standing {
  /** The revision whose decision stated the limit last. */
  readonly bundleRevision: string;
  /** Unix milliseconds. */
  readonly seenAt: number;
  /** Stated by another revision than the active one, and by no session key that is valid. */
  readonly isEarlier: boolean;
}

export interface BudgetFilter {
  /** `null`: any. */
  readonly agentId: string | null;
  /** `null`: any; of what all agents share of one wallet, with an agent: those that it is bound to. */
  readonly walletIds: readonly string[] | null;
  /** Budgets of groups of agents and of session keys too. */
  readonly withOthers: boolean;
  /** Of groups of agents only these; `null`: any. */
  readonly groups: readonly string[] | null;
  /** Of the policy: limits that another stated last are left out where nothing counts in their windows. */
  readonly activeRevision: string;
}

export interface BudgetStore {
  /** Where the limits of these charges stand against their amounts, in their order. Reserves nothing. */
  standings(charges: readonly Charge[]): Promise<readonly StandingOf[]>;
  /** Limits that were ever reserved for, by name, of budgets that this agent and these wallets use; those that others share with them too. */
  list(filter: BudgetFilter, limit: number): Promise<readonly BudgetRecord[]>;
  /**
   * Forgets what no window can need any more, of so many budgets after this one (0: from the first). Returns where to go on; `null`:
   * nowhere, all have been looked at.
   */
  prune(after: bigint, mostBudgets: number): Promise<bigint | null>;
  /** Whether the database can say when a day begins there. */
  knowsTimeZone(name: string): Promise<boolean>;
}
