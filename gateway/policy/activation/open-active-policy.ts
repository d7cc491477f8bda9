// Owns the policy of this replica from start to end: what decides first, what replaces it, and what operators and others see of it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEntry } from '../../core/audit/audit-record.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { PolicyControl } from '../policy-control.ts';
import type { PolicyEngine } from '../policy-engine.ts';
import type { Verification } from '../preparation/preparation.ts';
import { createPreparer, type Preparer } from '../preparation/preparer.ts';
import { followShadow, type ShadowFollower } from '../shadow/follow-shadow.ts';
import type { ShadowObserver } from '../shadow/shadow-record.ts';
import type { BundleSource } from '../sources/bundle-source.ts';
import { type ActivePolicy, createActivePolicy } from './active-policy.ts';
import { admitFetched } from './admit-fetched.ts';
import { createPolicyControl } from './create-policy-control.ts';
import { createExplainer } from './explainer.ts';
import { type Follower, followSource } from './follow-source.ts';
import { createRefuseNewcomer, type NewcomerRule } from './newcomer-choice.ts';
import { type ActivationObserver, createRefusalTeller } from './refusal-teller.ts';
import { type ReplicaReport, startReplicaReport } from './replica-report.ts';
import { createRevisions } from './revisions.ts';

export interface ActivePolicyHandle {
  readonly engine: PolicyEngine;
  readonly control: PolicyControl;
  close(): Promise<void>;
}

export interface OpenActivePolicyOptions {
  readonly source: BundleSource;
  readonly verification: Verification;
  /** Whether this gateway builds the source's bundles out of signed commits, so that they have no signature of their own. */
  readonly buildsHere: boolean;
  readonly store: PolicyStore;
  readonly audit: { append(entry: AuditEntry): Promise<void> };
  /** Throws ROLE_MISSING and CREDENTIALS_INVALID, and chooses nothing, where the operator may not any more when it commits. */
  readonly chooseAs: (actor: Operator) => Pick<PolicyStore, 'select'>;
  readonly newcomers: NewcomerRule;
  /** Names this process among those that serve. */
  readonly replica: string;
  /** Told of what went wrong. */
  readonly log: PolicyLog;
  readonly observer: ActivationObserver & ShadowObserver;
  /** How long a start waits for the source where the record has a policy already; 5 s when absent. */
  readonly startWaitMs?: number;
  /** How long where it has none; 60 s when absent. */
  readonly firstStartWaitMs?: number;
  /** Whose thread prepares bundles; closed by whoever made it. One of its own when absent. */
  readonly preparer?: Preparer;
}

const START_WAIT_MS = 5_000;
const FIRST_START_WAIT_MS = 60_000;

/**
 * Resolves when a policy decides: the pinned revision; else the source's newest, if it is there soon; else what the source brought
 * last, out of the record. Throws an Error that says why there is none.
 */
export async function openActivePolicy(options: OpenActivePolicyOptions): Promise<ActivePolicyHandle> {
  const { source, verification, buildsHere, store, audit, chooseAs, newcomers, replica, log, observer } = options;
  const now = Date.now;
  const append = (entry: AuditEntry) => audit.append(entry);
  const preparer = options.preparer ?? createPreparer();
  const revisions = createRevisions({ store, preparer, verification, buildsHere, observer, log });
  const explainer = createExplainer(store);
  const refusals = createRefusalTeller({ append, observer, log, replica, now });
  // Before the report is started, nothing is reported.
  let report: ReplicaReport | null = null;
  const changed = () => report?.changed();
  let shadow: ShadowFollower | null = null;
  const active = createActivePolicy({ store, revisions, refusals, observer, replica, now, changed });
  const follower = followSource({
    source,
    admit: admitFetched({ source, store, revisions, active, verification, observer, now }),
    refused: (error, content) => refusals.tell(error, { content, from: source.label, actor: 'gateway' }),
    lastCommit: () => lastCommit(store),
    changed,
  });
  report = startReplicaReport(store, () => describe(replica, active, follower, shadow));
  let stopListening: () => void = () => {};
  async function close(): Promise<void> {
    stopListening();
    active.close();
    await shadow?.close();
    await explainer.close();
    // First: what it has prepared meanwhile is not refused, but not wanted any more.
    await follower.close();
    if (options.preparer === undefined) await preparer.close();
    await report?.close();
  }
  try {
    await start(options, active, follower);
    stopListening = store.onSelection(() => {
      void active.converge().then(follower.chosenAnew, () => {});
    });
  } catch (error) {
    await close();
    throw error;
  }
  shadow = followShadow({ store, replica, log, observer, now, changed });
  active.observe(shadow.judged);
  const control = createPolicyControl({
    store,
    chooseAs,
    append,
    active,
    revisions,
    refusals,
    verification,
    refuseNewcomer: createRefuseNewcomer({ rule: newcomers, store, verification }),
    explainer,
    startOver: follower.startOver,
    source: source.label,
    now,
  });
  return { engine: { current: active.current }, control, close };
}

/** Of the repository that the source's last good bundle came from, whichever replica took it. */
async function lastCommit(store: PolicyStore): Promise<string | null> {
  const { followedRevision } = await store.selection();
  const followed = followedRevision === null ? null : await store.find(followedRevision);
  return followed?.origin === 'git' ? followed.gitCommit : null;
}

async function start(options: OpenActivePolicyOptions, active: ActivePolicy, follower: Follower): Promise<void> {
  const selection = await options.store.selection();
  if (selection.pinnedRevision === null) {
    const wait = selection.followedRevision === null ? options.firstStartWaitMs : options.startWaitMs;
    const usual = selection.followedRevision === null ? FIRST_START_WAIT_MS : START_WAIT_MS;
    await Promise.race([follower.firstRound, sleep(wait ?? usual, undefined, { ref: false })]);
  }
  await active.converge().catch(() => {});
  if (active.active() === null) throw new Error(whyNothing(selection, options.source.label, active, follower));
}

function whyNothing(selection: PolicySelection, label: string, active: ActivePolicy, follower: Follower): string {
  const { pinnedRevision, followedRevision } = selection;
  const why = active.problem();
  if (pinnedRevision !== null) {
    return `the policy revision ${pinnedRevision}, which an operator chose, cannot decide: ${why}`;
  }
  const source = `the source ${label}: ${follower.problem() ?? 'it has brought nothing yet'}`;
  if (followedRevision === null) return `no policy can decide. ${source}`;
  return `no policy can decide. ${source}. The one that decided last, ${followedRevision}: ${why}`;
}

function describe(replica: string, active: ActivePolicy, follower: Follower, shadow: ShadowFollower | null) {
  const serving = active.active();
  if (serving === null) return null;
  const problems = [active.problem(), follower.problem(), shadow?.problem() ?? null].filter(
    (problem) => problem !== null,
  );
  return {
    replica,
    revision: serving.record.revision,
    shadowRevision: shadow?.revision() ?? null,
    problem: problems.length === 0 ? null : problems.join('; '),
  };
}
