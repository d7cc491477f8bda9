// Owns the shadow that operators chose, on this replica: started and stopped as the selection says, its findings kept in the record.
import type { PolicySelection, PolicyStore } from '../../state/policy-store.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { Judged } from '../policy-engine.ts';
import { type Shadow, startShadow } from './shadow.ts';
import { mergeFindings, type ShadowFindings } from './shadow-tally.ts';

const FLUSH_EVERY_MS = 1_000;

/** Told of what a shadow found: how many decisions of each kind. */
export interface ShadowObserver {
  shadowed(kind: string, decisions: number): void;
}

export interface ShadowFollower {
  /** Tells the shadow, where there is one, what the active revision judged. */
  readonly judged: Judged;
  /** What judges here; `null`: nothing. */
  revision(): string | null;
  /** Why the chosen shadow does not judge here; `null`: it does, or none is chosen. */
  problem(): string | null;
  close(): Promise<void>;
}

export interface FollowShadowOptions {
  readonly store: Pick<PolicyStore, 'selection' | 'archive' | 'addShadow' | 'onSelection'>;
  readonly replica: string;
  readonly log: PolicyLog;
  readonly observer: ShadowObserver;
  readonly now: () => number;
  /** Called after each change of `revision` or `problem`. */
  readonly changed: () => void;
}

interface Running {
  readonly revision: string;
  readonly shadow: Shadow;
}

export function followShadow({ store, replica, log, observer, now, changed }: FollowShadowOptions): ShadowFollower {
  let running: Running | null = null;
  let problem: string | null = null;
  let attempted: string | null = null;
  let turn: Promise<void> = Promise.resolve();
  let closed = false;
  // By active revision: what one decided and another would have is not one sum.
  let waiting = new Map<string, ShadowFindings>();

  function found(findings: ShadowFindings, activeRevision: string): void {
    for (const { kind, decisions } of findings.tallies) observer.shadowed(kind, Number(decisions));
    const before = waiting.get(activeRevision);
    waiting.set(activeRevision, before === undefined ? findings : mergeFindings(before, findings));
  }

  async function flush(shadowRevision: string): Promise<void> {
    const taken = waiting;
    waiting = new Map();
    for (const [activeRevision, { tallies, samples }] of taken) {
      try {
        await store.addShadow({ replica, activeRevision, shadowRevision }, tallies, samples);
      } catch (error) {
        // The record is away: these findings wait for the next time, with what comes until then.
        const since = waiting.get(activeRevision);
        const kept = { tallies, samples };
        waiting.set(activeRevision, since === undefined ? kept : mergeFindings(kept, since));
        log('what a shadow found could not be recorded yet', { error: messageOf(error) });
      }
    }
  }

  async function stop(): Promise<void> {
    if (running === null) return;
    const { revision, shadow } = running;
    running = null;
    await shadow.stop();
    await flush(revision);
    waiting = new Map();
  }

  async function start(revision: string): Promise<void> {
    const archive = await store.archive(revision);
    if (archive === null) throw new Error(`no bundle is kept as ${revision}`);
    const failed = (error: Error): void => {
      running = null;
      problem = `the shadow ${revision} has ended: ${error.message}`;
      log('a shadow has ended by itself', { revision, error: error.message });
      changed();
    };
    running = { revision, shadow: await startShadow({ archive, label: `shadow ${revision}`, found, failed }) };
  }

  /** One that could not start is tried again when another choice is made, not at every look. */
  async function follow({ shadowRevision }: PolicySelection): Promise<void> {
    if (closed || shadowRevision === attempted) return;
    attempted = shadowRevision;
    problem = null;
    await stop();
    try {
      if (shadowRevision !== null) await start(shadowRevision);
    } catch (error) {
      problem = `the shadow ${shadowRevision} cannot judge: ${messageOf(error)}`;
      log('a shadow cannot judge', { revision: shadowRevision ?? '', error: messageOf(error) });
    }
    changed();
  }

  function look(): void {
    turn = turn
      .then(() => store.selection())
      .then(follow)
      // The record is away: the next change, or its return, is another look.
      .catch((error: unknown) => log('the choice of a shadow cannot be read', { error: messageOf(error) }));
  }

  const stopListening = store.onSelection(look);
  const timer = setInterval(() => {
    if (running !== null && waiting.size > 0) void flush(running.revision);
  }, FLUSH_EVERY_MS).unref();
  look();

  return {
    judged: (input, verdict, generation) => running?.shadow.judged(input, verdict, now(), generation.bundleRevision),
    revision: () => running?.revision ?? null,
    problem: () => problem,
    async close() {
      closed = true;
      stopListening();
      clearInterval(timer);
      await turn;
      await stop();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
