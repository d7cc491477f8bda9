// Owns how operators freeze and lift: what they name must exist or be an address, so that a slip gives no false safety.
import { assertNever } from '../../core/assert-never.ts';
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import { parseAddress } from '../../core/base58.ts';
import type { FreezeRecord, FreezeScope } from '../../core/controls/freeze.ts';
import { GatewayError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { State } from '../../state/contract/state.ts';
import { refuseNewcomer } from './refuse-newcomer.ts';

export interface FreezeAsk {
  readonly scope: FreezeScope;
  /** Of a wallet: its id or its address. Empty for `all`. */
  readonly target: string;
  readonly reason: string;
}

export type FreezeName =
  | { readonly kind: 'id'; readonly freezeId: string }
  | { readonly kind: 'target'; readonly scope: FreezeScope; readonly target: string };

/** Every method throws GatewayError: INVALID_FIELD, FREEZE_NOT_FOUND, VOTE_REFUSED, STORE_UNAVAILABLE. */
export interface Freezing {
  /** Votes of different admins that it takes to lift a freeze. */
  readonly quorum: number;
  freeze(by: Operator, ask: FreezeAsk): Promise<{ readonly freeze: FreezeRecord; readonly isNew: boolean }>;
  /** The last vote that the quorum takes lifts it. */
  voteToLift(by: Operator, name: FreezeName, reason: string): Promise<FreezeRecord>;
  list(filter: { readonly lifted: boolean }): Promise<readonly FreezeRecord[]>;
}

export interface FreezingDeps {
  readonly state: Pick<State, 'controls' | 'principals' | 'wallets' | 'time'>;
  readonly quorum: number;
  /** See refuse-newcomer.ts. */
  readonly newAdminWaitMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
}

export function createFreezing(deps: FreezingDeps): Freezing {
  const { state, quorum, now, newId } = deps;
  const entry = (kind: AuditKind, by: Operator, facts: AuditEntry['facts']): AuditEntry => ({
    kind,
    time: now(),
    requestId: null,
    actor: by.id,
    facts,
  });
  return {
    quorum,
    async freeze(by, { scope, target: asked, reason }) {
      const target = await knownTarget(state, scope, asked);
      const made = { freezeId: newId(), scope, target, reason, frozenBy: by.id };
      const facts = { freeze_id: made.freezeId, scope, target, reason };
      const result = await state.controls.freeze(made, entry('freeze.set', by, facts));
      return { freeze: result.freeze, isNew: result.kind === 'frozen' };
    },
    async voteToLift(by, name, reason) {
      await refuseNewcomer(by, { ...deps, databaseTime: state.time });
      const { freezeId, scope, target } = await found(state, name);
      const facts = { freeze_id: freezeId, scope, target };
      const vote = entry('freeze.lift_voted', by, { ...facts, reason, quorum: BigInt(quorum) });
      const lifted = entry('freeze.lifted', by, facts);
      const result = await state.controls.voteToLift({ freezeId, operatorId: by.id, reason, quorum }, vote, lifted);
      switch (result.kind) {
        case 'recorded':
          return result.freeze;
        case 'not_found':
          throw notFound(freezeId);
        case 'refused':
          throw new GatewayError('VOTE_REFUSED', `the vote was not counted: ${result.reason}`);
        default:
          return assertNever(result);
      }
    },
    list: (filter) => state.controls.list(filter),
  };
}

type Known = FreezingDeps['state'];

/** The target as it is recorded. */
async function knownTarget(state: Known, scope: FreezeScope, target: string): Promise<string> {
  switch (scope) {
    case 'all':
      return target === '' ? '' : refuse('empty where everything is frozen', target);
    case 'agent': {
      const agents = (await state.principals.list()).flatMap(({ principal }) =>
        principal.kind === 'agent' ? [principal.id] : [],
      );
      return agents.includes(target) ? target : refuse(`an agent${didYouMean(target, agents)}`, target);
    }
    case 'wallet': {
      const wallets = await state.wallets.list();
      const wallet = wallets.find(({ id, address }) => id === target || address === target);
      const ids = wallets.map(({ id }) => id);
      return wallet?.id ?? refuse(`a wallet, by its id or its address${didYouMean(target, ids)}`, target);
    }
    case 'program':
    case 'mint':
    case 'recipient':
      return parseAddress(target) ?? refuse(`the base58 address of a ${scope}, which has 32 bytes`, target);
    default:
      return assertNever(scope);
  }
}

function refuse(expected: string, found: string): never {
  const shown = found === '' ? 'nothing' : JSON.stringify(found.slice(0, 80));
  throw new GatewayError('INVALID_FIELD', `target must be ${expected}; found ${shown}; nothing was frozen`, {
    metadata: { field: 'target', expected, found: shown },
  });
}

async function found(state: Known, name: FreezeName): Promise<FreezeRecord> {
  if (name.kind === 'id') {
    // One that was lifted is found too: the vote then says so.
    const named = (await state.controls.list({ lifted: true })).find(({ freezeId }) => freezeId === name.freezeId);
    if (named !== undefined) return named;
    throw notFound(name.freezeId);
  }
  const target = name.scope === 'wallet' ? await recordedWallet(state, name.target) : name.target;
  const inForce = (await state.controls.list({ lifted: false })).filter(({ scope }) => scope === name.scope);
  const freeze = inForce.find((each) => each.target === target);
  if (freeze !== undefined) return freeze;
  const meant = didYouMean(
    target,
    inForce.map((each) => each.target),
  );
  throw notFound(`of ${name.scope} ${target.slice(0, 80)}`.trimEnd(), meant);
}

/** A wallet is frozen by its id, and named by its address too. */
async function recordedWallet({ wallets }: Known, named: string): Promise<string> {
  return (await wallets.list()).find(({ address }) => address === named)?.id ?? named;
}

function notFound(what: string, meant = ''): GatewayError {
  return new GatewayError(
    'FREEZE_NOT_FOUND',
    `there is no freeze ${what} in force${meant}; countersign freezes lists what is`,
  );
}
