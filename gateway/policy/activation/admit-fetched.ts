// Owns what happens to a bundle that the source brought: prepared, held against what decides, kept, and chosen for every replica.
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { Verification } from '../preparation/preparation.ts';
import type { BundleSource, FetchedBundle } from '../sources/bundle-source.ts';
import { type ActivePolicy, chosenRevision } from './active-policy.ts';
import type { ActivationObserver } from './refusal-teller.ts';
import { type Revisions, secondsSince } from './revisions.ts';
import { type Built, refuseStale } from './rollback-protection.ts';

export interface AdmitOptions {
  readonly source: Pick<BundleSource, 'origin' | 'label'>;
  readonly store: PolicyStore;
  readonly revisions: Revisions;
  readonly active: Pick<ActivePolicy, 'converge'>;
  readonly verification: Verification;
  readonly observer: Pick<ActivationObserver, 'stepped'>;
  readonly now: () => number;
}

/** Throws BundleRefused, or what the record throws. Resolves when it is chosen; whether it decides here, `active` says. */
export function admitFetched(options: AdmitOptions): (fetched: FetchedBundle) => Promise<void> {
  const { source, store, revisions, active, verification, observer, now } = options;

  async function refuseOld(candidate: Built, selection: PolicySelection): Promise<void> {
    // Whoever develops goes back as well; where bundles must be signed, an old one is signed too.
    if (source.origin === 'directory' && verification.allowUnsigned) return;
    const names = new Set([chosenRevision(selection), selection.followedRevision].filter((name) => name !== null));
    const [everActive, ...deciding] = await Promise.all([
      store.everActive(candidate.revision),
      ...[...names].map((name) => store.find(name)),
    ]);
    refuseStale(
      { ...candidate, everActive },
      deciding.filter((record) => record !== null),
      now(),
    );
  }

  return async ({ content, gitCommit, builtHere, seconds }) => {
    observer.stepped('fetch', seconds);
    const prepared = await revisions.prepare({
      label: source.label,
      content,
      verification: builtHere ? null : verification,
    });
    const { revision } = prepared.bundle;
    const choose = async (): Promise<boolean> => {
      const selection = await store.selection();
      await refuseOld(prepared.bundle, selection);
      await revisions.keep(prepared, { origin: source.origin, gitCommit, pushedBy: null, builtHere });
      if (selection.followedRevision === revision) return true;
      const kept = performance.now();
      const selected = await store.select({ followedRevision: revision }, null, null, selection.version);
      observer.stepped('choose', secondsSince(kept));
      return selected !== 'stale';
    };
    // Another replica may have chosen meanwhile: then this bundle is held against that.
    while (!(await choose())) {}
    await active.converge().catch(() => {});
  };
}
