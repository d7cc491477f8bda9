// Owns the shadow that operators chose, on this replica: started and stopped as the selection says, its findings kept in the record.
import type { PolicySelection, PolicyStore } from '../../state/contract/policy-store.ts';
import type { PolicyLog } from '../evaluation/open-generation.ts';
import type { Judged } from '../policy-engine.ts';
import { type Shadow, startShadow } from './shadow.ts';
import { openShadowRecord, type ShadowObserver } from './shadow-record.ts';

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
  const record = openShadowRecord({ store, replica, log, observer });

  async function stop(): Promise<void> {
    if (running === null) return;
    const { shadow } = running;
    running = null;
    await shadow.stop();
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
    const shadow = await startShadow({
      archive,
      label: `shadow ${revision}`,
      found: (findings, activeRevision) => record.add(revision, activeRevision, findings),
      failed,
    });
    running = { revision, shadow };
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
  look();

  return {
    judged: (input, verdict, generation) => running?.shadow.judged(input, verdict, now(), generation.bundleRevision),
    revision: () => running?.revision ?? null,
    problem: () => problem,
    async close() {
      closed = true;
      stopListening();
      await turn;
      await stop();
      await record.close();
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
