// Owns the actions that no policy can allow: some on no gateway, some on those that are configured so. They can only deny.
import type { AuthorityChange, Effects } from '../effects/effects.ts';
import type { Divergence } from '../simulation/simulation.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';

/** What a transaction does, as its message tells it and as a simulation shows it. */
export interface Acts {
  readonly wallet: string;
  readonly lifetime: DecodedTransaction['lifetime'];
  /** Of the message, and of the simulation where there is one. */
  readonly effects: readonly Effects[];
  /** What a simulation shows that no instruction explains. */
  readonly divergences: readonly Divergence[];
}

interface ForbiddenAction {
  /** One sentence for people. */
  readonly reason: string;
  /** The account that it is done to; `null`: it is not done. */
  readonly found: (acts: Acts) => string | null;
}

/** Half of what a token account can hold: nobody approves as much of a token and means an amount. */
const UNLIMITED = 2n ** 63n;

/** Changes of the wallet's own account after which it is no wallet any more: as an effect, and as a divergence. */
const TAKES_WALLET: readonly string[] = ['system_assign', 'system_allocate'];
const DIVERGES_AS_TAKEN: readonly string[] = ['owner_program', 'data'];
const PROGRAM_CHANGES: readonly string[] = ['program_deploy', 'program_upgrade', 'program_close', 'program_migrate'];

/** Never legitimate through an agent: there is another way to do what is meant, and that way is limited. */
const ALWAYS = {
  wallet_given_away: {
    reason:
      "The wallet's own account is assigned to a program, or given data: it could not pay or send SOL any more, and the program could take all of it.",
    found: ({ wallet, effects, divergences }) =>
      changed(effects, ({ kind, account }) => account === wallet && TAKES_WALLET.includes(kind)) ??
      diverged(divergences, ({ account, change }) => account === wallet && DIVERGES_AS_TAKEN.includes(change)),
  },
  token_account_given_away: {
    reason:
      'A token account of the wallet gets another owner: all tokens in it leave without a transfer, past every limit; tokens are sent by transfers.',
    found: ({ wallet, effects, divergences }) =>
      changed(
        effects,
        ({ kind, from, to }) => kind === 'token_account_owner' && to !== wallet && (from === wallet || from === null),
      ) ?? diverged(divergences, ({ change }) => change === 'token_owner'),
  },
  unlimited_delegate: {
    reason:
      'Somebody else may move every token that ever comes into an account of the wallet: an approval of 2^63 base units or more is of no amount.',
    found: ({ wallet, effects }) =>
      effects
        .flatMap(({ approvals }) => approvals)
        .find(({ delegate, amount }) => delegate !== wallet && amount >= UNLIMITED)?.account ?? null,
  },
} as const satisfies Record<string, ForbiddenAction>;

/** Legitimate for some: a gateway that nobody needs them on forbids them for good. */
const OPTIONAL = {
  any_delegate: {
    reason: 'Somebody else may move tokens of the wallet, whatever the amount.',
    found: ({ wallet, effects }) =>
      effects.flatMap(({ approvals }) => approvals).find(({ delegate }) => delegate !== wallet)?.account ?? null,
  },
  close_authority_given: {
    reason: 'Somebody else may close a token account, and take its rent, or all of it where it holds wrapped SOL.',
    found: givenToAnother((kind) => kind === 'close_account'),
  },
  nonce_authority_given: {
    reason: 'Somebody else may move a durable nonce on, and take the SOL of its account.',
    found: givenToAnother((kind) => kind === 'nonce_authority'),
  },
  stake_authority_given: {
    reason: 'Somebody else may withdraw a stake, delegate it, or keep it locked.',
    found: givenToAnother((kind) => kind.startsWith('stake_')),
  },
  vote_authority_given: {
    reason: 'Somebody else may withdraw from a vote account, or vote with it.',
    found: givenToAnother((kind) => kind.startsWith('vote_')),
  },
  program_authority_given: {
    reason: 'Somebody else may replace or close a program, or what is to become one.',
    found: givenToAnother((kind) => kind.startsWith('program_')),
  },
  mint_authority_given: {
    reason: 'Somebody else may mint a token, or freeze the accounts that hold it.',
    found: givenToAnother((kind) => kind === 'mint_tokens' || kind === 'freeze_account'),
  },
  program_changed: {
    reason: 'A program is deployed, upgraded or closed.',
    found: ({ effects }) =>
      effects.flatMap(({ operations }) => operations).find(({ kind }) => PROGRAM_CHANGES.includes(kind))?.account ??
      null,
  },
  close_to_another: {
    reason: 'An account is closed, and its SOL goes to neither its owner nor the wallet.',
    found: ({ wallet, effects }) =>
      effects
        .flatMap(({ closes }) => closes)
        .find(({ owner, destination }) => destination !== wallet && destination !== owner)?.account ?? null,
  },
  durable_nonce: {
    reason: 'The transaction lives on a durable nonce: once signed, it never expires.',
    found: ({ lifetime }) => (lifetime.kind === 'durable_nonce' ? lifetime.nonceAccount : null),
  },
} as const satisfies Record<string, ForbiddenAction>;

export type OptionalForbidden = keyof typeof OPTIONAL;
export type ForbiddenName = keyof typeof ALWAYS | OptionalForbidden;

const ACTIONS: Readonly<Record<ForbiddenName, ForbiddenAction>> = { ...ALWAYS, ...OPTIONAL };

export const ALWAYS_FORBIDDEN: readonly ForbiddenName[] = namesOf(ALWAYS);
export const OPTIONAL_FORBIDDEN: readonly OptionalForbidden[] = namesOf(OPTIONAL);

export function forbiddenReason(name: ForbiddenName): string {
  return ACTIONS[name].reason;
}

export interface Forbidden {
  readonly name: ForbiddenName;
  readonly account: string;
}

/** The first forbidden action; `null`: none. `more`: the optional ones that are forbidden here. */
export function forbiddenIn(acts: Acts, more: readonly OptionalForbidden[]): Forbidden | null {
  for (const name of [...ALWAYS_FORBIDDEN, ...more]) {
    const account = ACTIONS[name].found(acts);
    if (account !== null) return { name, account };
  }
  return null;
}

function namesOf<T extends object>(actions: T): readonly (keyof T)[] {
  return Object.keys(actions).filter((name): name is keyof T & string => Object.hasOwn(actions, name));
}

function changed(effects: readonly Effects[], isIt: (change: AuthorityChange) => boolean): string | null {
  return effects.flatMap(({ authorityChanges }) => authorityChanges).find(isIt)?.account ?? null;
}

function diverged(divergences: readonly Divergence[], isIt: (divergence: Divergence) => boolean): string | null {
  return divergences.find(isIt)?.account ?? null;
}

/** An authority that is given up for good goes to nobody. */
function givenToAnother(isKind: (kind: string) => boolean): ForbiddenAction['found'] {
  return ({ wallet, effects }) => changed(effects, ({ kind, to }) => isKind(kind) && to !== null && to !== wallet);
}
