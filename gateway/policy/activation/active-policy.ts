// Owns which revision decides on this replica: the one that was chosen for all of them, or the last good one while that cannot serve.
import type { Verdict } from '../../core/decision/decision.ts';
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { Judged, PolicyGeneration } from '../policy-engine.ts';
import { backoffMs } from './backoff.ts';
import { coalesced } from './coalesce.ts';
import type { ActivationObserver, RefusalTeller } from './refusal-teller.ts';
import { type OpenRevision, type Revisions, secondsSince } from './revisions.ts';

export interface ActivePolicy {
  /** `null`: nothing decides yet. */
  active(): OpenRevision | null;
  /** What decides, telling the observer of each verdict. */
  current(): PolicyGeneration;
  /** Lets the revision that was chosen decide here. Throws what hinders it, and tries again by itself. */
  converge(): Promise<void>;
  /** Why what was chosen does not decide here; `null`: it does. */
  problem(): string | null;
  observe(judged: Judged | null): void;
  close(): void;
}

export interface ActivePolicyOptions {
  readonly store: Pick<PolicyStore, 'selection' | 'activated'>;
  readonly revisions: Pick<Revisions, 'open'>;
  readonly refusals: RefusalTeller;
  readonly observer: ActivationObserver;
  readonly replica: string;
  readonly now: () => number;
  /** Called after each change of `active` or `problem`. */
  readonly changed: () => void;
}

/** What is to decide, on every replica; `null`: nothing was ever chosen. */
export function chosenRevision({ pinnedRevision, followedRevision }: PolicySelection): string | null {
  return pinnedRevision ?? followedRevision;
}

export function createActivePolicy(options: ActivePolicyOptions): ActivePolicy {
  const { store, revisions, refusals, observer, replica, now, changed } = options;
  let active: OpenRevision | null = null;
  let deciding: PolicyGeneration | null = null;
  let problem: string | null = null;
  let judged: Judged | null = null;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function activateChosen(): Promise<void> {
    const selection = await store.selection();
    const chosen = chosenRevision(selection);
    if (chosen === null || chosen === active?.record.revision) return;
    const revision = await openOrTell(chosen);
    if (closed) return;
    const opened = performance.now();
    // Opening takes so long that an operator may have chosen another because of this one.
    if (chosenRevision(await store.selection()) !== chosen) return activateChosen();
    const before = active?.record.revision ?? null;
    const facts = { replica, revision: chosen, before, by: selection.pinnedRevision === null ? 'source' : 'operator' };
    await store.activated(chosen, { kind: 'policy.activated', time: now(), requestId: null, actor: 'gateway', facts });
    active = revision;
    deciding = observed(revision.generation);
    observer.stepped('record', secondsSince(opened));
    observer.activated(chosen, revision.seconds);
    changed();
  }

  async function openOrTell(chosen: string): Promise<OpenRevision> {
    try {
      return await revisions.open(chosen);
    } catch (error) {
      throw refusals.tell(error, { content: chosen, from: 'the record', actor: 'gateway' });
    }
  }

  const converge = coalesced(async () => {
    clearTimeout(retry);
    try {
      await activateChosen();
      failures = 0;
      setProblem(null);
    } catch (error) {
      failures += 1;
      if (!closed)
        retry = setTimeout(() => void converge().catch(() => {}), backoffMs(failures, Math.random())).unref();
      setProblem(error instanceof Error ? error.message : String(error));
      throw error;
    }
  });

  function setProblem(found: string | null): void {
    if (found === problem) return;
    problem = found;
    changed();
  }

  function observed(generation: PolicyGeneration): PolicyGeneration {
    const decidingNow: PolicyGeneration = {
      ...generation,
      evaluate(input) {
        const verdict = generation.evaluate(input);
        if (judged !== null) tellJudged(judged, input, verdict, decidingNow);
        return verdict;
      },
    };
    return decidingNow;
  }

  return {
    active: () => active,
    current() {
      if (deciding === null) throw new Error('no policy decides yet');
      return deciding;
    },
    converge,
    problem: () => problem,
    observe(next) {
      judged = next;
    },
    close() {
      closed = true;
      clearTimeout(retry);
    },
  };
}

function tellJudged(judged: Judged, input: Uint8Array, verdict: Verdict, generation: PolicyGeneration): void {
  try {
    judged(input, verdict, generation);
  } catch {
    // Whoever looks on must not hinder what is decided.
  }
}
