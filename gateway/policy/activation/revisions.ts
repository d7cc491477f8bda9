// Owns the revisions that this replica has open: prepared from a source, a push or the record, each verified before it is opened.
import { GatewayError } from '../../core/errors.ts';
import type { BundleOrigin, PolicyRevisionRecord, PolicyStore } from '../../state/contract/policy-store.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { PolicyGeneration } from '../policy-engine.ts';
import { openPrepared } from '../preparation/open-prepared.ts';
import type { PreparationRequest, PreparedBundle, Verification } from '../preparation/preparation.ts';
import type { Preparer } from '../preparation/preparer.ts';
import { BundleRefused } from '../preparation/refusal.ts';
import type { ActivationObserver } from './refusal-teller.ts';

export interface OpenRevision {
  readonly record: PolicyRevisionRecord;
  readonly generation: PolicyGeneration;
  /** Seconds that preparing and opening took. */
  readonly seconds: number;
}

export interface Kept {
  readonly origin: BundleOrigin;
  /** `null`: as the manifest says. */
  readonly gitCommit: string | null;
  readonly pushedBy: string | null;
  /** By this gateway, out of a commit whose signature it checked. */
  readonly builtHere: boolean;
}

/** In place of a key's id, which has no space: it was built here, of a signed commit. */
const SIGNED_COMMIT = 'signed commit';

/** A bundle that was verified and tested, and is not kept yet. */
export interface Prepared {
  readonly bundle: PreparedBundle;
  readonly seconds: number;
}

export interface Revisions {
  /** Throws BundleRefused. */
  prepare(request: PreparationRequest): Promise<Prepared>;
  /** Throws BundleRefused: another content has its revision; STORE_UNAVAILABLE. */
  keep(prepared: Prepared, kept: Kept): Promise<OpenRevision>;
  /** Of the record, verified anew unless it is open. Throws REVISION_NOT_FOUND, BundleRefused, STORE_UNAVAILABLE. */
  open(revision: string): Promise<OpenRevision>;
}

/** The one that decides, and another: for going back at once, and for explanations. */
const MOST_OPEN = 2;

export interface RevisionsOptions {
  readonly store: Pick<PolicyStore, 'keep' | 'find' | 'archive'>;
  readonly preparer: Preparer;
  readonly verification: Verification;
  /** Whether this gateway builds the bundles of its Git source out of signed commits: they have no signature, in the record neither. */
  readonly buildsHere: boolean;
  readonly observer: Pick<ActivationObserver, 'stepped'>;
  readonly log: PolicyLog;
}

export function createRevisions(options: RevisionsOptions): Revisions {
  const { store, preparer, verification, buildsHere, observer, log } = options;
  const opened = new Map<string, OpenRevision>();
  let turn: Promise<unknown> = Promise.resolve();

  function remember(revision: OpenRevision): OpenRevision {
    const { revision: name } = revision.record;
    opened.delete(name);
    opened.set(name, revision);
    const [oldest] = opened.keys();
    if (opened.size > MOST_OPEN && oldest !== undefined) opened.delete(oldest);
    return revision;
  }

  async function generationOf(bundle: PreparedBundle): Promise<PolicyGeneration> {
    const known = opened.get(bundle.revision);
    if (known !== undefined) return known.generation;
    const started = performance.now();
    const generation = await openPrepared(bundle, log);
    observer.stepped('open', secondsSince(started));
    return generation;
  }

  async function prepare(request: PreparationRequest): Promise<Prepared> {
    const started = performance.now();
    const bundle = await preparer.prepare(request);
    const seconds = secondsSince(started);
    let inThread = 0;
    for (const [step, took] of bundle.seconds) {
      observer.stepped(step, took);
      inThread += took;
    }
    observer.stepped('wait', seconds - inThread);
    return { bundle, seconds };
  }

  async function openKept(revision: string): Promise<OpenRevision> {
    const known = opened.get(revision);
    if (known !== undefined) return remember(known);
    const record = await store.find(revision);
    const archive = record === null ? null : await store.archive(revision);
    if (record === null || archive === null) throw notFound(revision);
    const prepared = await prepare({
      label: `revision ${revision}`,
      content: { kind: 'archive', archive: new Uint8Array(archive) },
      verification: buildsHere && record.signedBy === SIGNED_COMMIT ? null : verification,
    });
    if (prepared.bundle.revision !== revision)
      throw new BundleRefused('BUNDLE_MALFORMED', `what is kept as ${revision} is ${prepared.bundle.revision}`);
    const started = performance.now();
    const generation = await generationOf(prepared.bundle);
    return remember({ record, generation, seconds: prepared.seconds + secondsSince(started) });
  }

  return {
    prepare,
    async keep(prepared, { origin, gitCommit, pushedBy, builtHere }) {
      const { bundle } = prepared;
      const { revision, archive, archiveDigest, contentDigest, builtAt } = bundle;
      const signedBy = builtHere ? SIGNED_COMMIT : bundle.signedBy;
      const kept = { gitCommit: gitCommit ?? bundle.gitCommit, builtAt, signedBy, origin, pushedBy };
      const started = performance.now();
      const keeping = store.keep({ revision, archive, archiveDigest, contentDigest, ...kept }).finally(() => {
        observer.stepped('keep', secondsSince(started));
      });
      // At the same time: neither needs the other.
      const [record, generation] = await Promise.all([keeping, generationOf(bundle)]);
      if (record !== 'revision_reused')
        return remember({ record, generation, seconds: prepared.seconds + secondsSince(started) });
      throw new BundleRefused(
        'REVISION_REUSED',
        `policy revision ${revision} is known with another content; give the new content another revision`,
      );
    },
    open(revision) {
      // One at a time, as they are prepared: what waits holds no archive.
      const opening = turn.then(() => openKept(revision));
      turn = opening.catch(() => {});
      return opening;
    },
  };
}

export function notFound(revision: string): GatewayError {
  return new GatewayError('REVISION_NOT_FOUND', `there is no policy revision ${revision}`);
}

export function secondsSince(started: number): number {
  return (performance.now() - started) / 1_000;
}
