// Owns that who is new as an operator only takes the policy forward: a revision that was replaced may have asked fewer people.
import { newnessOf } from '../../core/principal/newness.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { PrincipalStore } from '../../state/contract/principal-store.ts';
import type { Verification } from '../preparation/preparation.ts';
import { BundleRefused } from '../preparation/refusal.ts';
import { chosenRevision } from './active-policy.ts';
import { isLater } from './rollback-protection.ts';

export interface NewcomerRule {
  /** How long an operator, its API key and its role policy are new; 0: not at all. Milliseconds. */
  readonly waitMs: number;
  readonly principals: Pick<PrincipalStore, 'list'>;
  /** Unix milliseconds by the database's clock, which all of these are dated by. */
  readonly databaseTime: () => Promise<number>;
}

/** Throws BundleRefused OPERATOR_TOO_NEW where `actor` is new and `revision` would not take forward what `selection` lets decide. */
export type RefuseNewcomer = (actor: Operator, revision: string, selection: PolicySelection) => Promise<void>;

export function createRefuseNewcomer(options: {
  readonly rule: NewcomerRule;
  readonly store: Pick<PolicyStore, 'find' | 'everActive'>;
  readonly verification: Verification;
}): RefuseNewcomer {
  const { rule, store, verification } = options;
  const { waitMs, principals, databaseTime } = rule;

  async function isForward(revision: string, selection: PolicySelection): Promise<boolean> {
    const names = new Set([chosenRevision(selection), selection.followedRevision]);
    names.delete(revision);
    const [candidate, everActive, ...deciding] = await Promise.all([
      store.find(revision),
      store.everActive(revision),
      ...[...names].map((name) => (name === null ? null : store.find(name))),
    ]);
    const builtAt = candidate?.builtAt ?? null;
    if (!deciding.every((other) => other === null || isLater(builtAt, other.builtAt))) return false;
    // One that was replaced was built anew since: whoever signs wants it back.
    return !everActive || selection.chosenAt === null || isLater(builtAt, selection.chosenAt);
  }

  /** Where all are new, as after a first start, nobody could choose. */
  async function everybodyIsNew(now: number): Promise<boolean> {
    const created = (await principals.list()).map(({ createdAt }) => createdAt);
    return created.every((time) => time + waitMs > now);
  }

  return async (actor, revision, selection) => {
    // Where bundles need no signature, whoever is refused here builds the same one anew.
    if (waitMs === 0 || verification.allowUnsigned || revision === chosenRevision(selection)) return;
    const now = await databaseTime();
    const newness = newnessOf(actor, ['role:policy'], waitMs, now);
    if (newness === null || (await isForward(revision, selection)) || (await everybodyIsNew(now))) return;
    const what = newness.by === 'key' ? 'with this API key' : 'with the role policy';
    const until = newness.until === null ? '' : ` until ${new Date(newness.until).toISOString()}`;
    throw new BundleRefused(
      'OPERATOR_TOO_NEW',
      `policy revision ${revision} was not chosen: it was built before what decides, or was replaced before, and for ${waitMs / 3_600_000} h ` +
        `(controls.new_admin_wait_hours) a new operator, or one with a new role or API key, does not go back; ${actor.id} is new ${what}${until}; ` +
        'have an operator do it who is not, or bring the revision built anew; a freeze counts at once',
    );
  };
}
