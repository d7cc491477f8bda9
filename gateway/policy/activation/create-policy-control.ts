// Owns what operators do with the policy: each change is verified first, recorded with who made it and why, and followed by every replica.
import { subtle } from 'node:crypto';
import type { AuditEntry, AuditKind } from '../../core/audit/audit-record.ts';
import type { CanonicalValue } from '../../core/canonical-json.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Operator } from '../../core/principal/principal.ts';
import type { PolicyRevisionRecord, PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { PolicyControl } from '../policy-control.ts';
import type { Verification } from '../preparation/preparation.ts';
import { BundleRefused } from '../preparation/refusal.ts';
import { type ActivePolicy, chosenRevision } from './active-policy.ts';
import type { Explainer } from './explainer.ts';
import type { RefuseNewcomer } from './newcomer-choice.ts';
import type { RefusalTeller } from './refusal-teller.ts';
import { notFound, type OpenRevision, type Revisions } from './revisions.ts';

export interface PolicyControlOptions {
  readonly store: PolicyStore;
  /** Chooses as long as the operator may. */
  readonly chooseAs: (actor: Operator) => Pick<PolicyStore, 'select'>;
  readonly append: (entry: AuditEntry) => Promise<void>;
  readonly active: ActivePolicy;
  readonly revisions: Revisions;
  readonly refusals: RefusalTeller;
  readonly verification: Verification;
  readonly refuseNewcomer: RefuseNewcomer;
  readonly explainer: Pick<Explainer, 'explain'>;
  /** Asks the source for whatever it has, of whatever history. */
  readonly startOver: () => void;
  /** Label of the source. */
  readonly source: string;
  readonly now: () => number;
}

type Facts = { readonly [key: string]: CanonicalValue };

export function createPolicyControl(options: PolicyControlOptions): PolicyControl {
  const {
    store,
    chooseAs,
    append,
    active,
    revisions,
    refusals,
    verification,
    refuseNewcomer,
    explainer,
    startOver,
    source,
    now,
  } = options;

  function entry(kind: AuditKind, actor: Operator, facts: Facts): AuditEntry {
    return { kind, time: now(), requestId: null, actor: actor.id, facts };
  }

  /** As an error for the operator. What is wrong with a bundle is told to others too. */
  function told(actor: Operator, error: unknown, content: string): unknown {
    if (!(error instanceof BundleRefused)) return error;
    return shown(refusals.tell(error, { content, from: `operator ${actor.id}`, actor: actor.id }));
  }

  async function openFor(actor: Operator, revision: string): Promise<OpenRevision> {
    try {
      return await revisions.open(revision);
    } catch (error) {
      throw told(actor, error, revision);
    }
  }

  /** Resolves when this replica serves what was chosen, which somebody else may have changed meanwhile. */
  async function serve(): Promise<PolicyRevisionRecord> {
    await active.converge().catch((error: unknown) => {
      throw shown(error);
    });
    return activeRecord();
  }

  async function activeRecord(): Promise<PolicyRevisionRecord> {
    const { bundleRevision } = active.current();
    const record = await store.find(bundleRevision);
    if (record === null) throw notFound(bundleRevision);
    return record;
  }

  /** `choice`: of the selection that is there; made again where somebody else changes that meanwhile. */
  async function choose(
    actor: Operator,
    choice: (selection: PolicySelection) => {
      readonly revision: string;
      readonly pinnedRevision: string | null;
      readonly audit: AuditEntry;
    },
  ): Promise<PolicyRevisionRecord> {
    for (;;) {
      const selection = await store.selection();
      const { revision, pinnedRevision, audit } = choice(selection);
      await openFor(actor, revision);
      await refuseNewcomer(actor, revision, selection).catch((error: unknown) => {
        throw told(actor, error, revision);
      });
      const chosen = await chooseAs(actor).select({ pinnedRevision }, actor.id, audit, selection.version);
      if (chosen !== 'stale') return serve();
    }
  }

  function pin(actor: Operator, revision: string, facts: Facts): Promise<PolicyRevisionRecord> {
    return choose(actor, (selection) => {
      const before = chosenRevision(selection);
      return {
        revision,
        pinnedRevision: revision,
        audit: entry('policy.pinned', actor, { revision, before, ...facts }),
      };
    });
  }

  return {
    async status() {
      const [record, selection, replicas] = await Promise.all([activeRecord(), store.selection(), store.replicas()]);
      return { active: record, selection, source, replicas };
    },
    revisions: (limit) => store.list(limit),
    async push(actor, archive) {
      const label = `pushed by ${actor.id}`;
      try {
        const content = { kind: 'archive', archive: new Uint8Array(archive) } as const;
        const prepared = await revisions.prepare({ label, content, verification });
        const kept = { origin: 'push', gitCommit: null, pushedBy: actor.id, builtHere: false } as const;
        const { record } = await revisions.keep(prepared, kept);
        const { revision, signedBy } = record;
        const digest = Buffer.from(record.archiveDigest).toString('hex');
        await append(entry('policy.pushed', actor, { revision, archive_sha256: digest, signed_by: signedBy }));
        return record;
      } catch (error) {
        const digest = Buffer.from(await subtle.digest('SHA-256', new Uint8Array(archive))).toString('hex');
        throw told(actor, error, digest);
      }
    },
    async download(revision) {
      const archive = await store.archive(revision);
      if (archive === null) throw notFound(revision);
      return archive;
    },
    activate: (actor, revision, reason) => pin(actor, revision, { reason }),
    async rollBack(actor, reason) {
      const chosen = chosenRevision(await store.selection());
      const before = chosen === null ? null : await store.activeBefore(chosen);
      if (before !== null) return pin(actor, before, { reason, rolled_back: true });
      throw new GatewayError('REVISION_NOT_FOUND', 'no other revision decided before; activate one by its name');
    },
    async follow(actor, reason) {
      await choose(actor, ({ pinnedRevision, followedRevision: revision }) => {
        if (revision === null) {
          throw new GatewayError('BUNDLE_REFUSED', `the source ${source} has brought no bundle that could decide yet`);
        }
        const facts = { revision, before: pinnedRevision ?? revision, reason };
        return { revision, pinnedRevision: null, audit: entry('policy.followed', actor, facts) };
      });
      startOver();
    },
    async setShadow(actor, revision) {
      if (revision !== null) await openFor(actor, revision);
      const audit = entry('policy.shadowed', actor, { revision });
      await chooseAs(actor).select({ shadowRevision: revision }, actor.id, audit);
    },
    async shadowReport(samples) {
      const { shadowRevision, shadowSince } = await store.selection();
      if (shadowRevision === null || shadowSince === null) {
        throw new GatewayError('REVISION_NOT_FOUND', 'no revision runs as a shadow; set one first');
      }
      const activeRevision = active.current().bundleRevision;
      const [tallies, newest] = await Promise.all([
        store.shadowTallies(activeRevision, shadowRevision),
        store.shadowSamples(shadowRevision, samples),
      ]);
      return { activeRevision, shadowRevision, since: shadowSince, tallies, samples: newest };
    },
    async explain(input, asked) {
      const revision = asked ?? active.current().bundleRevision;
      const { verdict, explanation } = await explainer.explain(revision, input);
      if (explanation !== null) return { revision, verdict, explanation };
      throw new GatewayError(
        'BUNDLE_REFUSED',
        `policy revision ${revision} cannot explain this input: it was built without the entrypoint that does, or fails on it`,
      );
    },
  };
}

/** What the operator cannot have, as an error for the operator. */
function shown(error: unknown): unknown {
  if (!(error instanceof BundleRefused)) return error;
  if (error.cause instanceof GatewayError) return error.cause;
  return new GatewayError('BUNDLE_REFUSED', error.message, { metadata: { code: error.code }, cause: error });
}
