// Owns replicas for tests: the policy of one process on a real record, with a scripted source, and what it told.
import type { Operator } from '../../../core/principal/principal.ts';
import type { State } from '../../../state/contract/state.ts';
import { openState } from '../../../state/open-state.ts';
import type { Verification } from '../../preparation/preparation.ts';
import type { RefusalCode } from '../../preparation/refusal.ts';
import { TINY_INPUT } from '../../preparation/testing/tiny-bundles.ts';
import type { BundleSource } from '../../sources/bundle-source.ts';
import { type ActivePolicyHandle, type OpenActivePolicyOptions, openActivePolicy } from '../open-active-policy.ts';

export const UNSIGNED: Verification = { keys: [], allowUnsigned: true };
export const OPERATOR: Operator = { kind: 'operator', id: 'ops', roles: ['policy'], groups: [] };

export interface Replica {
  readonly policy: ActivePolicyHandle;
  readonly activated: readonly string[];
  readonly refused: readonly RefusalCode[];
  /** Kinds of what a shadow found, each time. */
  readonly shadowed: readonly string[];
  /** The message of the reason that the deciding policy gives: a tiny bundle's note. */
  says(): string | undefined;
}

export async function openReplica(
  state: State,
  source: BundleSource,
  more: Partial<OpenActivePolicyOptions> = {},
): Promise<Replica> {
  const activated: string[] = [];
  const refused: RefusalCode[] = [];
  const shadowed: string[] = [];
  const policy = await openActivePolicy({
    source,
    verification: UNSIGNED,
    buildsHere: false,
    store: state.policy,
    audit: state.audit,
    chooseAs: () => state.policy,
    newcomers: { waitMs: 0, principals: state.principals, databaseTime: state.time },
    replica: 'one',
    log: () => {},
    observer: {
      activated: (revision) => activated.push(revision),
      stepped: () => {},
      refused: (code) => refused.push(code),
      shadowed: (kind) => shadowed.push(kind),
    },
    startWaitMs: 20_000,
    firstStartWaitMs: 20_000,
    ...more,
  });
  const says = () => policy.engine.current().evaluate(TINY_INPUT).reasons[0]?.message;
  return { policy, activated, refused, shadowed, says };
}

export function openRecord(databaseUrl: string, instanceId = 'test'): Promise<State> {
  return openState({ databaseUrl, instanceId });
}

/** Kind and facts of each audit record about policies, the oldest first. */
export async function policyRecords(
  state: State,
): Promise<readonly { kind: string; facts: Record<string, unknown> }[]> {
  const records = await state.audit.readAfter(0n, 1_000);
  return records
    .map(({ body }) => JSON.parse(new TextDecoder().decode(body)))
    .filter(({ kind }) => kind.startsWith('policy.'));
}
